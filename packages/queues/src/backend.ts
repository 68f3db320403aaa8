// The one place that chooses between the two queue backends; everything else sees only this type.
import { EngineError } from '@stockroom/contracts';
import type { Job, Queue, Worker, WorkerOptions } from 'bullmq';
import type { Log } from './log.ts';
import { openPostgresBackend } from './postgres-backend.ts';
import { openRedisBackend } from './redis-backend.ts';
import type { QueueSettings } from './registry.ts';

export type BackendKind = 'redis' | 'postgres';

export type BackendOptions = {
  backend: BackendKind;
  /** redis://[user:password@]host[:port][/database] or rediss://. */
  redisUrl?: string;
  /** postgres://user:password@host:port/database. */
  databaseUrl?: string;
  /** Namespace of all queues: BullMQ's key prefix on Redis, a schema name on Postgres. Default `bullmq`. */
  prefix?: string;
  /** Connections to Postgres at most, default 20: a quarter for producers; every worker keeps one for LISTEN. The feed has one more. Redis does not use it. */
  poolMax?: number;
  /** Starts even though Redis may throw keys away. Only for a machine that holds nothing of value. */
  allowEviction?: boolean;
  /** How long the first connection may take, default 10,000. */
  connectTimeoutMs?: number;
  log: Log;
};

export type BackendSettings = Omit<BackendOptions, 'backend' | 'prefix'> & {
  prefix: string;
  connectTimeoutMs: number;
  onError: (source: string, error: unknown) => void;
};

export type QueueHealth = {
  ok: boolean;
  backend: BackendKind;
  /** Time of one round trip; absent when there was no answer. */
  latencyMs?: number;
  /** Redis only. Anything but `noeviction` loses jobs when memory is short. */
  evictionPolicy?: string;
  /** Difference of the server's clock to ours. Postgres only: there the locks of jobs are timed by the workers' clocks. */
  clockSkewMs?: number;
  problem?: string;
};

export type WorkerSettings = Omit<WorkerOptions, 'connection' | 'prefix' | 'name'>;
export type Processor = (job: Job, token?: string) => Promise<unknown>;

/** Messages between processes that may be lost. `send` never throws and says whether the server took them. */
export type Wire = {
  send(topic: string, payloads: readonly string[]): Promise<boolean>;
  /** Starts to hear a topic on this connection. */
  hear(topic: string): Promise<void>;
  hearNoMore(topic: string): Promise<void>;
  close(): Promise<void>;
};

export type Backend = {
  readonly kind: BackendKind;
  readonly prefix: string;
  openQueue(name: string, settings: QueueSettings): Queue;
  openWorker(name: string, processor: Processor, settings: WorkerSettings): OpenWorker;
  countWorkers(queue: Queue): Promise<number>;
  openWire(onPayload: (topic: string, payload: string) => void): Promise<Wire>;
  health(): Promise<QueueHealth>;
  close(): Promise<void>;
};

/** A worker with the connection that it alone uses. */
export type OpenWorker = { readonly worker: Worker; endConnection(): void };

/**
 * Opens the connections and checks the server.
 * @throws EngineError `queue_unavailable` (soon) when it does not answer, `queue_unsafe` (never) when it may lose jobs.
 */
export async function openBackend(options: BackendOptions, settings: BackendSettings): Promise<Backend> {
  switch (options.backend) {
    case 'redis':
      return openRedisBackend(required(options.redisUrl, 'redisUrl', 'redis'), settings);
    case 'postgres':
      return openPostgresBackend(required(options.databaseUrl, 'databaseUrl', 'postgres'), settings);
  }
}

function required(url: string | undefined, name: string, backend: BackendKind): string {
  if (url) return url;
  throw new EngineError(
    'queue_misconfigured',
    `Queue backend "${backend}" needs ${name}; it is empty. Set it, or choose the other backend.`,
    { retry: 'never' },
  );
}
