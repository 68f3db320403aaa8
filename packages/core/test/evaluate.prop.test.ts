// Laws of availability and of effects, under generated levels, settings and histories.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Effect, ItemState, Settings, StockEffectType, StockStatus } from '../src/index.ts';
import { availabilityOf, evaluate, position, units } from '../src/index.ts';
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

const runs = { numRuns: 3_000 };
const small = fc.integer({ min: 0, max: 12 });
const onHand = fc.integer({ min: -6, max: 12 });

const anyItem: fc.Arbitrary<ItemState> = fc
  .record({
    first: onHand,
    second: onHand,
    unavailable: fc.integer({ min: 0, max: 3 }),
    incoming: small,
    committed: small,
    holds: fc.array(
      fc.record({ quantity: fc.integer({ min: 1, max: 4 }), minutes: fc.integer({ min: -2, max: 2 }) }),
      { maxLength: 3 },
    ),
    discontinued: fc.boolean(),
  })
  .map((raw) =>
    anItem(
      [
        atLocation(mainPlace, { onHand: raw.first, unavailable: raw.unavailable, incoming: raw.incoming }),
        atLocation(otherPlace, { onHand: raw.second }),
        inPool({ committed: raw.committed }),
      ],
      {
        discontinued: raw.discontinued,
        holds: raw.holds.map((hold, index) =>
          aHold(hold.quantity, { holdRef: `cart-${index}`, expiresAt: noon + hold.minutes * 60_000 }),
        ),
      },
    ),
  );

const anySettings: fc.Arbitrary<Settings> = fc
  .record<Partial<Settings>>({
    'backorder.mode': fc.constantFrom('deny', 'allow', 'allow_notify'),
    'backorder.limit': fc.oneof(
      fc.constantFrom('from_threshold' as const, 'unlimited' as const),
      small.map(units),
    ),
    'oos.threshold': fc.integer({ min: -10, max: 5 }).map(units),
    'oos.signRule': fc.constantFrom('as_is', 'by_backorder_mode'),
    'oos.basis': fc.constantFrom('on_hand', 'salable'),
    'oos.thresholdFrom': fc.constantFrom('own', 'notify'),
    'notify.threshold': fc.option(small.map(units), { nil: null }),
    'notify.compare': fc.constantFrom('lt', 'lte'),
    'notify.basis': fc.constantFrom('on_hand', 'salable'),
    'notify.trigger': fc.constantFrom('crossing', 'digest'),
    'notify.rearm': fc.integer({ min: 0, max: 4 }).map(units),
    'atp.includeIncoming': fc.constantFrom('no', 'yes', 'by_eta'),
  })
  .map(withSettings);

test('what can be sold is from stock plus room, and neither is ever negative', () => {
  fc.assert(
    fc.property(anyItem, anySettings, (item, settings) => {
      const place = position(item, aStore(), settings, noon);
      expect(place.fromStock).toBeGreaterThanOrEqual(0);
      expect(place.owed).toBeGreaterThanOrEqual(0);
      expect(place.room ?? 0).toBeGreaterThanOrEqual(0);
      expect(place.salable).toBe(place.room === null ? null : place.fromStock + place.room);
      expect(place.fromStock).toBeLessThanOrEqual(Math.max(0, place.physical - place.committed - place.held));
    }),
    runs,
  );
});

test('promising what is salable leaves exactly nothing salable: units are counted once', () => {
  fc.assert(
    fc.property(anyItem, anySettings, (item, settings) => {
      const before = position(item, aStore(), settings, noon);
      // Above a positive threshold the safety stock lies between stock and backorders.
      fc.pre(before.salable !== null && before.threshold <= 0);
      const levels = item.levels.map((level) =>
        level.kind === 'pool'
          ? { ...level, committed: (level.committed + (before.salable ?? 0)) as typeof level.committed }
          : level,
      );
      expect(position({ ...item, levels }, aStore(), settings, noon).salable).toBe(0);
    }),
    runs,
  );
});

test('a worse location never takes away from what another one can sell from stock', () => {
  fc.assert(
    fc.property(anyItem, anySettings, fc.integer({ min: 1, max: 9 }), (item, settings, less) => {
      const alone = position(item, aStore([aLocation(otherPlace)]), settings, noon);
      const levels = item.levels.map((level) =>
        level.placeId === mainPlace ? { ...level, onHand: units(-less) } : level,
      );
      const beside = position({ ...item, levels }, aStore(), settings, noon);
      expect(beside.fromStock).toBe(alone.fromStock);
    }),
    runs,
  );
});

const statusSaid: Readonly<Record<StockStatus, StockEffectType>> = {
  in_stock: 'stock.back',
  back_order: 'stock.backorder',
  out_of_stock: 'stock.out',
  discontinued: 'stock.sold_out',
};

test('along any history: a status is said when it changes and only then, and says what a reader would see', () => {
  const history = fc.array(anyItem, { minLength: 2, maxLength: 12 });
  fc.assert(
    fc.property(history, anySettings, (items, settings) => {
      const [first, ...rest] = items.map((item) =>
        tidy({ ...item, discontinued: items[0]?.discontinued ?? false }),
      );
      let before = first ?? anItem();
      for (const next of rest) {
        const { effects } = evaluate(before, next, [aStore()], () => settings, 'order', noon);
        const was = availabilityOf(before, aStore(), settings, noon).status;
        const is = availabilityOf(next, aStore(), settings, noon).status;
        const said = effects.map((effect) => effect.type).filter((type) => type !== 'stock.low');
        expect(said).toStrictEqual(was === is ? [] : [statusSaid[is]]);
        before = next;
      }
    }),
    runs,
  );
});

test('along any history: after a low-stock alert no other comes before stock rose above the re-arm line', () => {
  const history = fc.array(anyItem, { minLength: 2, maxLength: 20 });
  fc.assert(
    fc.property(history, anySettings, (items, settings) => {
      const threshold = settings['notify.threshold'];
      fc.pre(threshold !== null);
      let item = tidy(items[0] ?? anItem());
      let isArmed = true;
      for (const next of items.slice(1).map(tidy)) {
        const fired = item.levels.find((level) => level.kind === 'pool')?.lowFired ?? false;
        const levels = next.levels.map((level) =>
          level.kind === 'pool' ? { ...level, lowFired: fired } : level,
        );
        const was = quantityOf(item, settings);
        const is = quantityOf(next, settings);
        const evaluated = evaluate(item, { ...next, levels }, [aStore()], () => settings, 'order', noon);
        const isLow = settings['notify.compare'] === 'lte' ? is <= threshold : is < threshold;
        const wasLow = settings['notify.compare'] === 'lte' ? was <= threshold : was < threshold;
        const alerts = evaluated.effects.filter((effect) => effect.type === 'stock.low');
        expect(alerts.length).toBe(isLow && !wasLow && isArmed ? 1 : 0);
        if (alerts.length > 0) isArmed = false;
        const line = threshold + settings['notify.rearm'];
        if (settings['notify.compare'] === 'lte' ? is > line : is >= line) isArmed = true;
        item = evaluated.item;
      }
    }),
    runs,
  );
});

test('one change mails the managers at most once for a store', () => {
  const isToManagers = (effect: Effect) => effect.mail === 'low-stock' || effect.mail === 'out-of-stock';
  fc.assert(
    fc.property(anyItem, anyItem, anySettings, fc.boolean(), (before, after, settings, isEach) => {
      const chosen: Settings = { ...settings, 'notify.trigger': isEach ? 'every_decrease' : 'crossing' };
      const { effects } = evaluate(before, after, [aStore()], () => chosen, 'order', noon);
      expect(effects.filter(isToManagers).length).toBeLessThanOrEqual(1);
    }),
    runs,
  );
});

test('evaluating a state against itself says nothing and changes nothing', () => {
  fc.assert(
    fc.property(anyItem, anySettings, (raw, settings) => {
      const item = tidy(raw);
      const copy = structuredClone(item);
      const { effects, item: after } = evaluate(item, copy, [aStore()], () => settings, 'order', noon);
      expect(effects).toStrictEqual([]);
      expect(after).toBe(copy);
    }),
    runs,
  );
});

/** As the corridor leaves an item: every touch tidies expired holds away. */
function tidy(item: ItemState): ItemState {
  return { ...item, holds: item.holds.filter((hold) => hold.expiresAt > noon) };
}

function quantityOf(item: ItemState, settings: Settings): number {
  const place = position(item, aStore(), settings, noon);
  return settings['notify.basis'] === 'on_hand' ? place.physical : (place.salable ?? place.fromStock);
}
