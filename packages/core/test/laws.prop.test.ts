// The laws of the corridor's core under generated histories.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { position, statusOf } from '../src/availability.ts';
import { positionOf } from '../src/line-fold.ts';
import { totalOf } from '../src/pile.ts';
import type { Quantity } from '../src/quantity.ts';
import type { Settled, StockCommand } from '../src/types.ts';
import type { Step } from './histories.ts';
import { anyHistory, anyOpening, anySettings, eventsOf, trade } from './histories.ts';
import type { Shop } from './shop.ts';
import { bucketField, item, itemId, openShop, otherItemId, pool, run, say, store, viewOf } from './shop.ts';

const many = { numRuns: 1_500 };

/** Plays a history and looks after every command. */
function play(
  shop: Shop,
  steps: readonly Step[],
  look: (settled: Settled, command: StockCommand, before: Shop) => void = () => {},
): void {
  for (const { said, wait } of steps) {
    shop.now += wait;
    const command = said(shop.now);
    const before = { ...shop, items: new Map(shop.items), lines: new Map(shop.lines) };
    look(run(shop, command), command, before);
  }
}

/** Everything that can be compared, without ledger numbers. */
function stateOf(shop: Shop) {
  return {
    items: [...shop.items.values()].map((one) => ({
      levels: one.levels
        .map(({ sequence: _numbered, lowFired: _fired, ...level }) => level)
        .filter((level) => Object.values(bucketField).some((field) => level[field] !== 0))
        .sort((a, b) => a.placeId - b.placeId),
      holds: one.holds,
    })),
    lines: [...shop.lines.values()]
      .map(({ deducted, facts: _facts, ...line }) => ({
        ...line,
        deducted: [...deducted].sort((a, b) => a.placeId - b.placeId),
      }))
      .sort((a, b) => a.orderId - b.orderId || a.lineNo - b.lineNo),
  };
}

describe('laws under any history and any settings', () => {
  test('the fold of all movements is the levels; balances follow each other and sequences have no gaps', () => {
    fc.assert(
      fc.property(anySettings, anyOpening, anyHistory, (settings, opening, steps) => {
        const shop = openShop(opening, settings);
        play(shop, steps);
        const balances = new Map<string, number>();
        const sequences = new Map<string, number>();
        for (const entry of shop.entries) {
          const place = `${entry.itemId}:${entry.placeId}`;
          const bucket = `${place}:${entry.bucket}`;
          const opened = shop.opening
            .get(entry.itemId)
            ?.levels.find((level) => level.placeId === entry.placeId);
          const balance = (balances.get(bucket) ?? opened?.[bucketField[entry.bucket]] ?? 0) + entry.delta;
          expect(entry.delta).not.toBe(0);
          expect(entry.balanceAfter).toBe(balance);
          expect(entry.sequence).toBe((sequences.get(place) ?? 0) + 1);
          balances.set(bucket, balance);
          sequences.set(place, entry.sequence);
        }
        for (const one of shop.items.values()) {
          for (const level of one.levels) {
            expect(level.sequence).toBe(sequences.get(`${one.itemId}:${level.placeId}`) ?? 0);
            for (const [bucket, field] of Object.entries(bucketField)) {
              const opened = shop.opening
                .get(one.itemId)
                ?.levels.find(({ placeId }) => placeId === level.placeId);
              const folded = balances.get(`${one.itemId}:${level.placeId}:${bucket}`) ?? opened?.[field] ?? 0;
              expect(level[field]).toBe(folded);
            }
          }
        }
      }),
      many,
    );
  });

  test('an order event that comes twice changes nothing the second time', () => {
    fc.assert(
      fc.property(anySettings, anyOpening, anyHistory, (settings, opening, steps) => {
        const shop = openShop(opening, settings);
        play(shop, steps, (first, command) => {
          if (!('order' in command) || command.type === 'settle_back') return;
          // A refused event is final and is not asked again: the engine repeats its recorded answer.
          if (
            first.answer.result === 'rejected' ||
            first.answer.lines.some((line) => line.rejection !== null)
          )
            return;
          const before = stateOf(shop);
          const again = run(shop, command);
          expect(again.entries).toEqual([]);
          expect(again.effects).toEqual([]);
          expect(again.answer.result).toBe('nothing_to_do');
          expect(stateOf(shop)).toEqual(before);
        });
      }),
      many,
    );
  });

  test('a rejected command changes nothing; at most it remembers a fact or a new line as rejected', () => {
    fc.assert(
      fc.property(anySettings, anyOpening, anyHistory, (settings, opening, steps) => {
        const shop = openShop(opening, settings);
        play(shop, steps, (settled, _command, before) => {
          if (settled.answer.result !== 'rejected') return;
          expect(settled.entries).toEqual([]);
          expect(settled.items).toEqual([]);
          expect(settled.effects).toEqual([]);
          for (const line of settled.lines) {
            const known = before.lines.get(`${line.orderId}:${line.lineNo}`);
            if (known === undefined) expect(line.status).toBe('rejected');
            else expect({ ...line, facts: [] }).toEqual({ ...known, facts: [] });
          }
        });
      }),
      many,
    );
  });

  test('a line never gives back more than it took, and its ledger agrees with its balance', () => {
    fc.assert(
      fc.property(anySettings, anyOpening, anyHistory, (settings, opening, steps) => {
        const shop = openShop(opening, settings);
        const taken = new Map<string, number>();
        const committed = new Map<string, number>();
        play(shop, steps, (settled) => {
          for (const entry of settled.entries) {
            if (entry.orderId === null) continue;
            const key = `${entry.orderId}:${entry.lineNo}`;
            if (entry.bucket === 'on_hand') taken.set(key, (taken.get(key) ?? 0) - entry.delta);
            if (entry.bucket === 'committed') committed.set(key, (committed.get(key) ?? 0) + entry.delta);
          }
          for (const [key, line] of shop.lines) {
            expect(taken.get(key) ?? 0).toBe(totalOf(line.deducted));
            expect(taken.get(key) ?? 0).toBeGreaterThanOrEqual(0);
            expect(committed.get(key) ?? 0).toBe(line.committed);
          }
        });
      }),
      many,
    );
  });

  test('a line balance always adds up, and its stored facts fold to it', () => {
    fc.assert(
      fc.property(anySettings, anyOpening, anyHistory, (settings, opening, steps) => {
        const shop = openShop(opening, settings);
        play(shop, steps, () => {
          for (const line of shop.lines.values()) {
            const folded = positionOf(line);
            expect(folded.open).toBeGreaterThanOrEqual(0);
            expect(folded.granted).toBe(folded.open + folded.shipped + folded.released);
            expect(line.returned).toBeLessThanOrEqual(line.shipped);
            expect(line.backordered).toBeGreaterThanOrEqual(0);
            expect(line.backordered).toBeLessThanOrEqual(folded.open);
            expect(line.fromStock).toBeGreaterThanOrEqual(0);
            expect(line.committed).toBeGreaterThanOrEqual(0);
            expect(line.committed).toBeLessThanOrEqual(folded.open);
            expect({
              ...line,
              shipped: folded.shipped,
              released: folded.released,
              returned: folded.returned,
            }).toEqual(line);
            expect(folded.deducted).toEqual(line.deducted);
          }
        });
      }),
      many,
    );
  });

  test('what an order committed is zero once nothing of it is open', () => {
    fc.assert(
      fc.property(anySettings, anyOpening, anyHistory, (settings, opening, steps) => {
        const shop = openShop(opening, settings);
        play(shop, steps);
        for (let orderId = 1; orderId <= 4; orderId += 1) {
          run(shop, say.cancel({ orderId, at: shop.now + 1 }));
        }
        for (const line of shop.lines.values()) {
          expect(positionOf(line).open === 0 || line.status === 'rejected').toBe(true);
          expect(line.committed).toBe(0);
          expect(line.backordered).toBe(0);
        }
        for (const one of shop.items.values()) {
          expect(one.levels.find((level) => level.placeId === pool)?.committed ?? 0).toBe(0);
        }
      }),
      many,
    );
  });

  test('no level but a permitted on hand is ever below zero, and held is what the holds say', () => {
    fc.assert(
      fc.property(anySettings, anyOpening, anyHistory, (settings, opening, steps) => {
        const shop = openShop(opening, settings);
        play(shop, steps, () => {
          for (const one of shop.items.values()) {
            for (const level of one.levels) {
              for (const field of ['committed', 'held', 'incoming'] as const) {
                expect(level[field]).toBeGreaterThanOrEqual(0);
              }
              if (settings['negative.onHand'] !== 'allow') expect(level.onHand).toBeGreaterThanOrEqual(0);
            }
            const held = one.levels.find((level) => level.placeId === pool)?.held ?? 0;
            expect(held).toBe(one.holds.reduce((sum, hold) => sum + hold.quantity, 0));
          }
        });
      }),
      many,
    );
  });

  test('a status effect comes exactly when the status of an item in a store changes', () => {
    fc.assert(
      fc.property(anySettings, anyOpening, anyHistory, (settings, opening, steps) => {
        const shop = openShop(opening, settings);
        const statuses = new Set(['stock.out', 'stock.sold_out', 'stock.backorder', 'stock.back']);
        play(shop, steps, (settled, _command, before) => {
          for (const after of settled.items) {
            const known = before.items.get(after.itemId);
            if (known === undefined) throw new Error('an item appeared');
            // Until a command tidies a hold that ran out, nobody has been told that its units are free.
            const statusAt = (one: typeof after, now: number) =>
              statusOf(after, position(one, store, shop.settings, now), shop.settings);
            const effects = settled.effects.filter(
              (effect) => effect.itemId === after.itemId && statuses.has(effect.type),
            );
            expect(effects.length).toBe(
              statusAt(known, Number.NEGATIVE_INFINITY) === statusAt(after, shop.now) ? 0 : 1,
            );
          }
        });
      }),
      many,
    );
  });

  test('the first to wait is the first to be filled', () => {
    const orderly = anySettings.map((settings) => ({
      ...settings,
      'negative.onHand': 'reject' as const,
      'order.policy': 'accept_all' as const,
    }));
    fc.assert(
      fc.property(orderly, anyOpening, anyHistory, (settings, opening, steps) => {
        const shop = openShop(opening, settings);
        play(shop, steps, (settled, command, before) => {
          for (const effect of settled.effects) {
            if (effect.type !== 'backorder.filled') continue;
            const filled = shop.lines.get(`${effect.orderId}:${effect.lineNo}`);
            if (filled === undefined) throw new Error('an unknown line was filled');
            const queue = viewOf(before, command).waiting(effect.itemId);
            for (const older of queue) {
              if (older.orderId === effect.orderId && older.lineNo === effect.lineNo) break;
              const now = shop.lines.get(`${older.orderId}:${older.lineNo}`);
              const isOlder =
                older.placedAt < filled.placedAt ||
                (older.placedAt === filled.placedAt &&
                  (older.orderId < filled.orderId ||
                    (older.orderId === filled.orderId && older.lineNo < filled.lineNo)));
              if (isOlder) expect(now?.backordered).toBe(0);
            }
          }
        });
      }),
      many,
    );
  });
});

describe('laws of trade', () => {
  const careful = anySettings.map((settings) => ({
    ...settings,
    'reserve.on': 'ordered' as const,
    'negative.onHand': 'reject' as const,
    'backorder.mode': 'deny' as const,
    'order.policy':
      settings['order.policy'] === 'accept_all' ? ('partial' as const) : settings['order.policy'],
  }));

  test('without backorders nothing is promised that is not there', () => {
    fc.assert(
      fc.property(careful, anyOpening, trade, (settings, opening, steps) => {
        const shop = openShop(opening, settings);
        play(shop, steps, () => {
          for (const one of shop.items.values()) {
            const now = position(one, store, shop.settings, shop.now);
            expect(now.owed).toBe(0);
          }
        });
      }),
      many,
    );
  });

  test('backorders never pass their limit', () => {
    const limited = careful.map((settings) => ({
      ...settings,
      'backorder.mode': 'allow' as const,
      'backorder.limit': (3 * 10_000) as Quantity,
    }));
    fc.assert(
      fc.property(limited, anyOpening, trade, (settings, opening, steps) => {
        const shop = openShop(opening, settings);
        play(shop, steps, () => {
          for (const one of shop.items.values()) {
            expect(position(one, store, shop.settings, shop.now).owed).toBeLessThanOrEqual(3 * 10_000);
          }
        });
      }),
      many,
    );
  });
});

describe('events of one order in any order', () => {
  const rich = () => [item(itemId, 1_000, 1_000), item(otherItemId, 1_000, 1_000)];
  const plenty = anySettings.map((settings) => ({ ...settings, 'oos.threshold': 0 as Quantity }));
  const said = fc.array(fc.tuple(eventsOf(fc.constant(1), false), fc.integer({ min: -2, max: 5 })), {
    minLength: 1,
    maxLength: 7,
  });

  test('whatever comes first, last or twice, levels and balances end the same', () => {
    fc.assert(
      fc.property(
        plenty,
        said,
        fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 3 }),
        fc.func(fc.integer()),
        (settings, events, doubled, shuffle) => {
          const first = say.place([
            [1, 5],
            [2, 3, otherItemId],
          ]);
          const commands = events.map(([build, after]) => build(1_000 + after));
          const repeated = doubled.flatMap((index) => commands[index] ?? []);
          const shuffled = [...commands, ...repeated]
            .map((command, index) => ({ command, key: shuffle(index) }))
            .sort((a, b) => a.key - b.key)
            .map(({ command }) => command);
          const inOrder = openShop(rich(), settings);
          const mixed = openShop(rich(), settings);
          run(inOrder, first);
          run(mixed, first);
          for (const command of [...commands].sort((a, b) => a.at - b.at)) run(inOrder, command);
          for (const command of shuffled) run(mixed, command);
          expect(stateOf(mixed), commands.map((one) => JSON.stringify(one)).join('\n')).toEqual(
            stateOf(inOrder),
          );
        },
      ),
      { numRuns: 3_000 },
    );
  });

  test('a ship that happened before the cancel ships, however late it comes', () => {
    const shop = openShop();
    run(shop, say.place([[1, 4]]));
    run(shop, say.cancel({ at: 2_000 }));
    const settled = run(shop, say.ship({ at: 1_500, lines: [[1, 3]] }));
    expect(settled.answer.lines[0]?.moved).toBe(30_000);
    expect(shop.lines.get('1:1')).toMatchObject({ shipped: 30_000, released: 10_000, status: 'closed' });
  });
});
