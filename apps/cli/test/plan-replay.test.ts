// The plan of a replay on a made-up file that has every peculiarity of a real one.
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { planReplay, type ReplayPlan } from '../src/replay/plan-replay.ts';
import { readRetailLines } from '../src/replay/retail-line.ts';

const file = fileURLToPath(new URL('fixtures/retail.csv', import.meta.url));
const hour = 3_600_000;
let plan: ReplayPlan;

beforeAll(async () => {
  plan = planReplay(await readRetailLines(file), { shipAfterMs: 24 * hour, stockFactor: 1 });
});

const eventsOf = (order: string) =>
  plan.events.flatMap((event) =>
    'order' in event && event.order === order ? [[event.type, 'lines' in event ? event.lines : null]] : [],
  );

test('every invoice is an order, a cancellation, a correction or empty', () => {
  expect(plan.invoices).toEqual({
    total: 24,
    orders: 11,
    cancellations: 9,
    cancellationsUnmatched: 2,
    corrections: 2,
    empty: 2,
  });
});

test('events come in time order and each id once', () => {
  const times = plan.events.map(({ at }) => Date.parse(at));
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(new Set(plan.events.map(({ id }) => id)).size).toBe(plan.events.length);
});

test('an order cancelled whole before it left is not shipped', () => {
  expect(eventsOf('900004').map(([type]) => type)).toEqual(['order.placed', 'order.paid', 'order.cancelled']);
});

test('a SKU that stands twice in an invoice is two lines, and a cancellation takes the earlier one first', () => {
  expect(eventsOf('900001')).toEqual([
    [
      'order.placed',
      [
        { line: '1', sku: 'CUP-1', quantity: 6 },
        { line: '2', sku: 'PLATE-1', quantity: 2 },
        { line: '3', sku: 'CUP-1', quantity: 3 },
      ],
    ],
    ['order.paid', null],
    [
      'order.shipped',
      [
        { line: '1', quantity: 6 },
        { line: '2', quantity: 2 },
        { line: '3', quantity: 3 },
      ],
    ],
    [
      'order.returned',
      [
        { line: '1', quantity: 6 },
        { line: '3', quantity: 1 },
      ],
    ],
    ['order.returned', [{ line: '3', quantity: 2 }]],
  ]);
});

test('one cancellation over two orders gives back to both, the earlier one first', () => {
  expect(eventsOf('900017').at(-1)).toEqual(['order.returned', [{ line: '20', quantity: 3 }]]);
  expect(eventsOf('900019').slice(-2)).toEqual([
    ['order.returned', [{ line: '22', quantity: 3 }]],
    ['order.returned', [{ line: '22', quantity: 1 }]],
  ]);
  expect(eventsOf('900017').at(2)).toEqual(['order.cancelled', [{ line: '20', quantity: 2 }]]);
});

test('what has no match is left over with its reason', () => {
  expect(plan.leftOver.map(({ invoice, units, reason }) => [invoice, units, reason])).toEqual([
    ['C900010', 3, 'fewer_left_than_cancelled'],
    ['C900011', 2, 'guest_cancels'],
    ['C900012', 1, 'no_earlier_sale'],
    ['900015', 0, 'zero_quantity'],
    ['A900016', 1, 'unknown_invoice_kind'],
    ['C900021', 2, 'fewer_left_than_cancelled'],
  ]);
});

test('corrections are adjustments with the remark as reason, and remarks do not name products', () => {
  const adjustments = plan.events.filter(({ type }) => type === 'stock.adjust');
  expect(adjustments.map((event) => 'by' in event && [event.sku, event.by, event.reason])).toEqual([
    ['BOWL-1', -5, 'stock correction'],
    ['MUG-1', -2, 'damaged'],
  ]);
  expect(plan.products.find(({ sku }) => sku === 'MUG-1')?.name).toBe('MUG');
  expect(plan.products.find(({ sku }) => sku === 'BOWL-1')?.name).toBe('BOWL');
});

test('opening stock covers everything sold and written off; SKUs differ by case', () => {
  const onHand = new Map(plan.products.map((product) => [product.sku, product.onHand]));
  expect([onHand.get('CUP-1'), onHand.get('MUG-1'), onHand.get('BOWL-1'), onHand.get('bowl-1')]).toEqual([
    14, 14, 15, 2,
  ]);
});
