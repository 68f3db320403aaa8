// A small consistent world, written by hand: what a corridor that did everything right would have left behind.

import { units } from '@stockroom/core';
import { createDatabase, type TestDatabase } from '@stockroom/testkit';
import { seedCatalog } from '../../src/catalog/seed-catalog.ts';
import { type Database, openDatabase } from '../../src/connect.ts';

/** Opens a new database with the migrated schema, and what takes it away again. */
export async function openTestDatabase(
  template?: string,
): Promise<{ db: Database; database: TestDatabase; end(): Promise<void> }> {
  const database = await createDatabase(template === undefined ? {} : { template });
  const db = await openDatabase({ url: database.url, poolMax: 4 });
  return {
    db,
    database,
    async end() {
      await db.close();
      await database.drop();
    },
  };
}

const event = (id: string, type: string, orderId: number | null, extra = '') => `
  insert into stockroom.event (id, type, store_id, order_id, body, body_hash, at, source, actor ${extra === '' ? '' : ', state'})
  values ('${id}', '${type}', 1, ${orderId ?? 'null'}, '{"type":"${type}","reason":"because"}', '\\x00', now(), 'api', 'Ann' ${extra});`;

const line = (orderId: number, item: number, requested: number, columns: string, values: string) => `
  insert into stockroom.order_line (order_id, line_no, line_ref, sku, product_id, stock_item_id, store_id, status, requested, placed_at
    ${columns === '' ? '' : `, ${columns}`})
  values (${orderId}, 1, 'L1', 'TEA-${item}', ${item}, ${item}, 1, 'accepted', ${requested}, now() ${values === '' ? '' : `, ${values}`});`;

const outcome = (eventId: string, orderId: number | null, partsOpen = 0) => `
  insert into stockroom.outcome (event_seq, order_id, parts_open, body)
  select seq, ${orderId ?? 'null'}, ${partsOpen}, '{"status":"accepted"}' from stockroom.event where id = '${eventId}';`;

const movement = (
  eventId: string,
  place: number,
  sequence: number,
  bucket: string,
  delta: number,
  balance: number,
  kind: string,
  orderId: number | null,
) => `
  insert into stockroom.movement (stock_item_id, location_id, sequence, bucket, delta, balance_after, kind, event_seq, order_id, line_no)
  select 1, ${place}, ${sequence}, '${bucket}', ${delta}, ${balance}, '${kind}', seq, ${orderId ?? 'null'}, ${orderId === null ? 'null' : 1}
    from stockroom.event where id = '${eventId}';`;

/**
 * SKUs TEA-1 (10 units, of which order 1 has promised 2, order 2 has shipped 3, one is held) and TEA-2 (nothing). Order 3 was cancelled, order 4
 * has a pending command, order 5 a parked one, order 6 is not placed and has an early event; one mail is sent, one waits, one is dead.
 */
export async function writeScene(db: Database): Promise<void> {
  await seedCatalog(db, {
    products: [
      { sku: 'TEA-1', name: 'Green tea', onHand: units(10) },
      { sku: 'TEA-2', name: 'Black tea', onHand: units(0) },
    ],
  });
  const { rows } = await db.pool.query<{ pool: number; goods: number }>(
    `select (select id from stockroom.location where code = 'main-pool') as pool, (select id from stockroom.location where code = 'main') as goods`,
  );
  const { pool = 0, goods = 0 } = rows[0] ?? {};
  await db.pool.query(
    [
      `insert into stockroom.shop_order (store_id, reference, placed, state, product_ids, customer_email, placed_at)
       values (1, 'O-1', true, 'accepted', '{1}', 'a@example.org', now()), (1, 'O-2', true, 'shipped', '{1}', null, now()),
              (1, 'O-3', true, 'cancelled', '{1}', null, now()), (1, 'O-4', true, 'pending', '{2}', null, now()),
              (1, 'O-5', true, 'pending', '{2}', null, now()), (1, 'O-6', false, 'pending', '{}', null, null);`,
      event('e-1', 'order.placed', 1),
      event('e-2', 'order.placed', 2),
      event('e-2s', 'order.shipped', 2),
      event('e-3', 'order.placed', 3),
      event('e-3c', 'order.cancelled', 3),
      event('e-4', 'order.placed', 4),
      event('e-5', 'order.placed', 5),
      event('e-6', 'order.paid', 6, ', 1'),
      event('e-7', 'stock.hold', null),
      line(1, 1, 2, 'from_stock, committed', '2, 2'),
      line(
        2,
        1,
        3,
        'from_stock, shipped, deducted, facts',
        `3, 3, '[{"placeId": ${goods}, "quantity": 30000}]', '[{"kind": "ship", "eventId": "e-2s"}]'`,
      ),
      line(3, 1, 4, 'released', '4'),
      movement('e-1', pool, 1, 'committed', 2, 2, 'commit', 1),
      movement('e-2', pool, 2, 'committed', 3, 5, 'commit', 2),
      movement('e-3', pool, 3, 'committed', 4, 9, 'commit', 3),
      movement('e-2s', pool, 4, 'committed', -3, 6, 'uncommit', 2),
      movement('e-2s', goods, 2, 'on_hand', -3, 7, 'deduct', 2),
      movement('e-3c', pool, 5, 'committed', -4, 2, 'uncommit', 3),
      movement('e-7', pool, 6, 'held', 1, 1, 'hold', null),
      `update stockroom.stock_level set committed = 2, held = 1, sequence = 6 where stock_item_id = 1 and location_id = ${pool};`,
      `update stockroom.stock_level set on_hand = 7, sequence = 2 where stock_item_id = 1 and location_id = ${goods};`,
      `insert into stockroom.stock_hold (hold_ref, stock_item_id, store_id, quantity, expires_at)
       values ('cart-1', 1, 1, 1, now() + interval '1 hour');`,
      ...['e-1', 'e-2', 'e-2s', 'e-3', 'e-3c', 'e-7'].map((id) =>
        outcome(id, id === 'e-7' ? null : Number(id[2])),
      ),
      `insert into stockroom.stock_command (slot, product_id, event_seq, order_id, parts, payload)
       select 2, 2, seq, 4, 1, '{"id":"e-4"}' from stockroom.event where id = 'e-4';`,
      `insert into stockroom.parked_command (id, slot, product_id, event_seq, order_id, parts, payload, created_at, error, error_code)
       select 900, 2, 2, seq, 5, 1, '{"id":"e-5"}', now(), 'it broke', 'defect' from stockroom.event where id = 'e-5';`,
      `insert into stockroom.refused_event (event_id, code, field, message, body, source)
       values ('e-bad', 'invalid_input', 'lines.0.sku', 'must not be empty', '{"type":"order.placed"}', 'queue');`,
      `insert into stockroom.notification (template, recipient_kind, recipient, data, event_seq, stock_item_id, state, message_id, next_attempt_at)
       select t.template, 'group', 'store-managers', '{}', e.seq, 1, t.state, t.message_id, now()
         from stockroom.event e, (values ('low-stock', 'sent', 'm-1'), ('low-stock', 'pending', 'm-2'), ('low-stock', 'dead', 'm-3'))
              as t(template, state, message_id)
        where e.id = 'e-1';`,
    ].join('\n'),
  );
}
