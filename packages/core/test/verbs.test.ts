// Every verb by given, when, then: what an answer says and where the units are afterwards.

import { describe, expect, test } from 'vitest';
import type { SparseSettings } from '../src/settings.ts';
import type { StockCommand } from '../src/types.ts';
import type { Shop } from './shop.ts';
import {
  amounts,
  item,
  itemId,
  levelOf,
  lineOf,
  openShop,
  otherItemId,
  place1,
  place2,
  pool,
  run,
  say,
  store,
  storeId,
  toUnits,
} from './shop.ts';

interface Row {
  readonly name: string;
  readonly settings?: SparseSettings;
  /** On hand at the two locations. */
  readonly stock?: readonly [number, number];
  readonly given?: readonly StockCommand[];
  readonly when: StockCommand;
  readonly result?: 'applied' | 'rejected' | 'nothing_to_do';
  readonly code?: string;
  readonly available?: number;
  readonly one?: Record<string, number>;
  readonly two?: Record<string, number>;
  readonly pool?: Record<string, number>;
  readonly line?: Record<string, number | string>;
  readonly moved?: number;
}

function check(row: Row): Shop {
  const [here, there] = row.stock ?? [10, 0];
  const shop = openShop([item(itemId, here, there), item(otherItemId, 10)], row.settings ?? {});
  for (const command of row.given ?? []) run(shop, command);
  const { answer } = run(shop, row.when);
  expect(answer.result).toBe(row.result ?? 'applied');
  const rejection = answer.rejection ?? answer.lines.find((line) => line.rejection !== null)?.rejection;
  expect(rejection?.code).toBe(row.code);
  if (row.available !== undefined) expect(toUnits(rejection?.available ?? (0 as never))).toBe(row.available);
  if (row.moved !== undefined) expect(toUnits(answer.lines[0]?.moved ?? (0 as never))).toBe(row.moved);
  if (row.one) expect(amounts(levelOf(shop, place1))).toEqual(row.one);
  if (row.two) expect(amounts(levelOf(shop, place2))).toEqual(row.two);
  if (row.pool) expect(amounts(levelOf(shop, pool))).toEqual(row.pool);
  if (row.line) {
    const line = lineOf(shop);
    const shown = Object.fromEntries(
      Object.keys(row.line).map((field) => {
        const value = line[field as keyof typeof line];
        return [field, typeof value === 'number' ? toUnits(value as never) : value];
      }),
    );
    expect(shown).toEqual(row.line);
  }
  return shop;
}

const placed = (quantity: number) => say.place([[1, quantity]]);
const negative = (rule: 'allow' | 'clamp_zero' | 'reject') => ({ 'negative.onHand': rule }) as const;
const ordered = { 'deduct.on': 'ordered' } as const;
const paid = { 'deduct.on': 'paid' } as const;
const backorders = { 'backorder.mode': 'allow' } as const;

describe('place', () => {
  test.each<Row>([
    {
      name: 'commits by default',
      when: placed(4),
      one: { onHand: 10 },
      pool: { committed: 4 },
      line: { fromStock: 4, committed: 4 },
    },
    {
      name: 'refuses what is not there, with what is',
      when: placed(11),
      result: 'rejected',
      code: 'insufficient_stock',
      available: 10,
      pool: {},
      line: { status: 'rejected' },
    },
    {
      name: 'sums two lines of one item: neither passes alone',
      when: say.place([
        [1, 6],
        [2, 5],
      ]),
      result: 'rejected',
      code: 'insufficient_stock',
      available: 10,
      pool: {},
    },
    {
      name: 'takes what can be had under partial',
      settings: { 'order.policy': 'partial' },
      when: placed(12),
      code: 'insufficient_stock',
      available: 10,
      pool: { committed: 10 },
      line: { status: 'accepted', fromStock: 10, requested: 12 },
    },
    {
      name: 'accepts everything under accept_all and lets the rest wait',
      settings: { 'order.policy': 'accept_all' },
      when: placed(12),
      pool: { committed: 12 },
      line: { fromStock: 10, backordered: 2 },
    },
    {
      name: 'backorders without a limit at threshold zero',
      settings: backorders,
      when: placed(500),
      pool: { committed: 500 },
      line: { fromStock: 10, backordered: 490 },
    },
    {
      name: 'backorders up to a negative threshold (adobe D7)',
      settings: { ...backorders, 'oos.threshold': -500_000 as never },
      stock: [25, 0],
      when: placed(75),
      line: { fromStock: 25, backordered: 50 },
    },
    {
      name: 'and not one more (adobe D10)',
      settings: { ...backorders, 'oos.threshold': -500_000 as never },
      stock: [25, 0],
      when: placed(76),
      result: 'rejected',
      code: 'insufficient_stock',
      available: 75,
    },
    {
      name: 'keeps the threshold unsold',
      settings: { 'oos.threshold': 50_000 as never },
      when: placed(6),
      result: 'rejected',
      code: 'insufficient_stock',
      available: 5,
    },
    {
      name: 'deducts at once by priority over locations',
      settings: ordered,
      stock: [3, 5],
      when: placed(4),
      one: {},
      two: { onHand: 4 },
      pool: {},
    },
    {
      name: 'goes below zero at the first location where allowed',
      settings: { ...ordered, ...backorders, ...negative('allow') },
      stock: [3, 0],
      when: placed(5),
      one: { onHand: -2 },
      pool: {},
      line: { backordered: 2 },
    },
    {
      name: 'stops at zero where clamped',
      settings: { ...ordered, ...backorders, ...negative('clamp_zero') },
      stock: [3, 0],
      when: placed(5),
      one: {},
      pool: {},
    },
    {
      name: 'promises what cannot be deducted where rejected',
      settings: { ...ordered, ...backorders },
      stock: [3, 0],
      when: placed(5),
      one: {},
      pool: { committed: 2 },
      line: { committed: 2, backordered: 2 },
    },
    {
      name: 'counts nothing without tracking',
      settings: { 'tracking.mode': 'none' },
      when: placed(99),
      one: { onHand: 10 },
      pool: {},
      line: { status: 'accepted' },
    },
    {
      name: 'promises nothing where reservation is off',
      settings: { 'reserve.on': 'none' },
      when: placed(4),
      pool: {},
    },
    {
      name: 'knows no SKU without an item',
      when: say.place([[1, 1, null]]),
      result: 'rejected',
      code: 'unknown_sku',
    },
    {
      name: 'refuses decimals the item does not have',
      when: placed(1.5),
      result: 'rejected',
      code: 'too_many_decimals',
    },
    {
      name: 'leaves a line alone that was decided before',
      given: [placed(4)],
      when: placed(4),
      result: 'nothing_to_do',
      pool: { committed: 4 },
    },
    {
      name: 'takes over its hold',
      given: [say.hold('cart', 10)],
      when: say.place([[1, 10]], { holdRef: 'cart' }),
      pool: { committed: 10 },
    },
    {
      name: "does not take another one's hold",
      given: [say.hold('cart', 10)],
      when: placed(1),
      result: 'rejected',
      code: 'insufficient_stock',
      pool: { held: 10 },
    },
    {
      name: 'keeps its hold when it is refused',
      given: [say.hold('cart', 5)],
      when: say.place([[1, 11]], { holdRef: 'cart' }),
      result: 'rejected',
      code: 'insufficient_stock',
      pool: { held: 5 },
    },
  ])('$name', (row) => {
    check(row);
  });

  test('a product that is not published is not sold, and a discontinued one is sold out but not backordered', () => {
    const hidden = openShop([item(itemId, 10, 0, { published: false })]);
    expect(run(hidden, placed(1)).answer.rejection?.code).toBe('not_published');
    const ending = openShop([item(itemId, 2, 0, { discontinued: true })], backorders);
    expect(run(ending, placed(3)).answer.rejection?.code).toBe('insufficient_stock');
    expect(run(ending, say.place([[1, 2]], { orderId: 2 })).answer.result).toBe('applied');
    expect(run(ending, say.place([[1, 1]], { orderId: 3 })).answer.rejection?.code).toBe('discontinued');
  });

  test('two lines of two items are decided apart and a mail tells of backorders where asked for', () => {
    const shop = openShop([item(itemId, 1), item(otherItemId, 9)], { 'backorder.mode': 'allow_notify' });
    const settled = run(
      shop,
      say.place([
        [1, 3],
        [2, 4, otherItemId],
      ]),
    );
    const accepted = settled.effects.filter((effect) => effect.type === 'backorder.accepted');
    expect(accepted).toMatchObject([
      { mail: 'backorder-notice', lineNo: 1, quantity: 20_000, stillWaiting: 20_000 },
    ]);
  });

  test('a hold that ran out no longer protects and is tidied away by the next who touches the item', () => {
    const shop = openShop();
    run(shop, say.hold('cart', 10, 1));
    shop.now += 60_000;
    const settled = run(shop, placed(10));
    expect(settled.entries.map((entry) => entry.kind)).toEqual(['hold_expired', 'commit']);
    expect(amounts(levelOf(shop, pool))).toEqual({ committed: 10 });
  });
});

describe('pay', () => {
  test.each<Row>([
    {
      name: 'changes nothing where shipping deducts',
      given: [placed(4)],
      when: say.pay(),
      one: { onHand: 10 },
      pool: { committed: 4 },
    },
    {
      name: 'deducts where payment deducts',
      settings: paid,
      given: [placed(4)],
      when: say.pay(),
      one: { onHand: 6 },
      pool: {},
      moved: 4,
    },
    {
      name: 'commits where payment reserves',
      settings: { 'reserve.on': 'paid' },
      given: [placed(4)],
      when: say.pay(),
      one: { onHand: 10 },
      pool: { committed: 4 },
    },
    {
      name: 'names the shortfall and takes what can be had',
      settings: { 'reserve.on': 'none', ...paid },
      given: [placed(8), say.adjust(-5)],
      when: say.pay(),
      code: 'shortfall',
      available: 5,
      one: {},
      pool: {},
      moved: 5,
    },
    {
      name: 'never goes below zero silently',
      settings: { 'reserve.on': 'none', ...paid, ...negative('allow') },
      given: [placed(8), say.adjust(-5)],
      when: say.pay(),
      code: 'shortfall',
      available: 5,
      one: {},
    },
    {
      name: 'lets the rest wait where backorders are allowed',
      settings: { 'reserve.on': 'none', ...paid, ...backorders },
      given: [placed(8), say.adjust(-5)],
      when: say.pay(),
      one: {},
      pool: { committed: 3 },
      line: { backordered: 3 },
    },
    {
      name: 'does not take what is promised to others',
      settings: { 'reserve.on': 'paid' },
      given: [placed(8), say.place([[1, 8]], { orderId: 2 }), say.pay({ orderId: 2 })],
      when: say.pay(),
      code: 'shortfall',
      available: 2,
      pool: { committed: 10 },
    },
    {
      name: 'pays a line once',
      settings: paid,
      given: [placed(4), say.pay()],
      when: say.pay(),
      result: 'nothing_to_do',
      one: { onHand: 6 },
    },
  ])('$name', (row) => {
    check(row);
  });
});

describe('ship', () => {
  test.each<Row>([
    {
      name: 'deducts and frees the promise',
      given: [placed(4)],
      when: say.ship(),
      one: { onHand: 6 },
      pool: {},
      moved: 4,
      line: { shipped: 4, committed: 0 },
    },
    {
      name: 'ships in part',
      given: [placed(4)],
      when: say.ship({ lines: [[1, 3]] }),
      one: { onHand: 7 },
      pool: { committed: 1 },
      moved: 3,
    },
    {
      name: 'ships no more than is open',
      given: [placed(4)],
      when: say.ship({ lines: [[1, 9]] }),
      one: { onHand: 6 },
      moved: 4,
    },
    {
      name: 'goes over locations by priority',
      stock: [3, 5],
      given: [placed(4)],
      when: say.ship(),
      one: {},
      two: { onHand: 4 },
    },
    {
      name: 'takes the given place',
      stock: [10, 10],
      given: [placed(4)],
      when: say.ship({ placeId: place2 }),
      one: { onHand: 10 },
      two: { onHand: 6 },
    },
    {
      name: 'is refused whole where goods are missing',
      given: [
        say.place([
          [1, 4],
          [2, 2, otherItemId],
        ]),
        say.adjust(-8),
      ],
      when: say.ship(),
      result: 'rejected',
      code: 'insufficient_stock',
      available: 2,
      one: { onHand: 2 },
      pool: { committed: 4 },
      line: { shipped: 0 },
    },
    {
      name: 'does not ship what is unavailable',
      given: [placed(4), say.adjust(8, { bucket: 'unavailable' })],
      when: say.ship(),
      result: 'rejected',
      code: 'insufficient_stock',
      available: 2,
    },
    {
      name: 'goes below zero where allowed',
      settings: negative('allow'),
      given: [placed(4), say.adjust(-8)],
      when: say.ship(),
      one: { onHand: -2 },
      moved: 4,
    },
    {
      name: 'ships a backorder once goods are there',
      settings: backorders,
      stock: [0, 0],
      given: [placed(4), say.receive(4)],
      when: say.ship(),
      one: {},
      pool: {},
      line: { shipped: 4, backordered: 0 },
    },
    {
      name: 'does not ship a waiting backorder',
      settings: backorders,
      stock: [0, 0],
      given: [placed(4)],
      when: say.ship(),
      result: 'rejected',
      code: 'insufficient_stock',
      available: 0,
      pool: { committed: 4 },
    },
    {
      name: 'only notes it where the placing deducted',
      settings: ordered,
      given: [placed(4)],
      when: say.ship(),
      one: { onHand: 6 },
      line: { shipped: 4 },
    },
    {
      name: 'has nothing to ship twice',
      given: [placed(4), say.ship()],
      when: say.ship({ lines: [[1, null]] }),
      result: 'nothing_to_do',
      code: 'nothing_to_ship',
      one: { onHand: 6 },
    },
    {
      name: 'is refused after the cancel',
      given: [placed(4), say.cancel({ at: 1_500 })],
      when: say.ship({ at: 2_000 }),
      result: 'rejected',
      code: 'line_closed',
      one: { onHand: 10 },
    },
    {
      name: 'that happened before the cancel ships late',
      given: [placed(4), say.cancel({ at: 2_000 })],
      when: say.ship({ at: 1_500, lines: [[1, 3]] }),
      one: { onHand: 7 },
      line: { shipped: 3, released: 1 },
    },
    {
      name: 'knows no foreign line',
      given: [placed(4)],
      when: say.ship({ lines: [[7, 1]] }),
      result: 'rejected',
      code: 'unknown_line',
    },
    {
      name: 'of a refused line is refused',
      given: [placed(99)],
      when: say.ship(),
      result: 'rejected',
      code: 'line_closed',
    },
  ])('$name', (row) => {
    check(row);
  });

  test('every short line is named with its amounts', () => {
    const shop = openShop([item(itemId, 4), item(otherItemId, 5)]);
    run(
      shop,
      say.place([
        [1, 4],
        [2, 5, otherItemId],
      ]),
    );
    run(shop, say.adjust(-3));
    run(shop, { ...say.adjust(-1), itemId: otherItemId } as StockCommand);
    const { answer, entries } = run(shop, say.ship());
    expect(entries).toEqual([]);
    expect(answer.lines.map((line) => line.rejection)).toMatchObject([
      { code: 'insufficient_stock', line: 'L1', requested: 40_000, available: 10_000 },
      { code: 'insufficient_stock', line: 'L2', requested: 50_000, available: 40_000 },
    ]);
  });
});

describe('cancel and delete', () => {
  const took = [placed(5), say.ship({ lines: [[1, 2]] })];
  test.each<Row>([
    {
      name: 'frees the promise',
      given: [placed(5)],
      when: say.cancel(),
      one: { onHand: 10 },
      pool: {},
      line: { status: 'closed', released: 5 },
    },
    {
      name: 'frees a part and stays open',
      given: [placed(5)],
      when: say.cancel({ lines: [[1, 2]] }),
      pool: { committed: 3 },
      line: { status: 'accepted', released: 2 },
    },
    {
      name: 'keeps shipped units out by default',
      given: took,
      when: say.cancel(),
      one: { onHand: 8 },
      pool: {},
      line: { released: 3, shipped: 2 },
    },
    {
      name: 'gives shipped units back under auto_all',
      settings: { 'cancel.restock': 'auto_all' },
      given: took,
      when: say.cancel(),
      one: { onHand: 10 },
      line: { returned: 2 },
    },
    {
      name: 'frees a mere promise even under never',
      settings: { 'cancel.restock': 'never' },
      given: [placed(5)],
      when: say.cancel(),
      pool: {},
    },
    {
      name: 'leaves deducted units deducted under never',
      settings: { ...ordered, 'cancel.restock': 'never' },
      given: [placed(5)],
      when: say.cancel({ restock: true }),
      one: { onHand: 5 },
    },
    {
      name: 'gives back under prompt only when told so',
      settings: { ...ordered, 'cancel.restock': 'prompt' },
      given: [placed(5)],
      when: say.cancel(),
      one: { onHand: 5 },
    },
    {
      name: 'gives back under prompt when told so',
      settings: { ...ordered, 'cancel.restock': 'prompt' },
      given: [placed(5)],
      when: say.cancel({ restock: true }),
      one: { onHand: 10 },
    },
    {
      name: 'returns units to where they were taken',
      settings: ordered,
      stock: [0, 8],
      given: [placed(5)],
      when: say.cancel(),
      one: {},
      two: { onHand: 8 },
    },
    {
      name: 'returns units to the first location under pool',
      settings: { ...ordered, 'cancel.target': 'pool' },
      stock: [0, 8],
      given: [placed(5)],
      when: say.cancel(),
      one: { onHand: 5 },
      two: { onHand: 3 },
    },
    {
      name: 'adds nothing when a cancelled order is deleted',
      settings: ordered,
      given: [placed(5), say.cancel()],
      when: say.cancel({ type: 'delete' }),
      result: 'nothing_to_do',
      one: { onHand: 10 },
    },
    {
      name: 'adds nothing when cancelled twice',
      given: [placed(5), say.cancel()],
      when: say.cancel(),
      result: 'nothing_to_do',
      pool: {},
    },
    {
      name: 'obeys delete.restock when deleted',
      settings: { ...ordered, 'delete.restock': 'never' },
      given: [placed(5)],
      when: say.cancel({ type: 'delete' }),
      one: { onHand: 5 },
    },
    {
      name: 'has nothing to free of a refused line',
      given: [placed(99)],
      when: say.cancel(),
      result: 'nothing_to_do',
      pool: {},
    },
  ])('$name', (row) => {
    check(row);
  });
});

describe('return, refund and restock by hand', () => {
  const shipped = [placed(5), say.ship()];
  test.each<Row>([
    {
      name: 'a return does not restock by default',
      given: shipped,
      when: say.comeBack(),
      one: { onHand: 5 },
      line: { returned: 5 },
    },
    {
      name: 'a return restocks when it says so',
      given: shipped,
      when: say.comeBack({ restock: true, lines: [[1, 2]] }),
      one: { onHand: 7 },
      moved: 2,
    },
    {
      name: 'a return restocks by policy',
      settings: { 'return.restock': 'default_yes' },
      given: shipped,
      when: say.comeBack(),
      one: { onHand: 10 },
    },
    {
      name: 'a return restocks never where the policy says so',
      settings: { 'return.restock': 'never' },
      given: shipped,
      when: say.comeBack({ restock: true }),
      one: { onHand: 5 },
    },
    {
      name: 'damaged goods are on hand and not for sale',
      given: shipped,
      when: say.comeBack({ restock: true, disposition: 'damaged' }),
      one: { onHand: 10, unavailable: 5 },
    },
    {
      name: 'goods come back to the given place',
      given: shipped,
      when: say.comeBack({ restock: true, placeId: place2 }),
      one: { onHand: 5 },
      two: { onHand: 5 },
    },
    {
      name: 'no more comes back than was shipped',
      given: [...shipped, say.comeBack({ restock: true, lines: [[1, 3]] })],
      when: say.comeBack({ restock: true }),
      one: { onHand: 10 },
      moved: 2,
    },
    {
      name: 'a refund of units that never left moves nothing',
      given: [placed(5)],
      when: say.comeBack({ type: 'refund', restock: true }),
      result: 'nothing_to_do',
      one: { onHand: 10 },
      pool: { committed: 5 },
    },
    {
      name: 'a refund of money leaves the units for the return',
      given: [...shipped, say.comeBack({ type: 'refund' })],
      when: say.comeBack({ restock: true }),
      one: { onHand: 10 },
      moved: 5,
    },
    {
      name: 'by hand within what the line took',
      given: shipped,
      when: say.restock(1, 3),
      one: { onHand: 8 },
      moved: 3,
    },
    {
      name: 'by hand no more than the line took',
      given: [...shipped, say.restock(1, 4)],
      when: say.restock(1, 4),
      one: { onHand: 10 },
      moved: 1,
    },
    {
      name: 'by hand nothing where nothing was taken',
      given: [placed(5)],
      when: say.restock(1, 3),
      result: 'rejected',
      code: 'nothing_to_restore',
      one: { onHand: 10 },
    },
    {
      name: 'by hand what a cancel kept',
      settings: { ...ordered, 'cancel.restock': 'never' },
      given: [placed(5), say.cancel()],
      when: say.restock(1, 5, { at: 2_000 }),
      one: { onHand: 10 },
    },
  ])('$name', (row) => {
    check(row);
  });
});

describe('amend', () => {
  test.each<Row>([
    {
      name: 'raises by the difference',
      given: [placed(4)],
      when: say.amend(1, 6),
      pool: { committed: 6 },
      line: { requested: 6, fromStock: 6 },
    },
    {
      name: 'lowers and frees only its own units',
      given: [placed(4), say.place([[1, 3]], { orderId: 2 })],
      when: say.amend(1, 1, { at: 2_000 }),
      pool: { committed: 4 },
    },
    {
      name: 'is refused where stock does not cover the difference',
      given: [placed(4)],
      when: say.amend(1, 11),
      result: 'rejected',
      code: 'insufficient_stock',
      available: 6,
      pool: { committed: 4 },
      line: { requested: 4 },
    },
    {
      name: 'takes a part under partial',
      settings: { 'order.policy': 'partial' },
      given: [placed(4)],
      when: say.amend(1, 11),
      code: 'insufficient_stock',
      available: 6,
      pool: { committed: 10 },
    },
    {
      name: 'lets the difference wait where backorders are allowed',
      settings: backorders,
      given: [placed(4)],
      when: say.amend(1, 12),
      pool: { committed: 12 },
      line: { backordered: 2 },
    },
    {
      name: 'gives up waiting units first',
      settings: backorders,
      given: [placed(12)],
      when: say.amend(1, 11),
      pool: { committed: 11 },
      line: { backordered: 1, fromStock: 10 },
    },
    {
      name: 'cannot fall below what was shipped',
      given: [placed(4), say.ship({ lines: [[1, 3]] })],
      when: say.amend(1, 1, { at: 2_000 }),
      pool: {},
      line: { shipped: 3 },
    },
    {
      name: 'deducts the difference where placing deducts',
      settings: ordered,
      given: [placed(4)],
      when: say.amend(1, 6),
      one: { onHand: 4 },
      pool: {},
    },
    {
      name: 'gives the difference back where placing deducted',
      settings: ordered,
      given: [placed(4)],
      when: say.amend(1, 1, { at: 2_000 }),
      one: { onHand: 9 },
    },
    {
      name: 'adds a line the order does not have',
      given: [say.place([[2, 1]])],
      when: say.amend(1, 3),
      pool: { committed: 4 },
    },
    {
      name: 'does not open a cancelled line again',
      given: [placed(4), say.cancel()],
      when: say.amend(1, 6, { at: 2_000 }),
      result: 'rejected',
      code: 'line_closed',
      pool: {},
    },
  ])('$name', (row) => {
    check(row);
  });
});

describe('settle_back', () => {
  test.each<Row>([
    {
      name: 'gives back the promise and rejects the line',
      given: [placed(4)],
      when: say.settleBack(),
      code: 'order_rejected',
      pool: {},
      line: { status: 'rejected', reason: 'order_rejected' },
    },
    {
      name: 'gives back what was deducted',
      settings: ordered,
      stock: [3, 5],
      given: [placed(4)],
      when: say.settleBack(),
      code: 'order_rejected',
      one: { onHand: 3 },
      two: { onHand: 5 },
    },
    {
      name: 'twice is once',
      given: [placed(4), say.settleBack()],
      when: say.settleBack(),
      result: 'nothing_to_do',
      pool: {},
    },
  ])('$name', (row) => {
    check(row);
  });
});

describe('goods without an order', () => {
  test.each<Row>([
    { name: 'adjust adds', when: say.adjust(3), one: { onHand: 13 } },
    {
      name: 'adjust is refused below zero',
      when: say.adjust(-11),
      result: 'rejected',
      code: 'would_be_negative',
      available: 10,
      one: { onHand: 10 },
    },
    {
      name: 'adjust goes below zero when a person says so',
      when: say.adjust(-11, { allowNegative: true }),
      one: { onHand: -1 },
    },
    {
      name: 'adjust stops at zero where clamped',
      settings: negative('clamp_zero'),
      when: say.adjust(-11),
      one: {},
    },
    {
      name: 'adjust goes below zero where allowed',
      settings: negative('allow'),
      when: say.adjust(-11),
      one: { onHand: -1 },
    },
    {
      name: 'adjust sets units aside',
      when: say.adjust(4, { bucket: 'unavailable' }),
      one: { onHand: 10, unavailable: 4 },
    },
    { name: 'adjust by nothing does nothing', when: say.adjust(0), result: 'nothing_to_do' },
    {
      name: 'adjust refuses decimals the item does not have',
      when: say.adjust(0.5),
      result: 'rejected',
      code: 'too_many_decimals',
    },
    { name: 'set sets', when: say.set(7), one: { onHand: 7 } },
    { name: 'set with the expected value sets', when: say.set(7, 10), one: { onHand: 7 } },
    {
      name: 'set with another value is a conflict',
      when: say.set(7, 9),
      result: 'rejected',
      code: 'conflict',
      one: { onHand: 10 },
    },
    {
      name: 'a count keeps the sales since',
      given: [placed(4), say.ship()],
      when: say.count(9, 10),
      one: { onHand: 5 },
    },
    { name: 'receive adds', when: say.receive(5), one: { onHand: 15 } },
    {
      name: 'receive uses up what was announced',
      given: [say.incoming(3)],
      when: say.receive(5, { fromIncoming: true }),
      one: { onHand: 15 },
    },
    {
      name: 'incoming never falls below zero',
      given: [say.incoming(3)],
      when: say.incoming(-4),
      result: 'rejected',
      code: 'would_be_negative',
      one: { onHand: 10, incoming: 3 },
    },
    { name: 'transfer moves', when: say.transfer(4), one: { onHand: 6 }, two: { onHand: 4 } },
    {
      name: 'transfer takes no more than is there',
      when: say.transfer(11),
      result: 'rejected',
      code: 'would_be_negative',
      one: { onHand: 10 },
    },
    { name: 'hold promises for a time', when: say.hold('cart', 4), pool: { held: 4 } },
    {
      name: 'the same hold replaces itself',
      given: [say.hold('cart', 8)],
      when: say.hold('cart', 9),
      pool: { held: 9 },
    },
    {
      name: 'hold takes no more than can be sold',
      given: [placed(4)],
      when: say.hold('cart', 7),
      result: 'rejected',
      code: 'insufficient_stock',
      available: 6,
    },
    { name: 'release frees', given: [say.hold('cart', 4)], when: say.release('cart'), pool: {} },
    { name: 'release knows its holds', when: say.release('cart'), result: 'rejected', code: 'unknown_hold' },
  ])('$name', (row) => {
    check(row);
  });

  test('a correction below zero says so in the ledger', () => {
    const shop = openShop();
    expect(run(shop, say.adjust(-11, { allowNegative: true })).entries[0]?.belowFloor).toBe(true);
    expect(run(shop, say.adjust(2)).entries[0]?.belowFloor).toBe(false);
  });

  test('an item nobody loaded is an unknown SKU', () => {
    const shop = openShop([item(otherItemId, 1)]);
    expect(run(shop, say.receive(1)).answer.rejection?.code).toBe('unknown_sku');
  });
});

describe('waiting backorders', () => {
  const first = say.place([[1, 3]], { orderId: 1, at: 1_000 });
  const second = say.place([[1, 4]], { orderId: 2, at: 2_000 });

  test('receipts fill the first who waited, in part if need be, and say so', () => {
    const shop = openShop([item(itemId, 0)], backorders);
    run(shop, second);
    run(shop, first);
    const settled = run(shop, say.receive(5));
    expect(settled.effects.filter((effect) => effect.type === 'backorder.filled')).toMatchObject([
      { orderId: 1, quantity: 30_000, stillWaiting: 0, mail: 'backorder-filled' },
      { orderId: 2, quantity: 20_000, stillWaiting: 20_000 },
    ]);
    expect(lineOf(shop, 2)).toMatchObject({ fromStock: 20_000, backordered: 20_000, committed: 40_000 });
  });

  test('a cancelled order frees its stock for those who wait', () => {
    const shop = openShop([item(itemId, 3)], backorders);
    run(shop, first);
    run(shop, second);
    run(shop, say.cancel({ orderId: 1, at: 3_000 }));
    expect(lineOf(shop, 2)).toMatchObject({ fromStock: 30_000, backordered: 10_000 });
  });

  test('what is deducted at placing is deducted as soon as it is there, and given back whole by a cancel', () => {
    const shop = openShop([item(itemId, 1)], { ...backorders, ...ordered });
    run(shop, first);
    expect(amounts(levelOf(shop, pool))).toEqual({ committed: 2 });
    run(shop, say.receive(5));
    expect(amounts(levelOf(shop, place1))).toEqual({ onHand: 3 });
    expect(amounts(levelOf(shop, pool))).toEqual({});
    run(shop, say.cancel({ at: 3_000 }));
    expect(amounts(levelOf(shop, place1))).toEqual({ onHand: 6 });
  });

  test('units deducted below zero are filled as the location comes out of the red', () => {
    const shop = openShop([item(itemId, 0)], { ...backorders, ...ordered, ...negative('allow') });
    run(shop, first);
    run(shop, second);
    expect(amounts(levelOf(shop, place1))).toEqual({ onHand: -7 });
    run(shop, say.receive(4));
    expect(lineOf(shop, 1).backordered).toBe(0);
    expect(lineOf(shop, 2).backordered).toBe(30_000);
    expect(amounts(levelOf(shop, place1))).toEqual({ onHand: -3 });
  });

  test('two stores that sell from one location do not both get its goods', () => {
    const second = { ...store, storeId: storeId + 1, code: 'second', poolId: pool + 1 };
    const shop = openShop([item(itemId, 0)], { ...backorders, ...ordered }, [store, second]);
    const elsewhere = say.place([[1, 3]], { orderId: 2, at: 1_500 }) as Extract<
      StockCommand,
      { type: 'place' }
    >;
    run(shop, first);
    run(shop, { ...elsewhere, order: { ...elsewhere.order, storeId: second.storeId } });
    run(shop, say.place([[1, 1]], { orderId: 3, at: 2_000 }));
    run(shop, say.receive(4));
    expect([1, 2, 3].map((orderId) => lineOf(shop, orderId).backordered)).toEqual([0, 20_000, 10_000]);
    expect(amounts(levelOf(shop, place1))).toEqual({});
  });

  test('two stores that share a pool share its queue, first in, first out', () => {
    const second = { ...store, storeId: storeId + 1, code: 'second' };
    const shop = openShop([item(itemId, 0)], backorders, [store, second]);
    const elsewhere = say.place([[1, 3]], { orderId: 2, at: 1_500 }) as Extract<
      StockCommand,
      { type: 'place' }
    >;
    run(shop, first);
    run(shop, { ...elsewhere, order: { ...elsewhere.order, storeId: second.storeId } });
    run(shop, say.receive(4));
    expect([1, 2].map((orderId) => lineOf(shop, orderId).backordered)).toEqual([0, 20_000]);
  });

  test('stock held for a checkout is not given to those who wait', () => {
    const shop = openShop([item(itemId, 2)], { ...backorders, 'backorder.limit': 'unlimited' });
    run(shop, say.hold('cart', 2));
    run(shop, first);
    run(shop, say.receive(1));
    expect(lineOf(shop, 1)).toMatchObject({ fromStock: 10_000, backordered: 20_000 });
    run(shop, say.release('cart'));
    expect(lineOf(shop, 1)).toMatchObject({ fromStock: 30_000, backordered: 0 });
  });
});
