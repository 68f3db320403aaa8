// What the system says came out: order lines and levels on one hand, the ledger on the other.
import { type Database, statement } from '@stockroom/db';

export type ActualTotals = {
  orders: number;
  lines: number;
  unitsPlaced: number;
  unitsAccepted: number;
  unitsShipped: number;
  unitsReturned: number;
  /** Given back before they were shipped. */
  unitsReleased: number;
  unitsStillPromised: number;
  linesRejected: number;
  corrections: number;
  /** Stock levels of the replayed SKUs. */
  onHand: number;
  /** By the ledger alone: what lines took less what they gave back. */
  ledgerTaken: number;
  ledgerCorrected: number;
  ledgerOnHand: number;
  ledgerStillPromised: number;
  onHandBySku: ReadonlyMap<string, number>;
};

const ordersStatement = statement(
  'replay_actual_orders',
  `select count(distinct o.id)::float8 as orders, count(*)::float8 as lines, coalesce(sum(l.requested), 0)::float8 as "unitsPlaced",
          coalesce(sum(l.requested) filter (where l.status <> 'rejected'), 0)::float8 as "unitsAccepted",
          count(*) filter (where l.status = 'rejected')::float8 as "linesRejected",
          coalesce(sum(l.shipped), 0)::float8 as "unitsShipped", coalesce(sum(l.returned), 0)::float8 as "unitsReturned",
          coalesce(sum(l.released), 0)::float8 as "unitsReleased", coalesce(sum(l.committed), 0)::float8 as "unitsStillPromised"
     from stockroom.event e
     join stockroom.shop_order o on o.id = e.order_id
     join stockroom.order_line l on l.order_id = o.id
    where e.seq > $1 and e.id like 'replay-%-placed' and e.type = 'order.placed'`,
);

const ledgerStatement = statement(
  'replay_actual_ledger',
  `select coalesce(-sum(m.delta) filter (where m.bucket = 'on_hand' and m.order_id is not null), 0)::float8 as "ledgerTaken",
          coalesce(sum(m.delta) filter (where m.bucket = 'on_hand' and m.kind = 'adjust'), 0)::float8 as "ledgerCorrected",
          count(*) filter (where m.bucket = 'on_hand' and m.kind = 'adjust')::float8 as corrections,
          coalesce(sum(m.delta) filter (where m.bucket = 'on_hand'), 0)::float8 as "ledgerOnHand",
          coalesce(sum(m.delta) filter (where m.bucket = 'committed'), 0)::float8 as "ledgerStillPromised"
     from stockroom.movement m join stockroom.stock_item i on i.id = m.stock_item_id where i.sku = any($1::text[])`,
);

const levelsStatement = statement(
  'replay_actual_levels',
  `select i.sku, sum(l.on_hand)::float8 as units from stockroom.stock_item i
     join stockroom.stock_level l on l.stock_item_id = i.id where i.sku = any($1::text[]) group by i.sku`,
);

type OrderTotals = Pick<
  ActualTotals,
  | 'orders'
  | 'lines'
  | 'unitsPlaced'
  | 'unitsAccepted'
  | 'unitsShipped'
  | 'unitsReturned'
  | 'unitsReleased'
  | 'unitsStillPromised'
  | 'linesRejected'
>;
type LedgerTotals = Pick<
  ActualTotals,
  'ledgerTaken' | 'ledgerCorrected' | 'corrections' | 'ledgerOnHand' | 'ledgerStillPromised'
>;

/** @param fromSeq the last event before the replay. @throws EngineError */
export async function actualTotals(
  db: Database,
  fromSeq: string,
  skus: readonly string[],
): Promise<ActualTotals> {
  return db.transaction(
    async (sql) => {
      const [orders] = await sql.query<OrderTotals>(ordersStatement, [fromSeq]);
      const [ledger] = await sql.query<LedgerTotals>(ledgerStatement, [skus]);
      const levels = await sql.query<{ sku: string; units: number }>(levelsStatement, [skus]);
      if (orders === undefined || ledger === undefined)
        throw new Error('a statement of aggregates returned no row');
      return {
        ...orders,
        ...ledger,
        onHand: levels.reduce((sum, { units }) => sum + units, 0),
        onHandBySku: new Map(levels.map(({ sku, units }) => [sku, units])),
      };
    },
    { mode: 'snapshot_read_only' },
  );
}
