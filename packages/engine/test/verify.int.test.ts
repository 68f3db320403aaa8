// Verify replays orders: a right history passes however large, and what no event explains is named with its order and line.

import { type Database, openDatabase, type Verified } from '@stockroom/db';
import { createDatabase } from '@stockroom/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verify } from '../src/index.ts';
import { placed, said } from './support/events.ts';
import { openShop, type Shop } from './support/shop.ts';

let shop: Shop;
let copyOf: string;

beforeAll(async () => {
  shop = await openShop();
  const sku = await shop.product(100);
  const lines = [
    [sku, 5, 'a'],
    [sku, 3, 'b'],
  ] as const;
  await shop.tell(
    placed('shipped', lines),
    said('paid', 'shipped'),
    said('shipped', 'shipped', { lines: [{ line: 'a', quantity: 2 }] }),
    said('cancelled', 'shipped', { lines: [{ line: 'b' }] }),
    said('returned', 'shipped', { lines: [{ line: 'a', quantity: 1 }], restock: true }),
    placed('untouched', lines),
    placed('refused', [[sku, 1_000]]),
    placed('amended', [[sku, 1, 'a']]),
    said('amended', 'amended', { lines: [{ line: 'a', quantity: 4 }, { line: 'c', sku, quantity: 2 }] }), // biome-ignore format: one thought
  );
  await shop.provesClean();
  // Nobody may be connected to a database that is copied.
  copyOf = new URL(shop.url).pathname.slice(1);
  await shop.db.close();
});
afterAll(() => shop.end());

async function withCopy(work: (db: Database) => Promise<void>): Promise<void> {
  const copy = await createDatabase({ template: copyOf });
  const db = await openDatabase({ url: copy.url, poolMax: 4 });
  try {
    await work(db);
  } finally {
    await db.close();
    await copy.drop();
  }
}

const replayed = ({ differences }: Verified) =>
  differences.filter(({ id }) => id === 'I5').map(({ name, facts }) => ({ name, ...facts }));
const line = (order: string, no: number, change: string) =>
  `update stockroom.order_line set ${change} where line_no = ${no} and order_id = (select id from stockroom.shop_order where reference = '${order}')`;
const eventOf = (order: string, type: string) =>
  `(select seq from stockroom.event where type = 'order.${type}' and order_id = (select id from stockroom.shop_order where reference = '${order}'))`;

const fold = 'an order line stands where its facts put it';
const facts = "an order line's facts are what the order's events said";
const events =
  'every settled event of an order is among the facts of the lines it concerns, or was answered with a no';
const state = 'an order is in the state of its lines';

// biome-ignore format: one damage per line
const damages: readonly [damage: string, change: string, named: object][] = [
  ['a shipped quantity nobody shipped', line('shipped', 1, 'shipped = 3'), { name: fold, reference: 'shipped', line: 'a', field: 'shipped', stored: 3, expected: 2 }],
  ['a released quantity nobody released', line('untouched', 1, 'released = 1'), { name: fold, reference: 'untouched', line: 'a', field: 'released', stored: 1, expected: 0 }],
  ['a returned quantity nobody returned', line('shipped', 1, 'returned = 0'), { name: fold, field: 'returned', stored: 0, expected: 1 }],
  ['a promise of another size', line('shipped', 1, 'committed = 1'), { name: fold, field: 'committed', stored: 1, expected: '0 or 3' }],
  ['deducted units nobody took', line('shipped', 1, `deducted = '[{"placeId":2,"quantity":70000}]'`), { name: fold, field: 'deducted' }],
  ['more waiting units than open ones', line('shipped', 1, 'backordered = 4'), { name: fold, field: 'backordered', stored: 4, expected: '0 to 3' }],
  ['a grant that the answer did not give', line('untouched', 1, 'from_stock = 4, committed = 4'), { name: facts, field: 'first grant', stored: 4, expected: 5 }],
  ['an amended total nobody asked for', line('amended', 1, 'requested = 9'), { name: fold, field: 'requested', stored: 9, expected: 4 }],
  ['a closed line that is open', line('shipped', 1, `status = 'closed'`), { name: fold, field: 'status', stored: 'closed', expected: 'accepted' }],
  ['a closed line left open', line('shipped', 2, `status = 'accepted'`), { name: fold, field: 'status', stored: 'accepted', expected: 'closed' }],
  ['facts out of their order', line('shipped', 1, `facts = (select jsonb_agg(f order by n desc) from jsonb_array_elements(facts) with ordinality as u(f, n))`), { name: fold, field: 'facts' }],
  ['a fact without an event', line('untouched', 1, `facts = '[{"kind":"pay","at":1,"eventId":"nobody","quantity":null}]'`), { name: facts, fact: 'pay', eventId: 'nobody', event: null }],
  ['a fact at another time than its event', line('shipped', 2, `facts = jsonb_set(facts, '{0,at}', '5')`), { name: facts, fact: 'pay', at: 5, event: 'order.paid' }],
  ['a fact of another kind than its event', `update stockroom.event set type = 'order.returned' where seq = ${eventOf('shipped', 'paid')}`, { name: facts, fact: 'pay', event: 'order.returned' }],
  ['an applied event that left nothing on its line', line('shipped', 2, `facts = facts - 1, released = 0, status = 'accepted'`), { name: events, line: 'b', event: 'order.cancelled', answered: 'applied' }],
  ['an order in another state than its lines', `update stockroom.shop_order set state = 'shipped' where reference = 'untouched'`, { name: state, reference: 'untouched', stored: 'shipped', expected: 'accepted' }],
];

describe('verify names', () => {
  test.each(damages)('%s', async (_damage, change, named) => {
    await withCopy(async (db) => {
      expect(await db.pool.query(change)).toMatchObject({ rowCount: 1 });
      const verified = await verify(db);
      expect(verified.ok).toBe(false);
      expect(replayed(verified)).toContainEqual(expect.objectContaining(named));
    });
  });
});

test('verify says what it looked at', async () => {
  await withCopy(async (db) => {
    const { ok, settledOrders, checked } = await verify(db);
    expect({ ok, settledOrders }).toEqual({ ok: true, settledOrders: 4 });
    expect(checked.filter(({ id }) => id === 'I5').map(({ name, rows }) => [name, rows])).toEqual([
      [fold, 7],
      [facts, 7],
      [events, 7],
      [state, 4],
    ]);
    expect(new Set(checked.map(({ id }) => id))).toEqual(new Set(['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'I7']));
  });
});

test('verify pages through more orders than it keeps at once, and names no more than the limit of each kind', async () => {
  await withCopy(async (db) => {
    await db.pool.query(`
      with made as (insert into stockroom.shop_order (store_id, reference, placed, state, product_ids, placed_at)
        select 1, 'copy-' || n, true, 'accepted', '{0}', now() from generate_series(1, 1300) n returning id)
      insert into stockroom.order_line (order_id, line_no, line_ref, sku, product_id, store_id, status, requested, from_stock, shipped, placed_at)
      select id, 1, 'a', 'x', 0, 1, 'accepted', 1, 1, 1, now() from made`);
    const verified = await verify(db, { limit: 7 });
    expect(replayed(verified).filter(({ name }) => name === fold)).toHaveLength(7);
    expect(verified.checked.find(({ name }) => name === state)?.rows).toBe(1_304);
  });
});
