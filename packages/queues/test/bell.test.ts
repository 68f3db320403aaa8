// Which bell a product has, and which slots a bell covers.

import { MAILBOX_SLOTS as SLOTS } from '@stockroom/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bellOf, bellOfSlot, checkBellMode, productOf, slotOf, slotsOf } from '../src/bell.ts';

const bellCounts = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

test('every slot is covered by exactly one bell, for every allowed number of bells', () => {
  for (const bells of bellCounts) {
    const covered = Array.from({ length: bells }, (_, i) => slotsOf(bellOfSlot(i, bells))).flat();
    expect(covered.sort((a, b) => a - b)).toEqual(Array.from({ length: SLOTS }, (_, slot) => slot));
  }
});

test("a product's bell covers its slot, also for ids beyond the safe integers", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }), fc.constantFrom(...bellCounts), (id, bells) => {
      expect(slotsOf(bellOf(id, bells))).toContain(slotOf(String(id)));
      expect(bellOf(id, bells)).toBe(bellOf(String(id), bells));
    }),
  );
});

test('a bell of its own names its product, a shared one none', () => {
  expect(bellOf(1234, 'product')).toBe('p-1234');
  expect(productOf('p-1234')).toBe('1234');
  expect(slotsOf('p-1234')).toEqual([210]);
  expect(bellOf(1234, 64)).toBe('b64-18');
  expect(productOf('b64-18')).toBeNull();
});

test("a number of bells that would change a slot's bell unevenly is refused", () => {
  for (const bells of [0, 3, 63, 2048, 1.5, -64, Number.NaN])
    expect(() => checkBellMode(bells)).toThrow(/power of two/);
  for (const text of ['17', 'b-17', 'b64', 'p-x', '']) expect(() => slotsOf(text)).toThrow(/not a bell/);
});
