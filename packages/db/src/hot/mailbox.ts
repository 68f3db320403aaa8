// SQL of the mailboxes: the pending stock commands of each product, and the parked ones.

import { MAILBOX_SLOTS } from '@stockroom/contracts';
import type { Sql } from '../sql.ts';
import { jsonArray, statement } from '../sql.ts';

export function slotOf(productId: number): number {
  return productId % MAILBOX_SLOTS;
}

export interface CommandRow {
  readonly productId: number;
  readonly eventSeq: number;
  readonly orderId: number | null;
  /** How many products the event touches: so many parts make its outcome. 0 = has no outcome of its own. */
  readonly parts: number;
  /** JSON text. */
  readonly payload: string;
}

const insertCommandsStatement = statement(
  'mailbox_insert',
  `insert into stockroom.stock_command (slot, product_id, event_seq, order_id, parts, payload)
   select u.slot, u.product_id, u.event_seq, u.order_id, u.parts, u.payload
     from rows from (unnest($1::smallint[]), unnest($2::bigint[]), unnest($3::bigint[]), unnest($4::bigint[]), unnest($5::smallint[]),
                     jsonb_array_elements($6::jsonb))
          with ordinality as u(slot, product_id, event_seq, order_id, parts, payload, n)
    order by u.n`,
);

/** Puts commands into their products' mailboxes, in the order given. */
export async function insertCommands(sql: Sql, rows: readonly CommandRow[]): Promise<void> {
  await sql.query(insertCommandsStatement, [
    rows.map((row) => slotOf(row.productId)),
    rows.map((row) => row.productId),
    rows.map((row) => row.eventSeq),
    rows.map((row) => row.orderId),
    rows.map((row) => row.parts),
    jsonArray(rows.map((row) => row.payload)),
  ]);
}

export interface PendingCommand {
  readonly id: number;
  readonly productId: number;
}

const pendingStatement = statement(
  'mailbox_pending',
  `select id, product_id from stockroom.stock_command where slot = any($1::smallint[]) order by id limit $2`,
);

const pendingOfProductsStatement = statement(
  'mailbox_pending_products',
  `select id, product_id from stockroom.stock_command
    where slot = any($1::smallint[]) and product_id = any($3::bigint[]) order by id limit $2`,
);

/**
 * The oldest pending commands of some slots, without a lock.
 * @param productIds only these products; null = every product of the slots.
 */
export async function pendingCommands(
  sql: Sql,
  slots: readonly number[],
  productIds: readonly number[] | null,
  limit: number,
): Promise<readonly PendingCommand[]> {
  const rows = await (productIds === null
    ? sql.query<{ id: string; product_id: string }>(pendingStatement, [slots, limit])
    : sql.query<{ id: string; product_id: string }>(pendingOfProductsStatement, [slots, limit, productIds]));
  return rows.map((row) => ({ id: Number(row.id), productId: Number(row.product_id) }));
}

export interface TakenCommand<Payload> {
  readonly id: number;
  readonly productId: number;
  readonly eventSeq: number;
  readonly orderId: number | null;
  readonly parts: number;
  readonly payload: Payload;
}

const takeStatement = statement(
  'mailbox_take',
  `delete from stockroom.stock_command where id = any($1::bigint[])
   returning id, product_id, event_seq, order_id, parts, payload`,
);

/** Takes commands out of their mailboxes, oldest first. Call it under the products' locks; what is gone already is not returned. */
export async function takeCommands<Payload>(
  sql: Sql,
  ids: readonly number[],
): Promise<readonly TakenCommand<Payload>[]> {
  const rows = await sql.query<{
    id: string;
    product_id: string;
    event_seq: string;
    order_id: string | null;
    parts: number;
    payload: Payload;
  }>(takeStatement, [ids]);
  return rows
    .map((row) => ({
      id: Number(row.id),
      productId: Number(row.product_id),
      eventSeq: Number(row.event_seq),
      orderId: row.order_id === null ? null : Number(row.order_id),
      parts: row.parts,
      payload: row.payload,
    }))
    .sort((a, b) => a.id - b.id);
}

const parkStatement = statement(
  'mailbox_park',
  `with taken as (delete from stockroom.stock_command where id = any($1::bigint[]) returning *)
   insert into stockroom.parked_command (id, slot, product_id, event_seq, order_id, parts, payload, created_at, error, error_code)
   select id, slot, product_id, event_seq, order_id, parts, payload, created_at, $2, $3 from taken`,
);

/** Takes poison commands out of the way, with the error for a person to read. */
export async function parkCommands(
  sql: Sql,
  ids: readonly number[],
  error: string,
  code: string,
): Promise<void> {
  await sql.query(parkStatement, [ids, error, code]);
}

/** Why a command is parked that is not poison itself: the placing of its order on its product is. */
export const placingParked = 'placing_parked';

const parkedPlacingsStatement = statement(
  'mailbox_parked_placings',
  `select order_id, product_id from stockroom.parked_command
    where order_id = any($1::bigint[]) and payload ->> 'type' = 'order.placed'`,
);

/** Which products of some orders have not decided their lines because the placing is parked. */
export async function parkedPlacings(
  sql: Sql,
  orderIds: readonly number[],
): Promise<readonly { readonly orderId: number; readonly productId: number }[]> {
  const rows = await sql.query<{ order_id: string; product_id: string }>(parkedPlacingsStatement, [orderIds]);
  return rows.map((row) => ({ orderId: Number(row.order_id), productId: Number(row.product_id) }));
}

const unparkStatement = statement(
  'mailbox_unpark',
  `with wanted as (select id, order_id, product_id from stockroom.parked_command where id = any($1::bigint[])),
        parked as (
          delete from stockroom.parked_command p
           where p.id in (select id from wanted)
              or (p.error_code = '${placingParked}' and exists (
                    select 1 from wanted w where w.order_id = p.order_id and w.product_id = p.product_id))
          returning *),
        moved as (
          insert into stockroom.stock_command (id, slot, product_id, event_seq, order_id, parts, payload, created_at)
          overriding system value
          select id, slot, product_id, event_seq, order_id, parts, payload, created_at from parked returning product_id)
   select product_id from moved`,
);

/**
 * Puts parked commands back into their mailboxes, at the places they had, and with a placing all that waited behind it.
 * @returns the product of each command that went back: their bells must be rung.
 */
export async function unparkCommands(sql: Sql, ids: readonly number[]): Promise<readonly number[]> {
  const rows = await sql.query<{ product_id: string }>(unparkStatement, [ids]);
  return rows.map((row) => Number(row.product_id));
}

const waitingStatement = statement(
  'mailbox_waiting',
  `select slot, product_id from stockroom.stock_command
    where created_at < now() - make_interval(secs => $1::double precision / 1000) group by slot, product_id limit $2`,
);

/** Products whose mailbox has waited longer than `olderThanMs`: their bell was lost, or the workers are behind. */
export async function waitingProducts(
  sql: Sql,
  olderThanMs: number,
  limit: number,
): Promise<readonly number[]> {
  const rows = await sql.query<{ product_id: string }>(waitingStatement, [olderThanMs, limit]);
  return rows.map((row) => Number(row.product_id));
}
