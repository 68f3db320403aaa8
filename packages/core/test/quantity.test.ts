// Quantities: what is read, what is refused and how it is written again.

import { describe, expect, test } from 'vitest';
import {
  add,
  formatQuantity,
  hasPlaces,
  maxOf,
  minOf,
  negate,
  parseQuantity,
  quantityFromSql,
  quantityToNumber,
  sqlFromQuantity,
  subtract,
  units,
  zero,
} from '../src/index.ts';

const largest = Number.MAX_SAFE_INTEGER;

describe('a quantity from outside', () => {
  test.each<[value: number | string, expected: number]>([
    [0, 0],
    [-0, 0],
    ['-0', 0],
    ['-0.0000', 0],
    [3, 30_000],
    [-3, -30_000],
    ['12', 120_000],
    ['007', 70_000],
    [1.5, 15_000],
    ['1.5', 15_000],
    ['1.50000000', 15_000],
    [0.1, 1_000],
    [1.005, 10_050],
    [4.35, 43_500],
    [8.2999, 82_999],
    [0.0001, 1],
    ['-0.0001', -1],
    ['900719925474.0991', largest],
    [900719925474, 9_007_199_254_740_000],
    [549755813887.9999, 5_497_558_138_879_999],
    ['-900719925474.0991', -largest],
  ])('%j is kept exactly', (value, expected) => {
    expect(parseQuantity(value, 'quantity')).toStrictEqual({ ok: true, quantity: expected });
  });

  test.each<[value: unknown]>([
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    [Number.NEGATIVE_INFINITY],
    [1e21],
    ['1e3'],
    ['1E-2'],
    ['NaN'],
    ['Infinity'],
    [''],
    [' 1'],
    ['1 '],
    ['+1'],
    ['.5'],
    ['1.'],
    ['1,5'],
    ['1.2.3'],
    ['--1'],
    ['0x10'],
    ['١'],
    ['900719925474.0992'],
    [549755813888.5],
    ['1000000000000'],
    [1_000_000_000_000],
    ['99999999999999999999999999'],
    [null],
    [undefined],
    [true],
    [[5]],
    [{ valueOf: () => 5 }],
    [5n],
  ])('%s is refused and the field is named', (value) => {
    const parsed = parseQuantity(value as number, 'lines.2.quantity');
    expect(parsed).toMatchObject({
      ok: false,
      rejection: { code: 'invalid_input', field: 'lines.2.quantity' },
    });
  });

  test.each<[value: number | string, decimals: number | undefined]>([
    ['1.00001', undefined],
    [1.00001, undefined],
    [1e-7, undefined],
    [5e-324, undefined],
    [0.1 + 0.2, undefined],
    [1.5, 0],
    ['1.25', 1],
    ['0.0001', 3],
  ])('%j with %s places allowed has too many decimals', (value, decimals) => {
    expect(parseQuantity(value, 'quantity', decimals)).toMatchObject({
      ok: false,
      rejection: { code: 'too_many_decimals', field: 'quantity' },
    });
  });

  test('zeros at the end are no decimal places', () => {
    expect(parseQuantity('12.0000', 'quantity', 0)).toStrictEqual({ ok: true, quantity: units(12) });
    expect(parseQuantity('1.2500', 'quantity', 2)).toStrictEqual({ ok: true, quantity: units(1.25) });
  });

  test('a refusal says what was found and what was expected', () => {
    expect(parseQuantity('1.55', 'by', 1)).toStrictEqual({
      ok: false,
      rejection: {
        code: 'too_many_decimals',
        field: 'by',
        expected: 'a decimal with at most 1 places',
        found: '"1.55"',
      },
    });
  });
});

describe('a quantity of the database', () => {
  test.each<[text: string, expected: number]>([
    ['12.0000', 120_000],
    ['-0.5000', -5_000],
    ['3', 30_000],
    ['-3', -30_000],
    ['0.0000', 0],
    ['-0.0000', 0],
    ['0.0001', 1],
    ['1.5', 15_000],
    ['900719925474.0991', largest],
  ])('%j is read exactly', (text, expected) => {
    expect(quantityFromSql(text)).toBe(expected);
  });

  test.each([
    '',
    '-',
    'NaN',
    '1e3',
    '1.00001',
    '1.2.3',
    '1-',
    ' 1',
    '99999999999999.9999',
    'Infinity',
    '--1',
  ])('%j is a defect', (text) => {
    expect(() => quantityFromSql(text)).toThrow(/defect/);
  });

  test.each<[quantity: number, expected: string]>([
    [0, '0'],
    [1.5, '1.5'],
    [-3, '-3'],
    [-0.0001, '-0.0001'],
    [0.01, '0.01'],
    [10.25, '10.25'],
    [1_000_000_000, '1000000000'],
  ])('%d is written as %s', (quantity, expected) => {
    expect(sqlFromQuantity(units(quantity))).toBe(expected);
    expect(formatQuantity(units(quantity))).toBe(expected);
  });
});

describe('arithmetic', () => {
  test('sums are exact where floating point is not', () => {
    expect(add(units(0.1), units(0.2))).toBe(units(0.3));
    expect(subtract(units(0.3), units(0.1))).toBe(units(0.2));
    expect(quantityToNumber(units(0.3))).toBe(0.3);
  });

  test('a sum beyond the safe range is a defect, never a wrong number', () => {
    const most = quantityFromSql('900719925474.0991');
    expect(() => add(most, units(0.0001))).toThrow(/safe range/);
    expect(() => subtract(negate(most), units(0.0001))).toThrow(/safe range/);
  });

  test('negating zero gives zero, not minus zero', () => {
    expect(Object.is(negate(zero), 0)).toBe(true);
  });

  test('the smaller and the larger of two', () => {
    expect(minOf(units(-1), units(2))).toBe(units(-1));
    expect(maxOf(units(-1), units(2))).toBe(units(2));
  });

  test.each<[quantity: number, decimals: number, expected: boolean]>([
    [3, 0, true],
    [-3, 0, true],
    [3.5, 0, false],
    [3.5, 1, true],
    [-3.25, 1, false],
    [0.0001, 3, false],
    [0.0001, 4, true],
    [0, 0, true],
  ])('%d has no more than %d places: %s', (quantity, decimals, expected) => {
    expect(hasPlaces(units(quantity), decimals)).toBe(expected);
  });

  test('five decimal places are a defect', () => {
    expect(() => hasPlaces(zero, 5)).toThrow(/0 to 4/);
    expect(() => units(0.00001)).toThrow(/4 places/);
  });
});
