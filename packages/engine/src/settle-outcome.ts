// The answer to an event: grows product by product, and is closed when the last one has answered.

import type { Outcome, OutcomeLine, OutcomeRejection } from '@stockroom/contracts';
import type { CommandAnswer, LineAnswer, LineState, Rejection } from '@stockroom/core';
import { quantityToNumber } from '@stockroom/core';
import { unknownRefs } from './core-command.ts';
import type { Desk, Taken } from './settle-load.ts';
import { isItemCommand } from './stored-command.ts';

/** An outcome in the making. */
export interface OutcomeDraft {
  readonly eventSeq: number;
  readonly orderId: number | null;
  readonly replyDue: boolean;
  readonly watched: boolean;
  /** Products that have not answered yet. */
  partsOpen: number;
  body: Outcome;
}

/** Starts an outcome, or takes up what other products have answered already. */
export function openOutcome(desk: Desk, taken: Taken): OutcomeDraft {
  const { payload } = taken;
  const grown = desk.outcomes.get(taken.eventSeq);
  const order = taken.orderId === null ? undefined : desk.orders.get(taken.orderId);
  const store = order === undefined ? undefined : desk.directory.stores.get(order.storeId)?.view.code;
  return {
    eventSeq: taken.eventSeq,
    orderId: taken.orderId,
    replyDue: payload.reply === true,
    watched: payload.watch === true,
    partsOpen: grown?.partsOpen ?? taken.parts,
    body: (grown?.body as Outcome | undefined) ?? {
      eventId: payload.id,
      type: payload.type,
      ...(store === undefined ? {} : { store }),
      ...(order === undefined ? {} : { order: order.reference }),
      status: 'nothing_to_do',
      lines: [],
      settledAt: '',
    },
  };
}

export function addAnswer(draft: OutcomeDraft, answer: CommandAnswer): void {
  const lines = answer.lines.map(lineOutcome);
  draft.body = {
    ...draft.body,
    lines: draft.body.lines.length === 0 ? lines : [...draft.body.lines, ...lines],
    status: mergedStatus(draft.body.status, answer.result),
    ...(answer.rejection === null ? {} : { rejection: rejectionOutcome(answer.rejection) }),
    ...(answer.onHand === undefined ? {} : { onHand: quantityToNumber(answer.onHand) }),
  };
}

/** Products answer one after another: some applied and some refused is a part. */
function mergedStatus(before: Outcome['status'], result: CommandAnswer['result']): Outcome['status'] {
  if (before === 'nothing_to_do' || before === result) return result;
  if (result === 'nothing_to_do') return before;
  return 'partially_applied';
}

/**
 * Closes an outcome: every product has answered.
 * @param placed for a placed order: its state, and the lines that gave back because another line was refused
 */
export function closeOutcome(
  desk: Desk,
  taken: Taken,
  draft: OutcomeDraft,
  placed: {
    readonly state: 'accepted' | 'partially_accepted' | 'rejected';
    readonly givenBack: ReadonlySet<string>;
  } | null,
): void {
  const settledAt = new Date(desk.now).toISOString();
  // One product answers in the order of its lines already.
  const answered =
    taken.parts < 2
      ? draft.body.lines
      : inLineOrder(draft.body.lines, desk.lines.get(taken.orderId ?? 0) ?? []);
  if (placed !== null) {
    const lines =
      placed.givenBack.size === 0
        ? answered
        : answered.map((line) => (placed.givenBack.has(line.line) ? refusedWithOrder(line) : line));
    draft.body = { ...draft.body, lines, status: placed.state, settledAt };
    return;
  }
  const { payload } = taken;
  const unknown =
    isItemCommand(payload) || taken.orderId === null
      ? []
      : unknownRefs(payload, desk.lines.get(taken.orderId) ?? []);
  const lines = unknown.map(unknownLine);
  draft.body = {
    ...draft.body,
    lines: [...answered, ...lines],
    status: lines.length === 0 ? draft.body.status : mergedStatus(draft.body.status, 'rejected'),
    settledAt,
  };
  const isWholeOrder = payload.type === 'order.shipped' && payload.lines === undefined;
  if (isWholeOrder && draft.body.status === 'partially_applied') draft.body = passingOverClosed(draft.body);
}

/**
 * A ship of the whole order passes over closed lines. A product that has none but closed ones says so, because it cannot know that
 * another one ships; here all of them have answered.
 */
function passingOverClosed(body: Outcome): Outcome {
  const isClosed = (line: OutcomeLine) => line.rejection?.code === 'line_closed';
  if (body.lines.some((line) => line.result === 'rejected' && !isClosed(line))) return body;
  if (body.rejection !== undefined && body.rejection.code !== 'line_closed') return body;
  const { rejection: _closed, ...rest } = body;
  return {
    ...rest,
    status: 'applied',
    lines: body.lines.map((line) => (isClosed(line) ? nothingToDo(line) : line)),
  };
}

function nothingToDo({ rejection: _closed, ...line }: OutcomeLine): OutcomeLine {
  return { ...line, result: 'nothing_to_do' };
}

function refusedWithOrder(line: OutcomeLine): OutcomeLine {
  return {
    ...line,
    result: 'rejected',
    fromStock: 0,
    backordered: 0,
    moved: 0,
    rejection: { code: 'order_rejected', line: line.line, sku: line.sku },
  };
}

function unknownLine(ref: string): OutcomeLine {
  return {
    line: ref,
    sku: '',
    result: 'rejected',
    requested: 0,
    fromStock: 0,
    backordered: 0,
    moved: 0,
    rejection: { code: 'unknown_line', line: ref },
  };
}

function lineOutcome(answer: LineAnswer): OutcomeLine {
  return {
    line: answer.line,
    sku: answer.sku,
    result: answer.result,
    requested: quantityToNumber(answer.requested),
    fromStock: quantityToNumber(answer.fromStock),
    backordered: quantityToNumber(answer.backordered),
    moved: quantityToNumber(answer.moved),
    ...(answer.rejection === null ? {} : { rejection: rejectionOutcome(answer.rejection) }),
  };
}

function rejectionOutcome(rejection: Rejection): OutcomeRejection {
  const { requested, available, current, ...words } = rejection;
  return {
    ...words,
    ...(requested === undefined ? {} : { requested: quantityToNumber(requested) }),
    ...(available === undefined ? {} : { available: quantityToNumber(available) }),
    ...(current === undefined ? {} : { current: quantityToNumber(current) }),
  };
}

/** The lines of an outcome in the order of the order's lines, whichever product answered first. */
function inLineOrder(outcomeLines: readonly OutcomeLine[], lines: readonly LineState[]): OutcomeLine[] {
  const numbers = new Map(lines.map((line) => [line.lineRef, line.lineNo]));
  const numberOf = (line: OutcomeLine) => numbers.get(line.line) ?? Number.MAX_SAFE_INTEGER;
  return [...outcomeLines].sort((a, b) => numberOf(a) - numberOf(b));
}
