// Pages of lists: how many rows at most, and cursors that callers treat as opaque text.

import { EngineError } from '@stockroom/contracts';

export interface PageRequest {
  /** Where the last page ended; absent = from the start. */
  readonly cursor?: string;
  /** At most 500; default 50. */
  readonly limit?: number;
}

export interface Page<Row> {
  readonly rows: readonly Row[];
  /** For the next page; null at the end. */
  readonly next: string | null;
}

export function pageLimit(request: PageRequest): number {
  return Math.min(Math.max(Math.trunc(request.limit ?? 50), 1), 500);
}

/** Rows were asked for with one more than the limit: the extra one only says that there is more. */
export function pageOf<Raw, Row>(
  raw: readonly Raw[],
  limit: number,
  toRow: (raw: Raw) => Row,
  cursorOf: (raw: Raw) => unknown,
): Page<Row> {
  const kept = raw.slice(0, limit);
  const last = kept.at(-1);
  return {
    rows: kept.map(toRow),
    next: raw.length > limit && last !== undefined ? encodeCursor(cursorOf(last)) : null,
  };
}

export function encodeCursor(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** @throws EngineError `invalid_cursor` for anything that is no cursor of this list. */
export function decodeCursor<T>(
  cursor: string | undefined,
  isValid: (value: unknown) => value is T,
): T | null {
  if (cursor === undefined) return null;
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (isValid(value)) return value;
  } catch {
    // Refused below, like every other text that is no cursor.
  }
  throw new EngineError(
    'invalid_cursor',
    'the cursor is not one that this list has given; start without one',
    {
      retry: 'never',
    },
  );
}

export function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value);
}

export function isText(value: unknown): value is string {
  return typeof value === 'string';
}
