// Opens the queues of one process: adding jobs, starting workers, health, and an end in the right order.
import assert from 'node:assert';
import type { Job, JobsOptions, Queue } from 'bullmq';
import {
  type Backend,
  type BackendKind,
  type BackendOptions,
  openBackend,
  type QueueHealth,
} from './backend.ts';
import { type Log, limitErrors } from './log.ts';
import { type QueueName, settingsOf, workerDefaults } from './registry.ts';
import { settledWithin } from './within.ts';
import { type QueueWorker, startWorker, type WorkerOptions } from './worker.ts';
import { orWorldError } from './world-errors.ts';

export type QueueOptions = BackendOptions;
export type NewJob = { name: string; data: unknown; options?: JobsOptions };

export type Queues = {
  readonly backend: BackendKind;
  readonly prefix: string;
  readonly log: Log;
  /** Returns the job's id. @throws EngineError `queue_unavailable` (soon), `queue_full` (later), `queue_refused` (never). */
  add(name: QueueName, job: NewJob): Promise<string>;
  /** As `add`, in one round trip; a repeat adds the jobs again. On Redis some may have been added when it throws. */
  addMany(name: QueueName, jobs: readonly NewJob[]): Promise<string[]>;
  /** BullMQ's own queue, for the board and for ops. Opened once. */
  queue(name: QueueName): Queue;
  /** Starts a worker at once; it lives until `close`. */
  worker<Data>(
    name: QueueName,
    processor: (job: Job<Data>) => Promise<unknown>,
    options?: WorkerOptions,
  ): QueueWorker;
  /** What only `feed.ts` and `ops.ts` need. */
  readonly internals: Backend;
  /** Something to end with the queues, after the workers and before the connections. */
  onClose(end: () => Promise<unknown>): void;
  health(): Promise<QueueHealth>;
  /** Workers first (each at most `timeoutMs`), then feeds, queues and connections. Never longer than `timeoutMs` and a few seconds. */
  close(options: { timeoutMs: number }): Promise<{ drained: boolean }>;
};

const CLOSE_STEP_MS = 2_000;

/** Connects, checks the server and, on Postgres, brings BullMQ's schema up to date. @throws EngineError, see `openBackend`. */
export async function openQueues(options: QueueOptions): Promise<Queues> {
  const onError = limitErrors(options.log);
  const backend = await openBackend(options, {
    ...options,
    prefix: options.prefix ?? 'bullmq',
    connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
    onError,
  });
  const opened = new Map<QueueName, Queue>();
  const workers = new Set<QueueWorker>();
  const intervals = new Map<QueueName, number>();
  const endings: (() => Promise<unknown>)[] = [];
  let closing: Promise<{ drained: boolean }> | undefined;

  const queue = (name: QueueName): Queue => {
    let found = opened.get(name);
    if (!found) {
      assert(!closing, `queue ${name} opened after close`);
      found = backend.openQueue(name, settingsOf(name));
      found.on('error', (error) => onError(`queue ${name}`, error));
      opened.set(name, found);
    }
    return found;
  };

  return {
    backend: backend.kind,
    prefix: backend.prefix,
    log: options.log,
    internals: backend,
    queue,
    async add(name, job) {
      const added = await orWorldError(`adding to ${name}`, () =>
        queue(name).add(job.name, job.data, job.options),
      );
      return String(added.id);
    },
    async addMany(name, jobs) {
      if (jobs.length === 0) return [];
      const bulk = jobs.map((job) => ({
        name: job.name,
        data: job.data,
        ...(job.options ? { opts: job.options } : {}),
      }));
      const added = await orWorldError(`adding to ${name}`, () => queue(name).addBulk(bulk));
      return added.map((job) => String(job.id));
    },
    worker(name, processor, workerOptions = {}) {
      assert(!closing, `worker ${name} started after close`);
      checkInterval(intervals, name, workerOptions);
      const worker = startWorker(backend, name, processor, workerOptions, onError);
      workers.add(worker);
      return worker;
    },
    onClose: (end) => void endings.push(end),
    health: () => backend.health(),
    close({ timeoutMs }) {
      closing ??= closeAll(backend, workers, endings, opened, timeoutMs);
      return closing;
    },
  };
}

/** On Redis a worker with a longer interval would silence the check of all others. */
function checkInterval(intervals: Map<QueueName, number>, name: QueueName, options: WorkerOptions): void {
  const interval = options.stalledIntervalMs ?? workerDefaults.stalledIntervalMs;
  const first = intervals.get(name) ?? interval;
  assert(
    first === interval,
    `workers of ${name} must share one stalledIntervalMs: found ${first} and ${interval}`,
  );
  intervals.set(name, interval);
}

async function closeAll(
  backend: Backend,
  workers: Iterable<QueueWorker>,
  endings: readonly (() => Promise<unknown>)[],
  opened: ReadonlyMap<QueueName, Queue>,
  timeoutMs: number,
): Promise<{ drained: boolean }> {
  const ends = await Promise.all([...workers].map((worker) => worker.close({ timeoutMs })));
  await settledWithin(Promise.allSettled(endings.map((end) => end())), CLOSE_STEP_MS);
  await settledWithin(Promise.allSettled([...opened.values()].map((queue) => queue.close())), CLOSE_STEP_MS);
  await settledWithin(backend.close(), CLOSE_STEP_MS);
  return { drained: ends.every((end) => end.drained) };
}
