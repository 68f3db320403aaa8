// SQL of room 3, reading: locks the products, then loads everything the rules can need. The only file that takes row locks.

import type { Hold, ItemState, Level, LineState, PlaceKind } from '@stockroom/core';
import { quantityFromSql } from '@stockroom/core';
import type { Sql } from '../sql.ts';
import { statement } from '../sql.ts';
import { orderLineColumns, orderLineFrom, type RawOrderLine } from './order-line-row.ts';

export interface ProductRow {
  readonly productId: number;
  readonly name: string;
  readonly published: boolean;
  readonly discontinued: boolean;
  readonly decimals: number;
  /** Sparse settings as stored; null = inherits everything. */
  readonly settings: unknown;
}

// NO KEY UPDATE: nobody deletes a product row, and foreign keys of the catalog must not wait for a settlement.
const lockProductsStatement = statement(
  'settle_lock_products',
  `select id, name, published, discontinued, decimals, settings
     from stockroom.product where id = any($1::bigint[]) order by id for no key update`,
);

/** Locks products in id order until the transaction ends. Everything else of a settlement happens under these locks. */
export async function lockProducts(
  sql: Sql,
  productIds: readonly number[],
): Promise<ReadonlyMap<number, ProductRow>> {
  const rows = await sql.query<{
    id: string;
    name: string;
    published: boolean;
    discontinued: boolean;
    decimals: number;
    settings: unknown;
  }>(lockProductsStatement, [productIds]);
  return new Map(
    rows.map((row) => [
      Number(row.id),
      {
        productId: Number(row.id),
        name: row.name,
        published: row.published,
        discontinued: row.discontinued,
        decimals: row.decimals,
        settings: row.settings,
      },
    ]),
  );
}

const orderSelect = `select id, store_id, reference, state, product_ids, customer_email, customer_name
     from stockroom.shop_order where id = any($1::bigint[]) order by id`;

const lockOrdersStatement = statement('settle_lock_orders', `${orderSelect} for no key update`);
const readOrdersStatement = statement('settle_read_orders', orderSelect);

export interface OrderFacts {
  readonly orderId: number;
  readonly storeId: number;
  readonly reference: string;
  readonly state: string;
  readonly productIds: readonly number[];
  readonly customerEmail: string | null;
  readonly customerName: string | null;
}

interface RawOrder {
  id: string;
  store_id: number;
  reference: string;
  state: string;
  product_ids: string[];
  customer_email: string | null;
  customer_name: string | null;
}

/** Locks orders in id order; always after the products. */
export async function lockOrders(
  sql: Sql,
  orderIds: readonly number[],
): Promise<ReadonlyMap<number, OrderFacts>> {
  return ordersById(await sql.query<RawOrder>(lockOrdersStatement, [orderIds]));
}

/** The same without a lock. */
export async function readOrders(
  sql: Sql,
  orderIds: readonly number[],
): Promise<ReadonlyMap<number, OrderFacts>> {
  return ordersById(await sql.query<RawOrder>(readOrdersStatement, [orderIds]));
}

function ordersById(rows: readonly RawOrder[]): ReadonlyMap<number, OrderFacts> {
  return new Map(
    rows.map((row) => [
      Number(row.id),
      {
        orderId: Number(row.id),
        storeId: row.store_id,
        reference: row.reference,
        state: row.state,
        productIds: row.product_ids.map(Number),
        customerEmail: row.customer_email,
        customerName: row.customer_name,
      },
    ]),
  );
}

const lockPlaceholdersStatement = statement(
  'receive_lock_orders',
  `select id, placed, product_ids from stockroom.shop_order where id = any($1::bigint[]) order by id for no key update`,
);

/** Locks orders for room 1, where an order is being placed or grows; it holds no product lock, so the order of locks stays products, orders. */
export async function lockOrdersForReceive(
  sql: Sql,
  orderIds: readonly number[],
): Promise<ReadonlyMap<number, { readonly placed: boolean; readonly productIds: readonly number[] }>> {
  const rows = await sql.query<{ id: string; placed: boolean; product_ids: string[] }>(
    lockPlaceholdersStatement,
    [orderIds],
  );
  return new Map(
    rows.map((row) => [Number(row.id), { placed: row.placed, productIds: row.product_ids.map(Number) }]),
  );
}

const itemsStatement = statement(
  'settle_items',
  `select i.id, i.product_id, i.sku, i.settings, l.location_id, l.kind, l.on_hand, l.unavailable, l.committed, l.held, l.incoming,
          l.sequence, l.low_fired
     from stockroom.stock_item i left join stockroom.stock_level l on l.stock_item_id = i.id
    where i.product_id = any($1::bigint[])`,
);

const holdsStatement = statement(
  'settle_holds',
  `select h.hold_ref, h.stock_item_id, h.store_id, h.quantity, extract(epoch from h.expires_at) * 1000 as expires_at
     from stockroom.stock_hold h join stockroom.stock_item i on i.id = h.stock_item_id
    where i.product_id = any($1::bigint[])`,
);

interface RawItem {
  id: string;
  product_id: string;
  sku: string;
  settings: unknown;
  location_id: number | null;
  kind: PlaceKind;
  on_hand: string;
  unavailable: string;
  committed: string;
  held: string;
  incoming: string;
  sequence: string;
  low_fired: boolean;
}

function levelFromRow(row: RawItem, placeId: number): Level {
  return {
    placeId,
    kind: row.kind,
    onHand: quantityFromSql(row.on_hand),
    unavailable: quantityFromSql(row.unavailable),
    committed: quantityFromSql(row.committed),
    held: quantityFromSql(row.held),
    incoming: quantityFromSql(row.incoming),
    sequence: Number(row.sequence),
    lowFired: row.low_fired,
  };
}

/** A stock item and its own sparse settings. */
export interface LoadedItem {
  readonly item: ItemState;
  readonly settings: unknown;
}

/**
 * Every stock item of these products with its levels and holds.
 * @param locking the products' rows, whose lock was asked for before on this connection: it need not have been answered yet
 */
export async function loadItems(
  sql: Sql,
  productIds: readonly number[],
  locking: Promise<ReadonlyMap<number, ProductRow>>,
): Promise<ReadonlyMap<number, LoadedItem>> {
  const [products, rows, holdRows] = await Promise.all([
    locking,
    sql.query<RawItem>(itemsStatement, [productIds]),
    sql.query<{
      hold_ref: string;
      stock_item_id: string;
      store_id: number;
      quantity: string;
      expires_at: string;
    }>(holdsStatement, [productIds]),
  ]);
  const holds = new Map<number, Hold[]>();
  for (const row of holdRows) {
    const itemId = Number(row.stock_item_id);
    const hold: Hold = {
      holdRef: row.hold_ref,
      itemId,
      storeId: row.store_id,
      quantity: quantityFromSql(row.quantity),
      expiresAt: Math.round(Number(row.expires_at)),
    };
    const known = holds.get(itemId);
    if (known === undefined) holds.set(itemId, [hold]);
    else known.push(hold);
  }
  const levels = new Map<number, Level[]>();
  const items = new Map<number, LoadedItem>();
  for (const row of rows) {
    const itemId = Number(row.id);
    let itemLevels = levels.get(itemId);
    if (itemLevels === undefined) {
      const productId = Number(row.product_id);
      const product = products.get(productId);
      if (product === undefined) continue;
      itemLevels = [];
      levels.set(itemId, itemLevels);
      items.set(itemId, {
        settings: row.settings,
        item: {
          itemId,
          productId,
          sku: row.sku,
          decimals: product.decimals,
          published: product.published,
          discontinued: product.discontinued,
          levels: itemLevels,
          holds: holds.get(itemId) ?? [],
        },
      });
    }
    if (row.location_id !== null) itemLevels.push(levelFromRow(row, row.location_id));
  }
  return items;
}

const linesStatement = statement(
  'settle_lines',
  `select ${orderLineColumns} from stockroom.order_line where order_id = any($1::bigint[]) order by order_id, line_no`,
);

const waitingLinesStatement = statement(
  'settle_waiting_lines',
  `select ${orderLineColumns} from stockroom.order_line
    where stock_item_id = any($1::bigint[]) and backordered > 0 order by stock_item_id, placed_at, order_id, line_no`,
);

/** Every line of some orders, also those on products that are not locked (read only). */
export async function loadLines(sql: Sql, orderIds: readonly number[]): Promise<readonly LineState[]> {
  return (await sql.query<RawOrderLine>(linesStatement, [orderIds])).map(orderLineFrom);
}

/** Open backordered lines of some stock items, oldest first per item. */
export async function loadWaitingLines(sql: Sql, itemIds: readonly number[]): Promise<readonly LineState[]> {
  return (await sql.query<RawOrderLine>(waitingLinesStatement, [itemIds])).map(orderLineFrom);
}

export interface OpenOutcome {
  readonly eventSeq: number;
  readonly partsOpen: number;
  readonly body: unknown;
}

const outcomesStatement = statement(
  'settle_outcomes',
  `select event_seq, parts_open, body from stockroom.outcome where event_seq = any($1::bigint[])`,
);

/** The outcomes, as far as they have grown, of events that touch several products. */
export async function loadOutcomes(
  sql: Sql,
  eventSeqs: readonly number[],
): Promise<ReadonlyMap<number, OpenOutcome>> {
  const rows = await sql.query<{ event_seq: string; parts_open: number; body: unknown }>(outcomesStatement, [
    eventSeqs,
  ]);
  return new Map(
    rows.map((row) => [
      Number(row.event_seq),
      { eventSeq: Number(row.event_seq), partsOpen: row.parts_open, body: row.body },
    ]),
  );
}

const onHandAtStatement = statement(
  'settle_on_hand_at',
  `select u.n, coalesce(m.balance_after, 0) as on_hand
     from unnest($1::bigint[], $2::int[], $3::timestamptz[]) with ordinality as u(item, place, as_of, n)
     left join lateral (
       select balance_after from stockroom.movement
        where stock_item_id = u.item and location_id = u.place and bucket = 'on_hand' and at <= u.as_of
        order by sequence desc limit 1) m on true`,
);

/** What the ledger says was on hand at a time, for counts: one answer per question, in order. */
export async function loadOnHandAt(
  sql: Sql,
  questions: readonly { readonly itemId: number; readonly placeId: number; readonly asOf: number }[],
): Promise<readonly LineState['requested'][]> {
  const rows = await sql.query<{ n: string; on_hand: string }>(onHandAtStatement, [
    questions.map((question) => question.itemId),
    questions.map((question) => question.placeId),
    questions.map((question) => new Date(question.asOf).toISOString()),
  ]);
  const answers = new Array<LineState['requested']>(questions.length);
  for (const row of rows) answers[Number(row.n) - 1] = quantityFromSql(row.on_hand);
  return answers;
}
