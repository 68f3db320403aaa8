// Counts of orders since a point in the event log, for a status line that asks again and again.

import { type Sql, statement } from '../sql.ts';

/** Where a count begins. */
export interface CountStart {
  readonly eventSeq: string;
  readonly notificationId: string;
}

const startStatement = statement(
  'read_count_start',
  `select (select coalesce(max(seq), 0) from stockroom.event)::text as "eventSeq",
          (select coalesce(max(id), 0) from stockroom.notification)::text as "notificationId"`,
);

/** The end of the log as it is now. */
export async function readCountStart(sql: Sql): Promise<CountStart> {
  const [row] = await sql.query<CountStart>(startStatement, []);
  return row ?? { eventSeq: '0', notificationId: '0' };
}

/** Orders after a point. */
export interface OrderCounts {
  readonly accepted: number;
  readonly rejected: number;
  /** Up to the first order that is not settled: what lies below never changes again, so the next count can begin there. */
  readonly final: { readonly eventSeq: string; readonly accepted: number; readonly rejected: number };
}

const ordersStatement = statement(
  'read_order_counts',
  `with recent as (
     select e.seq, c.body ->> 'status' as status, coalesce(c.parts_open = 0, false) as settled
       from stockroom.event e left join stockroom.outcome c on c.event_seq = e.seq
      where e.seq > $1 and e.type = 'order.placed'),
   cut as (
     select coalesce((select min(seq) - 1 from recent where not settled), (select max(seq) from recent), $1::bigint) as seq)
   select cut.seq::text as cut,
          count(*) filter (where settled and status <> 'rejected')::int as accepted,
          count(*) filter (where settled and status = 'rejected')::int as rejected,
          count(*) filter (where settled and status <> 'rejected' and recent.seq <= cut.seq)::int as accepted_below,
          count(*) filter (where settled and status = 'rejected' and recent.seq <= cut.seq)::int as rejected_below
     from cut left join recent on true group by cut.seq`,
);

export async function readOrderCounts(sql: Sql, afterEventSeq: string): Promise<OrderCounts> {
  const [row] = await sql.query<{
    cut: string;
    accepted: number;
    rejected: number;
    accepted_below: number;
    rejected_below: number;
  }>(ordersStatement, [afterEventSeq]);
  return {
    accepted: row?.accepted ?? 0,
    rejected: row?.rejected ?? 0,
    final: {
      eventSeq: row?.cut ?? afterEventSeq,
      accepted: row?.accepted_below ?? 0,
      rejected: row?.rejected_below ?? 0,
    },
  };
}

// Sequences are gapless, so the last one of each place is the number of its entries.
const totalsStatement = statement(
  'read_ledger_and_mail_counts',
  `select (select coalesce(sum(sequence), 0) from stockroom.stock_level)::float8 as "ledgerEntries",
          (select count(*) from stockroom.notification where id > $1 and state = 'sent')::int as "mailsSent"`,
);

/** All ledger entries there are, and the mails sent since. */
export async function readLedgerAndMailCounts(
  sql: Sql,
  afterNotificationId: string,
): Promise<{ readonly ledgerEntries: number; readonly mailsSent: number }> {
  const [row] = await sql.query<{ ledgerEntries: number; mailsSent: number }>(totalsStatement, [
    afterNotificationId,
  ]);
  return row ?? { ledgerEntries: 0, mailsSent: 0 };
}
