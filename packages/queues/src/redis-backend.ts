// BullMQ on Redis: producers that fail fast, workers that wait for ever, and a check that Redis may not throw jobs away.
import { EngineError } from '@stockroom/contracts';
import { Queue, Worker } from 'bullmq';
import { Redis, type RedisOptions } from 'ioredis';
import type { Backend, BackendSettings, QueueHealth, Wire } from './backend.ts';
import { reasonOf } from './log.ts';
import { orWorldError } from './world-errors.ts';

type Patience = Pick<RedisOptions, 'enableOfflineQueue' | 'maxRetriesPerRequest' | 'socketTimeout'>;

const RECONNECT_MAX_MS = 2_000;

/** `add` answers at once while Redis is down, instead of gathering jobs in memory that a restart would lose. */
const producing: Patience = { enableOfflineQueue: false, maxRetriesPerRequest: 1, socketTimeout: 10_000 };
/** A worker has nothing better to do than to wait. BullMQ demands null. */
const working: Patience = { maxRetriesPerRequest: null };

export async function openRedisBackend(url: string, settings: BackendSettings): Promise<Backend> {
  const { prefix, onError } = settings;
  const producer = connect(url, producing, onError, 'redis producer');
  try {
    await firstAnswer(producer, settings.connectTimeoutMs);
    const health = await healthOf(producer);
    if (!health.ok && !(settings.allowEviction && health.evictionPolicy)) throw unsafe(health);
  } catch (error) {
    producer.disconnect();
    throw error;
  }
  return {
    kind: 'redis',
    prefix,
    openQueue: (name, { job, eventsMax }) =>
      new Queue(name, {
        connection: producer,
        prefix,
        // Else a queue first used while Redis is down would wait for it. Workers check the version.
        skipWaitingForReady: true,
        skipVersionCheck: true,
        defaultJobOptions: job,
        streams: { events: { maxLen: eventsMax } },
      }),
    openWorker(name, processor, workerSettings) {
      const connection = connect(url, working, onError, `redis worker ${name}`);
      const worker = new Worker(name, processor, { ...workerSettings, connection, prefix });
      return { worker, endConnection: () => connection.disconnect() };
    },
    countWorkers: (queue) => queue.getWorkersCount(),
    openWire: (onPayload) =>
      openRedisWire(producer, connect(url, working, onError, 'redis feed'), prefix, onPayload),
    health: () => healthOf(producer),
    close: async () => producer.disconnect(),
  };
}

/** The one place that makes a connection to Redis: a Cluster or Sentinel would be opened here. */
function connect(
  url: string,
  patience: Patience,
  onError: BackendSettings['onError'],
  source: string,
): Redis {
  const redis = new Redis(url, {
    ...patience,
    // Auto-pipelining is left off: it waits for one pipeline before it sends the next, and most runs were slower with it.
    retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 6), RECONNECT_MAX_MS),
    keepAlive: 10_000,
    connectTimeout: 5_000,
  });
  redis.on('error', (error) => onError(source, error));
  redis.setMaxListeners(0);
  return redis;
}

async function firstAnswer(redis: Redis, timeoutMs: number): Promise<void> {
  if (redis.status === 'ready') return;
  let lastError: unknown;
  await new Promise<void>((resolve, reject) => {
    const onError = (error: unknown) => {
      lastError = error;
    };
    const timer = setTimeout(() => {
      redis.off('error', onError);
      reject(
        new EngineError(
          'queue_unavailable',
          `Redis did not answer within ${timeoutMs} ms (${lastError ? reasonOf(lastError) : 'no connection'}). Start it, or correct its address.`,
          { retry: 'soon', cause: lastError },
        ),
      );
    }, timeoutMs);
    redis.on('error', onError);
    redis.once('ready', () => {
      clearTimeout(timer);
      redis.off('error', onError);
      resolve();
    });
  });
}

/** The policy is read from INFO: many hosted servers refuse CONFIG. */
async function healthOf(redis: Redis): Promise<QueueHealth> {
  const startMs = performance.now();
  try {
    const memory = await orWorldError('asking for its state', () => redis.info('memory'));
    const latencyMs = performance.now() - startMs;
    const evictionPolicy = /^maxmemory_policy:(\S+)/m.exec(memory)?.[1] ?? 'unknown';
    const ok = evictionPolicy === 'noeviction';
    return {
      ok,
      backend: 'redis',
      latencyMs,
      evictionPolicy,
      ...(ok
        ? {}
        : {
            problem: `Redis has maxmemory-policy "${evictionPolicy}" and may throw jobs away. Set it to "noeviction".`,
          }),
    };
  } catch (error) {
    return { ok: false, backend: 'redis', problem: reasonOf(error) };
  }
}

function unsafe(health: QueueHealth): EngineError {
  return health.evictionPolicy
    ? new EngineError('queue_unsafe', `${health.problem}`, { retry: 'never' })
    : new EngineError('queue_unavailable', `${health.problem}`, { retry: 'soon' });
}

async function openRedisWire(
  producer: Redis,
  subscriber: Redis,
  prefix: string,
  onPayload: (topic: string, payload: string) => void,
): Promise<Wire> {
  const head = `${prefix}:feed:`;
  subscriber.on('message', (channel, payload) => onPayload(channel.slice(head.length), payload));
  return {
    async send(topic, payloads) {
      const pipeline = producer.pipeline();
      for (const payload of payloads) pipeline.publish(head + topic, payload);
      const results = await pipeline.exec();
      return results?.every(([error]) => error === null) ?? false;
    },
    // ioredis subscribes again by itself after a reconnect.
    hear: async (topic) => void (await subscriber.subscribe(head + topic)),
    hearNoMore: async (topic) => void (await subscriber.unsubscribe(head + topic)),
    close: async () => subscriber.disconnect(),
  };
}
