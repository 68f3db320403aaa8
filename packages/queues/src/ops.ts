// What operators do to queues: counts, pause, failed jobs, schedules. The same answers on both backends.
import type { Job, JobType } from 'bullmq';
import type { Queues } from './queues.ts';
import type { QueueName } from './registry.ts';
import { orWorldError } from './world-errors.ts';

export type QueueCounts = {
  /** Ready to run, prioritized and paused ones included. */
  waiting: number;
  active: number;
  delayed: number;
  failed: number;
  /** Only those still kept. */
  completed: number;
  paused: boolean;
};

export type FailedJob = {
  id: string;
  name: string;
  data: unknown;
  reason: string;
  attemptsMade: number;
  failedAt: Date | null;
};

export type QueueOps = {
  counts(name: QueueName): Promise<QueueCounts>;
  /** Jobs in work go on; nothing new is fetched by any worker anywhere. A repeat does nothing. */
  pause(name: QueueName): Promise<void>;
  resume(name: QueueName): Promise<void>;
  /** Newest first. */
  failed(name: QueueName, page: { offset: number; limit: number }): Promise<FailedJob[]>;
  /** False when the job is not there or has not failed (any more). */
  retry(name: QueueName, jobId: string): Promise<boolean>;
  retryAllFailed(name: QueueName): Promise<void>;
  /** False when the job is not there or has not failed. */
  removeFailed(name: QueueName, jobId: string): Promise<boolean>;
  /** How many were removed. */
  removeAllFailed(name: QueueName): Promise<number>;
  /** Makes a job every so many milliseconds, in one process of the fleet at a time. A repeat changes the interval. */
  every(
    name: QueueName,
    schedule: { id: string; everyMs: number; jobName: string; data?: unknown },
  ): Promise<void>;
  removeSchedule(name: QueueName, id: string): Promise<boolean>;
  /** Workers connected anywhere. 0 also on hosted Redis servers that hide connection names. */
  workers(name: QueueName): Promise<number>;
  /** Removes the queue with everything in it, work under way included. For tests. */
  obliterate(name: QueueName): Promise<void>;
};

// Named one by one: without names the paused jobs of Postgres are left out; the type does not know that state any more.
const STATES = ['waiting', 'paused', 'prioritized', 'active', 'delayed', 'failed', 'completed'] as JobType[];
const REMOVE_CHUNK = 1_000;

/** All methods throw EngineError `queue_unavailable` while the server is away. */
export function createOps(queues: Queues): QueueOps {
  const failedJob = async (name: QueueName, jobId: string): Promise<Job | null> => {
    const job = await queues.queue(name).getJob(jobId);
    return job && (await job.isFailed()) ? job : null;
  };
  const ops: QueueOps = {
    async counts(name) {
      const queue = queues.queue(name);
      const [counts, paused] = await Promise.all([queue.getJobCounts(...STATES), queue.isPaused()]);
      const of = (state: string) => counts[state] ?? 0;
      return {
        // A paused queue shows its jobs as `paused` on Postgres and as `waiting` on Redis.
        waiting: of('waiting') + of('paused') + of('prioritized'),
        active: of('active'),
        delayed: of('delayed'),
        failed: of('failed'),
        completed: of('completed'),
        paused,
      };
    },
    pause: (name) => queues.queue(name).pause(),
    resume: (name) => queues.queue(name).resume(),
    async failed(name, { offset, limit }) {
      // Descending on purpose: ascending pages come from the wrong end on Postgres.
      const jobs = await queues.queue(name).getJobs(['failed'], offset, offset + limit - 1, false);
      return jobs.filter(Boolean).map(shown);
    },
    async retry(name, jobId) {
      const job = await failedJob(name, jobId);
      await job?.retry('failed', { resetAttemptsMade: true });
      return job !== null;
    },
    retryAllFailed: (name) => queues.queue(name).retryJobs({ state: 'failed' }),
    async removeFailed(name, jobId) {
      const job = await failedJob(name, jobId);
      await job?.remove();
      return job !== null;
    },
    async removeAllFailed(name) {
      let removed = 0;
      for (;;) {
        const ids = await queues.queue(name).clean(0, REMOVE_CHUNK, 'failed');
        removed += ids.length;
        if (ids.length < REMOVE_CHUNK) return removed;
      }
    },
    async every(name, { id, everyMs, jobName, data }) {
      await queues
        .queue(name)
        .upsertJobScheduler(id, { every: everyMs }, { name: jobName, data: data ?? {} });
    },
    removeSchedule: (name, id) => queues.queue(name).removeJobScheduler(id),
    workers: (name) => queues.internals.countWorkers(queues.queue(name)),
    obliterate: (name) => queues.queue(name).obliterate({ force: true }),
  };
  return typed(ops);
}

function shown(job: Job): FailedJob {
  return {
    id: String(job.id),
    name: job.name,
    data: job.data,
    reason: job.failedReason ?? '',
    attemptsMade: job.attemptsMade,
    failedAt: job.finishedOn ? new Date(job.finishedOn) : null,
  };
}

/** Gives each method the typed errors of a server that is away. */
function typed(ops: QueueOps): QueueOps {
  const wrapped = Object.entries(ops).map(([doing, call]) => [
    doing,
    (...args: unknown[]) =>
      orWorldError(`ops.${doing}`, () => (call as (...given: unknown[]) => Promise<unknown>)(...args)),
  ]);
  return Object.fromEntries(wrapped) as QueueOps;
}
