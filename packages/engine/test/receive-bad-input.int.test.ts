// Bad input through the real door: each is refused with the field it is about, kept, changes nothing, and harms no neighbour.

import { listRefusedEvents } from '@stockroom/db';
import { uniqueId } from '@stockroom/testkit';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { placed, said, stock } from './support/events.ts';
import { openShop, type Shop } from './support/shop.ts';

let shop: Shop;
let sku: string;

beforeAll(async () => {
  shop = await openShop();
  sku = await shop.product(100);
});
afterEach(() => shop.provesClean());
afterAll(() => shop.end());

const order = () => placed(uniqueId('order'), [[sku, 1]]);
const quantity = (value: unknown) => ({ ...order(), lines: [{ sku, quantity: value }] });
const nested = (depth: number) => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`) as unknown;

// biome-ignore format: one input per line
const inputs: readonly [name: string, field: string, build: () => unknown][] = [
  ['a quantity of 0', 'lines.0.quantity', () => quantity(0)],
  ['a quantity of -1', 'lines.0.quantity', () => quantity(-1)],
  ['a quantity of 1e21', 'lines.0.quantity', () => quantity(1e21)],
  ['a quantity of NaN', 'lines.0.quantity', () => quantity(Number.NaN)],
  ['a quantity of Infinity', 'lines.0.quantity', () => quantity(Number.POSITIVE_INFINITY)],
  ['a quantity of 2^53+1', 'lines.0.quantity', () => quantity('9007199254740993')],
  ['a quantity with five places', 'lines.0.quantity', () => quantity('1.00001')],
  ['a quantity that is no number', 'lines.0.quantity', () => quantity('many')],
  ['a quantity in a list', 'lines.0.quantity', () => quantity([1])],
  ['no quantity', 'lines.0.quantity', () => quantity(undefined)],
  ['an order without lines', 'lines', () => ({ ...order(), lines: [] })],
  ['an order of 100,000 lines', 'lines', () => ({ ...order(), lines: Array.from({ length: 100_000 }, () => ({ sku, quantity: 1 })) })],
  ['an order whose lines are no list', 'lines', () => ({ ...order(), lines: { sku } })],
  ['an event id of no characters', 'id', () => ({ ...order(), id: '' })],
  ['an event id of 256 characters', 'id', () => ({ ...order(), id: 'x'.repeat(256) })],
  ['an event id of a megabyte', 'id', () => ({ ...order(), id: 'x'.repeat(1_000_000) })],
  ['an event id with a NUL', 'id', () => ({ ...order(), id: `a\u0000b${uniqueId('x')}` })],
  ['an event id with a line break', 'id', () => ({ ...order(), id: 'a\nb' })],
  ['an event id with half a character', 'id', () => ({ ...order(), id: 'a\ud800b' })],
  ['an event id that is a number', 'id', () => ({ ...order(), id: 7 })],
  ['an event id with a space at its end', 'id', () => ({ ...order(), id: 'a ' })],
  ['an order number with a NUL', 'order', () => ({ ...order(), order: 'a\u0000b' })],
  ['a SKU with half a character', 'lines.0.sku', () => ({ ...order(), lines: [{ sku: '\udfff', quantity: 1 }] })],
  ['a SKU of 201 characters', 'lines.0.sku', () => ({ ...order(), lines: [{ sku: 'x'.repeat(201), quantity: 1 }] })],
  ['a field nobody knows', 'quantty', () => ({ ...order(), quantty: 1 })],
  ['a field nobody knows, with a NUL in its name', 'a\ufffdb', () => ({ ...order(), 'a\u0000b': 1 })],
  ['a field nobody knows in a line', 'lines.0.price', () => ({ ...order(), lines: [{ sku, quantity: 1, price: 3 }] })],
  ['a __proto__ key', '__proto__', () => JSON.parse(JSON.stringify(order()).replace('{', '{"__proto__":{"admin":true},')) as unknown],
  ['a day that does not exist', 'at', () => ({ ...order(), at: '2026-02-30T10:00:00Z' })],
  ['a time without an offset', 'at', () => ({ ...order(), at: '2026-02-03T10:00:00' })],
  ['the year 0', 'at', () => ({ ...order(), at: '0000-01-01T00:00:00Z' })],
  ['a year beyond 9999', 'at', () => ({ ...order(), at: '9999-12-31T23:59:59-12:00' })],
  ['a second with a thousand places', 'at', () => ({ ...order(), at: `2026-05-04T10:00:00.${'1'.repeat(1_000)}Z` })],
  ['a time that is a number', 'at', () => ({ ...order(), at: 1_770_000_000_000 })],
  ['a type nobody knows', 'type', () => ({ ...order(), type: 'order.eaten' })],
  ['a type that is an object', 'type', () => ({ ...order(), type: {} })],
  ['no type', 'type', () => ({ ...order(), type: undefined })],
  ['a mail address that is none', 'customer.email', () => ({ ...order(), customer: { email: 'ann' } })],
  ['a store code with a quote', 'store', () => ({ ...order(), store: `'; drop table x` })],
  ['a disposition nobody knows', 'disposition', () => said('returned', 'o', { disposition: 'eaten' })],
  ['an adjustment of nothing', 'by', () => stock('adjust', sku, { by: 0 })],
  ['a negative count', 'counted', () => stock('count', sku, { counted: -1, asOf: '2026-05-04T10:00:00Z' })],
  ['a hold for no time', 'minutes', () => stock('hold', sku, { hold: 'h', quantity: 1, minutes: 0 })],
  ['nothing at all', 'event', () => undefined],
  ['null', 'event', () => null],
  ['a text', 'event', () => 'order.placed'],
  ['a list', 'event', () => [order()]],
  ['a list in a list, 50,000 deep', 'event', () => nested(50_000)],
  ['an order whose lines are a list in a list, 1,000 deep', 'lines.0', () => ({ ...order(), lines: nested(1_000) })],
];

test.each(inputs)('%s is refused, named by its field, and kept', async (_name, field, build) => {
  const before = await shop.levels(sku);
  const refusedBefore = (await listRefusedEvents(shop.db.read, { limit: 1 })).rows[0]?.refusedId ?? 0;
  const neighbour = order();
  const answers = await shop.send(build() as object, neighbour);
  expect(answers).toMatchObject([
    { status: 'refused', code: 'invalid_input', field },
    { status: 'accepted' },
  ]);
  const [answer] = answers;
  expect(answer?.status === 'refused' && answer.message.length).toBeLessThan(800);
  const { rows } = await listRefusedEvents(shop.db.read, { limit: 5 });
  expect(rows.filter((row) => row.refusedId > refusedBefore)).toMatchObject([
    { code: 'invalid_input', field },
  ]);
  await shop.settleAll();
  expect(await shop.outcome(neighbour)).toMatchObject({ status: 'accepted' });
  expect((await shop.levels(sku)).committed).toBe(before.committed + 1);
  await shop.tell(said('cancelled', neighbour.order));
});

test('a quantity with decimals, where the product is sold whole, is answered line by line', async () => {
  const [outcome] = await shop.tell(quantity(1.5));
  expect(outcome).toMatchObject({
    status: 'rejected',
    lines: [{ rejection: { code: 'too_many_decimals', field: 'quantity' } }],
  });
});

test('a product sold in four decimals takes all of them, as number and as text', async () => {
  const loose = await shop.product(2, {}, 4);
  const event = { ...order(), lines: [{ sku: loose, quantity: 0.0001 }, { sku: loose, quantity: '1.9999' }] }; // biome-ignore format: one thought
  expect(await shop.tell(event)).toMatchObject([{ status: 'accepted' }]);
  expect((await shop.levels(loose)).committed).toBe(2);
});

test('an order with one SKU on 1,000 lines is one demand', async () => {
  const event = { ...order(), lines: Array.from({ length: 1_000 }, () => ({ sku, quantity: 1 })) };
  const [outcome] = await shop.tell(event);
  expect(outcome?.status).toBe('rejected');
  expect(outcome?.lines).toHaveLength(1_000);
  expect(new Set(outcome?.lines.map(({ line }) => line)).size).toBe(1_000);
});

test('ids at their limits and in any script pass', async () => {
  const ids = [
    'x'.repeat(200),
    '茶'.repeat(200),
    '🍵'.repeat(100),
    "o'; drop table event; --",
    '{"$ne":1}',
    '__proto__',
    'constructor',
  ];
  for (const id of ids) {
    const event = { ...order(), id, order: id, lines: [{ sku, quantity: 1, line: id }] };
    expect(await shop.tell(event, said('cancelled', id))).toMatchObject([
      { eventId: id, status: 'accepted', lines: [{ line: id }] },
      { status: 'applied' },
    ]);
  }
});
