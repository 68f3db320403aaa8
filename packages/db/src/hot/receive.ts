// SQL of room 1: record events once, create or find their orders, fill the mailboxes. Set-based, whatever the batch size.

import type { Sql } from '../sql.ts';
import { jsonArray, statement } from '../sql.ts';

/** An event ready to be recorded. */
export interface EventRow {
  readonly id: string;
  readonly type: string;
  readonly storeId: number | null;
  readonly orderId: number | null;
  /** The event as JSON text. */
  readonly body: string;
  /** SHA-256 of the canonical body. */
  readonly bodyHash: Buffer;
  readonly at: string;
  readonly source: string;
  readonly actor: string | null;
  /** True when its order has not been placed yet: it waits without commands. */
  readonly early: boolean;
  readonly reply: boolean;
}

export interface KnownEvent {
  readonly id: string;
  readonly bodyHash: Buffer;
}

const knownEventsStatement = statement(
  'receive_known_events',
  `select id, body_hash as "bodyHash" from stockroom.event where id = any($1::text[])`,
);

/** Events of these ids that were accepted before. */
export function knownEvents(sql: Sql, ids: readonly string[]): Promise<readonly KnownEvent[]> {
  return sql.query<KnownEvent>(knownEventsStatement, [ids]);
}

const insertEventsStatement = statement(
  'receive_insert_events',
  `insert into stockroom.event (id, type, store_id, order_id, body, body_hash, at, source, actor, state, reply)
   select u.id, u.type, u.store_id, u.order_id, u.body, u.body_hash, u.at, u.source, u.actor, u.state, u.reply
     from rows from (unnest($1::text[]), unnest($2::text[]), unnest($3::int[]), unnest($4::bigint[]), jsonb_array_elements($5::jsonb),
                     unnest($6::bytea[]), unnest($7::timestamptz[]), unnest($8::text[]), unnest($9::text[]), unnest($10::smallint[]),
                     unnest($11::boolean[]))
          with ordinality as u(id, type, store_id, order_id, body, body_hash, at, source, actor, state, reply, n)
    order by u.n
   on conflict (id) do nothing
   returning id, seq`,
);

/**
 * Records events, in the order given (sort by id to keep concurrent receivers from waiting in a circle).
 * @returns the sequence of each event recorded; an id that is missing was recorded by somebody else meanwhile.
 */
export async function insertEvents(sql: Sql, rows: readonly EventRow[]): Promise<Map<string, number>> {
  const inserted = await sql.query<{ id: string; seq: string }>(insertEventsStatement, [
    rows.map((row) => row.id),
    rows.map((row) => row.type),
    rows.map((row) => row.storeId),
    rows.map((row) => row.orderId),
    jsonArray(rows.map((row) => row.body)),
    rows.map((row) => row.bodyHash),
    rows.map((row) => row.at),
    rows.map((row) => row.source),
    rows.map((row) => row.actor),
    rows.map((row) => (row.early ? 1 : 0)),
    rows.map((row) => row.reply),
  ]);
  return new Map(inserted.map((row) => [row.id, Number(row.seq)]));
}

export interface SkuRow {
  readonly sku: string;
  readonly itemId: number;
  readonly productId: number;
}

const resolveSkusStatement = statement(
  'receive_resolve_skus',
  `select sku, id, product_id from stockroom.stock_item where sku = any($1::text[])`,
);

/** Which stock item and product each SKU names. Unknown SKUs are simply missing. */
export async function resolveSkus(sql: Sql, skus: readonly string[]): Promise<Map<string, SkuRow>> {
  const rows = await sql.query<{ sku: string; id: string; product_id: string }>(resolveSkusStatement, [skus]);
  return new Map(
    rows.map((row) => [row.sku, { sku: row.sku, itemId: Number(row.id), productId: Number(row.product_id) }]),
  );
}

export interface OrderRow {
  readonly orderId: number;
  readonly storeId: number;
  readonly reference: string;
  readonly placed: boolean;
  readonly productIds: readonly number[];
}

interface RawOrder {
  id: string;
  store_id: number;
  reference: string;
  placed: boolean;
  product_ids: string[];
}

function orderFromRow(row: RawOrder): OrderRow {
  return {
    orderId: Number(row.id),
    storeId: row.store_id,
    reference: row.reference,
    placed: row.placed,
    productIds: row.product_ids.map(Number),
  };
}

const findOrdersStatement = statement(
  'receive_find_orders',
  `select o.id, o.store_id, o.reference, o.placed, o.product_ids
     from unnest($1::int[], $2::text[]) as u(store_id, reference)
     join stockroom.shop_order o on o.store_id = u.store_id and o.reference = u.reference`,
);

/** Orders known by store and reference, without a lock. */
export async function findOrders(
  sql: Sql,
  keys: readonly { readonly storeId: number; readonly reference: string }[],
): Promise<readonly OrderRow[]> {
  const rows = await sql.query<RawOrder>(findOrdersStatement, [
    keys.map((key) => key.storeId),
    keys.map((key) => key.reference),
  ]);
  return rows.map(orderFromRow);
}

/** A new order, or the placeholder of one whose events came before it was placed. */
export interface NewOrder {
  readonly storeId: number;
  readonly reference: string;
  readonly placed: boolean;
  readonly productIds: readonly number[];
  readonly customerEmail: string | null;
  readonly customerName: string | null;
  readonly placedAt: string | null;
}

const insertOrdersStatement = statement(
  'receive_insert_orders',
  `insert into stockroom.shop_order (store_id, reference, placed, state, product_ids, customer_email, customer_name, placed_at)
   select u.store_id, u.reference, u.placed, 'pending', u.product_ids::bigint[], u.email, u.name, u.placed_at
     from unnest($1::int[], $2::text[], $3::boolean[], $4::text[], $5::text[], $6::text[], $7::timestamptz[])
          with ordinality as u(store_id, reference, placed, product_ids, email, name, placed_at, n)
    order by u.n
   on conflict (store_id, reference) do nothing
   returning id, store_id, reference, placed, product_ids`,
);

/** Creates orders in the order given (sort by store and reference). Those that exist already are missing from the result. */
export async function insertOrders(sql: Sql, orders: readonly NewOrder[]): Promise<readonly OrderRow[]> {
  const rows = await sql.query<RawOrder>(insertOrdersStatement, [
    orders.map((order) => order.storeId),
    orders.map((order) => order.reference),
    orders.map((order) => order.placed),
    orders.map((order) => `{${order.productIds.join(',')}}`),
    orders.map((order) => order.customerEmail),
    orders.map((order) => order.customerName),
    orders.map((order) => order.placedAt),
  ]);
  return rows.map(orderFromRow);
}

/** An order that is placed now, or gains products by an amendment. */
export interface OrderGrowth {
  readonly orderId: number;
  readonly productIds: readonly number[];
  /** Set when the order is placed by this event. */
  readonly placed: {
    readonly at: string;
    readonly email: string | null;
    readonly name: string | null;
  } | null;
}

const growOrdersStatement = statement(
  'receive_grow_orders',
  `update stockroom.shop_order o
      set product_ids = u.product_ids::bigint[],
          placed = o.placed or u.is_placed,
          placed_at = coalesce(o.placed_at, u.placed_at),
          customer_email = coalesce(o.customer_email, u.email),
          customer_name = coalesce(o.customer_name, u.name)
     from unnest($1::bigint[], $2::text[], $3::boolean[], $4::timestamptz[], $5::text[], $6::text[])
          as u(id, product_ids, is_placed, placed_at, email, name)
    where o.id = u.id`,
);

/** Marks orders as placed or adds products to them. The rows must be locked already. */
export async function growOrders(sql: Sql, orders: readonly OrderGrowth[]): Promise<void> {
  await sql.query(growOrdersStatement, [
    orders.map((order) => order.orderId),
    orders.map((order) => `{${order.productIds.join(',')}}`),
    orders.map((order) => order.placed !== null),
    orders.map((order) => order.placed?.at ?? null),
    orders.map((order) => order.placed?.email ?? null),
    orders.map((order) => order.placed?.name ?? null),
  ]);
}

export interface EarlyEvent {
  readonly seq: number;
  readonly orderId: number;
  readonly body: unknown;
}

const releaseEarlyStatement = statement(
  'receive_release_early',
  `update stockroom.event set state = 0 where order_id = any($1::bigint[]) and state = 1 returning seq, order_id, body`,
);

/** Takes the events that waited for these orders to be placed. */
export async function releaseEarlyEvents(
  sql: Sql,
  orderIds: readonly number[],
): Promise<readonly EarlyEvent[]> {
  const rows = await sql.query<{ seq: string; order_id: string; body: unknown }>(releaseEarlyStatement, [
    orderIds,
  ]);
  return rows.map((row) => ({ seq: Number(row.seq), orderId: Number(row.order_id), body: row.body }));
}

export interface RefusedRow {
  readonly eventId: string | null;
  readonly code: string;
  readonly field: string | null;
  readonly message: string;
  /** JSON text of what came in. */
  readonly body: string;
  readonly source: string;
}

const insertRefusedStatement = statement(
  'receive_insert_refused',
  `insert into stockroom.refused_event (event_id, code, field, message, body, source)
   select event_id, code, field, message, body::jsonb, source
     from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
          as u(event_id, code, field, message, body, source)`,
);

/** Keeps what could not be accepted, so that nothing is lost. */
export async function insertRefused(sql: Sql, rows: readonly RefusedRow[]): Promise<void> {
  await sql.query(insertRefusedStatement, [
    rows.map((row) => row.eventId),
    rows.map((row) => row.code),
    rows.map((row) => row.field),
    rows.map((row) => row.message),
    rows.map((row) => row.body),
    rows.map((row) => row.source),
  ]);
}
