// Posting: levels are the fold of movements, and the ledger has no gaps.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Bucket, ItemState, Movement } from '../src/index.ts';
import { post, quantityFromSql, units } from '../src/index.ts';
import { anItem, atLocation, inPool, mainPlace, otherPlace, shopPool } from './build-item.ts';

function movement(bucket: Bucket, delta: number, more: Partial<Movement> = {}): Movement {
  const isPool = bucket === 'committed' || bucket === 'held';
  return {
    itemId: 7,
    placeId: isPool ? shopPool : mainPlace,
    placeKind: isPool ? 'pool' : 'location',
    bucket,
    delta: units(delta),
    kind: 'adjust',
    orderId: null,
    lineNo: null,
    belowFloor: false,
    ...more,
  };
}

function itemsOf(...items: ItemState[]): ReadonlyMap<number, ItemState> {
  return new Map(items.map((item) => [item.itemId, item]));
}

describe('posting', () => {
  test('one counter per place numbers the entries of all its buckets', () => {
    const { items, entries } = post(itemsOf(anItem([atLocation(mainPlace, { onHand: 10 })])), [
      movement('on_hand', -3),
      movement('unavailable', 2),
      movement('committed', 4),
      movement('on_hand', 1, { placeId: otherPlace }),
      movement('on_hand', -1),
    ]);
    expect(entries.map((entry) => [entry.placeId, entry.sequence, entry.balanceAfter])).toStrictEqual([
      [mainPlace, 1, units(7)],
      [mainPlace, 2, units(2)],
      [shopPool, 1, units(4)],
      [otherPlace, 1, units(1)],
      [mainPlace, 3, units(6)],
    ]);
    expect(items.get(7)?.levels.map((level) => [level.placeId, level.kind, level.sequence])).toStrictEqual([
      [mainPlace, 'location', 3],
      [shopPool, 'pool', 1],
      [otherPlace, 'location', 1],
    ]);
  });

  test('only items that changed are returned, and levels that did not change are the same objects', () => {
    const item = anItem([atLocation(mainPlace, { onHand: 10 }), inPool({ committed: 1 })]);
    const { items } = post(itemsOf(item, anItem([], { itemId: 8 })), [movement('committed', 2)]);
    expect([...items.keys()]).toStrictEqual([7]);
    expect(items.get(7)?.levels[0]).toBe(item.levels[0]);
    expect(items.get(7)?.levels[1]).not.toBe(item.levels[1]);
  });

  test('what it was given stays as it was', () => {
    const item = anItem([atLocation(mainPlace, { onHand: 10 })]);
    const before = structuredClone(item);
    post(itemsOf(item), [movement('on_hand', -3), movement('held', 1)]);
    expect(item).toStrictEqual(before);
  });

  test('no movement, no change', () => {
    expect(post(itemsOf(anItem()), [])).toStrictEqual({ items: new Map(), entries: [] });
  });

  test('an alert that has fired survives a movement', () => {
    const { items } = post(itemsOf(anItem([inPool({}, { lowFired: true })])), [movement('committed', 2)]);
    expect(items.get(7)?.levels[0]?.lowFired).toBe(true);
  });

  test('an item nobody loaded, and a pool that is used as a location, are defects', () => {
    expect(() => post(itemsOf(), [movement('on_hand', 1)])).toThrow(/not loaded/);
    expect(() =>
      post(itemsOf(anItem([inPool({})])), [movement('on_hand', 1, { placeId: shopPool })]),
    ).toThrow(/is a pool/);
  });

  test('levels equal the sum of their movements, balances run on, sequences have no gap', () => {
    const bucket = fc.constantFrom<Bucket>('on_hand', 'unavailable', 'committed', 'held', 'incoming');
    const anyMovement = fc
      .record({
        bucket,
        delta: fc.integer({ min: -500_000, max: 500_000 }),
        place: fc.integer({ min: 1, max: 3 }),
        item: fc.integer({ min: 7, max: 9 }),
      })
      .map((raw) =>
        movement(raw.bucket, raw.delta / 10_000, {
          itemId: raw.item,
          placeId: raw.place + (raw.bucket === 'committed' || raw.bucket === 'held' ? shopPool : 0),
        }),
      );
    fc.assert(
      fc.property(
        fc.array(anyMovement, { maxLength: 40 }),
        fc.integer({ min: 0, max: 40 }),
        (movements, cut) => {
          const start = itemsOf(anItem(), anItem([], { itemId: 8 }), anItem([], { itemId: 9 }));
          const first = post(start, movements.slice(0, cut));
          const between = new Map([...start, ...first.items]);
          const second = post(between, movements.slice(cut));
          const end = new Map([...between, ...second.items]);
          const sums = new Map<string, number>();
          const counts = new Map<string, number>();
          for (const entry of [...first.entries, ...second.entries]) {
            const place = `${entry.itemId}/${entry.placeId}`;
            sums.set(`${place}/${entry.bucket}`, (sums.get(`${place}/${entry.bucket}`) ?? 0) + entry.delta);
            counts.set(place, (counts.get(place) ?? 0) + 1);
            expect(entry.balanceAfter).toBe(sums.get(`${place}/${entry.bucket}`));
            expect(entry.sequence).toBe(counts.get(place));
          }
          for (const item of end.values()) {
            for (const level of item.levels) {
              const place = `${item.itemId}/${level.placeId}`;
              const sum = (name: Bucket) => sums.get(`${place}/${name}`) ?? 0;
              expect(level.sequence).toBe(counts.get(place));
              expect(level).toMatchObject({
                onHand: sum('on_hand'),
                unavailable: sum('unavailable'),
                committed: sum('committed'),
                held: sum('held'),
                incoming: sum('incoming'),
              });
            }
          }
          expect([...counts.keys()].length).toBe([...end.values()].flatMap((item) => item.levels).length);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('a level beyond the safe range is a defect, never a wrong number', () => {
    const most = quantityFromSql('900719925474.0991');
    const full = itemsOf(anItem([{ ...atLocation(mainPlace, {}), onHand: most }]));
    expect(() => post(full, [movement('on_hand', 1)])).toThrow(/safe range/);
  });
});
