// The verb ship: goods leave the house, all of what the event says or nothing.

import type { ScopedLine } from './answers.ts';
import { answerOf, hasSettled, refuseLine, scopeOf } from './answers.ts';
import { conclude } from './conclude.ts';
import { positionOf } from './line-fold.ts';
import type { CommandOf } from './place.ts';
import { add, subtract } from './quantity.ts';
import { settleLine, withFact } from './settle-line.ts';
import type { LineAnswer, LineFact, LineState, Settled, View } from './types.ts';
import type { Work } from './work.ts';
import { leave, openWork, tidyHolds } from './work.ts';

type ShipCommand = CommandOf<'ship'>;

/** Ships lines in part or whole. One line short of goods refuses the event; every short line is named with its amounts. */
export function ship(command: ShipCommand, view: View): Settled {
  const work = openWork(view);
  const { scoped, unknown } = scopeOf(command.lines, view.lines);
  const answers: LineAnswer[] = [...unknown];
  for (const one of scoped) answers.push(shipLine(work, command, one));
  const short = answers.filter((answer) => answer.rejection?.code === 'insufficient_stock');
  if (short.length > 0) {
    return leave({ result: 'rejected', lines: short, rejection: short[0]?.rejection ?? null });
  }
  const isHeard =
    answers.some((answer) => answer.result === 'applied') ||
    view.lines.some((line) => hasSettled(line, command.eventId));
  return conclude(
    work,
    command,
    isHeard ? answers : answers.map((answer) => refuseClosed(view, command, answer)),
  );
}

function shipLine(work: Work, command: ShipCommand, { line, quantity, isNamed }: ScopedLine): LineAnswer {
  if (hasSettled(line, command.eventId)) return answerOf(line, 'nothing_to_do');
  if (line.itemId === null || isClosedAt(line, command.at)) {
    return isNamed ? refuseLine(line, 'line_closed') : answerOf(line, 'nothing_to_do');
  }
  const fact: LineFact = {
    kind: 'ship',
    at: command.at,
    eventId: command.eventId,
    quantity,
    ...(command.placeId === null ? {} : { placeId: command.placeId }),
  };
  tidyHolds(work, line.itemId);
  const settled = settleLine(work, line, withFact(line, fact));
  const moved = subtract(settled.after.shipped, settled.before.shipped);
  const short = settled.after.shortShips.find((candidate) => candidate.eventId === command.eventId);
  if (short !== undefined && short.missing > 0) {
    const requested = add(moved, short.missing);
    return refuseLine(line, 'insufficient_stock', { requested, available: moved });
  }
  if (moved > 0) return answerOf(settled.line, 'applied', moved);
  // Written down all the same: an amendment that happened before may still come.
  const answer = answerOf(settled.line, 'nothing_to_do');
  if (!isNamed) return answer;
  return { ...answer, rejection: { code: 'nothing_to_ship', line: line.lineRef, sku: line.sku } };
}

/** A ship of the whole order passes over closed lines, but where nothing ships at all it says that they are closed. */
function refuseClosed(view: View, command: ShipCommand, answer: LineAnswer): LineAnswer {
  const line = view.lines.find((candidate) => candidate.lineNo === answer.lineNo);
  if (line === undefined || answer.rejection !== null) return answer;
  return isClosedAt(line, command.at) ? refuseLine(line, 'line_closed') : answer;
}

/** The line was refused, or cancelled before the time `at`. */
export function isClosedAt(line: LineState, at: number): boolean {
  if (line.status === 'rejected') return true;
  const { closedAt } = positionOf(line);
  return closedAt !== null && at > closedAt;
}
