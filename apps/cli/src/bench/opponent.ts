// The strongest fair opponent: a table as queue that is fetched in batches, and one plain-SQL transaction per order.

import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { CompetitorRun } from './naive.ts';
import type { BenchServers } from './servers.ts';
import { openingStock, ordersOf, type Profile, skuOf } from './workload.ts';

const schema = `
  create table stock (sku text primary key, on_hand int not null, committed int not null default 0) with (fillfactor = 60);
  create table shop_order (id text primary key, state text not null);
  create table order_line (order_id text not null, sku text not null, quantity int not null, primary key (order_id, sku));
  create table movement (id bigint generated always as identity primary key, sku text not null, delta int not null, order_id text not null);
  create table job (id bigint generated always as identity primary key, order_id text not null, skus text[] not null);`;

/** One statement, so one round trip and one transaction: check and commit, the order, its lines, the ledger. Rows are locked in SKU order. */
const placeOrder = {
  name: 'place_order',
  text: `with wanted as (select sku from stock where sku = any($2::text[]) and on_hand - committed >= 1 order by sku for update),
              ok as (select count(*) = cardinality($2::text[]) as enough from wanted),
              made as (insert into shop_order (id, state) select $1, case when enough then 'accepted' else 'rejected' end from ok
                       on conflict do nothing returning state = 'accepted' as accepted),
              taken as (update stock set committed = committed + 1
                         where sku = any($2::text[]) and exists (select from made where accepted) returning sku),
              lines as (insert into order_line (order_id, sku, quantity) select $1, unnest($2::text[]), 1 from made)
         insert into movement (sku, delta, order_id) select sku, 1, $1 from taken`,
};

const fetchJobs = {
  name: 'fetch_jobs',
  text: `delete from job where id in (select id from job order by id limit $1 for update skip locked) returning order_id, skus`,
};

const connections = 16;
const batch = 200;

/**
 * Its queue is cheaper than ours (it forgets a batch of jobs if the process dies between fetch and work, and costs one statement per 200 jobs),
 * so what separates us is one commit per order against one per batch.
 */
export async function runOpponent(servers: BenchServers, profile: Profile): Promise<CompetitorRun> {
  const url = await servers.createDatabase(`opponent_${randomUUID().slice(0, 8)}`);
  const pool = new pg.Pool({ connectionString: url, max: connections });
  try {
    await pool.query(schema);
    await pool.query(
      `insert into stock (sku, on_hand) select $1::text || n, $2::int from generate_series(0, $3::int - 1) n`,
      [skuOf(0).slice(0, -1), openingStock, profile.products],
    );
    await pool.query('analyze stock');
    const started = performance.now();
    let produced = false;
    const producer = produce(pool, profile).then(() => {
      produced = true;
    });
    let done = 0;
    const work = async () => {
      while (done < profile.orders) {
        const wasProduced = produced;
        const { rows } = await pool.query<{ order_id: string; skus: string[] }>({
          ...fetchJobs,
          values: [batch],
        });
        if (rows.length === 0 && wasProduced) return;
        for (const row of rows) {
          await pool.query({ ...placeOrder, values: [row.order_id, row.skus] });
          done += 1;
        }
      }
    };
    await Promise.all([producer, ...Array.from({ length: connections - 1 }, work)]);
    const elapsedMs = performance.now() - started;
    if (done !== profile.orders) throw new Error(`the opponent did ${done} of ${profile.orders} orders`);
    return { orders: profile.orders, ordersPerSecond: Math.round((profile.orders / elapsedMs) * 1_000) };
  } finally {
    await pool.end();
  }
}

async function produce(pool: pg.Pool, profile: Profile): Promise<void> {
  const run = randomUUID().slice(0, 8);
  let orders: { id: string; skus: readonly string[] }[] = [];
  const flush = async () => {
    await pool.query(
      `insert into job (order_id, skus) select x->>'id', array(select jsonb_array_elements_text(x->'skus')) from jsonb_array_elements($1::jsonb) x`,
      [JSON.stringify(orders)],
    );
    orders = [];
  };
  let n = 0;
  for (const skus of ordersOf(profile)) {
    orders.push({ id: `${run}-${n}`, skus });
    n += 1;
    if (orders.length === 1_000) await flush();
  }
  if (orders.length > 0) await flush();
}
