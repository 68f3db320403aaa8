// What a replay needs: orders with their events in the order of arrival and their lines as stored. The replay itself knows rules and lives elsewhere.

import type { LineState } from '@stockroom/core';
import { orderLineColumns, orderLineFrom, type RawOrderLine } from '../hot/order-line-row.ts';
import { type Sql, statement } from '../sql.ts';

export interface OrderHistory {
  readonly orderId: number;
  readonly storeId: number;
  readonly reference: string;
  readonly state: string;
  readonly events: readonly {
    readonly seq: number;
    readonly id: string;
    readonly type: string;
    readonly body: unknown;
    readonly at: Date;
    /** As answered so far; null while nothing has been decided. */
    readonly outcome: unknown;
    /** Every product has answered. */
    readonly settled: boolean;
  }[];
  readonly lines: readonly LineState[];
}

const ordersStatement = statement(
  'verify_orders',
  `select id, store_id, reference, state from stockroom.shop_order where placed and id > $1 order by id limit $2`,
);
const eventsStatement = statement(
  'verify_order_events',
  `select e.seq, e.order_id, e.id, e.type, e.body, e.at, c.body as outcome, c.parts_open
     from stockroom.event e left join stockroom.outcome c on c.event_seq = e.seq
    where e.order_id = any($1::bigint[]) order by e.seq`,
);
const linesStatement = statement(
  'verify_order_lines',
  `select ${orderLineColumns} from stockroom.order_line where order_id = any($1::bigint[]) order by order_id, line_no`,
);

/** The next placed orders by id; begin with 0, and go on with the last id until there are none. */
export async function readOrderHistories(
  sql: Sql,
  afterOrderId: number,
  limit = 500,
): Promise<readonly OrderHistory[]> {
  const orders = await sql.query<{ id: string; store_id: number; reference: string; state: string }>(
    ordersStatement,
    [afterOrderId, limit],
  );
  const ids = orders.map(({ id }) => id);
  const events = await sql.query<{
    seq: string;
    order_id: string;
    id: string;
    type: string;
    body: unknown;
    at: Date;
    outcome: unknown;
    parts_open: number | null;
  }>(eventsStatement, [ids]);
  const lines = await sql.query<RawOrderLine>(linesStatement, [ids]);
  const eventsOf = Map.groupBy(events, (row) => row.order_id);
  const linesOf = Map.groupBy(lines, (row) => row.order_id);
  return orders.map((order) => ({
    orderId: Number(order.id),
    storeId: order.store_id,
    reference: order.reference,
    state: order.state,
    events: (eventsOf.get(order.id) ?? []).map((event) => ({
      seq: Number(event.seq),
      id: event.id,
      type: event.type,
      body: event.body,
      at: event.at,
      outcome: event.outcome ?? null,
      settled: event.parts_open === 0,
    })),
    lines: (linesOf.get(order.id) ?? []).map(orderLineFrom),
  }));
}
