// SQL of room 3 for amendments that come late: what has been said about their orders since.

import type { Sql } from '../sql.ts';
import { statement } from '../sql.ts';
import { slotOf } from './mailbox.ts';

export interface LaterEvent {
  readonly seq: number;
  readonly orderId: number;
  readonly body: unknown;
  /** Of the products asked about, those whose mailboxes still hold its command. */
  readonly pendingOn: readonly number[];
}

const laterEventsStatement = statement(
  'settle_later_events',
  `select e.seq, e.order_id, e.body,
          array(select c.product_id from stockroom.stock_command c
                 where c.slot = any($3::smallint[]) and c.event_seq = e.seq
                union all select p.product_id from stockroom.parked_command p where p.event_seq = e.seq) as pending_on
     from unnest($1::bigint[], $2::timestamptz[]) as u(order_id, since)
     join stockroom.event e on e.order_id = u.order_id and e.at >= u.since
    where e.type <> 'order.placed' and e.state = 0
    order by e.at, e.seq`,
);

/** What is known to have been said about some orders since a time, in the order in which it happened. */
export async function loadLaterEvents(
  sql: Sql,
  since: readonly { readonly orderId: number; readonly at: number }[],
  productIds: readonly number[],
): Promise<readonly LaterEvent[]> {
  const rows = await sql.query<{ seq: string; order_id: string; body: unknown; pending_on: string[] }>(
    laterEventsStatement,
    [
      since.map(({ orderId }) => orderId),
      since.map(({ at }) => new Date(at).toISOString()),
      productIds.map(slotOf),
    ],
  );
  return rows.map((row) => ({
    seq: Number(row.seq),
    orderId: Number(row.order_id),
    body: row.body,
    pendingOn: row.pending_on.map(Number),
  }));
}
