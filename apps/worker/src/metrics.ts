// The numbers a worker counts, in a registry of its own so that several workers can live in one process.
import type { CorridorCounts, Database } from '@stockroom/db';
import { readCounts } from '@stockroom/db';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

const corridorGauges: readonly (readonly [string, keyof CorridorCounts, string])[] = [
  ['mailbox_commands', 'pendingCommands', 'Commands that wait in all mailboxes'],
  ['mailbox_oldest_ms', 'oldestPendingMs', 'Age of the oldest command in a mailbox'],
  ['parked_commands', 'parkedCommands', 'Commands that a person must look at'],
  ['early_events', 'earlyEvents', 'Events that wait for their order to be placed'],
  ['replies_due', 'repliesDue', 'Outcomes asked for and not yet sent'],
  ['notifications_pending', 'pendingNotifications', 'Mails not yet sent'],
  ['notification_oldest_due_ms', 'oldestDueNotificationMs', 'How long the most overdue mail has been due'],
  ['notifications_dead', 'deadNotifications', 'Mails that failed for good'],
];

export type WorkerMetrics = ReturnType<typeof createMetrics>;

export function createMetrics(db: Database) {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, prefix: 'stockroom_worker_' });
  // Read when somebody asks, not on a timer.
  const gauge = (name: string, help: string, collect: () => Promise<number>) =>
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        // A database that is away makes the number unknown; the other metrics are still wanted then.
        this.set(await collect().catch(() => Number.NaN));
      },
    });
  let counting: ReturnType<typeof readCounts> | null = null;
  // All gauges of one scrape share one query.
  const counts = () => {
    counting ??= readCounts(db.read).finally(() => {
      counting = null;
    });
    return counting;
  };
  // Named as the API names them: whoever scrapes both may take either.
  for (const [name, key, help] of corridorGauges)
    gauge(`stockroom_${name}`, help, async () => (await counts())[key]);
  return {
    registry,
    events: new Counter({
      name: 'stockroom_events_received_total',
      help: 'Events taken from the queue, by answer.',
      labelNames: ['status'] as const,
      registers,
    }),
    receiveBatch: new Histogram({
      name: 'stockroom_receive_batch_events',
      help: 'Events in one receiving transaction.',
      buckets: [1, 5, 20, 50, 100, 200, 500, 1_000],
      registers,
    }),
    settleSeconds: new Histogram({
      name: 'stockroom_settle_seconds',
      help: 'Time of one settling transaction.',
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
      registers,
    }),
    commands: new Counter({
      name: 'stockroom_commands_settled_total',
      help: 'Stock commands settled or parked.',
      registers,
    }),
    parked: new Counter({
      name: 'stockroom_commands_parked_total',
      help: 'Stock commands parked by this worker.',
      registers,
    }),
    outcomes: new Counter({
      name: 'stockroom_outcomes_announced_total',
      help: 'Outcomes brought to those who wait, by status.',
      labelNames: ['status'] as const,
      registers,
    }),
    mails: new Counter({
      name: 'stockroom_mails_total',
      help: 'Attempts to deliver a mail, by how they went.',
      labelNames: ['delivery'] as const,
      registers,
    }),
    swept: new Counter({
      name: 'stockroom_swept_total',
      help: 'What the sweep found left behind.',
      labelNames: ['kind'] as const,
      registers,
    }),
  };
}
