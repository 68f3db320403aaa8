// Many products at once, with opening stock that is booked in the ledger like any other: set-based, for seeds and imports.

import { createHash, randomUUID } from 'node:crypto';
import { EngineError } from '@stockroom/contracts';
import { type Quantity, zero } from '@stockroom/core';
import type { Database } from '../connect.ts';
import { openLevels } from '../hot/levels.ts';
import { type SettingValues, withChanges } from '../settings-values.ts';
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
// While one waits for the disk another works; more would only take turns.
const lanesMax = 2;

/**
 * Creates products, stock items and levels, and books opening stock as `receive` movements of one event per 10,000 products. Each of
 * these chunks is a transaction; after a failure a repeat skips what is there and goes on.
 * @throws EngineError, `unknown_location` and `invalid_input` among them.
 */
export async function seedCatalog(db: Database, options: SeedOptions): Promise<Seeded> {
  const run = randomUUID();
  const chunks = chunked(options.products);
  let created = 0;
  let seen = 0;
  let part = 0;
  // The lanes share one iterator: each takes the next chunk as soon as it is done with its last.
  async function seedLane(): Promise<void> {
    for (const chunk of chunks) {
      part += 1;
      const createdNow = await seedPatiently(db, chunk, `seed:${run}:${part}`, options);
      created += createdNow;
      seen += chunk.length;
      options.log?.(`${seen} products seeded`);
    }
  }
  const lanes = await Promise.allSettled(Array.from({ length: lanesMax }, seedLane));
  for (const lane of lanes) if (lane.status === 'rejected') throw lane.reason;
  // The planner knows nothing of the new rows until somebody counts them, and the first orders come at once.
  if (created >= 1000) await analyze(db);
  return { created, skipped: seen - created };
}

// Somebody else may create one of the SKUs between our looking and our inserting: then it is there, and skipped, the next time.
async function seedPatiently(
  db: Database,
  chunk: readonly SeedProduct[],
  eventId: string,
  options: SeedOptions,
): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await db.transaction((sql) => seedChunk(sql, chunk, eventId, options));
    } catch (error) {
      if (!(error instanceof EngineError) || error.code !== 'unique_violation' || attempt === 5) throw error;
    }
  }
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

// Looking up 10,000 SKUs by index costs the same however many there are; a hash join would read all products for each chunk.
const plainLookups = statement(
  'seed_plain_lookups',
  `select set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)`,
);

// Ids are drawn first, and SKUs that exist are left out first: nothing has to be joined back. The planner takes the arrays for ten rows,
// and a join of two of these lists would be a loop in a loop.
const insertProducts = statement(
  'seed_products',
  `with made as materialized (
     select nextval('stockroom.product_id_seq') as product_id, nextval('stockroom.stock_item_id_seq') as item_id, u.*
       from (select distinct on (sku) * from unnest($1::text[], $2::text[], $3::smallint[], $4::text[])
               with ordinality as u(sku, name, decimals, settings, n) order by sku, n) u
      where not exists (select 1 from stockroom.stock_item i where i.sku = u.sku)
        and not exists (select 1 from stockroom.product p where p.sku = u.sku)),
   products as (
     insert into stockroom.product (id, sku, name, decimals, settings) overriding system value
     select product_id, sku, name, decimals, settings::jsonb from made),
   items as (
     insert into stockroom.stock_item (id, product_id, sku) overriding system value
     select item_id, product_id, sku from made)
   select coalesce(array_agg(item_id::text), '{}') as items, coalesce(array_agg(n::int), '{}') as positions from made`,
);

const findLocation = statement(
  'seed_location',
  `select id from stockroom.location where code = $1 and kind = 'location'`,
);

async function seedChunk(
  sql: Sql,
  chunk: readonly SeedProduct[],
  eventId: string,
  options: SeedOptions,
): Promise<number> {
  const location = options.location ?? 'main';
  for (const product of chunk) assertSeedable(product);
  const [place] = await sql.query<{ id: number }>(findLocation, [location]);
  if (place === undefined) {
    throw new EngineError('unknown_location', `there is no location "${location}" to put opening stock at`, {
      retry: 'never',
    });
  }
  await sql.query(plainLookups, []);
  const body = JSON.stringify({ location, products: chunk.length, type: 'catalog.seed' });
  const hash = createHash('sha256').update(body).digest();
  const [event] = await sql.query<{ seq: string }>(insertEvent, [eventId, body, hash, options.actor ?? null]);
  const [made] = await sql.query<{ items: string[]; positions: number[] }>(insertProducts, [
    chunk.map((product) => product.sku),
    chunk.map((product) => product.name),
    chunk.map((product) => product.decimals ?? 0),
    chunk.map((product) => (product.settings === undefined ? null : JSON.stringify(product.settings))),
  ]);
  const items = (made?.items ?? []).map((itemId, index) => ({
    itemId: Number(itemId),
    onHand: chunk[(made?.positions[index] ?? 0) - 1]?.onHand ?? zero,
  }));
  await openLevels(sql, items, { locationId: place.id, eventSeq: Number(event?.seq) });
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
  return items.length;
}

function assertSeedable(product: SeedProduct): void {
  const settings = withChanges(null, product.settings ?? {});
  const problem = settings.ok
    ? product.onHand < 0
      ? 'onHand must not be negative'
      : null
    : settings.message;
  if (problem === null) return;
  throw new EngineError('invalid_input', `product ${product.sku}: ${problem}`, { retry: 'never' });
}

const analyzed = ['product', 'stock_item', 'stock_level', 'movement'];

async function analyze(db: Database): Promise<void> {
  for (const table of analyzed) await db.read.query(statement('', `analyze stockroom.${table}`), []);
}
