// SQL of room 3, reading: everything the rules can need, under the locks of `lock.ts`.

import type { Hold, ItemState, Level, LineState } from '@stockroom/core';
import { quantityFromSql } from '@stockroom/core';
import type { Sql } from '../sql.ts';
import { statement } from '../sql.ts';
import { levelFrom, type RawLevel } from './level-row.ts';
import type { ProductRow } from './lock.ts';
import { orderLineColumns, orderLineFrom, type RawOrderLine } from './order-line-row.ts';

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

/** An item at one place; without any place the columns of the level are null. */
type RawItem = Omit<RawLevel, 'place'> & {
  id: string;
  product_id: string;
  sku: string;
  settings: unknown;
  location_id: number | null;
};

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
    if (row.location_id !== null) itemLevels.push(levelFrom({ ...row, place: row.location_id }));
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
