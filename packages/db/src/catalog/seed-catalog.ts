// Many products at once, with opening stock that is booked in the ledger like any other: set-based, for seeds and imports.

import { createHash, randomUUID } from 'node:crypto';
import { EngineError } from '@stockroom/contracts';
import { type Quantity, sqlFromQuantity } from '@stockroom/core';
import type { Database } from '../connect.ts';
import type { SettingValues } from '../settings-values.ts';
import { type Sql, statement } from '../sql.ts';

export interface SeedProduct {
  readonly sku: string;
  readonly name: string;
  /** Opening stock; zero books nothing. */
  readonly onHand: Quantity;
  readonly decimals?: number;
  readonly settings?: SettingValues;
}

export interface SeedOptions {
  readonly products: Iterable<SeedProduct>;
  /** Code of the location the opening stock lies at. */
  readonly location?: string;
  readonly actor?: string;
  readonly log?: (line: string) => void;
}

export interface Seeded {
  readonly created: number;
  /** Products whose SKU was there already; nothing of them was changed. */
  readonly skipped: number;
}

// Big enough that a round trip costs nothing, small enough that locks, memory and the write-ahead log stay small.
const chunkSize = 10_000;

/**
 * Creates products, stock items and levels, and books opening stock as `receive` movements of one event per 10,000 products. Each of
 * these chunks is a transaction; after a failure a repeat skips what is there and goes on.
 * @throws EngineError, `unknown_location` among them.
 */
export async function seedCatalog(db: Database, options: SeedOptions): Promise<Seeded> {
  const run = randomUUID();
  let created = 0;
  let seen = 0;
  let part = 0;
  for (const chunk of chunked(options.products)) {
    part += 1;
    created += await db.transaction((sql) => seedChunk(sql, chunk, `seed:${run}:${part}`, options));
    seen += chunk.length;
    options.log?.(`${seen} products seeded`);
  }
  // The planner knows nothing of the new rows until somebody counts them, and the first orders come at once.
  if (created >= 1000) await analyze(db);
  return { created, skipped: seen - created };
}

function* chunked(products: Iterable<SeedProduct>): Generator<readonly SeedProduct[]> {
  let chunk: SeedProduct[] = [];
  for (const product of products) {
    chunk.push(product);
    if (chunk.length < chunkSize) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

const insertEvent = statement(
  'seed_event',
  `insert into stockroom.event (id, type, body, body_hash, at, source, actor)
   values ($1, 'catalog.seed', $2::jsonb, $3, now(), 'cli', $4) returning seq`,
);

const insertOutcome = statement(
  'seed_outcome',
  `insert into stockroom.outcome (event_seq, parts_open, body) values ($1, 0, $2::jsonb)`,
);

// Ids are drawn first, so that nothing has to be joined back by SKU.
const insertProducts = statement(
  'seed_products',
  `with asked as materialized (
     select nextval(pg_get_serial_sequence('stockroom.product', 'id')) as product_id,
            nextval(pg_get_serial_sequence('stockroom.stock_item', 'id')) as item_id, u.*
       from (select distinct on (sku) * from unnest($1::text[], $2::text[], $3::numeric[], $4::smallint[], $5::text[])
               as u(sku, name, on_hand, decimals, settings) order by sku) u
      where not exists (select 1 from stockroom.stock_item i where i.sku = u.sku)),
   products as (
     insert into stockroom.product (id, sku, name, decimals, settings) overriding system value
     select product_id, sku, name, decimals, settings::jsonb from asked
     on conflict (sku) do nothing returning id),
   made as materialized (select asked.* from asked join products on products.id = asked.product_id),
   items as (
     insert into stockroom.stock_item (id, product_id, sku) overriding system value
     select item_id, product_id, sku from made),
   places as materialized (
     select l.id, l.kind, l.code = $6 and l.kind = 'location' as opening from stockroom.location l
      where (l.code = $6 and l.kind = 'location') or exists (select 1 from stockroom.store s where s.pool_id = l.id)
         or exists (select 1 from stockroom.store_location sl where sl.location_id = l.id)),
   levels as (
     insert into stockroom.stock_level (stock_item_id, location_id, kind, on_hand, sequence)
     select made.item_id, places.id, places.kind, case when places.opening then made.on_hand else 0 end,
            case when places.opening and made.on_hand <> 0 then 1 else 0 end
       from made cross join places),
   movements as (
     insert into stockroom.movement (stock_item_id, location_id, sequence, bucket, delta, balance_after, kind, event_seq)
     select made.item_id, places.id, 1, 'on_hand', made.on_hand, made.on_hand, 'receive', $7
       from made join places on places.opening where made.on_hand <> 0)
   select count(*)::int as created, (select count(*)::int from places where opening) as opening_places from made`,
);

async function seedChunk(
  sql: Sql,
  chunk: readonly SeedProduct[],
  eventId: string,
  options: SeedOptions,
): Promise<number> {
  const location = options.location ?? 'main';
  const body = JSON.stringify({ location, products: chunk.length, type: 'catalog.seed' });
  const hash = createHash('sha256').update(body).digest();
  const [event] = await sql.query<{ seq: string }>(insertEvent, [eventId, body, hash, options.actor ?? null]);
  const [result] = await sql.query<{ created: number; opening_places: number }>(insertProducts, [
    chunk.map((product) => product.sku),
    chunk.map((product) => product.name),
    chunk.map((product) => sqlFromQuantity(product.onHand)),
    chunk.map((product) => product.decimals ?? 0),
    chunk.map((product) => (product.settings === undefined ? null : JSON.stringify(product.settings))),
    location,
    event?.seq,
  ]);
  if (result?.opening_places !== 1) {
    throw new EngineError('unknown_location', `there is no location "${location}" to put opening stock at`, {
      retry: 'never',
    });
  }
  await sql.query(insertOutcome, [
    event?.seq,
    JSON.stringify({
      eventId,
      type: 'catalog.seed',
      status: 'applied',
      lines: [],
      settledAt: new Date().toISOString(),
    }),
  ]);
  return result.created;
}

const analyzed = ['product', 'stock_item', 'stock_level', 'movement'];

async function analyze(db: Database): Promise<void> {
  for (const table of analyzed) await db.read.query(statement('', `analyze stockroom.${table}`), []);
}
