// Orders from their placing to their end through real rows: what each event is answered, and what stock is left.

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { placed, said } from './support/events.ts';
import { openShop, type Shop } from './support/shop.ts';
import { type Story, tellStory } from './support/story.ts';

let shop: Shop;

beforeAll(async () => {
  shop = await openShop();
});
afterEach(() => shop.provesClean());
afterAll(() => shop.end());

const place3 = { place: ['3 A'], is: 'accepted', lines: { A: 'accepted 3+0' } } as const;
const ship3 = { say: 'shipped', is: 'applied', lines: { A: 'applied 3' } } as const;

const lifecycle: readonly Story[] = [
  {
    name: 'a placed order promises its units and leaves on hand alone',
    steps: [place3],
    ends: { A: { onHand: 10, committed: 3 } },
    state: 'accepted',
  },
  {
    name: 'a shipped order takes on hand and frees the promise',
    steps: [place3, { say: 'paid', is: 'applied' }, ship3],
    ends: { A: { onHand: 7, committed: 0 } },
    state: 'shipped',
  },
  {
    name: 'shipping in parts adds up, and shipping more than is open ships nothing more',
    steps: [
      place3,
      { say: 'shipped', of: ['1 A'], is: 'applied', lines: { A: 'applied 1' } },
      { say: 'shipped', of: ['2 A'], is: 'applied', lines: { A: 'applied 2' } },
      { say: 'shipped', of: ['1 A'], is: 'nothing_to_do', lines: { A: 'nothing_to_do nothing_to_ship' } },
    ],
    ends: { A: { onHand: 7, committed: 0 } },
    state: 'shipped',
  },
  {
    name: 'a part shipped and the rest cancelled is a shipped order',
    steps: [
      place3,
      { say: 'shipped', of: ['1 A'], is: 'applied' },
      { say: 'cancelled', is: 'applied', lines: { A: 'applied 2' } },
    ],
    ends: { A: { onHand: 9, committed: 0 } },
    state: 'shipped',
  },
  {
    name: 'a cancelled order frees its promise once, however often it is cancelled or deleted',
    steps: [
      place3,
      { say: 'cancelled', is: 'applied' },
      { say: 'cancelled', is: 'nothing_to_do' },
      { say: 'deleted', is: 'nothing_to_do' },
    ],
    ends: { A: { onHand: 10, committed: 0 } },
    state: 'cancelled',
  },
  {
    name: 'a cancelled line cannot be shipped any more',
    steps: [
      place3,
      { say: 'cancelled', is: 'applied' },
      { say: 'shipped', of: ['1 A'], is: 'rejected', lines: { A: 'rejected line_closed' } },
    ],
    ends: { A: { onHand: 10, committed: 0 } },
  },
  {
    name: 'a late shipping that happened before the cancellation still counts',
    steps: [
      place3,
      { say: 'cancelled', is: 'applied' },
      { say: 'shipped', of: ['1 A'], minutesAgo: 1.5, is: 'applied', lines: { A: 'applied 1' } },
    ],
    ends: { A: { onHand: 9, committed: 0 } },
    state: 'shipped',
  },
  {
    name: 'returned units come back only where the event or the setting says so',
    steps: [
      place3,
      ship3,
      { say: 'returned', of: ['1 A'], is: 'applied' },
      { say: 'returned', of: ['1 A'], with: { restock: true }, is: 'applied' },
    ],
    ends: { A: { onHand: 8, committed: 0 } },
    state: 'shipped',
  },
  {
    name: 'a damaged return is on hand and not for sale',
    steps: [
      place3,
      ship3,
      { say: 'returned', with: { restock: true, disposition: 'damaged' }, is: 'applied' },
    ],
    ends: { A: { onHand: 10, unavailable: 3 } },
    state: 'returned',
  },
  {
    name: 'a refund without restocking moves no goods, one with restocking does',
    steps: [
      place3,
      ship3,
      { say: 'refunded', of: ['1 A'], is: 'nothing_to_do' },
      { say: 'refunded', of: ['2 A'], with: { restock: true }, is: 'applied', lines: { A: 'applied 2' } },
    ],
    ends: { A: { onHand: 9 } },
  },
  {
    name: 'a restock by hand gives back no more than the line took',
    steps: [
      place3,
      ship3,
      { say: 'restocked', of: ['2 A'], is: 'applied', lines: { A: 'applied 2' } },
      { say: 'restocked', of: ['2 A'], is: 'applied', lines: { A: 'applied 1' } },
      { say: 'restocked', of: ['2 A'], is: 'rejected', lines: { A: 'rejected nothing_to_restore' } },
    ],
    ends: { A: { onHand: 10 } },
  },
  {
    name: 'an amendment upwards takes the difference, one downwards frees its own units only',
    steps: [
      place3,
      { say: 'amended', of: ['8 A'], is: 'applied', lines: { A: 'applied 5' } },
      { say: 'amended', of: ['2 A'], is: 'applied', lines: { A: 'applied 6' } },
    ],
    ends: { A: { onHand: 10, committed: 2 } },
    state: 'accepted',
  },
  {
    name: 'an amendment beyond what is there is refused and leaves the line as it was',
    steps: [
      place3,
      { say: 'amended', of: ['11 A'], is: 'rejected', lines: { A: 'rejected insufficient_stock' } },
    ],
    ends: { A: { onHand: 10, committed: 3 } },
    state: 'accepted',
  },
  {
    name: 'a line id the order does not have is named, and the others are done',
    steps: [
      place3,
      {
        say: 'shipped',
        of: ['1 A', '1 Z'],
        is: 'partially_applied',
        lines: { A: 'applied 1', Z: 'rejected unknown_line' },
      },
      { say: 'cancelled', of: ['Z'], is: 'rejected', lines: { Z: 'rejected unknown_line' } },
    ],
    ends: { A: { onHand: 9, committed: 2 } },
  },
  {
    name: 'deducting at the order takes stock at once and a cancellation brings it back',
    settings: { 'deduct.on': 'ordered' },
    steps: [place3, { say: 'cancelled', is: 'applied' }],
    ends: { A: { onHand: 10, committed: 0 } },
    state: 'cancelled',
  },
  {
    name: 'deducting at the payment takes stock then, once',
    settings: { 'deduct.on': 'paid' },
    steps: [
      place3,
      { say: 'paid', is: 'applied', lines: { A: 'applied 3' } },
      { say: 'paid', is: 'nothing_to_do' },
    ],
    ends: { A: { onHand: 7, committed: 0 } },
    state: 'accepted',
  },
  {
    name: 'a payment whose unprotected stock is gone says so line by line, and nothing becomes negative',
    settings: { 'deduct.on': 'paid', 'reserve.on': 'none' },
    steps: [
      { place: ['6 A'], is: 'accepted' },
      { place: ['6 A'], order: 'other', is: 'accepted' },
      { say: 'paid', order: 'other', is: 'applied' },
      { say: 'paid', is: 'applied', lines: { A: 'applied 4 shortfall' } },
    ],
    ends: { A: { onHand: 0 } },
  },
  {
    name: 'two lines of one SKU never each pass alone',
    steps: [
      {
        place: ['6 A as one', '6 A as two'],
        is: 'rejected',
        lines: { one: 'rejected insufficient_stock', two: 'rejected insufficient_stock' },
      },
    ],
    ends: { A: { onHand: 10, committed: 0 } },
    state: 'rejected',
  },
];

const severalProducts: readonly Story[] = [
  {
    name: 'all or nothing gives back what the other products took',
    stock: { A: 10, B: 10, C: 1 },
    steps: [
      {
        place: ['3 A', '4 B', '2 C'],
        is: 'rejected',
        lines: {
          A: 'rejected order_rejected',
          B: 'rejected order_rejected',
          C: 'rejected insufficient_stock',
        },
      },
      { say: 'paid', is: 'nothing_to_do' },
      { say: 'shipped', of: ['A'], is: 'rejected', lines: { A: 'rejected line_closed' } },
      { say: 'cancelled', is: 'nothing_to_do' },
    ],
    ends: { A: { committed: 0 }, B: { committed: 0 }, C: { committed: 0 } },
    state: 'rejected',
  },
  {
    name: 'partial takes what is there of each product',
    settings: { 'order.policy': 'partial' },
    stock: { A: 10, B: 2, C: 0 },
    steps: [
      {
        place: ['3 A', '4 B', '2 C'],
        is: 'partially_accepted',
        lines: { A: 'accepted 3+0', B: 'accepted 2+0 insufficient_stock', C: 'rejected insufficient_stock' },
      },
      {
        say: 'shipped',
        is: 'applied',
        lines: { A: 'applied 3', B: 'applied 2', C: 'nothing_to_do' },
      },
    ],
    ends: { A: { onHand: 7, committed: 0 }, B: { onHand: 0, committed: 0 }, C: { onHand: 0 } },
    state: 'shipped',
  },
  {
    name: 'accept all takes every order, and what lacks waits',
    settings: { 'order.policy': 'accept_all' },
    stock: { A: 2, B: 0 },
    steps: [{ place: ['3 A', '4 B'], is: 'accepted', lines: { A: 'accepted 2+1', B: 'accepted 0+4' } }],
    ends: { A: { committed: 3 }, B: { committed: 4 } },
    state: 'accepted',
  },
  {
    name: 'an unknown SKU refuses an all-or-nothing order and nothing stays promised',
    stock: { A: 5 },
    steps: [
      {
        place: ['3 A', '1 unknown'],
        is: 'rejected',
        lines: { A: 'rejected order_rejected', unknown: 'rejected unknown_sku' },
      },
    ],
    ends: { A: { committed: 0 } },
    state: 'rejected',
  },
  {
    name: 'an unknown SKU costs a partial order that line only',
    settings: { 'order.policy': 'partial' },
    stock: { A: 5 },
    steps: [
      {
        place: ['3 A', '1 unknown'],
        is: 'partially_accepted',
        lines: { A: 'accepted 3+0', unknown: 'rejected unknown_sku' },
      },
      { say: 'cancelled', is: 'applied', lines: { A: 'applied 3', unknown: 'nothing_to_do' } },
    ],
    ends: { A: { committed: 0 } },
    state: 'cancelled',
  },
  {
    name: 'an order of unknown SKUs alone is answered like any other',
    stock: {},
    steps: [
      {
        place: ['1 unknown', '2 stranger'],
        is: 'rejected',
        lines: { unknown: 'rejected unknown_sku', stranger: 'rejected unknown_sku' },
      },
      { say: 'cancelled', is: 'nothing_to_do' },
    ],
    ends: {},
    state: 'rejected',
  },
  {
    name: 'an amendment brings a line of another product, which ships with the rest',
    stock: { A: 5, B: 5 },
    steps: [
      { place: ['1 A'], is: 'accepted' },
      {
        say: 'amended',
        of: ['2 B as extra', '2 A'],
        is: 'applied',
        lines: { extra: 'accepted 2+0', A: 'applied 1' },
      },
      { say: 'shipped', is: 'applied', lines: { A: 'applied 2', extra: 'applied 2' } },
    ],
    ends: { A: { onHand: 3, committed: 0 }, B: { onHand: 3, committed: 0 } },
    state: 'shipped',
  },
  {
    name: 'an amendment that names another SKU for a line it has changes the line and invents no product',
    stock: { A: 5, B: 5 },
    steps: [
      { place: ['1 A'], is: 'accepted' },
      { say: 'amended', of: ['2 B as A'], is: 'applied', lines: { A: 'applied 1' } },
      { say: 'shipped', is: 'applied' },
    ],
    ends: { A: { onHand: 3, committed: 0 }, B: { onHand: 5, committed: 0 } },
    state: 'shipped',
  },
  {
    name: 'each product gives back only what it has when the order is cancelled in part',
    stock: { A: 5, B: 5 },
    steps: [
      { place: ['2 A', '2 B'], is: 'accepted' },
      { say: 'cancelled', of: ['1 A'], is: 'applied', lines: { A: 'applied 1' } },
      { say: 'shipped', of: ['B'], is: 'applied' },
    ],
    ends: { A: { committed: 1, onHand: 5 }, B: { committed: 0, onHand: 3 } },
    state: 'partially_shipped',
  },
];

describe('an order on one product', () => {
  test.each(lifecycle)('$name', (story) => tellStory(shop, story));
});

describe('an order on several products', () => {
  test.each(severalProducts)('$name', (story) => tellStory(shop, story));
});

describe('products that are settled one after another', () => {
  async function bothProducts() {
    const skus = [await shop.product(5), await shop.product(0)] as const;
    const order = placed(`split-${skus[0]}`, [
      [skus[0], 2, 'first'],
      [skus[1], 2, 'second'],
    ]);
    await shop.globally({});
    await shop.send(order);
    return { skus, order };
  }

  test('the outcome grows part by part, and a refused order takes back by command what is not at hand', async () => {
    const { skus, order } = await bothProducts();
    expect(await shop.settleOnly(skus[0])).toMatchObject({ commands: 1, watched: [], productIds: [] });
    expect((await shop.levels(skus[0])).committed).toBe(2);
    expect((await shop.order(order.order)).state).toBe('pending');
    await expect(shop.outcome(order)).rejects.toThrow(/has no outcome.*"partsOpen"|pending/);

    const news = await shop.settleOnly(skus[1]);
    expect(news.watched).toMatchObject([
      { status: 'rejected', lines: [{ line: 'first' }, { line: 'second' }] },
    ]);
    expect(news.productIds).toHaveLength(1);
    expect((await shop.order(order.order)).state).toBe('rejected');
    expect((await shop.levels(skus[0])).committed).toBe(2);

    await shop.settleAll();
    expect((await shop.levels(skus[0])).committed).toBe(0);
    expect((await shop.order(order.order)).state).toBe('rejected');
    expect((await shop.outcome(order)).lines).toMatchObject([
      { line: 'first', result: 'rejected', rejection: { code: 'order_rejected' } },
      { line: 'second', result: 'rejected', rejection: { code: 'insufficient_stock' } },
    ]);
  });

  test('the lines of an outcome are in the order of the lines, whichever product was settled first', async () => {
    const { skus, order } = await bothProducts();
    await shop.settleOnly(skus[1]);
    await shop.settleAll();
    expect((await shop.outcome(order)).lines.map(({ line }) => line)).toEqual(['first', 'second']);
  });

  test('an amendment that brings a line before another product is decided takes nobody else’s place', async () => {
    const skus = [await shop.product(5), await shop.product(5)] as const;
    await shop.globally({});
    const order = placed(`race-${skus[0]}`, [
      [skus[0], 1, 'a'],
      [skus[1], 2, 'b'],
    ]);
    const amended = said('amended', order.order, { lines: [{ line: 'a2', sku: skus[0], quantity: 3 }] });
    await shop.send(order, amended);
    await shop.settleOnly(skus[0]);
    await shop.settleAll();
    const { lines, state } = await shop.order(order.order);
    expect(lines.map(({ lineRef, sku, committed }) => [lineRef, sku, committed / 10_000])).toEqual([
      ['a', skus[0], 1],
      ['b', skus[1], 2],
      ['a2', skus[0], 3],
    ]);
    expect(state).toBe('accepted');
  });
});
