// The engine under load: orders enqueued by a producer, settled by a worker process of its own.

import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { QUEUES } from '@stockroom/contracts';
import { units } from '@stockroom/core';
import type { Database } from '@stockroom/db';
import { migrateDatabase, openDatabase, seedCatalog } from '@stockroom/db';
import { verify } from '@stockroom/engine';
import { createOps, openQueues, type Queues } from '@stockroom/queues';
import type { BenchBackend, BenchServers } from './servers.ts';
import { startWorkerProcess, type WorkerProcess } from './worker-process.ts';
import { openingStock, ordersOf, type Profile, skuOf } from './workload.ts';

export interface EngineRun {
  readonly ordersPerSecond: number;
  readonly orders: number;
  readonly elapsedMs: number;
  readonly workerMemoryMb: number | null;
}

export interface LatencyRun {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly sentPerSecond: number;
}

/** A database with a catalog, its queues, and a worker process on both. */
export interface Rig {
  readonly db: Database;
  readonly queues: Queues;
  readonly worker: WorkerProcess;
  close(): Promise<void>;
}

export interface RigOptions {
  readonly servers: BenchServers;
  readonly backend: BenchBackend;
  readonly products: number;
  readonly bells: string;
  readonly log: (line: string) => void;
  /** The environment the worker process inherits. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Writes a CPU profile of the worker into this folder. */
  readonly profileDir?: string | undefined;
}

export async function openRig(options: RigOptions): Promise<Rig> {
  const { servers, backend, products, log } = options;
  const name = `bench_${randomUUID().slice(0, 8)}`;
  const url = await servers.createDatabase(name);
  await migrateDatabase({ url });
  const db = await openDatabase({ url, poolMax: 4 });
  await seedCatalog(db, { products: catalog(products), actor: 'bench' });
  await db.read.query({ name: '', text: 'checkpoint' }, []);
  const queues = await openQueues({
    backend,
    ...(servers.redisUrl === null ? {} : { redisUrl: servers.redisUrl }),
    databaseUrl: url,
    prefix: backend === 'redis' ? name : 'bullmq',
    log: {
      info() {},
      warn: (facts, message) => log(`${message} ${JSON.stringify(facts)}`),
      error: (facts, message) => log(`${message} ${JSON.stringify(facts)}`),
    },
  });
  const worker = await startWorkerProcess({
    env: {
      ...options.environment,
      DATABASE_URL: url,
      QUEUE_BACKEND: backend,
      ...(servers.redisUrl === null ? {} : { REDIS_URL: servers.redisUrl }),
      QUEUE_PREFIX: queues.prefix,
      WORKER_ROLES: 'receive,stock,sweep',
      STOCK_BELLS: options.bells,
    },
    profileDir: options.profileDir,
    log,
  });
  return {
    db,
    queues,
    worker,
    async close() {
      await worker.stop();
      await queues.close({ timeoutMs: 5_000 });
      await db.close();
    },
  };
}

function* catalog(products: number) {
  for (let product = 0; product < products; product += 1) {
    yield { sku: skuOf(product), name: `Product ${product}`, onHand: units(openingStock) };
  }
}

/** Enqueues all orders of a profile as fast as it goes; the clock stops when the last is settled. */
export async function runThroughput(rig: Rig, profile: Profile): Promise<EngineRun> {
  const before = await settledCount(rig.db);
  const run = randomUUID().slice(0, 8);
  const started = performance.now();
  let jobs: { name: string; data: unknown }[] = [];
  let n = 0;
  for (const skus of ordersOf(profile)) {
    jobs.push(orderJob(`${run}-${n}`, skus));
    n += 1;
    if (jobs.length < 1_000) continue;
    await rig.queues.addMany(QUEUES.orderEvents, jobs);
    jobs = [];
  }
  if (jobs.length > 0) await rig.queues.addMany(QUEUES.orderEvents, jobs);
  await untilSettled(rig, before + profile.orders);
  const elapsedMs = performance.now() - started;
  return {
    orders: profile.orders,
    elapsedMs: Math.round(elapsedMs),
    ordersPerSecond: Math.round((profile.orders / elapsedMs) * 1_000),
    workerMemoryMb: rig.worker.memoryMb(),
  };
}

/** Sends at a steady rate; latency runs from enqueueing to the commit of the settlement, by the clocks of one machine. */
export async function runLatency(rig: Rig, profile: Profile, perSecond: number): Promise<LatencyRun> {
  const run = randomUUID().slice(0, 8);
  const before = await settledCount(rig.db);
  const started = performance.now();
  const adding: Promise<unknown>[] = [];
  let n = 0;
  for (const skus of ordersOf(profile)) {
    const due = started + (n / perSecond) * 1_000;
    if (performance.now() < due) await wait(due - performance.now());
    adding.push(rig.queues.add(QUEUES.orderEvents, orderJob(`${run}-${n}`, skus)));
    n += 1;
  }
  await Promise.all(adding);
  const sentPerSecond = Math.round((profile.orders / (performance.now() - started)) * 1_000);
  await untilSettled(rig, before + profile.orders);
  const [row] = await rig.db.read.query<{ p50: number; p95: number; p99: number; n: number }>(
    {
      name: '',
      text: `select percentile_cont(0.5) within group (order by ms) as p50, percentile_cont(0.95) within group (order by ms) as p95,
                    percentile_cont(0.99) within group (order by ms) as p99, count(*)::int as n
               from (select extract(epoch from pg_xact_commit_timestamp(o.xmin) - e.at)::double precision * 1000 as ms
                       from stockroom.outcome o join stockroom.event e on e.seq = o.event_seq where e.id like $1) x`,
    },
    [`${run}-%`],
  );
  if (row === undefined || row.n !== profile.orders)
    throw new Error(`${profile.orders} orders sent, ${row?.n ?? 0} outcomes found`);
  const round = (ms: number) => Math.round(ms * 10) / 10;
  return { p50Ms: round(row.p50), p95Ms: round(row.p95), p99Ms: round(row.p99), sentPerSecond };
}

/** A benchmark that broke a rule is worth nothing: every order settled, every invariant holds. */
export async function verifyRig(rig: Rig): Promise<void> {
  const report = await verify(rig.db, { limit: 5 });
  if (!report.ok)
    throw new Error(`the benchmark left a broken database: ${JSON.stringify(report.differences)}`);
}

function orderJob(id: string, skus: readonly string[]) {
  return {
    name: 'order.placed',
    data: { id, order: id, at: new Date().toISOString(), lines: skus.map((sku) => ({ sku, quantity: 1 })) },
  };
}

async function settledCount(db: Database): Promise<number> {
  const [row] = await db.read.query<{ n: number }>(
    { name: '', text: 'select count(*)::int as n from stockroom.outcome where parts_open = 0' },
    [],
  );
  return row?.n ?? 0;
}

/** First the queue (cheap to ask), then the mailboxes, then the count: asking must not slow down what is measured. */
async function untilSettled(rig: Rig, expected: number): Promise<void> {
  const ops = createOps(rig.queues);
  const deadline = Date.now() + 10 * 60_000;
  while (Date.now() < deadline) {
    await wait(20);
    const { waiting, active, delayed } = await ops.counts(QUEUES.orderEvents);
    if (waiting + active + delayed > 0) continue;
    const [row] = await rig.db.read.query<{ pending: boolean }>(
      { name: '', text: 'select exists(select from stockroom.stock_command) as pending' },
      [],
    );
    if (row?.pending === false && (await settledCount(rig.db)) >= expected) return;
    rig.worker.check();
  }
  throw new Error(`not settled in time: ${await settledCount(rig.db)} of ${expected}`);
}
