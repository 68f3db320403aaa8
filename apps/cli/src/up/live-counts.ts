// The numbers of the status line: what this run of `up` has brought, read from the database in small bites.
import { type Database, readCounts, statement } from '@stockroom/db';
import { createOps, QUEUES, type Queues } from '@stockroom/queues';

export type LiveCounts = {
  accepted: number;
  rejected: number;
  /** All there are, those of earlier runs included. */
  ledgerEntries: number;
  mailsSent: number;
  /** Events, commands and mails on their way. */
  waiting: number;
};

export type Counter = { read(): Promise<LiveCounts> };

const startStatement = statement(
  '',
  `select (select coalesce(max(seq), 0) from stockroom.event)::text as seq,
          (select coalesce(max(id), 0) from stockroom.notification)::text as notification`,
);

// Everything up to the first order that is not settled is counted once and never looked at again.
const bite = statement(
  'up_count_orders',
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

type Bite = {
  cut: string;
  accepted: number;
  rejected: number;
  accepted_below: number;
  rejected_below: number;
};

// Sequences are gapless, so the last one of each place is the number of its entries.
const rest = statement(
  'up_count_rest',
  `select (select coalesce(sum(sequence), 0) from stockroom.stock_level)::float8 as entries,
          (select count(*) from stockroom.notification where id > $1 and state = 'sent')::int as sent`,
);

export async function openCounter(db: Database, queues: Queues): Promise<Counter> {
  const [start] = await db.read.query<{ seq: string; notification: string }>(startStatement, []);
  const ops = createOps(queues);
  let from = start?.seq ?? '0';
  let accepted = 0;
  let rejected = 0;
  return {
    async read() {
      const [orders, others, corridor, incoming, mails] = await Promise.all([
        db.read.query<Bite>(bite, [from]),
        db.read.query<{ entries: number; sent: number }>(rest, [start?.notification ?? '0']),
        readCounts(db.read),
        ops.counts(QUEUES.orderEvents),
        ops.counts(QUEUES.mail),
      ]);
      const [found] = orders;
      const counts = {
        accepted: accepted + (found?.accepted ?? 0),
        rejected: rejected + (found?.rejected ?? 0),
        ledgerEntries: others[0]?.entries ?? 0,
        mailsSent: others[0]?.sent ?? 0,
        waiting: incoming.waiting + incoming.active + corridor.pendingCommands + mails.waiting + mails.active,
      };
      from = found?.cut ?? from;
      accepted += found?.accepted_below ?? 0;
      rejected += found?.rejected_below ?? 0;
      return counts;
    },
  };
}
