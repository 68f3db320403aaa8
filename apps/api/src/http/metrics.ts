// What Prometheus reads: calls, events, and how full queues and mailboxes are at the moment of the scrape.

import { setTimeout as wait } from 'node:timers/promises';
import type { Acceptance } from '@stockroom/contracts';
import type { CorridorCounts, Database } from '@stockroom/db';
import { readCounts } from '@stockroom/db';
import type { QueueOps } from '@stockroom/queues';
import { queueNames } from '@stockroom/queues';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** A scrape answers even when a server does not. */
const readMs = 3_000;
const jobStates = ['waiting', 'active', 'delayed', 'failed'] as const;

export interface ApiMetrics {
  procedure(path: string, code: string, ms: number): void;
  answers(answers: readonly Acceptance[]): void;
  /** For `createDoors({ onBatch })`. */
  receiveBatch(events: number): void;
  /** All metrics as text; what could not be read now is missing. */
  scrape(): Promise<{ readonly contentType: string; readonly text: string }>;
  /** Adds what is read from the servers at each scrape. */
  watch(db: Database, ops: QueueOps): void;
}

export function createApiMetrics(): ApiMetrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const calls = new Histogram({
    name: 'stockroom_api_call_seconds',
    help: 'Time of procedure calls',
    labelNames: ['procedure', 'code'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30],
    registers,
  });
  const events = new Counter({
    name: 'stockroom_api_events_total',
    help: 'Events received over the API, by answer and code of the refusal',
    labelNames: ['answer', 'code'],
    registers,
  });
  const batches = new Histogram({
    name: 'stockroom_receive_batch_events',
    help: 'Events received in one transaction',
    buckets: [1, 2, 5, 10, 25, 50, 100, 250, 500],
    registers,
  });
  const readers: (() => Promise<void>)[] = [];
  return {
    procedure: (procedure, code, ms) => calls.observe({ procedure, code }, ms / 1000),
    answers(answers) {
      for (const answer of answers) {
        events.inc({ answer: answer.status, code: answer.status === 'refused' ? answer.code : '' });
      }
    },
    receiveBatch: (count) => batches.observe(count),
    async scrape() {
      // Before the text is made: a gauge that reads while it is being printed shows the value of the last time.
      await Promise.race([
        Promise.all(readers.map((read) => read())),
        wait(readMs, undefined, { ref: false }),
      ]);
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
    watch(db, ops) {
      readers.push(queueReader(registers, ops), corridorReader(registers, db));
    },
  };
}

function queueReader(registers: Registry[], ops: QueueOps): () => Promise<void> {
  const jobs = new Gauge({
    name: 'stockroom_queue_jobs',
    help: 'Jobs by queue and state',
    labelNames: ['queue', 'state'],
    registers,
  });
  return async () => {
    const read = await Promise.allSettled(
      queueNames.map(async (queue) => [queue, await ops.counts(queue)] as const),
    );
    jobs.reset();
    for (const answer of read) {
      if (answer.status === 'rejected') continue;
      const [queue, counts] = answer.value;
      for (const state of jobStates) jobs.set({ queue, state }, counts[state]);
    }
  };
}

function corridorReader(registers: Registry[], db: Database): () => Promise<void> {
  const gauge = (name: string, help: string) => new Gauge({ name: `stockroom_${name}`, help, registers });
  const up = gauge('database_up', '1 when the counts below could be read');
  const gauges: Readonly<Record<keyof CorridorCounts, Gauge>> = {
    pendingCommands: gauge('mailbox_commands', 'Commands that wait in all mailboxes'),
    oldestPendingMs: gauge('mailbox_oldest_ms', 'Age of the oldest command in a mailbox'),
    parkedCommands: gauge('parked_commands', 'Commands that a person must look at'),
    earlyEvents: gauge('early_events', 'Events that wait for their order to be placed'),
    repliesDue: gauge('replies_due', 'Outcomes asked for and not yet sent'),
    pendingNotifications: gauge('notifications_pending', 'Mails not yet sent'),
    oldestDueNotificationMs: gauge(
      'notification_oldest_due_ms',
      'How long the most overdue mail has been due',
    ),
    deadNotifications: gauge('notifications_dead', 'Mails that failed for good'),
  };
  return async () => {
    const counts = await readCounts(db.read).catch(() => null);
    up.set(counts === null ? 0 : 1);
    for (const [key, each] of Object.entries(gauges)) {
      if (counts === null) each.remove();
      else each.set(counts[key as keyof CorridorCounts]);
    }
  };
}
