// Quantities: decimals with at most four places, kept as safe integers of one ten-thousandth.

import { assert } from './assert.ts';

declare const quantityBrand: unique symbol;

/** A number of units times 10,000, always a safe integer and never minus zero. */
export type Quantity = number & { readonly [quantityBrand]: 'Quantity' };

/** Why a value from outside is refused: the field, what was expected of it and what was found. */
export interface InputRejection {
  readonly code: 'invalid_input' | 'too_many_decimals';
  readonly field: string;
  readonly expected: string;
  readonly found: string;
}

export type ParsedQuantity =
  | { readonly ok: true; readonly quantity: Quantity }
  | { readonly ok: false; readonly rejection: InputRejection };

const scale = 10_000;
/** The smallest step of a quantity with 0, 1, 2, 3 or 4 places. */
const steps = [10_000, 1_000, 100, 10, 1] as const;
const decimalText = /^(-?)(\d+)(?:\.(\d+))?$/;
const wholeDigitsMax = 12;
/** From here on neighbouring JavaScript numbers are more than 1/10,000 apart. */
const exactNumberMax = 2 ** 39;

export const zero = 0 as Quantity;

/**
 * Reads a quantity from outside, exactly: what is written is what is kept.
 *
 * @param value units as a number or as decimal text ("1.5"); zeros at the end do not count as places
 * @param field named by the rejection
 * @param decimals how many places it may have, 0 to 4
 * @returns `too_many_decimals`, or `invalid_input` for everything that is no such decimal: NaN, Infinity, exponents, other
 *   types, and what does not fit into a safe integer of 1/10,000 (about 900 thousand million). Where JavaScript numbers lie
 *   further apart than 1/10,000, a number with decimals is refused, because nobody knows which one was meant
 */
export function parseQuantity(value: number | string, field: string, decimals = 4): ParsedQuantity {
  if (typeof value === 'number' && Number.isInteger(value) && Number.isSafeInteger(value * scale)) {
    return { ok: true, quantity: (value * scale + 0) as Quantity };
  }
  const expected = `a decimal with at most ${decimals} places`;
  const refuse = (code: InputRejection['code'], what = expected): ParsedQuantity => ({
    ok: false,
    rejection: { code, field, expected: what, found: describe(value) },
  });
  if (typeof value !== 'number' && typeof value !== 'string') return refuse('invalid_input');
  // A number so small that JavaScript writes it with an exponent has more than four places.
  if (typeof value === 'number' && value !== 0 && Math.abs(value) < 1e-6) return refuse('too_many_decimals');
  if (typeof value === 'number' && Math.abs(value) >= exactNumberMax)
    return refuse('invalid_input', numberOutOfRange);
  const match = decimalText.exec(String(value));
  if (match === null) return refuse('invalid_input');
  const whole = (match[2] ?? '').replace(/^0+(?=\d)/, '');
  const fraction = (match[3] ?? '').replace(/0+$/, '');
  if (fraction.length > decimals) return refuse('too_many_decimals');
  if (whole.length > wholeDigitsMax) return refuse('invalid_input', outOfRange);
  const magnitude = Number(whole) * scale + Number(fraction.padEnd(4, '0'));
  if (!Number.isSafeInteger(magnitude)) return refuse('invalid_input', outOfRange);
  return { ok: true, quantity: (match[1] === '-' ? 0 - magnitude : magnitude) as Quantity };
}

const numberOutOfRange = `a number below ${exactNumberMax}, or the decimal as text`;
const outOfRange = `a decimal between -${Number.MAX_SAFE_INTEGER / scale} and ${Number.MAX_SAFE_INTEGER / scale}`;

function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 40));
  return typeof value === 'number' || value === null ? String(value) : typeof value;
}

/** Units as text without needless zeros: "1.5", "-3". */
export function formatQuantity(quantity: Quantity): string {
  return sqlFromQuantity(quantity);
}

/** Units as the nearest JavaScript number: what JSON shows. Exact to 4 places below 2 ** 39 units. */
export function quantityToNumber(quantity: Quantity): number {
  return quantity / scale;
}

/** Units as an exact decimal for a `numeric(18,4)` column. On the hot path: whole numbers take the short way. */
export function sqlFromQuantity(quantity: Quantity): string {
  if (quantity % scale === 0) return String(quantity / scale);
  const magnitude = Math.abs(quantity);
  const whole = Math.floor(magnitude / scale);
  let fraction = magnitude - whole * scale;
  let places = 4;
  while (fraction % 10 === 0) {
    fraction /= 10;
    places -= 1;
  }
  return `${quantity < 0 ? '-' : ''}${whole}.${String(fraction).padStart(places, '0')}`;
}

/**
 * Reads a `numeric(18,4)` column: "12.0000", "-0.5000", "3". On the hot path, so it walks the characters once.
 * What is not such a decimal is a defect and throws.
 */
export function quantityFromSql(text: string): Quantity {
  const isNegative = text.charCodeAt(0) === 45;
  let magnitude = 0;
  let places = -1;
  for (let at = isNegative ? 1 : 0; at < text.length; at += 1) {
    const digit = text.charCodeAt(at) - 48;
    if (digit >= 0 && digit <= 9) {
      magnitude = magnitude * 10 + digit;
      if (places >= 0) places += 1;
    } else {
      assert(digit === -2 && places === -1, `"${text}" is not a decimal of the database`);
      places = 0;
    }
  }
  if (places < 4) magnitude *= steps[places < 0 ? 0 : places] ?? 1;
  assert(
    places <= 4 && text.length > (isNegative ? 1 : 0) && Number.isSafeInteger(magnitude),
    `"${text}" is not a decimal(18,4) of the safe range`,
  );
  return (isNegative ? 0 - magnitude : magnitude) as Quantity;
}

/** A quantity from units we know ourselves (constants, tests): more than four places is a defect. */
export function units(count: number): Quantity {
  const quantity = Math.round(count * scale) + 0;
  assert(
    Number.isSafeInteger(quantity) && quantity / scale === count,
    `${count} units are not a quantity: expected at most 4 places`,
  );
  return quantity as Quantity;
}

export function add(a: Quantity, b: Quantity): Quantity {
  return checked(a + b);
}

export function subtract(a: Quantity, b: Quantity): Quantity {
  return checked(a - b);
}

export function negate(quantity: Quantity): Quantity {
  return (0 - quantity) as Quantity;
}

function checked(sum: number): Quantity {
  if (!Number.isSafeInteger(sum)) assert(false, `the quantity ${sum / scale} is beyond the safe range`);
  return sum as Quantity;
}

export function minOf(a: Quantity, b: Quantity): Quantity {
  return a < b ? a : b;
}

export function maxOf(a: Quantity, b: Quantity): Quantity {
  return a > b ? a : b;
}

/** Whether a quantity has no more than this many decimal places (0 to 4). */
export function hasPlaces(quantity: Quantity, decimals: number): boolean {
  const step = steps[decimals];
  assert(step !== undefined, `${decimals} decimal places: expected 0 to 4`);
  return quantity % step === 0;
}
