// Role `sweep`: a schedule that one process of the fleet answers at a time, and that is put back when Redis has forgotten it.
import { sweep } from '@stockroom/engine';
import { createOps, QUEUES } from '@stockroom/queues';
import { lockOptions, type RoleParts, type RunningRole } from '../worker-options.ts';

const scheduleId = 'sweep';
/** A schedule that is this late has lost its next job. */
const lateMs = 10_000;

export function startSweeping({
  db,
  queues,
  bells,
  ring,
  announcer,
  metrics,
  log,
  tuning,
}: RoleParts): RunningRole {
  const everyMs = tuning.sweepEveryMs ?? 2_000;
  const ops = createOps(queues);

  const worker = queues.worker(
    QUEUES.sweep,
    async () => {
      const found = await sweep({ db, bells, ring, announcer });
      for (const [kind, count] of Object.entries(found)) metrics.swept.inc({ kind }, count);
      if (found.products + found.mails + found.replies > 0)
        log.info({ ...found }, 'the sweep found work left behind');
      return found;
    },
    { concurrency: 1, ...lockOptions(tuning) },
  );

  async function keepSchedule(): Promise<void> {
    const schedule = await queues.queue(QUEUES.sweep).getJobScheduler(scheduleId);
    const isThere = schedule?.every === everyMs && (schedule.next ?? 0) > Date.now() - lateMs - everyMs;
    if (!isThere) await ops.every(QUEUES.sweep, { id: scheduleId, everyMs, jobName: 'sweep' });
  }
  const keepQuietly = () =>
    keepSchedule().catch((error: unknown) =>
      log.warn({ reason: String(error) }, 'the sweep is not scheduled'),
    );
  const kept = keepQuietly();
  const timer = setInterval(() => void keepQuietly(), Math.max(1_000, everyMs * 2));

  return {
    ready: () => Promise.all([worker.ready(), kept]),
    async close(timeLeftMs) {
      // The schedule stays: other processes live by it, and the next start finds it.
      clearInterval(timer);
      const { drained } = await worker.close({ timeoutMs: timeLeftMs() });
      return drained;
    },
  };
}
