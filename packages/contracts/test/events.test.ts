// Every event as a producer may write it: what passes, what is refused, and which field the refusal names.

import { describe, expect, test } from 'vitest';
import { inboundEvent, orderEventTypes, parseInbound, stockEvent } from '../src/index.ts';

const head = { id: 'e-1', at: '2026-05-04T10:00:00Z' };
const order = { ...head, order: '1001' };
const item = { ...head, sku: 'TEA-1' };
const line = { line: 'a', quantity: 1 };

/** The least each event needs, and everything it may have. */
const good: Readonly<Record<string, readonly [least: object, most: object]>> = {
  'order.placed': [
    { ...order, lines: [{ sku: 'TEA-1', quantity: 1 }] },
    {
      ...order,
      store: 'eu',
      actor: 'Ann',
      reply: true,
      hold: 'cart-1',
      customer: { email: 'ann@example.org', name: 'Ann' },
      lines: [{ line: 'a', sku: 'TEA-1', quantity: '1.5' }],
    },
  ],
  'order.paid': [order, { ...order, store: 'eu', actor: 'Ann', reply: true }],
  'order.shipped': [order, { ...order, lines: [line, { line: 'b' }], location: 'main' }],
  'order.cancelled': [order, { ...order, lines: [line], restock: false }],
  'order.deleted': [order, { ...order, lines: [line], restock: true }],
  'order.refunded': [
    order,
    { ...order, lines: [line], restock: true, disposition: 'damaged', location: 'main' },
  ],
  'order.returned': [
    order,
    { ...order, lines: [line], restock: true, disposition: 'quarantine', location: 'main' },
  ],
  'order.amended': [
    { ...order, lines: [line] },
    { ...order, lines: [{ ...line, sku: 'TEA-2' }] },
  ],
  'order.restocked': [
    { ...order, lines: [line] },
    { ...order, lines: [line], location: 'main' },
  ],
  'stock.adjust': [
    { ...item, by: -1 },
    {
      ...item,
      by: '0.5',
      location: 'b',
      bucket: 'unavailable',
      allowNegative: true,
      reason: 'broken',
      actor: 'Ann',
      reply: true,
    },
  ],
  'stock.set': [
    { ...item, onHand: 0 },
    { ...item, onHand: -1, expected: '3', allowNegative: true, location: 'b' },
  ],
  'stock.count': [
    { ...item, counted: 0, asOf: head.at },
    { ...item, counted: '7.25', asOf: '2026-05-04T12:00:00.123+02:00', location: 'b' },
  ],
  'stock.receive': [
    { ...item, quantity: 1 },
    { ...item, quantity: 1, fromIncoming: true, location: 'b' },
  ],
  'stock.incoming': [
    { ...item, by: 1 },
    { ...item, by: -1, eta: head.at, location: 'b' },
  ],
  'stock.transfer': [
    { ...item, from: 'a', to: 'b', quantity: 1 },
    { ...item, from: 'a', to: 'b', quantity: 1, reason: 'x' },
  ],
  'stock.hold': [
    { ...item, hold: 'cart', quantity: 1 },
    { ...item, hold: 'cart', quantity: 1, store: 'eu', minutes: 43_200 },
  ],
  'stock.release': [
    { ...item, hold: 'cart' },
    { ...item, hold: 'cart', store: 'eu' },
  ],
};

const types = Object.keys(good);

/** An event of a type with fields changed; undefined takes a field out. */
function event(type: string, changes: object = {}): Record<string, unknown> {
  return { type, ...good[type]?.[0], ...changes };
}

const problemOf = (value: unknown) => {
  const parsed = parseInbound(value);
  return parsed.ok ? null : parsed.problem;
};

test('the tables below know every event there is', () => {
  const known = [...orderEventTypes, ...stockEvent.options.map((option) => option.shape.type.value)];
  expect(types.toSorted()).toEqual(known.toSorted());
});

describe.each(types)('%s', (type) => {
  test('passes with the least and with the most it may have, and passing again changes nothing', () => {
    for (const fields of good[type] ?? []) {
      const parsed = parseInbound({ type, ...fields });
      expect(parsed).toMatchObject({ ok: true, event: { type, ...fields } });
      if (parsed.ok) expect(parseInbound(parsed.event)).toEqual(parsed);
    }
  });

  test('comes out with its keys in one order, however they came in', () => {
    const [, most = {}] = good[type] ?? [];
    const backwards = Object.fromEntries(Object.entries({ type, ...most }).reverse());
    expect(JSON.stringify(inboundEvent.parse(backwards))).toBe(
      JSON.stringify(inboundEvent.parse({ type, ...most })),
    );
  });

  test('names each field that is missing', () => {
    const [least = {}] = good[type] ?? [];
    for (const field of Object.keys(least)) {
      expect(problemOf(event(type, { [field]: undefined }))?.field).toBe(field);
    }
  });

  test('names a field nobody knows', () => {
    expect(problemOf(event(type, { colour: 'green' }))).toEqual({
      field: 'colour',
      message: 'is not a known field',
    });
  });

  test('names a __proto__ key and never takes it over', () => {
    const text = JSON.stringify(event(type)).replace('{', '{"__proto__":{"reply":true},');
    expect(problemOf(JSON.parse(text))?.field).toBe('__proto__');
    expect(({} as { reply?: boolean }).reply).toBeUndefined();
  });

  test.each(['id', 'at', 'sku', 'order', 'hold', 'store', 'location', 'from', 'to', 'actor', 'reason'])(
    'refuses a %s that is no text',
    (field) => {
      const has = [...Object.keys(good[type]?.[0] ?? {}), ...Object.keys(good[type]?.[1] ?? {})].includes(
        field,
      );
      for (const value of [1, true, null, {}, []]) {
        // A field the event does not have is refused under its name as well.
        expect({ has, field: problemOf(event(type, { [field]: value }))?.field }).toEqual({ has, field });
      }
    },
  );
});

const quantityFields = [
  ['order.placed', 'lines.0.quantity', (quantity: unknown) => ({ lines: [{ sku: 'A', quantity }] })],
  ['order.shipped', 'lines.0.quantity', (quantity: unknown) => ({ lines: [{ line: 'a', quantity }] })],
  ['order.returned', 'lines.0.quantity', (quantity: unknown) => ({ lines: [{ line: 'a', quantity }] })],
  ['order.amended', 'lines.0.quantity', (quantity: unknown) => ({ lines: [{ line: 'a', quantity }] })],
  ['order.restocked', 'lines.0.quantity', (quantity: unknown) => ({ lines: [{ line: 'a', quantity }] })],
  ['stock.receive', 'quantity', (quantity: unknown) => ({ quantity })],
  ['stock.transfer', 'quantity', (quantity: unknown) => ({ quantity })],
  ['stock.hold', 'quantity', (quantity: unknown) => ({ quantity })],
  ['stock.adjust', 'by', (by: unknown) => ({ by })],
  ['stock.incoming', 'by', (by: unknown) => ({ by })],
  ['stock.set', 'onHand', (onHand: unknown) => ({ onHand })],
  ['stock.set', 'expected', (expected: unknown) => ({ expected })],
  ['stock.count', 'counted', (counted: unknown) => ({ counted })],
] as const;

const neverQuantities = [
  1e21,
  1.00001,
  1e-7,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  1_000_000_001,
  '1.00001',
  '1e3',
  '+1',
  '.5',
  '1.',
  ' 1',
  '1,5',
  '',
  'NaN',
  '0x10',
  '9'.repeat(21),
  true,
  null,
  {},
  [1],
  1n,
];
const signed = new Set(['by', 'onHand', 'expected']);
const mayBeZero = new Set(['onHand', 'expected', 'counted']);

describe.each(quantityFields)('a quantity of %s in %s', (type, field, fieldsOf) => {
  test.each(neverQuantities)('is never %s', (value) => {
    expect(problemOf(event(type, fieldsOf(value)))?.field).toBe(field);
  });

  test.each([1, '1', 1.5, '0.0001', 1_000_000_000, '12.5000'])('may be %j', (value) => {
    expect(problemOf(event(type, fieldsOf(value)))).toBeNull();
  });

  test.each([0, '0', '0.0000', -0])('may be %j only where nothing is a number of units', (value) => {
    expect(problemOf(event(type, fieldsOf(value))) === null).toBe(mayBeZero.has(field));
  });

  test.each([-1, '-1.5'])('may be %j only where units may be taken or owed', (value) => {
    expect(problemOf(event(type, fieldsOf(value))) === null).toBe(signed.has(field));
  });
});

describe('an outside id', () => {
  test.each(['x', 'x'.repeat(200), 'ein Tee', '茶', '🍵', '__proto__', '{"$ne":1}', "'; --", '-1', '00'])(
    'may be %j',
    (id) => {
      for (const field of ['id', 'order']) expect(problemOf(event('order.paid', { [field]: id }))).toBeNull();
      expect(problemOf(event('stock.release', { sku: id, hold: id }))).toBeNull();
    },
  );

  test.each([
    '',
    'x'.repeat(201),
    ' x',
    'x ',
    '\t',
    'a\nb',
    'a\u0000b',
    'a\u007fb',
    'a\u0085b',
    '\ud800',
    'a\udc00',
  ])('is never %j', (id) => {
    for (const field of ['id', 'order'])
      expect(problemOf(event('order.paid', { [field]: id }))?.field).toBe(field);
    expect(problemOf(event('stock.release', { sku: id }))?.field).toBe('sku');
  });

  test('that cannot be kept as it is comes back readable: cut, and without control characters', () => {
    const parsed = parseInbound(event('order.paid', { id: `a\u0000\n${'x'.repeat(500)}` }));
    expect(parsed).toMatchObject({ ok: false, eventId: `a\ufffd\ufffd${'x'.repeat(197)}` });
    expect(parseInbound(event('order.paid', { id: 7 }))).toMatchObject({ ok: false, eventId: null });
  });
});

describe('an instant', () => {
  test.each([
    '2026-05-04T10:00:00Z',
    '2026-05-04T10:00:00.5+05:30',
    '2024-02-29T23:59:59-12:00',
    '1970-01-01T00:00:00Z',
    '9999-12-30T23:59:59Z',
  ])('may be %s', (at) => {
    expect(problemOf(event('order.paid', { at }))).toBeNull();
  });

  test.each([
    '2026-02-30T10:00:00Z',
    '2025-02-29T10:00:00Z',
    '2026-13-01T10:00:00Z',
    '2026-05-04T25:00:00Z',
    '2026-05-04T10:60:00Z',
    '2026-05-04T10:00:00',
    '2026-05-04',
    'yesterday',
    '1777888800',
    '0000-01-01T00:00:00Z',
    '1969-12-31T23:59:59Z',
    '1970-01-01T00:00:00+01:00',
    '9999-12-31T23:59:59-12:00',
    `2026-05-04T10:00:00.${'1'.repeat(30)}Z`,
    '2026-05-04T10:00:00Z\n',
  ])('is never %j', (at) => {
    expect(problemOf(event('order.paid', { at }))?.field).toBe('at');
    expect(problemOf(event('stock.count', { asOf: at }))?.field).toBe('asOf');
  });
});

describe('other fields', () => {
  // biome-ignore format: one input per line
  const bad: readonly [type: string, field: string, changes: object][] = [
    ['order.placed', 'lines', { lines: [] }],
    ['order.placed', 'lines', { lines: Array(1_001).fill({ sku: 'A', quantity: 1 }) }],
    ['order.placed', 'lines', { lines: 'A' }],
    ['order.placed', 'lines.0', { lines: ['A'] }],
    ['order.placed', 'lines.1.sku', { lines: [{ sku: 'A', quantity: 1 }, { quantity: 1 }] }],
    ['order.placed', 'lines.0.price', { lines: [{ sku: 'A', quantity: 1, price: 2 }] }],
    ['order.placed', 'customer.email', { customer: { email: 'ann@' } }],
    ['order.placed', 'customer.email', { customer: { email: `${'a'.repeat(250)}@x.org` } }],
    ['order.placed', 'customer.email', { customer: { email: 'a@x.org\r\nBcc: b@x.org' } }],
    ['order.placed', 'customer.phone', { customer: { email: 'a@x.org', phone: '1' } }],
    ['order.placed', 'store', { store: 'two words' }],
    ['order.placed', 'store', { store: 'x'.repeat(65) }],
    ['order.placed', 'reply', { reply: 'yes' }],
    ['order.shipped', 'lines', { lines: [] }],
    ['order.shipped', 'location', { location: '-main' }],
    ['order.cancelled', 'restock', { restock: null }],
    ['order.returned', 'disposition', { disposition: 'eaten' }],
    ['order.amended', 'lines', { lines: [] }],
    ['stock.adjust', 'bucket', { bucket: 'committed' }],
    ['stock.adjust', 'allowNegative', { allowNegative: 1 }],
    ['stock.adjust', 'reason', { reason: 'r'.repeat(501) }],
    ['stock.adjust', 'reason', { reason: 'a\u0000b' }],
    ['stock.hold', 'minutes', { minutes: 0 }],
    ['stock.hold', 'minutes', { minutes: 1.5 }],
    ['stock.hold', 'minutes', { minutes: 43_201 }],
    ['stock.incoming', 'eta', { eta: 'soon' }],
  ];
  test.each(bad)('%s refuses a wrong %s', (type, field, changes) => {
    const problem = problemOf(event(type, changes));
    expect(problem?.field).toBe(field);
    expect(problem?.message).not.toBe('');
  });
});

describe('what is no event at all', () => {
  test.each([
    ['event', undefined],
    ['event', null],
    ['event', 'order.placed'],
    ['event', 7],
    ['event', []],
    ['type', {}],
    ['type', { type: 'order.eaten' }],
    ['type', { type: ['order.placed'] }],
    ['type', { type: 'constructor' }],
  ])('is refused with the field %s', (field, value) => {
    expect(problemOf(value)?.field).toBe(field);
  });

  test('never throws, whatever it is', () => {
    const endless: Record<string, unknown> = { ...event('order.placed') };
    endless.customer = endless;
    for (const value of [endless, Symbol('x'), () => {}, new Map(), new Date(), 1n]) {
      expect(parseInbound(value).ok).toBe(false);
    }
  });

  test('has a message of bounded length without control characters', () => {
    const problem = problemOf(event('order.paid', { [`\u0000\n${'k'.repeat(10_000)}`]: 1 }));
    expect(problem?.field.length).toBeLessThanOrEqual(200);
    expect(problem?.field.startsWith('\ufffd\ufffd')).toBe(true);
  });
});
