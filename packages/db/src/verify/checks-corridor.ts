// Invariants I3, I4, I6 and I7 as queries: no event lost, no order half done, no mail forgotten, and the guards in place.

import type { Check } from './check.ts';

// Commands that still have to be worked on, wherever they lie.
const openCommands = `
  open_commands as (
    select event_seq, order_id, id from stockroom.stock_command
    union all select event_seq, order_id, id from stockroom.parked_command)`;

export const corridorChecks: readonly Check[] = [
  {
    id: 'I3',
    name: 'the database refuses doubles and changes of the ledger',
    examines: 'event',
    // Not a row but the guards themselves: what they would have let through could not be told apart afterwards.
    text: `
      with wanted(guard, present) as (
        select 'unique ' || w.name, exists (
                 select 1 from pg_index i where i.indexrelid = to_regclass('stockroom.' || w.name) and i.indisunique and i.indisvalid)
          from (values ('event_id'), ('movement_pkey'), ('outcome_pkey'), ('order_line_pkey'), ('shop_order_reference'),
                       ('stock_item_sku_unique'), ('notification_message_id_unique')) as w(name)
        union all
        select 'trigger movement_append_only', exists (
                 select 1 from pg_trigger t where t.tgrelid = 'stockroom.movement'::regclass and t.tgname = 'movement_append_only'
                    and t.tgenabled = 'A')
        union all
        select 'check stock_level_not_negative', exists (
                 select 1 from pg_constraint c where c.conrelid = 'stockroom.stock_level'::regclass
                    and c.conname = 'stock_level_not_negative' and c.convalidated))
      select guard from wanted where not present`,
  },
  {
    id: 'I4',
    name: 'every accepted event is answered, on its way, parked, or waits for its order',
    examines: 'event',
    text: `
      with ${openCommands}
      select e.seq as event_seq, e.id as event_id, e.type, c.parts_open
        from stockroom.event e left join stockroom.outcome c on c.event_seq = e.seq
       where e.state <> 1 and coalesce(c.parts_open, 1) <> 0
         and not exists (select 1 from open_commands o where o.event_seq = e.seq)`,
  },
  {
    id: 'I4',
    name: 'no event waits for an order that is placed',
    examines: 'event',
    text: `
      select e.seq as event_seq, e.id as event_id, e.order_id, o.reference
        from stockroom.event e left join stockroom.shop_order o on o.id = e.order_id
       where e.state = 1 and coalesce(o.placed, true)`,
  },
  {
    id: 'I4',
    name: 'commands, outcomes, movements and notifications come from events',
    examines: 'outcome',
    text: `
      select 'stock_command' as what, event_seq, id from stockroom.stock_command x
       where not exists (select 1 from stockroom.event e where e.seq = x.event_seq)
      union all select 'parked_command', event_seq, id from stockroom.parked_command x
       where not exists (select 1 from stockroom.event e where e.seq = x.event_seq)
      union all select 'outcome', event_seq, null from stockroom.outcome x
       where not exists (select 1 from stockroom.event e where e.seq = x.event_seq)
      union all select 'movement', event_seq, stock_item_id from stockroom.movement x
       where not exists (select 1 from stockroom.event e where e.seq = x.event_seq)
      union all select 'notification', event_seq, id from stockroom.notification x
       where not exists (select 1 from stockroom.event e where e.seq = x.event_seq)`,
  },
  {
    id: 'I4',
    name: 'no placed order stays pending when nothing works on it',
    examines: 'shop_order',
    text: `
      with ${openCommands}
      select s.id as order_id, s.store_id, s.reference from stockroom.shop_order s
       where s.placed and s.state = 'pending'
         and not exists (select 1 from open_commands o where o.order_id = s.id)`,
  },
  {
    id: 'I6',
    name: 'a finished order holds no promise',
    examines: 'shop_order',
    // A give-back may still be in another product's mailbox.
    text: `
      with ${openCommands},
      finished as (
        select id, reference, state from stockroom.shop_order s
         where state in ('rejected', 'shipped', 'cancelled', 'returned')
           and not exists (select 1 from open_commands o where o.order_id = s.id)),
      booked as (
        select order_id, sum(delta) as total from stockroom.movement
         where bucket = 'committed' and order_id is not null group by order_id),
      promised as (
        select order_id, sum(committed) as committed, sum(backordered) as backordered from stockroom.order_line group by order_id)
      select f.id as order_id, f.reference, f.state, coalesce(p.committed, 0) as lines_committed,
             coalesce(p.backordered, 0) as backordered, coalesce(b.total, 0) as ledger_committed
        from finished f left join promised p on p.order_id = f.id left join booked b on b.order_id = f.id
       where coalesce(p.committed, 0) <> 0 or coalesce(p.backordered, 0) <> 0 or coalesce(b.total, 0) <> 0`,
  },
  {
    id: 'I7',
    name: 'no mail is overdue',
    examines: 'notification',
    text: `
      select id, template, recipient, attempts, next_attempt_at from stockroom.notification
       where state = 'pending' and next_attempt_at < now() - make_interval(secs => $1::double precision)`,
  },
  {
    id: 'I7',
    name: 'no outcome that a service asked for is overdue',
    examines: 'outcome',
    text: `
      select event_seq, settled_at from stockroom.outcome
       where reply_due and parts_open = 0 and settled_at < now() - make_interval(secs => $1::double precision)`,
  },
];
