// Evaluation: who hears what when stock changes, and who does not.

import { describe, expect, test } from 'vitest';
import type { Cause, ItemState, Settings } from '../src/index.ts';
import { evaluate, quantityToNumber, units } from '../src/index.ts';
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
  shopPool,
  withSettings,
} from './build-item.ts';

const stocked = (onHand: number, committed = 0, more: Partial<ItemState> = {}) =>
  anItem([atLocation(mainPlace, { onHand }), inPool({ committed })], more);

interface Told {
  readonly said: readonly string[];
  readonly item: ItemState;
}

/** What is said, as `effect` or `effect:mail`. */
function told(
  before: ItemState,
  after: ItemState,
  settings: Partial<Settings> = {},
  cause: Cause = 'order',
): Told {
  const evaluated = evaluate(before, after, [aStore()], () => withSettings(settings), cause, noon);
  return {
    said: evaluated.effects.map((effect) =>
      effect.mail === null ? effect.type : `${effect.type}:${effect.mail}`,
    ),
    item: evaluated.item,
  };
}

/** Walks through committed quantities with 20 on hand, keeping what was fired. */
function walk(committed: readonly number[], settings: Partial<Settings>, cause: Cause = 'order'): string[][] {
  let item = stocked(20, committed[0]);
  return committed.slice(1).map((next) => {
    const levels = item.levels.map((level) =>
      level.placeId === shopPool ? { ...level, committed: units(next) } : level,
    );
    const step = told(item, { ...item, levels }, settings, cause);
    item = step.item;
    return [...step.said];
  });
}

describe('status', () => {
  const allow: Partial<Settings> = { 'backorder.mode': 'allow' };
  const limited: Partial<Settings> = { 'backorder.mode': 'allow', 'backorder.limit': units(3) };
  const gone = { discontinued: true };

  test.each<[what: string, before: ItemState, after: ItemState, settings: Partial<Settings>, said: string[]]>(
    [
      ['more was sold, stock is left', stocked(5), stocked(5, 4), {}, []],
      ['the last unit was sold', stocked(5, 4), stocked(5, 5), {}, ['stock.out:out-of-stock']],
      ['more is owed while it is out', stocked(5, 5), stocked(5, 6), {}, []],
      [
        'the last unit, backorders possible',
        stocked(5),
        stocked(5, 5),
        allow,
        ['stock.backorder:out-of-stock'],
      ],
      ['room left', stocked(5, 5), stocked(5, 7), limited, []],
      ['room used up', stocked(5, 7), stocked(5, 8), limited, ['stock.out:out-of-stock']],
      ['stock and room at once', stocked(5), stocked(5, 8), limited, ['stock.out:out-of-stock']],
      ['room opens again', stocked(5, 8), stocked(5, 7), limited, ['stock.backorder']],
      [
        'the last unit, discontinued',
        stocked(1, 0, gone),
        stocked(1, 1, gone),
        allow,
        ['stock.sold_out:out-of-stock'],
      ],
      ['back above', stocked(5, 5), stocked(5, 4), {}, ['stock.back:back-in-stock']],
      ['back above from a backorder', stocked(5, 6), stocked(9, 6), allow, ['stock.back:back-in-stock']],
      ['back, subscriptions off', stocked(0), stocked(1), { 'backInStock.enabled': false }, ['stock.back']],
      [
        'back, not published',
        stocked(0, 0, { published: false }),
        stocked(1, 0, { published: false }),
        {},
        ['stock.back'],
      ],
      [
        'back on hand, promised already',
        stocked(0, 4),
        stocked(4, 4),
        { 'oos.basis': 'on_hand' },
        ['stock.back'],
      ],
      [
        'at the threshold',
        stocked(9),
        stocked(9, 4),
        { 'oos.threshold': units(5) },
        ['stock.out:out-of-stock'],
      ],
      ['not tracked', stocked(5), stocked(0), { 'tracking.mode': 'none' }, []],
    ],
  )('%s', (_what, before, after, settings, said) => {
    expect(told(before, after, settings).said).toStrictEqual(said);
  });

  test.each<[cause: Cause, triggers: Settings['status.autoTriggers'], speaks: boolean]>([
    ['adjust', ['order', 'receive'], false],
    ['count', ['order', 'receive'], false],
    ['adjust', ['manual'], true],
    ['order', ['order'], true],
    ['hold', ['order'], true],
    ['transfer', ['receive'], true],
    ['receive', ['order'], false],
    ['import', ['order'], false],
  ])('a change by %s, with statuses triggered by %j: %s', (cause, triggers, speaks) => {
    const { said } = told(stocked(5), stocked(0), { 'status.autoTriggers': triggers }, cause);
    expect(said.length > 0).toBe(speaks);
  });

  test('an effect carries the numbers of the moment', () => {
    const settings = withSettings({ 'oos.threshold': units(5) });
    const { effects } = evaluate(stocked(9, 1), stocked(9, 4.5), [aStore()], () => settings, 'order', noon);
    expect(effects).toStrictEqual([
      {
        type: 'stock.out',
        itemId: 7,
        storeId: 1,
        mail: 'out-of-stock',
        before: units(3),
        after: units(0),
        threshold: units(5),
        onHand: units(9),
        salable: units(0),
      },
    ]);
  });
});

describe('low stock', () => {
  const low: Partial<Settings> = { 'notify.threshold': units(5) };

  test('one mail when the line is crossed, none below it', () => {
    expect(walk([0, 14, 15, 16, 17], low)).toStrictEqual([[], ['stock.low:low-stock'], [], []]);
  });

  test('strictly below where the shop compares so', () => {
    expect(walk([0, 15, 16], { ...low, 'notify.compare': 'lt' })).toStrictEqual([
      [],
      ['stock.low:low-stock'],
    ]);
  });

  test('again after it rose above the line', () => {
    expect(walk([14, 15, 14, 15], low)).toStrictEqual([['stock.low:low-stock'], [], ['stock.low:low-stock']]);
  });

  test('again only after it rose above the re-arm line', () => {
    const lazy = { ...low, 'notify.rearm': units(3) };
    expect(walk([14, 15, 12, 15, 11, 15], lazy)).toStrictEqual([
      ['stock.low:low-stock'],
      [],
      [],
      [],
      ['stock.low:low-stock'],
    ]);
  });

  test('nothing when it was low all along: a threshold set later waits for the next crossing', () => {
    expect(walk([16, 17, 18], low)).toStrictEqual([[], []]);
    expect(told(stocked(0), stocked(3), low, 'receive').said).toStrictEqual(['stock.back:back-in-stock']);
  });

  test('nothing without a threshold', () => {
    expect(walk([0, 19], {})).toStrictEqual([[]]);
  });

  test('low and out in one change is one mail, the out-of-stock mail', () => {
    expect(walk([0, 20], low)).toStrictEqual([['stock.out:out-of-stock', 'stock.low']]);
  });

  test('a mail at every decrease where the shop asks for it, even beyond zero (smartstore S13)', () => {
    const each: Partial<Settings> = { ...low, 'notify.trigger': 'every_decrease' };
    expect(walk([14, 15, 16, 15, 16, 16], each)).toStrictEqual([
      ['stock.low:low-stock'],
      ['stock.low:low-stock'],
      [],
      ['stock.low:low-stock'],
      [],
    ]);
    expect(walk([19, 20, 21, 20], each)).toStrictEqual([
      ['stock.out:out-of-stock', 'stock.low'],
      ['stock.low:low-stock'],
      [],
    ]);
  });

  test('a digest mails nothing by itself, and still says what happened', () => {
    expect(walk([0, 15, 20], { ...low, 'notify.trigger': 'digest' })).toStrictEqual([
      ['stock.low'],
      ['stock.out'],
    ]);
  });

  test('only the changes the shop chose cause mails to the managers', () => {
    const orders: Partial<Settings> = { ...low, 'notify.sources': ['order'] };
    expect(walk([0, 15, 20], orders, 'adjust')).toStrictEqual([['stock.low'], ['stock.out']]);
    expect(walk([0, 15, 20], orders, 'order')).toStrictEqual([
      ['stock.low:low-stock'],
      ['stock.out:out-of-stock'],
    ]);
  });

  test('by what is on hand where the shop says so', () => {
    const physical: Partial<Settings> = { ...low, 'notify.basis': 'on_hand' };
    expect(walk([0, 19], physical)).toStrictEqual([[]]);
    expect(told(stocked(6), stocked(5), physical).said).toStrictEqual(['stock.low:low-stock']);
  });

  test('with limited backorders by what is salable (adobe D13), without limit by what is left of stock', () => {
    const settings: Partial<Settings> = { 'backorder.mode': 'allow', 'notify.threshold': units(10) };
    const limited = { ...settings, 'oos.threshold': units(-50) };
    expect(walk([19, 21, 59, 60], limited)).toStrictEqual([
      ['stock.backorder:out-of-stock'],
      [],
      ['stock.low:low-stock'],
    ]);
    expect(walk([0, 10], settings)).toStrictEqual([['stock.low:low-stock']]);
  });

  test('the alert is remembered in the pool, also of an item whose pool was never used', () => {
    const before = anItem([atLocation(mainPlace, { onHand: 9 })]);
    const after = anItem([atLocation(mainPlace, { onHand: 4 })]);
    const { item } = told(before, after, low);
    expect(item.levels).toHaveLength(2);
    expect(item.levels[1]).toMatchObject({ placeId: shopPool, kind: 'pool', sequence: 0, lowFired: true });
    const again = { ...item, levels: [atLocation(mainPlace, { onHand: 9 }), ...item.levels.slice(1)] };
    expect(told(item, again, low).item.levels[1]?.lowFired).toBe(false);
  });
});

describe('holds', () => {
  test('the end of a hold is a crossing, whenever it is tidied away', () => {
    const holding = stocked(2, 0, { holds: [aHold(2, { expiresAt: noon - 1 })] });
    const tidied = { ...holding, holds: [] };
    expect(told(holding, tidied, {}, 'hold').said).toStrictEqual(['stock.back:back-in-stock']);
  });

  test('the last unit held is out of stock', () => {
    const holding = stocked(2, 0, { holds: [aHold(2)] });
    expect(told(stocked(2), holding, {}, 'hold').said).toStrictEqual(['stock.out:out-of-stock']);
  });
});

describe('stores', () => {
  const north = aStore([aLocation(mainPlace)], { storeId: 1, poolId: 101 });
  const south = aStore([aLocation(otherPlace)], { storeId: 2, poolId: 102 });
  const both = aStore([aLocation(mainPlace), aLocation(otherPlace)], { storeId: 3, poolId: 103 });

  test('each hears of its own places only', () => {
    const before = anItem([atLocation(mainPlace, { onHand: 6 }), atLocation(otherPlace, { onHand: 5 })]);
    const after = { ...before, levels: [atLocation(mainPlace, {}), ...before.levels.slice(1)] };
    const asked: number[] = [];
    const settings = (storeId: number) => {
      asked.push(storeId);
      return withSettings({ 'notify.threshold': units(5) });
    };
    const { effects } = evaluate(before, after, [north, south, both], settings, 'adjust', noon);
    expect(effects.map(({ type, storeId }) => [storeId, type])).toStrictEqual([
      [1, 'stock.out'],
      [1, 'stock.low'],
      [3, 'stock.low'],
    ]);
    expect(asked).toStrictEqual([1, 3]);
    expect(
      quantityToNumber(effects[2] !== undefined && 'after' in effects[2] ? effects[2].after : units(0)),
    ).toBe(5);
  });

  test('nothing changed: nobody is asked, and the item is the same object', () => {
    const item = stocked(0);
    const settings = () => {
      throw new Error('asked');
    };
    expect(evaluate(item, { ...item }, [north], settings, 'order', noon).effects).toStrictEqual([]);
    const after = stocked(4);
    expect(evaluate(item, after, [north], () => withSettings(), 'order', noon).item).toBe(after);
  });
});
