// Availability: the arithmetic of the rule book with its worked examples.

import { describe, expect, test } from 'vitest';
import type { ItemState, Position, Settings, StoreView } from '../src/index.ts';
import { availabilityOf, position, quantityToNumber, units } from '../src/index.ts';
import {
  aHold,
  aLocation,
  anItem,
  aStore,
  atLocation,
  inPool,
  mainPlace,
  noon,
  otherPlace,
  withSettings,
} from './build-item.ts';

type Shown = { readonly [Key in keyof Position]: number | null };

/** The numbers in units. */
function numbers(
  item: ItemState,
  settings: Partial<Settings> = {},
  store: StoreView = aStore(),
  options?: { readonly exceptHoldRef?: string },
): Shown {
  const place = position(item, store, withSettings(settings), noon, options);
  const shown = Object.entries(place).map(([key, value]) => [
    key,
    value === null ? null : quantityToNumber(value),
  ]);
  return Object.fromEntries(shown) as Shown;
}

function status(item: ItemState, settings: Partial<Settings> = {}) {
  const { status: word, buyable } = availabilityOf(item, aStore(), withSettings(settings), noon);
  return { status: word, buyable };
}

const stocked = (onHand: number, committed = 0, more: Partial<ItemState> = {}) =>
  anItem([atLocation(mainPlace, { onHand }), inPool({ committed })], more);

describe('worked examples (adobe D7 to D10, D19, D20)', () => {
  const backorders: Partial<Settings> = { 'backorder.mode': 'allow', 'oos.threshold': units(-50) };

  test.each<[committed: number, salable: number, fromStock: number, owed: number]>([
    [0, 75, 25, 0],
    [20, 55, 5, 0],
    [25, 50, 0, 0],
    [70, 5, 0, 45],
    [75, 0, 0, 50],
    [80, 0, 0, 55],
  ])('on hand 25, T -50, %d committed: salable %d', (committed, salable, fromStock, owed) => {
    expect(numbers(stocked(25, committed), backorders)).toMatchObject({
      salable,
      fromStock,
      owed,
      threshold: -50,
    });
  });

  test('the same 50 units of room when shipping takes stock below zero', () => {
    expect(numbers(stocked(-45), backorders)).toMatchObject({ physical: 0, owed: 45, room: 5, salable: 5 });
  });

  test('T 0 with backorders: unlimited', () => {
    expect(numbers(stocked(25, 400), { 'backorder.mode': 'allow' })).toMatchObject({
      salable: null,
      room: null,
    });
  });

  test.each<[onHand: number, salable: number]>([
    [8.5, 3.5],
    [5.0001, 0.0001],
    [5, 0],
    [4, 0],
  ])('T 5 without backorders: %d on hand sells %d', (onHand, salable) => {
    expect(numbers(stocked(onHand), { 'oos.threshold': units(5) })).toMatchObject({ salable, room: 0 });
  });

  test('two units on hand, two committed: nothing to sell and nothing owed', () => {
    expect(numbers(stocked(2, 2))).toMatchObject({ salable: 0, owed: 0, fromStock: 0 });
  });
});

describe('the threshold', () => {
  test.each<
    [mode: Settings['backorder.mode'], rule: Settings['oos.signRule'], threshold: number, expected: number]
  >([
    ['deny', 'as_is', -50, -50],
    ['deny', 'by_backorder_mode', -50, 0],
    ['deny', 'by_backorder_mode', 5, 5],
    ['allow', 'by_backorder_mode', 5, 0],
    ['allow', 'by_backorder_mode', -50, -50],
    ['allow_notify', 'by_backorder_mode', 5, 0],
    ['allow', 'as_is', 5, 5],
  ])('backorders %s, sign rule %s: T %d counts as %d', (mode, signRule, threshold, expected) => {
    const settings: Partial<Settings> = {
      'backorder.mode': mode,
      'oos.signRule': signRule,
      'oos.threshold': units(threshold),
    };
    expect(numbers(stocked(10), settings).threshold).toBe(expected);
  });

  test('a negative threshold gives no room while backorders are denied', () => {
    expect(numbers(stocked(10), { 'oos.threshold': units(-50) })).toMatchObject({ salable: 10, room: 0 });
  });

  test('taken from the alert threshold where a shop has one number for both (meloncart M7)', () => {
    const one: Partial<Settings> = { 'oos.thresholdFrom': 'notify', 'notify.threshold': units(5) };
    expect(numbers(stocked(5), one)).toMatchObject({ threshold: 5, salable: 0 });
    expect(status(stocked(5), one).status).toBe('out_of_stock');
    expect(numbers(stocked(5), { 'oos.thresholdFrom': 'notify', 'oos.threshold': units(1) }).threshold).toBe(
      1,
    );
  });
});

describe('room for backorders', () => {
  test.each<[limit: Settings['backorder.limit'], threshold: number, committed: number, room: number | null]>([
    [units(10), 0, 0, 10],
    [units(10), 0, 7, 8],
    [units(10), -50, 0, 10],
    [units(10), 0, 99, 0],
    ['unlimited', -50, 99, null],
    ['from_threshold', -50, 7, 48],
    ['from_threshold', 3, 7, null],
  ])('limit %s, T %d, 5 on hand, %d committed: %s', (limit, threshold, committed, room) => {
    const settings: Partial<Settings> = {
      'backorder.mode': 'allow',
      'backorder.limit': limit,
      'oos.threshold': units(threshold),
    };
    expect(numbers(stocked(5, committed), settings).room).toBe(room);
  });

  test('a discontinued product sells what is on hand and nothing beyond (americommerce A14)', () => {
    const item = stocked(3, 0, { discontinued: true });
    expect(numbers(item, { 'backorder.mode': 'allow' })).toMatchObject({ fromStock: 3, room: 0, salable: 3 });
  });
});

describe('locations', () => {
  test('a location below zero takes nothing from the others, and what it lacks is owed', () => {
    const item = anItem([atLocation(mainPlace, { onHand: -4 }), atLocation(otherPlace, { onHand: 3 })]);
    expect(numbers(item)).toMatchObject({ physical: 3, fromStock: 3, salable: 3, owed: 4, onHand: -1 });
  });

  test('unavailable units are on hand and not for sale', () => {
    const item = anItem([atLocation(mainPlace, { onHand: 10, unavailable: 4 })]);
    expect(numbers(item)).toMatchObject({ onHand: 10, unavailable: 4, physical: 6, salable: 6 });
  });

  test.each([{ enabled: false }, { inStock: false }])('a location with %j sells nothing', (switched) => {
    const item = anItem([atLocation(mainPlace, { onHand: 10 }), atLocation(otherPlace, { onHand: 3 })]);
    const store = aStore([aLocation(mainPlace, switched), aLocation(otherPlace)]);
    expect(numbers(item, {}, store)).toMatchObject({ physical: 3, onHand: 3, salable: 3 });
  });

  test('what a location owes stays owed when it is switched off', () => {
    const item = anItem([atLocation(mainPlace, { onHand: -8 })]);
    const settings: Partial<Settings> = { 'backorder.mode': 'allow', 'backorder.limit': units(10) };
    expect(numbers(item, settings, aStore([aLocation(mainPlace, { enabled: false })])).room).toBe(2);
  });

  test('locations and pools of other stores count for nothing', () => {
    const item = anItem([
      atLocation(mainPlace, { onHand: 10 }),
      atLocation(9, { onHand: 50 }),
      inPool({ committed: 2 }),
      inPool({ committed: 30 }, { placeId: 101 }),
    ]);
    expect(numbers(item)).toMatchObject({ physical: 10, committed: 2, salable: 8 });
  });

  test('an item that is nowhere has nothing', () => {
    expect(numbers(anItem())).toMatchObject({ physical: 0, salable: 0, owed: 0, room: 0 });
  });
});

describe('holds', () => {
  const held = (...holds: ReturnType<typeof aHold>[]) => stocked(10, 0, { holds });

  test('count while they last, and stop by themselves, tidied away or not', () => {
    expect(numbers(held(aHold(3)))).toMatchObject({ held: 3, salable: 7 });
    expect(numbers(held(aHold(3, { expiresAt: noon + 1 })))).toMatchObject({ held: 3 });
    expect(numbers(held(aHold(3, { expiresAt: noon })))).toMatchObject({ held: 0, salable: 10 });
  });

  test('of another store count there', () => {
    expect(numbers(held(aHold(3, { storeId: 2 })))).toMatchObject({ held: 0, salable: 10 });
  });

  test('do not stand in the way of their own holder', () => {
    const item = held(aHold(3), aHold(4, { holdRef: 'cart-2' }));
    expect(numbers(item)).toMatchObject({ held: 7, salable: 3 });
    expect(numbers(item, {}, aStore(), { exceptHoldRef: 'cart-1' })).toMatchObject({ held: 4, salable: 6 });
  });
});

describe('incoming', () => {
  const coming = (onHand: number, committed: number, incoming: number) =>
    anItem([atLocation(mainPlace, { onHand, incoming }), inPool({ committed })]);

  test.each<[onHand: number, committed: number, incoming: number, salable: number]>([
    [2, 0, 10, 12],
    [2, 2, 10, 10],
    [2, 5, 10, 7],
    [2, 12, 10, 0],
    [0, 20, 10, 0],
  ])(
    'can be sold where the shop says so: %d on hand, %d committed, %d incoming: %d',
    (onHand, committed, incoming, salable) => {
      expect(numbers(coming(onHand, committed, incoming), { 'atp.includeIncoming': 'yes' }).salable).toBe(
        salable,
      );
    },
  );

  test('fills the safety stock first', () => {
    const settings: Partial<Settings> = { 'atp.includeIncoming': 'yes', 'oos.threshold': units(5) };
    expect(numbers(coming(3, 0, 10), settings)).toMatchObject({ fromStock: 0, salable: 8 });
    expect(numbers(coming(9, 0, 10), settings)).toMatchObject({ fromStock: 4, salable: 14 });
  });

  test.each(['no', 'by_eta'] as const)(
    'is not sold under %s: deliveries have no date yet',
    (includeIncoming) => {
      expect(numbers(coming(2, 0, 10), { 'atp.includeIncoming': includeIncoming }).salable).toBe(2);
    },
  );
});

describe('status and whether it can be bought', () => {
  const limited: Partial<Settings> = { 'backorder.mode': 'allow', 'backorder.limit': units(5) };

  test.each<[what: string, item: ItemState, settings: Partial<Settings>, status: string, buyable: boolean]>([
    ['stock is there', stocked(3), {}, 'in_stock', true],
    ['nothing is there', stocked(0), {}, 'out_of_stock', false],
    ['everything is promised', stocked(3, 3), {}, 'out_of_stock', false],
    ['backorders without limit', stocked(0), { 'backorder.mode': 'allow' }, 'back_order', true],
    ['backorders with room left', stocked(0, 4), limited, 'back_order', true],
    ['backorders, room used up', stocked(0, 5), limited, 'out_of_stock', false],
    ['discontinued, stock left', stocked(1, 0, { discontinued: true }), {}, 'in_stock', true],
    ['discontinued, sold out', stocked(0, 0, { discontinued: true }), limited, 'discontinued', false],
    ['not published', stocked(3, 0, { published: false }), {}, 'in_stock', false],
    ['not tracked', stocked(0), { 'tracking.mode': 'none' }, 'in_stock', true],
    ['judged by what is on hand', stocked(3, 3), { 'oos.basis': 'on_hand' }, 'in_stock', false],
    [
      'on hand at the line',
      stocked(2),
      { 'oos.basis': 'on_hand', 'oos.threshold': units(2) },
      'out_of_stock',
      false,
    ],
  ])('%s', (_what, item, settings, expected, buyable) => {
    expect(status(item, settings)).toStrictEqual({ status: expected, buyable });
  });

  test('what is not tracked is salable without limit', () => {
    const shown = availabilityOf(anItem(), aStore(), withSettings({ 'tracking.mode': 'none' }), noon);
    expect(shown.salable).toBeNull();
  });
});
