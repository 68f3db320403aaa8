// BullMQ on Postgres: a pool for producers and one for each worker, in a schema of its own that is migrated at the start.
import { EngineError } from '@stockroom/contracts';
import type { BackendFactory, PgPool, PostgresConnectionOptions, Queue, Worker } from 'bullmq';
import { PostgresConnection, PostgresQueueBackend, runMigrations, withBackend } from 'bullmq';
import { Pool } from 'pg';
import type { Backend, BackendSettings, QueueHealth } from './backend.ts';
import { reasonOf } from './log.ts';
import { openPostgresWire } from './postgres-wire.ts';
import { connectionShare, queueNames, YARDSTICK_QUEUE } from './registry.ts';
import { orWorldError } from './world-errors.ts';

const SCHEMA_NAME = /^[a-z_][a-z0-9_]{0,39}$/;
const CLOCK_SKEW_MAX_MS = 1_000;
const POOL_MAX = 20;
const POOL_MIN = 4;
/** One for LISTEN and one to work with. */
const CONNECTIONS_MIN = 2;

export async function openPostgresBackend(url: string, settings: BackendSettings): Promise<Backend> {
  const schema = settings.prefix;
  if (!SCHEMA_NAME.test(schema)) {
    throw new EngineError(
      'queue_misconfigured',
      `The queue prefix is a schema name on Postgres; found "${schema}", expected small letters, digits and "_", at most 40.`,
      { retry: 'never' },
    );
  }
  const poolMax = Math.max(POOL_MIN, settings.poolMax ?? POOL_MAX);
  const producersMax = Math.floor(poolMax / 4);
  const workersMax = poolMax - producersMax;
  const producers = openPool(url, schema, producersMax, settings);
  const workers = new Set<Pool>();
  try {
    await orWorldError('preparing the queue schema', () => prepareSchema(producers, schema));
  } catch (error) {
    await producers.end();
    throw error;
  }
  const bull = withBackend(createBackend);
  const ending = new Set<Promise<void>>();
  let listening = 0;
  return {
    kind: 'postgres',
    prefix: schema,
    openQueue: (name, { job, eventsMax }) =>
      new bull.Queue(name, {
        connection: asBullPool(producers),
        defaultJobOptions: job,
        streams: { events: { maxLen: eventsMax } },
        // The classes differ from the Redis ones in the type of their backend alone.
      }) as unknown as Queue,
    openWorker(name, processor, workerSettings) {
      listening += 1;
      checkRoom(listening, workersMax);
      const pool = openPool(url, schema, connectionsOf(name, workersMax), settings);
      workers.add(pool);
      const connection = asBullPool(pool);
      const worker = new bull.Worker(name, processor, { ...workerSettings, connection, name: schema });
      return {
        worker: worker as unknown as Worker,
        endConnection: () => {
          listening -= 1;
          workers.delete(pool);
          ending.add(pool.end());
        },
      };
    },
    async countWorkers(queue) {
      // Workers are found by application_name in the whole database, so the schema is part of the name.
      const found = await queue.getWorkers();
      return found.filter(({ rawname }) => rawname?.endsWith(`:w:${schema}`)).length;
    },
    openWire: (onPayload) => openPostgresWire(url, schema, settings.onError, onPayload),
    health: () => healthOf(producers),
    close: async () =>
      void (await Promise.all([producers.end(), ...ending, ...[...workers].map((pool) => pool.end())])),
  };
}

/**
 * Each worker has connections of its own: BullMQ fetches as many jobs as a worker may have before it begins the first, so behind the hundreds
 * of finishing jobs of a busy queue the others would fetch one job a second, and lose its lock before it begins.
 */
function connectionsOf(name: string, workersMax: number): number {
  return Math.max(CONNECTIONS_MIN, Math.floor(workersMax * connectionShare(name)));
}

/** Each worker keeps one connection for LISTEN; without a free one beside them no job would ever be fetched. */
function checkRoom(listening: number, workersMax: number): void {
  if (listening < workersMax) return;
  throw new EngineError(
    'queue_misconfigured',
    `${listening} queue workers in one process need more than ${workersMax} connections. Raise the queue pool (poolMax) or start fewer roles here.`,
    { retry: 'never' },
  );
}

/** A real pool is what BullMQ asks for; only its overloads of `query` do not fit the narrower type. */
function asBullPool(pool: Pool): PgPool {
  return pool as unknown as PgPool;
}

function openPool(url: string, schema: string, max: number, settings: BackendSettings): Pool {
  const pool = new Pool({
    connectionString: url,
    max,
    keepAlive: true,
    connectionTimeoutMillis: settings.connectTimeoutMs,
    options: `-c search_path=${schema}`,
  });
  pool.on('error', (error) => settings.onError('postgres queue pool', error));
  // Every queue and worker adds its own listener to the shared pool.
  pool.setMaxListeners(0);
  return pool;
}

/**
 * `prepareSchema` has done what BullMQ would wait for. Its own check looks into schema `bullmq` whatever the pool's search_path says, and
 * keeps a failure for ever: a queue or worker opened while Postgres restarts would stay dead.
 */
class PreparedConnection extends PostgresConnection {
  override async waitUntilReady(): Promise<void> {}
}

/** BullMQ's createPostgresBackend with that connection; the names let `getWorkers` find its workers. */
const createBackend: BackendFactory<PostgresQueueBackend, PostgresConnectionOptions> = (
  name,
  options,
  { blocking = false, withBlockingConnection = false } = {},
) => {
  const workerName = 'name' in options && options.name ? `:w:${options.name}` : '';
  const listenerName = withBlockingConnection ? name + workerName : blocking ? `${name}:qe` : undefined;
  return new PostgresQueueBackend(
    new PreparedConnection(options.connection),
    name,
    options,
    true,
    listenerName,
  );
};

async function prepareSchema(pool: Pool, schema: string): Promise<void> {
  const client = await pool.connect();
  try {
    await runMigrations(client, schema);
    // The first add of a queue creates its sequence and makes all other adds wait for that transaction: do it now.
    for (const name of [...queueNames, YARDSTICK_QUEUE]) await client.query('select next_job_id($1)', [name]);
  } finally {
    client.release();
  }
}

async function healthOf(pool: Pool): Promise<QueueHealth> {
  const startMs = performance.now();
  try {
    const { rows } = await orWorldError('asking for its state', () =>
      pool.query<{ now_ms: string }>('select extract(epoch from clock_timestamp()) * 1000 as now_ms'),
    );
    const latencyMs = performance.now() - startMs;
    const clockSkewMs = Math.round(Number(rows[0]?.now_ms) - (Date.now() - latencyMs / 2));
    const ok = Math.abs(clockSkewMs) <= CLOCK_SKEW_MAX_MS;
    return {
      ok,
      backend: 'postgres',
      latencyMs,
      clockSkewMs,
      ...(ok
        ? {}
        : {
            problem: `This clock and the database's differ by ${clockSkewMs} ms; job locks need less than 1 s.`,
          }),
    };
  } catch (error) {
    return { ok: false, backend: 'postgres', problem: reasonOf(error) };
  }
}
