// Answers: what is said about each line and about the command.

import type { Quantity } from './quantity.ts';
import { zero } from './quantity.ts';
import type { CommandAnswer, LineAnswer, LineScope, LineState, Rejection, RejectionCode } from './types.ts';

/** The answer about a line that moved `moved` units. */
export function answerOf(
  line: LineState,
  result: LineAnswer['result'],
  moved: Quantity = zero,
  rejection: Rejection | null = null,
): LineAnswer {
  return {
    lineNo: line.lineNo,
    line: line.lineRef,
    sku: line.sku,
    result,
    requested: line.requested,
    fromStock: line.fromStock,
    backordered: line.backordered,
    moved,
    rejection,
  };
}

export function refuseLine(
  line: LineState,
  code: RejectionCode,
  amounts: { readonly requested?: Quantity; readonly available?: Quantity } = {},
): LineAnswer {
  return answerOf(line, 'rejected', zero, { code, line: line.lineRef, sku: line.sku, ...amounts });
}

/** One word for the command: applied if any line was, rejected if none was and one was refused. */
export function sumUp(lines: readonly LineAnswer[]): CommandAnswer {
  const isApplied = lines.some((line) => line.result === 'applied' || line.result === 'accepted');
  if (isApplied) return { result: 'applied', lines, rejection: null };
  const refused = lines.find((line) => line.result === 'rejected');
  if (refused === undefined) return { result: 'nothing_to_do', lines, rejection: null };
  return { result: 'rejected', lines, rejection: refused.rejection };
}

export function refuseCommand(rejection: Rejection): CommandAnswer {
  return { result: 'rejected', lines: [], rejection };
}

/** A line an event speaks of. `quantity` null = the whole line; `isNamed` = the event names it. */
export interface ScopedLine {
  readonly line: LineState;
  readonly quantity: Quantity | null;
  readonly isNamed: boolean;
}

/** The lines an event speaks of, each once, and answers about those the order does not have. */
export function scopeOf(
  scope: LineScope,
  lines: readonly LineState[],
): { readonly scoped: readonly ScopedLine[]; readonly unknown: readonly LineAnswer[] } {
  if (scope === null) {
    return { scoped: lines.map((line) => ({ line, quantity: null, isNamed: false })), unknown: [] };
  }
  const asked = new Map<number, Quantity | null>();
  for (const { lineNo, quantity } of scope) {
    const known = asked.get(lineNo);
    const isWhole = quantity === null || known === null;
    asked.set(lineNo, isWhole ? null : (((known ?? 0) + quantity) as Quantity));
  }
  const scoped: ScopedLine[] = [];
  const unknown: LineAnswer[] = [];
  for (const [lineNo, quantity] of asked) {
    const line = lines.find((candidate) => candidate.lineNo === lineNo);
    if (line === undefined) unknown.push(unknownLine(lineNo, quantity ?? zero));
    else scoped.push({ line, quantity, isNamed: true });
  }
  return { scoped, unknown };
}

function unknownLine(lineNo: number, requested: Quantity): LineAnswer {
  return {
    lineNo,
    line: String(lineNo),
    sku: '',
    result: 'rejected',
    requested,
    fromStock: zero,
    backordered: zero,
    moved: zero,
    rejection: { code: 'unknown_line', line: String(lineNo) },
  };
}

/** The event has been settled on this line before. */
export function hasSettled(line: LineState, eventId: string): boolean {
  return line.facts.some((fact) => fact.eventId === eventId && fact.kind !== 'place');
}
