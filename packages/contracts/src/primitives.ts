// The small words every contract is made of: keys, codes, instants, quantities, addresses.

import { z } from 'zod';

/** Printable text: no control characters, no lone surrogates. */
function isPrintable(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here.
  return text.isWellFormed() && !/[\u0000-\u001f\u007f-\u009f]/.test(text);
}

/** An outside identifier (event id, order number, line id, SKU): 1 to 200 printable characters, no space at the ends. */
export const key = z
  .string()
  .min(1, 'must not be empty')
  .max(200, 'must have at most 200 characters')
  .refine(isPrintable, 'must not contain control characters')
  .refine((text) => text === text.trim(), 'must not begin or end with a space');

/** A short code of our own (store, location, group): letters, digits, `-`, `_`, `.`. */
export const code = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be 1 to 64 letters, digits, ".", "-" or "_"');

/** Years that every part of the system can write down, also after the offset is taken off. */
const instantMin = Date.parse('1970-01-01T00:00:00Z');
const instantMax = Date.parse('9999-12-31T00:00:00Z');

function isInRange(text: string): boolean {
  const at = Date.parse(text);
  return at >= instantMin && at < instantMax;
}

/** An instant, ISO 8601 with an offset: `2026-05-04T10:00:00Z`. Dates that do not exist are refused. */
export const instant = z.iso
  .datetime({
    offset: true,
    error: 'must be an ISO 8601 date and time with an offset, such as 2026-05-04T10:00:00Z',
  })
  .max(40, 'must have at most 40 characters')
  .refine(isInRange, 'must be a time between the years 1970 and 9999');

export const personName = z
  .string()
  .min(1)
  .max(200)
  .refine(isPrintable, 'must not contain control characters');

export const mailAddress = z.email('must be a mail address').max(254);

export const reasonText = z
  .string()
  .min(1)
  .max(500)
  .refine(isPrintable, 'must not contain control characters');

/** The largest quantity one line may speak of: keeps every sum inside the safe integers of the core. */
export const quantityMax = 1_000_000_000;

const decimalText = /^-?\d{1,10}(\.\d{1,4})?$/;

function isQuantity(value: number | string): boolean {
  const number = Number(value);
  if (!Number.isFinite(number) || Math.abs(number) > quantityMax) return false;
  if (typeof value === 'string') return decimalText.test(value);
  return decimalText.test(String(value));
}

const anyQuantity = z
  .union([z.number(), z.string().max(20)], 'must be a number, or text such as "1.5"')
  .refine(isQuantity, `must be a decimal with at most 4 places, at most ${quantityMax}`);

/** A quantity of either sign or zero. */
export const signedQuantity = anyQuantity;
/** A quantity that is zero or more. */
export const levelQuantity = anyQuantity.refine((value) => Number(value) >= 0, 'must not be negative');
/** A quantity that is more than zero. */
export const itemQuantity = anyQuantity.refine((value) => Number(value) > 0, 'must be more than 0');
