// Shapes that several procedures share: pages, quantities and times as JSON shows them.

import type { Quantity } from '@stockroom/core';
import { quantityToNumber } from '@stockroom/core';
import { z } from 'zod';

export const pageInput = {
  /** `next` of the page before; absent = from the start. */
  cursor: z.string().min(1).max(1_000).optional(),
  limit: z.number().int().min(1).max(500).default(50),
};

export function pageOutput<Row extends z.ZodType>(row: Row) {
  return z.object({
    rows: z.array(row),
    /** For the next page; null at the end. */
    next: z.string().nullable(),
  });
}

/** Leaves absent keys out, as `exactOptionalPropertyTypes` wants it. */
export function given<Shape extends Record<string, unknown>>(
  shape: Shape,
): { [Key in keyof Shape]?: Exclude<Shape[Key], undefined> } {
  const entries = Object.entries(shape).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Key in keyof Shape]?: Exclude<Shape[Key], undefined> };
}

export const units = (quantity: Quantity): number => quantityToNumber(quantity);

export const iso = (at: Date): string => at.toISOString();
export const isoOrNull = (at: Date | null): string | null => at?.toISOString() ?? null;
