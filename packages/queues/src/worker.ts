// A worker whose jobs outlive kills and outages, and whose end is bounded in time.
import { AssertionError } from 'node:assert';
import { DelayedError, type Job, UnrecoverableError } from 'bullmq';
import type { Backend, OpenWorker, Processor } from './backend.ts';
import { reasonOf } from './log.ts';
import { type QueueName, workerDefaults } from './registry.ts';
import { settledWithin } from './within.ts';

export type WorkerOptions = {
  /** Jobs in work at the same time in this process. A job that waits for a batcher costs next to nothing. Default 1. */
  concurrency?: number;
  /** Time after which the job of a dead worker is free, default 15,000. */
  lockDurationMs?: number;
  /** Time between two looks for jobs of dead workers, default 5,000. The same in every worker of the queue. */
  stalledIntervalMs?: number;
  /** How many dead workers a job may have before it fails, default 50. */
  maxStalledCount?: number;
};

export type QueueWorker = {
  readonly name: QueueName;
  /** Jobs whose processor runs at this moment. */
  activeCount(): number;
  /** Resolves when jobs are being fetched. */
  ready(): Promise<void>;
  /**
   * Stops fetching, waits for the jobs in work at most `timeoutMs`, then lets go of the rest; another worker takes those over when their
   * lock has run out. `drained` tells whether all had ended. A repeat returns the first result.
   */
  close(options: { timeoutMs: number }): Promise<{ drained: boolean }>;
};

const PUT_OFF_MIN_MS = 200;
const PUT_OFF_MAX_MS = 5_000;
const FORCE_MS = 2_000;

/** Starts a worker at once. What it throws decides: see `afterError`. */
export function startWorker(
  backend: Backend,
  name: QueueName,
  processor: (job: Job) => Promise<unknown>,
  options: WorkerOptions,
  onError: (source: string, error: unknown) => void,
): QueueWorker {
  let active = 0;
  const guarded: Processor = async (job, token) => {
    active += 1;
    try {
      return await processor(job);
    } catch (error) {
      throw await afterError(job, token, error);
    } finally {
      active -= 1;
    }
  };
  const open = backend.openWorker(name, guarded, {
    concurrency: options.concurrency ?? 1,
    lockDuration: options.lockDurationMs ?? workerDefaults.lockDurationMs,
    stalledInterval: options.stalledIntervalMs ?? workerDefaults.stalledIntervalMs,
    maxStalledCount: options.maxStalledCount ?? workerDefaults.maxStalledCount,
    runRetryDelay: workerDefaults.retryDelayMs,
    removeOnComplete: workerDefaults.removeOnComplete,
    removeOnFail: workerDefaults.removeOnFail,
  });
  open.worker.on('error', (error) => onError(`worker ${name}`, error));
  let closing: Promise<{ drained: boolean }> | undefined;
  return {
    name,
    activeCount: () => active,
    ready: async () => void (await open.worker.waitUntilReady()),
    close({ timeoutMs }) {
      closing ??= closeWorker(open, timeoutMs);
      return closing;
    },
  };
}

/**
 * The world failed (an error with `retry` soon or later): the job is put off and keeps its attempts. `retry: never` and defects fail it
 * at once, for a person to look at. Anything else is retried as the job's own options say.
 */
async function afterError(job: Job, token: string | undefined, error: unknown): Promise<unknown> {
  const retry = (error as { retry?: unknown } | null)?.retry;
  if (retry === 'soon' || retry === 'later') {
    await job.moveToDelayed(Date.now() + putOffMs(job.attemptsStarted, retry), token);
    return new DelayedError(reasonOf(error));
  }
  if (retry === 'never' || error instanceof AssertionError) {
    const final = new UnrecoverableError(reasonOf(error));
    if (error instanceof Error && error.stack) final.stack = error.stack;
    return final;
  }
  return error;
}

/** Doubles from 200 ms to 5 s, half of it at random, so that a thousand jobs do not come back in one instant. */
function putOffMs(starts: number, retry: 'soon' | 'later'): number {
  const top =
    retry === 'later'
      ? PUT_OFF_MAX_MS
      : Math.min(PUT_OFF_MAX_MS, PUT_OFF_MIN_MS * 2 ** Math.min(starts - 1, 6));
  return Math.round(top / 2 + (Math.random() * top) / 2);
}

/** BullMQ's `close` keeps the promise of its first call, so a forced close after a gentle one does nothing: pause first, then close once. */
async function closeWorker(
  { worker, endConnection }: OpenWorker,
  timeoutMs: number,
): Promise<{ drained: boolean }> {
  const drained = await settledWithin(worker.pause(), timeoutMs);
  const ended = await settledWithin(worker.close(!drained), FORCE_MS);
  if (!ended) await settledWithin(worker.disconnect(), FORCE_MS);
  endConnection();
  return { drained };
}
