// SQL of room 3, writing: ledger, lines, holds, orders and outcomes. Set-based, a handful of statements whatever the batch size.

import type { Entry, Hold, LineState } from '@stockroom/core';
import { sqlFromQuantity } from '@stockroom/core';
import type { Sql } from '../sql.ts';
import { jsonArray, statement } from '../sql.ts';
import type { ChangedItem } from './levels.ts';

const insertMovementsStatement = statement(
  'settle_insert_movements',
  `insert into stockroom.movement
     (stock_item_id, location_id, sequence, bucket, delta, balance_after, kind, event_seq, order_id, line_no, below_floor)
   select * from unnest($1::bigint[], $2::int[], $3::bigint[], $4::text[], $5::numeric[], $6::numeric[], $7::text[], $8::bigint[],
                        $9::bigint[], $10::int[], $11::boolean[])`,
);

/** A ledger entry and the event that caused it. */
export interface CausedEntry {
  readonly entry: Entry;
  readonly eventSeq: number;
}

/** Appends to the ledger. The key (item, place, sequence) makes a lost lock visible as an error instead of a wrong number. */
export async function insertMovements(sql: Sql, rows: readonly CausedEntry[]): Promise<void> {
  await sql.query(insertMovementsStatement, [
    rows.map(({ entry }) => entry.itemId),
    rows.map(({ entry }) => entry.placeId),
    rows.map(({ entry }) => entry.sequence),
    rows.map(({ entry }) => entry.bucket),
    rows.map(({ entry }) => sqlFromQuantity(entry.delta)),
    rows.map(({ entry }) => sqlFromQuantity(entry.balanceAfter)),
    rows.map(({ entry }) => entry.kind),
    rows.map(({ eventSeq }) => eventSeq),
    rows.map(({ entry }) => entry.orderId),
    rows.map(({ entry }) => entry.lineNo),
    rows.map(({ entry }) => entry.belowFloor),
  ]);
}

const lineColumns = `order_id, line_no, line_ref, sku, product_id, stock_item_id, store_id, status, reason, requested, from_stock, backordered,
      committed, shipped, released, returned, deducted, facts, placed_at`;

const lineSource = `select u.order_id, u.line_no, u.line_ref, u.sku, u.product_id, u.stock_item_id, u.store_id, u.status, u.reason, u.requested,
          u.from_stock, u.backordered, u.committed, u.shipped, u.released, u.returned, u.deducted::jsonb, u.facts::jsonb,
          to_timestamp(u.placed_at / 1000)
     from unnest($1::bigint[], $2::int[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::int[], $8::text[], $9::text[], $10::numeric[],
                 $11::numeric[], $12::numeric[], $13::numeric[], $14::numeric[], $15::numeric[], $16::numeric[], $17::text[], $18::text[],
                 $19::double precision[])
          as u(order_id, line_no, line_ref, sku, product_id, stock_item_id, store_id, status, reason, requested, from_stock, backordered,
               committed, shipped, released, returned, deducted, facts, placed_at)`;

const saveLinesStatement = statement(
  'settle_save_lines',
  `insert into stockroom.order_line (${lineColumns})
   ${lineSource}
   on conflict (order_id, line_no) do update
      set status = excluded.status, reason = excluded.reason, requested = excluded.requested, from_stock = excluded.from_stock,
          backordered = excluded.backordered, committed = excluded.committed, shipped = excluded.shipped, released = excluded.released,
          returned = excluded.returned, deducted = excluded.deducted, facts = excluded.facts`,
);

/** Writes order lines as they are now. */
export async function saveLines(sql: Sql, lines: readonly LineState[]): Promise<void> {
  await sql.query(saveLinesStatement, [
    lines.map((line) => line.orderId),
    lines.map((line) => line.lineNo),
    lines.map((line) => line.lineRef),
    lines.map((line) => line.sku),
    lines.map((line) => line.productId),
    lines.map((line) => line.itemId),
    lines.map((line) => line.storeId),
    lines.map((line) => line.status),
    lines.map((line) => line.reason),
    lines.map((line) => sqlFromQuantity(line.requested)),
    lines.map((line) => sqlFromQuantity(line.fromStock)),
    lines.map((line) => sqlFromQuantity(line.backordered)),
    lines.map((line) => sqlFromQuantity(line.committed)),
    lines.map((line) => sqlFromQuantity(line.shipped)),
    lines.map((line) => sqlFromQuantity(line.released)),
    lines.map((line) => sqlFromQuantity(line.returned)),
    lines.map((line) => (line.deducted.length === 0 ? null : JSON.stringify(line.deducted))),
    lines.map((line) => (line.facts.length === 0 ? null : JSON.stringify(line.facts))),
    lines.map((line) => line.placedAt),
  ]);
}

const deleteHoldsStatement = statement(
  'settle_delete_holds',
  `delete from stockroom.stock_hold h using unnest($1::bigint[], $2::int[], $3::text[]) as u(item, store, ref)
    where h.stock_item_id = u.item and h.store_id = u.store and h.hold_ref = u.ref`,
);

const saveHoldsStatement = statement(
  'settle_save_holds',
  `insert into stockroom.stock_hold (hold_ref, stock_item_id, store_id, quantity, expires_at)
   select u.ref, u.item, u.store, u.quantity, to_timestamp(u.expires_at / 1000)
     from unnest($1::text[], $2::bigint[], $3::int[], $4::numeric[], $5::double precision[]) as u(ref, item, store, quantity, expires_at)
   on conflict (stock_item_id, store_id, hold_ref) do update set quantity = excluded.quantity, expires_at = excluded.expires_at`,
);

function isSameHold(a: Hold, b: Hold): boolean {
  return a.storeId === b.storeId && a.holdRef === b.holdRef;
}

/** Writes the holds that differ. */
export async function saveHolds(sql: Sql, items: readonly ChangedItem[]): Promise<void> {
  const gone: Hold[] = [];
  const kept: Hold[] = [];
  for (const { before, after } of items) {
    if (before.holds === after.holds) continue;
    for (const hold of before.holds)
      if (!after.holds.some((other) => isSameHold(hold, other))) gone.push(hold);
    for (const hold of after.holds) if (!before.holds.includes(hold)) kept.push(hold);
  }
  if (gone.length > 0) {
    await sql.query(deleteHoldsStatement, [
      gone.map((hold) => hold.itemId),
      gone.map((hold) => hold.storeId),
      gone.map((hold) => hold.holdRef),
    ]);
  }
  if (kept.length > 0) {
    await sql.query(saveHoldsStatement, [
      kept.map((hold) => hold.holdRef),
      kept.map((hold) => hold.itemId),
      kept.map((hold) => hold.storeId),
      kept.map((hold) => sqlFromQuantity(hold.quantity)),
      kept.map((hold) => hold.expiresAt),
    ]);
  }
}

const updateOrdersStatement = statement(
  'settle_update_orders',
  `update stockroom.shop_order o set state = u.state from unnest($1::bigint[], $2::text[]) as u(id, state) where o.id = u.id`,
);

/** Writes the state of orders. */
export async function saveOrderStates(
  sql: Sql,
  orders: readonly { readonly orderId: number; readonly state: string }[],
): Promise<void> {
  await sql.query(updateOrdersStatement, [
    orders.map((order) => order.orderId),
    orders.map((order) => order.state),
  ]);
}

export interface OutcomeRow {
  readonly eventSeq: number;
  readonly orderId: number | null;
  /** Products that have not answered yet; 0 = settled. */
  readonly partsOpen: number;
  /** JSON text. */
  readonly body: string;
  /** The producer asked for it on the outcomes queue. */
  readonly replyDue: boolean;
}

const saveOutcomesStatement = statement(
  'settle_save_outcomes',
  `insert into stockroom.outcome (event_seq, order_id, parts_open, body, reply_due)
   select u.event_seq, u.order_id, u.parts_open, u.body, u.reply_due
     from rows from (unnest($1::bigint[]), unnest($2::bigint[]), unnest($3::smallint[]), jsonb_array_elements($4::jsonb), unnest($5::boolean[]))
          as u(event_seq, order_id, parts_open, body, reply_due)
   on conflict (event_seq) do update
      set parts_open = excluded.parts_open, body = excluded.body, reply_due = excluded.reply_due, settled_at = now()`,
);

/** Writes outcomes as far as they have grown. */
export async function saveOutcomes(sql: Sql, rows: readonly OutcomeRow[]): Promise<void> {
  await sql.query(saveOutcomesStatement, [
    rows.map((row) => row.eventSeq),
    rows.map((row) => row.orderId),
    rows.map((row) => row.partsOpen),
    jsonArray(rows.map((row) => row.body)),
    rows.map((row) => row.replyDue),
  ]);
}
