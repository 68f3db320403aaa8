// Invariant I1 and the ledger's side of I2 and I3 as queries: levels, sequences, balances, promises and where units went.

import type { Check } from './check.ts';

export const ledgerChecks: readonly Check[] = [
  {
    id: 'I1',
    name: 'a level is the sum of its movements',
    examines: 'stock_level',
    // Unpivoted on both sides, so that a level without movements and movements without a level are found too.
    text: `
      with booked as (
        select stock_item_id, location_id, bucket, sum(delta) as total from stockroom.movement
         group by stock_item_id, location_id, bucket),
      stored as (
        select l.stock_item_id, l.location_id, b.bucket, b.total from stockroom.stock_level l
         cross join lateral (values ('on_hand', l.on_hand), ('unavailable', l.unavailable), ('committed', l.committed),
           ('held', l.held), ('incoming', l.incoming)) as b(bucket, total))
      select stock_item_id, location_id, bucket, stored.total as level, coalesce(booked.total, 0) as movements
        from stored full join booked using (stock_item_id, location_id, bucket)
       where coalesce(booked.total, 0) <> coalesce(stored.total, 0) or stored.bucket is null`,
  },
  {
    id: 'I1',
    name: 'ledger sequences have no gaps and end at the level',
    examines: 'movement',
    text: `
      with counted as (
        select stock_item_id, location_id, count(*) as entries, min(sequence) as first, max(sequence) as last
          from stockroom.movement group by stock_item_id, location_id)
      select stock_item_id, location_id, l.sequence as level, c.entries, c.first, c.last
        from counted c full join stockroom.stock_level l using (stock_item_id, location_id)
       where coalesce(l.sequence, -1) <> coalesce(c.last, 0) or coalesce(c.entries, 0) <> coalesce(c.last, 0)
          or coalesce(c.first, 1) <> 1`,
  },
  {
    id: 'I1',
    name: 'each balance is the one before plus the change',
    examines: 'movement',
    text: `
      select stock_item_id, location_id, sequence, bucket, delta, balance_after, before + delta as expected
        from (select m.*, coalesce(lag(balance_after) over (
                partition by stock_item_id, location_id, bucket order by sequence), 0) as before
                from stockroom.movement m) chain
       where balance_after <> before + delta`,
  },
  {
    id: 'I1',
    name: 'committed in a pool is what its order lines have committed',
    examines: 'order_line',
    text: `
      with promised as (
        select o.stock_item_id, s.pool_id as location_id, sum(o.committed) as total
          from stockroom.order_line o join stockroom.store s on s.id = o.store_id
         where o.committed <> 0 group by o.stock_item_id, s.pool_id),
      stored as (select stock_item_id, location_id, committed as total from stockroom.stock_level where committed <> 0)
      select stock_item_id, location_id, coalesce(stored.total, 0) as level, coalesce(promised.total, 0) as lines
        from stored full join promised using (stock_item_id, location_id)
       where coalesce(stored.total, 0) <> coalesce(promised.total, 0)`,
  },
  {
    id: 'I1',
    name: 'held in a pool is the sum of its holds',
    examines: 'stock_hold',
    text: `
      with promised as (
        select h.stock_item_id, s.pool_id as location_id, sum(h.quantity) as total
          from stockroom.stock_hold h join stockroom.store s on s.id = h.store_id group by h.stock_item_id, s.pool_id),
      stored as (select stock_item_id, location_id, held as total from stockroom.stock_level where held <> 0)
      select stock_item_id, location_id, coalesce(stored.total, 0) as level, coalesce(promised.total, 0) as holds
        from stored full join promised using (stock_item_id, location_id)
       where coalesce(stored.total, 0) <> coalesce(promised.total, 0)`,
  },
  {
    id: 'I1',
    name: 'an order line has committed and taken what the ledger says',
    examines: 'order_line',
    text: `
      with booked as (
        select order_id, line_no,
               coalesce(sum(delta) filter (where bucket = 'committed'), 0) as committed,
               coalesce(-sum(delta) filter (where bucket = 'on_hand'), 0) as taken
          from stockroom.movement where order_id is not null group by order_id, line_no),
      stored as (
        select o.order_id, o.line_no, o.committed, d.taken
          from stockroom.order_line o
         cross join lateral (
           select coalesce(sum((e ->> 'quantity')::numeric) / 10000, 0) as taken
             from jsonb_array_elements(coalesce(o.deducted, '[]')) e) d)
      select order_id, line_no, stored.committed as line_committed, coalesce(booked.committed, 0) as ledger_committed,
             stored.taken as line_taken, coalesce(booked.taken, 0) as ledger_taken
        from stored full join booked using (order_id, line_no)
       where coalesce(stored.committed, 0) <> coalesce(booked.committed, 0)
          or coalesce(stored.taken, 0) <> coalesce(booked.taken, 0) or stored.order_id is null`,
  },
  {
    id: 'I2',
    name: 'no location falls below zero where settings forbid it',
    examines: 'movement',
    // Settings as they are now judge only what happened since they were last changed.
    text: `
      with strict as (
        select i.id, greatest(p.updated_at, g.updated_at) as since
          from stockroom.stock_item i join stockroom.product p on p.id = i.product_id
          join stockroom.setting g on g.scope = 'global'
         where coalesce(i.settings ->> 'negative.onHand', p.settings ->> 'negative.onHand', g.value ->> 'negative.onHand', 'reject')
               = 'reject'
           and not exists (select 1 from stockroom.store s where s.settings ->> 'negative.onHand' is distinct from 'reject'
                              and s.settings ? 'negative.onHand'))
      select m.stock_item_id, m.location_id, m.sequence, m.kind, m.delta, m.balance_after
        from stockroom.movement m join strict on strict.id = m.stock_item_id
       where m.bucket = 'on_hand' and m.delta < 0 and m.balance_after < 0 and not m.below_floor and m.at > strict.since`,
  },
  {
    id: 'I3',
    name: 'an order line knows each event once',
    examines: 'order_line',
    text: `
      select o.order_id, o.line_no, f ->> 'eventId' as event_id, f ->> 'kind' as kind, count(*) as times
        from stockroom.order_line o cross join lateral jsonb_array_elements(coalesce(o.facts, '[]')) f
       group by o.order_id, o.line_no, f ->> 'eventId', f ->> 'kind' having count(*) > 1`,
  },
];
