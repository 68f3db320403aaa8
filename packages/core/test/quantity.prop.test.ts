// Laws of quantities, over the whole safe range.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Quantity } from '../src/index.ts';
import {
  add,
  formatQuantity,
  hasPlaces,
  parseQuantity,
  quantityFromSql,
  quantityToNumber,
  sqlFromQuantity,
  subtract,
} from '../src/index.ts';

const runs = { numRuns: 5_000 };
const anyQuantity = fc.maxSafeInteger().map((value) => value as Quantity);
const smallQuantity = fc
  .integer({ min: -1_000_000_000_000, max: 1_000_000_000_000 })
  .map((value) => value as Quantity);

/** The exact decimal, by whole-number arithmetic of its own. */
function decimalOf(quantity: Quantity): string {
  const digits = BigInt(Math.abs(quantity)).toString().padStart(5, '0');
  return `${quantity < 0 ? '-' : ''}${digits.slice(0, -4)}.${digits.slice(-4)}`;
}

test('what the database writes is read back exactly', () => {
  fc.assert(
    fc.property(anyQuantity, (quantity) => {
      expect(quantityFromSql(decimalOf(quantity))).toBe(quantity);
    }),
    runs,
  );
});

test('what is written is read back exactly, by the database and by the API', () => {
  fc.assert(
    fc.property(anyQuantity, (quantity) => {
      const text = sqlFromQuantity(quantity);
      expect(quantityFromSql(text)).toBe(quantity);
      expect(parseQuantity(text, 'quantity')).toStrictEqual({ ok: true, quantity });
      expect(formatQuantity(quantity)).toMatch(/^-?(0|[1-9]\d*)(\.\d{0,3}[1-9])?$/);
    }),
    runs,
  );
});

test('below 2 ** 39 units a quantity survives the way through a JSON number', () => {
  const limit = 2 ** 39 * 10_000 - 1;
  const exactQuantity = fc.integer({ min: -limit, max: limit }).map((value) => value as Quantity);
  fc.assert(
    fc.property(exactQuantity, (quantity) => {
      const number = JSON.parse(JSON.stringify(quantityToNumber(quantity))) as number;
      expect(parseQuantity(number, 'quantity')).toStrictEqual({ ok: true, quantity });
    }),
    runs,
  );
});

test('parsing answers every value, and never with anything but a safe integer or a named field', () => {
  const anything = fc.oneof(fc.double(), fc.float(), fc.string(), fc.anything(), fc.bigInt().map(String));
  fc.assert(
    fc.property(anything, fc.integer({ min: 0, max: 4 }), (value, decimals) => {
      const parsed = parseQuantity(value as number, 'field', decimals);
      if (parsed.ok) {
        expect(Number.isSafeInteger(parsed.quantity) && !Object.is(parsed.quantity, -0)).toBe(true);
        expect(hasPlaces(parsed.quantity, decimals)).toBe(true);
        expect(quantityToNumber(parsed.quantity)).toBeCloseTo(Number(value), 3);
      } else {
        expect(parsed.rejection.field).toBe('field');
      }
    }),
    runs,
  );
});

test('adding and subtracting undo each other', () => {
  fc.assert(
    fc.property(smallQuantity, smallQuantity, (a, b) => {
      expect(subtract(add(a, b), b)).toBe(a);
    }),
    runs,
  );
});
