// The queues there are, with the options of their jobs and workers: the one place to tune them.
import { QUEUES } from '@stockroom/contracts';
import type { DefaultJobOptions } from 'bullmq';

/** Only the yardstick uses its own queue; it never holds real work. */
export const YARDSTICK_QUEUE = 'yardstick';

export type QueueName = (typeof QUEUES)[keyof typeof QUEUES] | typeof YARDSTICK_QUEUE;

export type QueueSettings = {
  readonly job: DefaultJobOptions;
  /** Length of BullMQ's own event stream. Nothing is built on it; the board shows none of it. */
  readonly eventsMax: number;
};

/*
 * Attempts count only for errors that nobody foresaw. When the world fails (EngineError, retry soon or later) the worker puts the
 * job off without using up an attempt, so that a restart of Postgres does not fail the jobs of a producer that asked for one attempt.
 *
 * Completed jobs are not kept where many pass: what happened is in the database. Keeping the last 200 made a
 * job cost 1.7 times the CPU on Postgres, and a little more on Redis.
 */
const settings: Record<QueueName, QueueSettings> = {
  [QUEUES.orderEvents]: {
    job: {
      attempts: 12,
      backoff: { type: 'exponential', delay: 500, jitter: 0.5 },
      removeOnComplete: true,
      removeOnFail: { count: 10_000 },
    },
    eventsMax: 100,
  },
  [QUEUES.stock]: {
    // A failed bell frees its deduplication id; the sweep rings again. A long backoff here would silence the bell instead.
    job: {
      attempts: 5,
      backoff: { type: 'fixed', delay: 500, jitter: 0.5 },
      removeOnComplete: true,
      removeOnFail: { count: 100 },
    },
    eventsMax: 100,
  },
  [QUEUES.mail]: {
    job: {
      attempts: 10,
      backoff: { type: 'exponential', delay: 1_000, jitter: 0.5 },
      removeOnComplete: { count: 100 },
      removeOnFail: { count: 10_000 },
    },
    eventsMax: 100,
  },
  [QUEUES.orderOutcomes]: {
    job: {
      attempts: 10,
      backoff: { type: 'exponential', delay: 1_000, jitter: 0.5 },
      removeOnComplete: true,
      removeOnFail: { count: 10_000 },
    },
    eventsMax: 100,
  },
  [QUEUES.sweep]: {
    job: { attempts: 1, removeOnComplete: true, removeOnFail: { count: 100 } },
    eventsMax: 100,
  },
  [YARDSTICK_QUEUE]: { job: { removeOnComplete: true, removeOnFail: true }, eventsMax: 100 },
};

export const queueNames: readonly QueueName[] = Object.values(QUEUES);

export function settingsOf(name: QueueName): QueueSettings {
  return settings[name];
}

/** What part of a process's worker connections the worker of a queue gets, on Postgres. */
export function connectionShare(name: string): number {
  switch (name) {
    case YARDSTICK_QUEUE:
    case QUEUES.orderEvents:
      return 0.5;
    case QUEUES.stock:
      return 0.25;
    default:
      return 0.125;
  }
}

/** What every worker uses unless it says otherwise; see README for the arithmetic of a takeover. */
export const workerDefaults = {
  /** A killed worker's job is free after this time at the latest. */
  lockDurationMs: 15_000,
  /** The same in every worker of a queue: on Redis the check is one shared key with this time to live. */
  stalledIntervalMs: 5_000,
  /** Kills are the machine's fault far more often than the job's. */
  maxStalledCount: 50,
  /** After a lost connection; BullMQ's own default of 15 s would outlast the lock. */
  retryDelayMs: 1_000,
  /** For jobs that came without options from a plain BullMQ producer, which would otherwise pile up for ever. */
  removeOnComplete: { count: 0 },
  removeOnFail: { count: 10_000 },
} as const;
