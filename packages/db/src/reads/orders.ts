// Orders: one with everything known about it, and the list.

import type { LineState } from '@stockroom/core';
import { orderLineColumns, orderLineFrom, type RawOrderLine } from '../hot/order-line-row.ts';
import { type Sql, statement } from '../sql.ts';
import { decodeCursor, isNumber, type Page, type PageRequest, pageLimit, pageOf } from './page.ts';

export interface OrderSummary {
  readonly orderId: number;
  readonly store: string;
  readonly reference: string;
  /** false while only early events are known. */
  readonly placed: boolean;
  readonly state: string;
  readonly customerEmail: string | null;
  readonly customerName: string | null;
  readonly placedAt: Date | null;
  readonly createdAt: Date;
}

export interface OrderEventRow {
  readonly eventId: string;
  readonly type: string;
  readonly at: Date;
  readonly receivedAt: Date;
  readonly source: string;
  readonly actor: string | null;
  /** Waits for the order to be placed. */
  readonly early: boolean;
  /** As answered so far; null while nothing has been decided. */
  readonly outcome: unknown;
  readonly settled: boolean;
}

export interface OrderDetail extends OrderSummary {
  readonly lines: readonly LineState[];
  /** In the order of their arrival; at most 500. */
  readonly events: readonly OrderEventRow[];
}

interface RawOrder {
  id: string;
  store: string;
  reference: string;
  placed: boolean;
  state: string;
  customer_email: string | null;
  customer_name: string | null;
  placed_at: Date | null;
  created_at: Date;
}

const orderColumns = `o.id, s.code as store, o.reference, o.placed, o.state, o.customer_email, o.customer_name, o.placed_at, o.created_at`;

const orderStatement = statement(
  'read_order',
  `select ${orderColumns} from stockroom.shop_order o join stockroom.store s on s.id = o.store_id
    where s.code = $1 and o.reference = $2`,
);

const linesStatement = statement(
  'read_order_lines',
  `select ${orderLineColumns} from stockroom.order_line where order_id = $1 order by line_no`,
);

const eventsStatement = statement(
  'read_order_events',
  `select e.id, e.type, e.at, e.received_at, e.source, e.actor, e.state, c.body as outcome, c.parts_open
     from stockroom.event e left join stockroom.outcome c on c.event_seq = e.seq
    where e.order_id = $1 order by e.seq limit 500`,
);

interface RawOrderEvent {
  id: string;
  type: string;
  at: Date;
  received_at: Date;
  source: string;
  actor: string | null;
  state: number;
  outcome: unknown;
  parts_open: number | null;
}

/** Inside `db.transaction` with mode `snapshot_read_only` all parts are of one moment. @returns null for an unknown order. */
export async function readOrder(sql: Sql, store: string, reference: string): Promise<OrderDetail | null> {
  const [order] = await sql.query<RawOrder>(orderStatement, [store, reference]);
  if (order === undefined) return null;
  const [lines, events] = await Promise.all([
    sql.query<RawOrderLine>(linesStatement, [order.id]),
    sql.query<RawOrderEvent>(eventsStatement, [order.id]),
  ]);
  return { ...summaryFrom(order), lines: lines.map(orderLineFrom), events: events.map(eventFrom) };
}

const listStatement = statement(
  'read_orders',
  `select ${orderColumns} from stockroom.shop_order o join stockroom.store s on s.id = o.store_id
    where ($1::bigint is null or o.id < $1) and ($2::text is null or s.code = $2) and ($3::text is null or o.state = $3)
    order by o.id desc limit $4`,
);

/** Newest first. */
export async function listOrders(
  sql: Sql,
  request: PageRequest & { readonly store?: string; readonly state?: string } = {},
): Promise<Page<OrderSummary>> {
  const limit = pageLimit(request);
  const rows = await sql.query<RawOrder>(listStatement, [
    decodeCursor(request.cursor, isNumber),
    request.store ?? null,
    request.state ?? null,
    limit + 1,
  ]);
  return pageOf(rows, limit, summaryFrom, (row) => Number(row.id));
}

function summaryFrom(row: RawOrder): OrderSummary {
  return {
    orderId: Number(row.id),
    store: row.store,
    reference: row.reference,
    placed: row.placed,
    state: row.state,
    customerEmail: row.customer_email,
    customerName: row.customer_name,
    placedAt: row.placed_at,
    createdAt: row.created_at,
  };
}

function eventFrom(row: RawOrderEvent): OrderEventRow {
  return {
    eventId: row.id,
    type: row.type,
    at: row.at,
    receivedAt: row.received_at,
    source: row.source,
    actor: row.actor,
    early: row.state === 1,
    outcome: row.outcome ?? null,
    settled: row.parts_open === 0,
  };
}
