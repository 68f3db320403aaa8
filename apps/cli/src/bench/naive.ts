// The naive design, as most shops build it: one job per order, an ORM transaction with a row lock, 50 at a time.

import { randomUUID } from 'node:crypto';
import { defineEntity, LockMode, MikroORM, p } from '@mikro-orm/postgresql';
import { openQueues } from '@stockroom/queues';
import type { BenchBackend, BenchServers } from './servers.ts';
import { openingStock, ordersOf, type Profile, skuOf } from './workload.ts';

const Stock = defineEntity({
  name: 'NaiveStock',
  tableName: 'naive_stock',
  properties: { sku: p.string().primary(), onHand: p.integer(), committed: p.integer() },
});

const Order = defineEntity({
  name: 'NaiveOrder',
  tableName: 'naive_order',
  properties: { id: p.string().primary(), state: p.string() },
});

const OrderLine = defineEntity({
  name: 'NaiveOrderLine',
  tableName: 'naive_order_line',
  properties: {
    id: p.integer().primary().autoincrement(),
    orderId: p.string(),
    sku: p.string(),
    quantity: p.integer(),
  },
});

const Movement = defineEntity({
  name: 'NaiveMovement',
  tableName: 'naive_movement',
  properties: {
    id: p.integer().primary().autoincrement(),
    sku: p.string(),
    delta: p.integer(),
    orderId: p.string(),
  },
});

export interface CompetitorRun {
  readonly ordersPerSecond: number;
  readonly orders: number;
}

/** Same orders, same server, same queue backend; every order leaves an order, its lines and a ledger entry, as ours do. */
export async function runNaive(
  servers: BenchServers,
  backend: BenchBackend,
  profile: Profile,
): Promise<CompetitorRun> {
  const name = `naive_${randomUUID().slice(0, 8)}`;
  const url = await servers.createDatabase(name);
  const orm = await MikroORM.init({
    clientUrl: url,
    entities: [Stock, Order, OrderLine, Movement],
    pool: { max: 50 },
    schemaGenerator: { ignoreSchema: ['bullmq'] },
  });
  const queues = await openQueues({
    backend,
    ...(servers.redisUrl === null ? {} : { redisUrl: servers.redisUrl }),
    databaseUrl: url,
    prefix: backend === 'redis' ? name : 'bullmq',
    log: { info() {}, warn() {}, error() {} },
  });
  try {
    await orm.schema.create();
    await orm.em.getConnection().execute(
      `insert into naive_stock (sku, on_hand, committed) select '${skuOf(0).slice(0, -1)}' || n, ${openingStock}, 0
           from generate_series(0, ${profile.products - 1}) n`,
    );
    let done = 0;
    let finish = () => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const started = performance.now();
    const worker = queues.worker<{ id: string; skus: readonly string[] }>(
      'order-events',
      async (job) => {
        await placeOrder(orm, job.data);
        done += 1;
        if (done === profile.orders) finish();
      },
      { concurrency: 50 },
    );
    let jobs: { name: string; data: unknown }[] = [];
    let n = 0;
    for (const skus of ordersOf(profile)) {
      jobs.push({ name: 'order.placed', data: { id: `${name}-${n}`, skus } });
      n += 1;
      if (jobs.length === 1_000) {
        await queues.addMany('order-events', jobs);
        jobs = [];
      }
    }
    await queues.addMany('order-events', jobs);
    await finished;
    const elapsedMs = performance.now() - started;
    await worker.close({ timeoutMs: 10_000 });
    return { orders: profile.orders, ordersPerSecond: Math.round((profile.orders / elapsedMs) * 1_000) };
  } finally {
    await queues.close({ timeoutMs: 5_000 });
    await orm.close(true);
  }
}

async function placeOrder(
  orm: MikroORM,
  job: { readonly id: string; readonly skus: readonly string[] },
): Promise<void> {
  await orm.em.fork().transactional(async (em) => {
    if ((await em.findOne(Order, { id: job.id })) !== null) return;
    const rows = await em.find(
      Stock,
      { sku: { $in: [...job.skus] } },
      { lockMode: LockMode.PESSIMISTIC_WRITE, orderBy: { sku: 'asc' } },
    );
    const enough = rows.length === job.skus.length && rows.every((row) => row.onHand - row.committed >= 1);
    em.create(Order, { id: job.id, state: enough ? 'accepted' : 'rejected' });
    for (const sku of job.skus) em.create(OrderLine, { orderId: job.id, sku, quantity: 1 });
    if (!enough) return;
    for (const row of rows) {
      row.committed += 1;
      em.create(Movement, { sku: row.sku, delta: 1, orderId: job.id });
    }
  });
}
