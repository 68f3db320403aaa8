// Worker processes with a database and queues of their own, orders to throw at them, and what must be true afterwards.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Acceptance, OrderEventInput, Outcome } from '@stockroom/contracts';
import { units } from '@stockroom/core';
import type { Database, EventOutcome, SkuStock, Verified } from '@stockroom/db';
import {
  migrateDatabase,
  openDatabase,
  readCounts,
  readOutcomes,
  readStock,
  seedCatalog,
  statement,
} from '@stockroom/db';
import { createDoors, type Doors, verify } from '@stockroom/engine';
import { createRinger, openQueues, QUEUES, type Queues } from '@stockroom/queues';
import {
  type AvailableBackend,
  createDatabase,
  eventually,
  type NodeChild,
  queuePrefix,
  spawnNode,
  uniqueId,
} from '@stockroom/testkit';
import { expect } from 'vitest';

const main = new URL('../../src/main.ts', import.meta.url);
/** Compiled once for all processes: a restarted worker is back in half the time. */
const compiled = fileURLToPath(new URL('../../node_modules/.cache/compiled-worker', import.meta.url));

export type FleetOptions = {
  /** A Postgres of the test's own, not migrated yet; default: a database on the shared one. */
  databaseUrl?: string;
  /** STOCK_BELLS of every process and of the door in this one. */
  bells?: number | 'product';
  /** More variables for every worker. */
  env?: Record<string, string>;
};

export type Fleet = {
  readonly db: Database;
  readonly queues: Queues;
  /** The door of the API, in this process. */
  readonly doors: Doors;
  readonly workers: ReadonlySet<NodeChild>;
  /** Starts worker processes and waits until they fetch jobs. Those that a test starts end with it. */
  start(count: number, env?: Record<string, string>): Promise<NodeChild[]>;
  seed(
    onHand: readonly number[],
    settings?: NonNullable<
      Parameters<typeof seedCatalog>[1]['products'] extends Iterable<infer P> ? P : never
    >['settings'],
  ): Promise<string[]>;
  /** Through the queue, as a service does it: resolves when the queue has them. */
  send(events: readonly OrderEventInput[]): Promise<void>;
  /** Through the door of the API; asks again while the world fails, as a client does. */
  submit(event: unknown): Promise<Acceptance>;
  /** Waits until these events were received; they need not be answered. */
  received(events: readonly Named[], timeoutMs?: number): Promise<void>;
  /** Waits until each of these events has its final answer and no mailbox holds anything. @returns milliseconds waited */
  settled(events: readonly Named[], timeoutMs?: number): Promise<number>;
  progress(events: readonly Named[]): Promise<Progress>;
  outcomes(eventIds: readonly string[]): Promise<ReadonlyMap<string, EventOutcome>>;
  stock(sku: string): Promise<SkuStock>;
  query<Row>(text: string, params?: readonly unknown[]): Promise<readonly Row[]>;
  /** Every invariant holds, nothing is parked, no job failed, nobody waited in a circle. */
  expectSound(settledOrdersAtLeast: number): Promise<Verified>;
  /** Ends the workers of this fleet, not the fleet. */
  stopWorkers(): Promise<void>;
  close(): Promise<void>;
};

export type Progress = { received: number; answered: number; pending: number; parked: number };
type Named = { readonly id: string };

const progressText = `select count(*)::int as received, count(*) filter (where c.parts_open = 0)::int as answered
   from stockroom.event e left join stockroom.outcome c on c.event_seq = e.seq where e.id = any($1::text[])`;

/** Everything is the fleet's own: close it in `afterAll` or at the end of the test. */
export async function openFleet(backend: AvailableBackend, options: FleetOptions = {}): Promise<Fleet> {
  const bells = options.bells ?? 64;
  const database = options.databaseUrl === undefined ? await createDatabase() : null;
  const url = options.databaseUrl ?? database?.url ?? '';
  if (database === null) await migrateDatabase({ url });
  const prefix = queuePrefix().replaceAll('-', '_');
  const db = await openDatabase({ url, poolMax: 6, applicationName: 'stockroom race test' });
  // What goes wrong here is provoked, and shows in what the tests look at.
  const silent = () => undefined;
  const queues = await openQueues({
    backend: backend.name,
    databaseUrl: url,
    ...(backend.name === 'redis' ? { redisUrl: backend.redisUrl } : {}),
    prefix,
    log: { info: silent, warn: silent, error: silent },
  });
  const doors = createDoors({ db, bells, ring: createRinger(queues), concurrentBatches: 2 });
  const workers = new Set<NodeChild>();

  const query = <Row>(text: string, params: readonly unknown[] = []) =>
    db.read.query<Row & Record<string, unknown>>(statement('', text), [...params]) as Promise<readonly Row[]>;

  async function progress(events: readonly Named[]): Promise<Progress> {
    const [row] = await query<{ received: number; answered: number }>(progressText, [
      events.map(({ id }) => id),
    ]);
    const counts = await readCounts(db.read);
    return {
      received: row?.received ?? 0,
      answered: row?.answered ?? 0,
      pending: counts.pendingCommands,
      parked: counts.parkedCommands,
    };
  }

  async function stopWorkers(): Promise<void> {
    await Promise.all([...workers].map((worker) => worker.stop()));
    workers.clear();
  }

  return {
    db,
    queues,
    doors,
    workers,
    query,
    progress,
    async start(count, env = {}) {
      await compileOnce();
      const started = Array.from({ length: count }, () =>
        spawnNode(main, {
          env: {
            DATABASE_URL: url,
            QUEUE_BACKEND: backend.name,
            REDIS_URL: backend.name === 'redis' ? backend.redisUrl : '',
            QUEUE_PREFIX: prefix,
            WORKER_ROLES: 'receive,stock,sweep',
            STOCK_BELLS: String(bells),
            WORKER_PORT: '0',
            LOG_LEVEL: 'info',
            NODE_COMPILE_CACHE: compiled,
            SHUTDOWN_MS: '20000',
            ...options.env,
            ...env,
          },
        }),
      );
      for (const worker of started) {
        workers.add(worker);
        void worker.ended.then(() => workers.delete(worker));
      }
      await Promise.all(started.map((worker) => worker.waitForLine(/worker started/, { timeoutMs: 60_000 })));
      return started;
    },
    async seed(onHand, settings) {
      const skus = onHand.map(() => uniqueId('sku'));
      await seedCatalog(db, {
        products: skus.map((sku, index) => ({
          sku,
          name: `Product ${sku}`,
          onHand: units(onHand[index] ?? 0),
          ...(settings === undefined ? {} : { settings }),
        })),
      });
      return skus;
    },
    async send(events) {
      for (let from = 0; from < events.length; from += 500) {
        const jobs = events.slice(from, from + 500).map(({ type, ...data }) => ({ name: type, data }));
        await patiently(() => queues.addMany(QUEUES.orderEvents, jobs));
      }
    },
    submit: (event) => patiently(() => doors.submit({ body: event, source: 'api', watch: false })),
    async received(events, timeoutMs = 60_000) {
      await eventually(async () => expect((await progress(events)).received).toBe(events.length), {
        timeoutMs,
      });
    },
    async settled(events, timeoutMs = 60_000) {
      const startedAt = performance.now();
      await eventually(
        async () => {
          const { length } = events;
          expect(await progress(events)).toMatchObject({ received: length, answered: length, pending: 0 });
        },
        { timeoutMs, intervalMs: 100 },
      );
      return Math.round(performance.now() - startedAt);
    },
    async outcomes(eventIds) {
      const found = await readOutcomes(db.read, eventIds);
      return new Map(found.map((outcome) => [outcome.eventId, outcome]));
    },
    async stock(sku) {
      const found = await readStock(db.read, sku);
      if (found === null) throw new Error(`nobody knows ${sku}`);
      return found;
    },
    async expectSound(settledOrdersAtLeast) {
      const verified = await verify(db);
      expect(verified.differences).toEqual([]);
      expect(verified.settledOrders).toBeGreaterThanOrEqual(settledOrdersAtLeast);
      expect((await progress([])).parked).toBe(0);
      const failed = await Promise.all(
        [QUEUES.orderEvents, QUEUES.stock].map((name) => queues.queue(name).getFailedCount()),
      );
      expect(failed).toEqual([0, 0]);
      // Postgres counts those too that were tried again and that nobody noticed but for the second they took.
      const [row] = await query<{ deadlocks: number }>(
        'select deadlocks::int as deadlocks from pg_stat_database where datname = current_database()',
      );
      expect(row).toEqual({ deadlocks: 0 });
      return verified;
    },
    stopWorkers,
    async close() {
      await stopWorkers();
      await doors.close();
      await queues.close({ timeoutMs: 2_000 });
      await db.close();
      await database?.drop();
    },
  };
}

/** The body of a settled event's outcome. */
export function outcomeOf(found: EventOutcome | undefined): Outcome {
  if (found?.progress !== 'settled') throw new Error(`not settled: ${JSON.stringify(found)}`);
  return found.outcome as Outcome;
}

/** Node writes its cache when a process ends by itself; these end by SIGKILL, so one without an environment is run to its end. */
async function compileOnce(): Promise<void> {
  if (existsSync(compiled)) return;
  await spawnNode(main, { env: { DATABASE_URL: '', NODE_COMPILE_CACHE: compiled } }).ended;
}

/** Repeats what the world refused for now. */
async function patiently<T>(call: () => Promise<T>): Promise<T> {
  return eventually(
    async () => {
      try {
        return { done: await call() };
      } catch (error) {
        if ((error as { retry?: unknown }).retry === 'soon') throw error;
        return { failure: error };
      }
    },
    { timeoutMs: 60_000, intervalMs: 100 },
  ).then((end) => {
    if ('failure' in end) throw end.failure;
    return end.done;
  });
}
