// Poison: a command that breaks settlement stands alone in the end, is parked for a person, and holds nobody else up.

import { pendingCommands, readOutcome } from '@stockroom/db';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { finalOutcome, settle, unpark } from '../src/index.ts';
import { placed, said, stock } from './support/events.ts';
import { openShop, type Shop } from './support/shop.ts';

let shop: Shop;

beforeAll(async () => {
  shop = await openShop();
});
afterEach(() => shop.provesClean());
afterAll(() => shop.end());

const parked = async () =>
  (
    await shop.db.pool.query<{ id: string; error: string; error_code: string }>(
      'select id, error, error_code from stockroom.parked_command order by id',
    )
  ).rows;

async function unparkAll(): Promise<string[]> {
  const rung: string[] = [];
  const ring = async (bells: Iterable<string>) => void rung.push(...bells);
  await unpark(
    { db: shop.db, bells: 'product', ring },
    (await parked()).map(({ id }) => Number(id)),
  );
  return rung;
}

/** Changes what lies in the mailbox, as a defect or a newer version would have written it. */
async function spoil(eventId: string, change: string): Promise<void> {
  const { rowCount } = await shop.db.pool.query(
    `update stockroom.stock_command set payload = ${change} where event_seq = (select seq from stockroom.event where id = $1)`,
    [eventId],
  );
  expect(rowCount).toBe(1);
}

test('a payload that nobody can settle is parked alone, the rest of the batch settles, and its outcome says so', async () => {
  const [a, b] = [await shop.product(10), await shop.product(10)];
  const orders = Array.from({ length: 12 }, (_, n) => placed(`o${n}-${a}`, [[n % 2 === 0 ? a : b, 1]]));
  const bad = orders[6]!;
  await shop.send(...orders);
  await spoil(bad.id, `jsonb_set(payload, '{lines}', '"not a list"')`);
  const news = await shop.settleAll();
  expect(news.map(({ commands, parked: count }) => [commands, count])).toEqual([[12, 1]]);
  for (const order of orders) {
    expect(await shop.outcome(order)).toMatchObject({ status: order === bad ? 'parked' : 'accepted' });
  }
  expect(await shop.levels(a)).toMatchObject({ committed: 5 });
  expect(await shop.levels(b)).toMatchObject({ committed: 6 });
  expect(await parked()).toMatchObject([{ error_code: 'defect', error: expect.stringMatching(/Error/) }]);

  // Not repaired, it is parked again; repaired, it is settled.
  expect(await unparkAll()).toHaveLength(1);
  await shop.settleAll();
  expect(await parked()).toHaveLength(1);
  await unparkAll();
  const lines = JSON.stringify([{ no: 1, ref: a, sku: a, itemId: await itemIdOf(a), quantity: 10_000 }]);
  await spoil(bad.id, `jsonb_set(payload, '{lines}', '${lines}')`);
  await shop.settleAll();
  expect(await parked()).toEqual([]);
  expect(await shop.outcome(bad)).toMatchObject({ status: 'accepted' });
  expect(await shop.levels(a)).toMatchObject({ committed: 6 });
});

async function itemIdOf(sku: string): Promise<number> {
  const { rows } = await shop.db.pool.query<{ id: string }>(
    'select id from stockroom.stock_item where sku = $1',
    [sku],
  );
  return Number(rows[0]?.id);
}

test('a command that the database refuses is parked with the reason of the database', async () => {
  const sku = await shop.product(10);
  await shop.db.pool.query(
    `alter table stockroom.movement add constraint thirteen_is_unlucky check (balance_after <> 13) not valid`,
  );
  const [before, bad, after] = [5, -2, 1].map((by) => stock('adjust', sku, { by })) as [
    object,
    object,
    object,
  ];
  await shop.send(before, bad, after);
  const news = await shop.settleAll();
  expect(news.map(({ commands, parked: count }) => [commands, count])).toEqual([[3, 1]]);
  expect(await shop.outcome(bad)).toMatchObject({ status: 'parked' });
  expect(await shop.levels(sku)).toMatchObject({ onHand: 16 });
  expect(await parked()).toMatchObject([
    { error_code: 'check_violation', error: expect.stringContaining('thirteen') },
  ]);

  await shop.db.pool.query('alter table stockroom.movement drop constraint thirteen_is_unlucky');
  expect(await unparkAll()).toHaveLength(1);
  await shop.settleAll();
  expect(await shop.outcome(bad)).toMatchObject({ status: 'applied', onHand: 14 });
});

test('what follows a parked placing waits with it, and comes after it when a person has set it going again', async () => {
  const sku = await shop.product(10);
  const order = placed(`follow-${sku}`, [[sku, 2]]);
  const shipped = said('shipped', order.order);
  const stranger = placed(`stranger-${sku}`, [[sku, 1]]);
  await shop.send(order, shipped, stranger);
  await shop.db.pool.query(
    `alter table stockroom.order_line add constraint no_two check (requested <> 2) not valid`,
  );
  await shop.settleAll();
  const cancelled = said('cancelled', order.order, { lines: [{ line: sku, quantity: 1 }] });
  await shop.send(cancelled);
  await shop.settleAll();
  expect(await shop.outcome(stranger)).toMatchObject({ status: 'accepted' });
  for (const event of [order, shipped, cancelled]) {
    expect(await shop.outcome(event)).toMatchObject({ status: 'parked' });
  }
  expect((await parked()).map(({ error_code }) => error_code)).toEqual([
    'check_violation',
    'placing_parked',
    'placing_parked',
  ]);

  await shop.db.pool.query('alter table stockroom.order_line drop constraint no_two');
  const placing = Number((await parked())[0]?.id);
  await unpark({ db: shop.db, bells: 'product', ring: async () => {} }, [placing]);
  await shop.settleAll();
  expect(await parked()).toEqual([]);
  expect(await shop.outcome(order)).toMatchObject({ status: 'accepted' });
  expect(await shop.outcome(shipped)).toMatchObject({ status: 'applied', lines: [{ moved: 2 }] });
  expect(await shop.outcome(cancelled)).toMatchObject({ status: 'nothing_to_do' });
  expect(await shop.levels(sku)).toMatchObject({ onHand: 8, committed: 1 });
});

test('an order of two products of which one is parked stays pending, its outcome parked', async () => {
  const [a, b] = [await shop.product(5), await shop.product(5)];
  const order = placed(`half-${a}`, [
    [a, 1],
    [b, 2],
  ]);
  await shop.send(order);
  await shop.db.pool.query(
    `alter table stockroom.order_line add constraint no_two check (requested <> 2) not valid`,
  );
  await shop.settleAll();
  expect(await shop.outcome(order)).toMatchObject({ status: 'parked' });
  expect((await shop.order(order.order)).state).toBe('pending');
  await shop.db.pool.query('alter table stockroom.order_line drop constraint no_two');
  await unparkAll();
  await shop.settleAll();
  expect(await shop.outcome(order)).toMatchObject({ status: 'accepted', lines: [{ line: a }, { line: b }] });
  expect((await shop.order(order.order)).state).toBe('accepted');
});

test('when the world fails nothing is parked: all of it is still pending', async () => {
  const sku = await shop.product(5);
  const order = placed(`world-${sku}`, [[sku, 1]]);
  await shop.send(order);
  const blocker = await shop.db.pool.connect();
  try {
    await blocker.query('begin; lock table stockroom.product in access exclusive mode');
    const pending = await pendingCommands(shop.db.read, [...Array(1024).keys()], null, 10);
    const settling = shop.db.transaction(async (sql) => {
      await sql.query({ name: 'impatient', text: `set local lock_timeout = '50ms'` }, []);
      return settle({ ...shop.db, transaction: (work) => work(sql) }, pending);
    });
    await expect(settling).rejects.toMatchObject({ code: 'lock_timeout', retry: 'soon' });
  } finally {
    await blocker.query('rollback');
    blocker.release();
  }
  expect(finalOutcome((await readOutcome(shop.db.read, order.id))!)).toBeNull();
  expect(await parked()).toEqual([]);
  await shop.settleAll();
  expect(await shop.outcome(order)).toMatchObject({ status: 'accepted' });
});

test('two settlers at once settle each command once', async () => {
  const sku = await shop.product(50);
  const orders = Array.from({ length: 40 }, (_, n) => placed(`twice${n}-${sku}`, [[sku, 2]]));
  await shop.send(...orders);
  const pending = await pendingCommands(shop.db.read, [...Array(1024).keys()], null, 100);
  const news = await Promise.all([1, 2, 3].map(() => settle(shop.db, pending)));
  expect(news.map(({ commands }) => commands).sort((a, b) => a - b)).toEqual([0, 0, 40]);
  expect(await shop.levels(sku)).toMatchObject({ committed: 50 });
});
