// Connections to the queue server for a producer: fails fast when adding, waits for ever when listening. Redis or Postgres.

import type { Job, Queue, Worker } from 'bullmq';
import { createPostgresBackend, Queue as RedisQueue, Worker as RedisWorker, withBackend } from 'bullmq';
import { Redis, type RedisOptions } from 'ioredis';
import { ClientError } from './client-error.ts';

/** Where the queues are; the same as the engine's own setting. */
export type QueueAddress =
  | { readonly backend: 'redis'; readonly redisUrl: string; readonly prefix?: string }
  | { readonly backend: 'postgres'; readonly databaseUrl: string; readonly prefix?: string };

export interface ProducerConnection {
  queue(name: string): Pick<Queue, 'addBulk' | 'close'>;
  worker(name: string, processor: (job: Job) => Promise<void>): Pick<Worker, 'on' | 'close'>;
  close(): Promise<void>;
}

/** On Redis every worker of a queue must look for dead workers equally often, so these are the engine's numbers. */
const workerOptions = {
  concurrency: 10,
  lockDuration: 15_000,
  stalledInterval: 5_000,
  maxStalledCount: 50,
  runRetryDelay: 1_000,
};

export async function openProducerConnection(
  address: QueueAddress,
  onError: (error: Error) => void,
  timeoutMs: number,
): Promise<ProducerConnection> {
  const prefix = address.prefix ?? 'bullmq';
  return address.backend === 'redis'
    ? openRedis(address.redisUrl, prefix, onError, timeoutMs)
    : openPostgres(address.databaseUrl, prefix, onError, timeoutMs);
}

async function openRedis(
  url: string,
  prefix: string,
  onError: (error: Error) => void,
  timeoutMs: number,
): Promise<ProducerConnection> {
  const connect = (options: Pick<RedisOptions, 'enableOfflineQueue' | 'maxRetriesPerRequest'>) => {
    const redis = new Redis(url, { ...options, keepAlive: 10_000, connectTimeout: 5_000 });
    redis.on('error', onError);
    redis.setMaxListeners(0);
    return redis;
  };
  // Adding fails at once while Redis is down, instead of gathering events in memory that a restart would lose.
  const producer = connect({ enableOfflineQueue: false, maxRetriesPerRequest: 1 });
  const listeners: Redis[] = [];
  try {
    await inTime(new Promise<void>((resolve) => void producer.once('ready', () => resolve())), timeoutMs);
  } catch (error) {
    producer.disconnect();
    throw error;
  }
  return {
    queue(name) {
      const queue = new RedisQueue(name, {
        connection: producer,
        prefix,
        skipWaitingForReady: true,
        skipVersionCheck: true,
      });
      queue.on('error', onError);
      return queue;
    },
    worker(name, processor) {
      const connection = connect({ maxRetriesPerRequest: null });
      listeners.push(connection);
      return new RedisWorker(name, processor, { ...workerOptions, connection, prefix });
    },
    async close() {
      for (const each of [producer, ...listeners]) each.disconnect();
    },
  };
}

async function openPostgres(
  connectionString: string,
  schema: string,
  onError: (error: Error) => void,
  timeoutMs: number,
): Promise<ProducerConnection> {
  const bull = withBackend(createPostgresBackend);
  // The schema is the engine's to make: a producer needs no right to change it.
  const connection = { connectionString, schema, migrate: false, max: 3, connectionTimeoutMillis: timeoutMs };
  const probe = new bull.Queue('order-events', { connection });
  probe.on('error', onError);
  try {
    await inTime(probe.waitUntilReady(), timeoutMs);
  } finally {
    await probe.close().catch(() => undefined);
  }
  return {
    queue(name) {
      const queue = new bull.Queue(name, { connection });
      queue.on('error', onError);
      return queue as unknown as Queue;
    },
    worker: (name, processor) =>
      new bull.Worker(name, processor as never, { ...workerOptions, connection }) as unknown as Worker,
    close: async () => undefined,
  };
}

async function inTime(ready: Promise<unknown>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    await Promise.race([ready, late]);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ClientError(
      'queue_unavailable',
      `the queue server could not be reached (${reason})`,
      undefined,
      cause,
    );
  } finally {
    clearTimeout(timer);
  }
}
