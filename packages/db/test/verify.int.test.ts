// Verify: a right database passes, also while it is written to, and every kind of damage is found and named.

import { createDatabase } from '@stockroom/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Database, openDatabase } from '../src/connect.ts';
import { readOrderHistories } from '../src/verify/order-histories.ts';
import { verifyDatabase } from '../src/verify/verify-database.ts';
import { openTestDatabase, writeScene } from './support/scene.ts';

let scene: Awaited<ReturnType<typeof openTestDatabase>>;

beforeAll(async () => {
  scene = await openTestDatabase();
  await writeScene(scene.db);
  // Nobody may be connected to a database that is copied.
  await scene.db.close();
});
afterAll(async () => {
  await scene.database.drop();
});

async function withCopy(work: (db: Database) => Promise<void>): Promise<void> {
  const copy = await createDatabase({ template: scene.database.name });
  const db = await openDatabase({ url: copy.url, poolMax: 4 });
  try {
    await work(db);
  } finally {
    await db.close();
    await copy.drop();
  }
}

const changingLedger = (change: string) =>
  `alter table stockroom.movement disable trigger movement_append_only; ${change};
   alter table stockroom.movement enable always trigger movement_append_only`;

test('a database in which everything is right has no differences, and says what it looked at', async () => {
  await withCopy(async (db) => {
    const verified = await verifyDatabase(db);
    expect(verified.differences).toEqual([]);
    expect(verified).toMatchObject({ ok: true, settledOrders: 3 });
    expect(verified.checked.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['I1', 'I2', 'I3', 'I4', 'I6', 'I7']),
    );
    expect(verified.checked.filter(({ rows }) => !(rows > 0))).toEqual([]);
  });
});

const anySequence = 'each balance is the one before plus the change';
// biome-ignore format: one damage per line
const damages: readonly [damage: string, check: string, sql: string][] = [
  ['a level that no movement explains', 'a level is the sum of its movements', 'update stockroom.stock_level set on_hand = on_hand + 1 where sequence = 2'],
  ['a movement that no level shows', 'a level is the sum of its movements', 'delete from stockroom.stock_level where sequence = 2'],
  ['a bucket nobody knows', 'a level is the sum of its movements', `insert into stockroom.movement values (2, 1, 1, 'on_hnad', 1, 1, 'set', 1)`],
  ['a movement taken out of the middle', 'ledger sequences have no gaps and end at the level', changingLedger('delete from stockroom.movement where sequence = 3')],
  ['a movement taken off the end', 'ledger sequences have no gaps and end at the level', changingLedger('delete from stockroom.movement where sequence = 6')],
  ['a level whose sequence runs ahead', 'ledger sequences have no gaps and end at the level', 'update stockroom.stock_level set sequence = sequence + 1'],
  ['a changed delta', anySequence, changingLedger('update stockroom.movement set delta = delta + 1 where sequence = 2')],
  ['a changed balance', anySequence, changingLedger('update stockroom.movement set balance_after = 99 where sequence = 2')],
  ['a promise without a line', 'committed in a pool is what its order lines have committed', 'update stockroom.order_line set committed = 0 where order_id = 1'],
  ['a promise of a line that the pool lacks', 'committed in a pool is what its order lines have committed', 'update stockroom.stock_level set committed = 0 where committed > 0'],
  ['a hold that the pool lacks', 'held in a pool is the sum of its holds', `update stockroom.stock_hold set quantity = 2`],
  ['a held unit without a hold', 'held in a pool is the sum of its holds', `delete from stockroom.stock_hold`],
  ['a line that took more than the ledger says', 'an order line has committed and taken what the ledger says', `update stockroom.order_line set deducted = '[{"placeId":2,"quantity":40000}]' where order_id = 2`],
  ['movements of a line that does not exist', 'an order line has committed and taken what the ledger says', 'delete from stockroom.order_line where order_id = 3'],
  ['a sale below zero', 'no location falls below zero where settings forbid it', changingLedger(`update stockroom.movement set balance_after = -1 where bucket = 'on_hand' and sequence = 2`)],
  ['an event applied twice to a line', 'an order line knows each event once', `update stockroom.order_line set facts = facts || facts where order_id = 2`],
  ['a ledger that may be changed', 'the database refuses doubles and changes of the ledger', 'alter table stockroom.movement disable trigger movement_append_only'],
  ['event ids that may be doubled', 'the database refuses doubles and changes of the ledger', 'alter table stockroom.event drop constraint event_id'],
  ['an event whose outcome is gone', 'every accepted event is answered, on its way, parked, or waits for its order', `delete from stockroom.outcome where event_seq = (select seq from stockroom.event where id = 'e-1')`],
  ['an event whose command is gone', 'every accepted event is answered, on its way, parked, or waits for its order', 'delete from stockroom.stock_command'],
  ['an event whose parked command is gone', 'every accepted event is answered, on its way, parked, or waits for its order', 'delete from stockroom.parked_command'],
  ['an outcome with parts open that nobody works on', 'every accepted event is answered, on its way, parked, or waits for its order', 'update stockroom.outcome set parts_open = 1'],
  ['an early event left behind', 'no event waits for an order that is placed', `update stockroom.shop_order set placed = true, state = 'accepted' where reference = 'O-6'`],
  ['an early event without an order', 'no event waits for an order that is placed', `delete from stockroom.shop_order where reference = 'O-6'`],
  ['a command from nowhere', 'commands, outcomes, movements and notifications come from events', 'update stockroom.stock_command set event_seq = 4711'],
  ['a mail from nowhere', 'commands, outcomes, movements and notifications come from events', `update stockroom.notification set event_seq = 4711`],
  ['an order that nobody works on', 'no placed order stays pending when nothing works on it', `delete from stockroom.stock_command`],
  ['a cancelled order that still holds a promise', 'a finished order holds no promise', `update stockroom.shop_order set state = 'cancelled' where reference = 'O-1'`],
  ['a cancelled order that still waits for stock', 'a finished order holds no promise', `update stockroom.order_line set backordered = 1 where order_id = 3`],
  ['a forgotten mail', 'no mail is overdue', `update stockroom.notification set next_attempt_at = now() - interval '1 hour'`],
  ['a forgotten answer', 'no outcome that a service asked for is overdue', `update stockroom.outcome set reply_due = true, settled_at = now() - interval '1 hour'`],
];

describe('verify finds', () => {
  test.each(damages)('%s', async (_damage, check, change) => {
    await withCopy(async (db) => {
      await db.pool.query(change);
      const verified = await verifyDatabase(db, { limit: 3 });
      expect(verified.ok).toBe(false);
      expect(verified.differences.map(({ name }) => name)).toContain(check);
      const { facts } = verified.differences.find(({ name }) => name === check) ?? {};
      expect(Object.keys(facts ?? {})).not.toEqual([]);
    });
  });

  test('something in every one of its checks', async () => {
    await withCopy(async (db) => {
      const { checked } = await verifyDatabase(db);
      const damaged = new Set(damages.map(([, check]) => check));
      expect(checked.map(({ name }) => name).filter((name) => !damaged.has(name))).toEqual([]);
    });
  });
});

test('verify names no more than the limit per check', async () => {
  await withCopy(async (db) => {
    await db.pool.query('update stockroom.stock_level set sequence = sequence + 1');
    const { differences } = await verifyDatabase(db, { limit: 2 });
    expect(differences.filter(({ name }) => name.startsWith('ledger sequences'))).toHaveLength(2);
  });
});

test('a location below zero is right where a person did it knowingly, or where settings allow it', async () => {
  await withCopy(async (db) => {
    await db.pool.query(
      changingLedger(`update stockroom.movement set below_floor = true where bucket = 'on_hand'`),
    );
    const down = `insert into stockroom.movement (stock_item_id, location_id, sequence, bucket, delta, balance_after, kind, event_seq, below_floor)
      select stock_item_id, location_id, 3, 'on_hand', -9, -2, 'adjust', event_seq, true from stockroom.movement where bucket = 'on_hand' and sequence = 2;
      update stockroom.stock_level set on_hand = -2, sequence = 3 where sequence = 2`;
    await db.pool.query(down);
    expect((await verifyDatabase(db)).differences).toEqual([]);
    await db.pool.query(changingLedger('update stockroom.movement set below_floor = false'));
    expect((await verifyDatabase(db)).ok).toBe(false);
    await db.pool.query(`update stockroom.setting set value = '{"negative.onHand": "allow"}'`);
    expect((await verifyDatabase(db)).differences).toEqual([]);
  });
});

test('verify is right on a live system: it sees one moment only', async () => {
  await withCopy(async (db) => {
    let writing = true;
    // Moves level and ledger together, over and over; any mixture of two moments would be a difference.
    const writer = (async () => {
      for (let sequence = 3; writing; sequence += 1) {
        await db.pool.query(`begin;
          insert into stockroom.movement (stock_item_id, location_id, sequence, bucket, delta, balance_after, kind, event_seq)
          select 1, l.location_id, ${sequence}, 'on_hand', 1, l.on_hand + 1, 'adjust', 1 from stockroom.stock_level l
           where l.stock_item_id = 1 and l.kind = 'location';
          update stockroom.stock_level set on_hand = on_hand + 1, sequence = ${sequence} where stock_item_id = 1 and kind = 'location';
          commit`);
      }
    })();
    for (let round = 0; round < 5; round += 1) expect((await verifyDatabase(db)).differences).toEqual([]);
    writing = false;
    await writer;
  });
});

test('order histories come page by page with their events in order and their lines', async () => {
  await withCopy(async (db) => {
    const first = await readOrderHistories(db.read, 0, 2);
    expect(first.map(({ reference, events }) => [reference, events.map(({ id }) => id)])).toEqual([
      ['O-1', ['e-1']],
      ['O-2', ['e-2', 'e-2s']],
    ]);
    expect(first[1]?.lines).toMatchObject([{ lineRef: 'L1', shipped: 30_000 }]);
    const rest = await readOrderHistories(db.read, first.at(-1)?.orderId ?? 0, 10);
    expect(rest.map(({ reference }) => reference)).toEqual(['O-3', 'O-4', 'O-5']);
  });
});
