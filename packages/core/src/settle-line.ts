// One order line from where it stands to where its facts say it must stand: stock is taken, given back, promised and freed.

import { coverPicks } from './cover-picks.ts';
import { coverShips } from './cover-ships.ts';
import { isReserveDue } from './due.ts';
import type { LinePosition } from './line-fold.ts';
import { compareFacts, firstGrant, foldFacts } from './line-fold.ts';
import type { LineDesk } from './line-moves.ts';
import { moveGoods, movePromise } from './line-moves.ts';
import { totalOf } from './pile.ts';
import type { Quantity } from './quantity.ts';
import { add, maxOf, minOf, subtract, zero } from './quantity.ts';
import type { Settings } from './settings.ts';
import type { LineFact, LineState, MovementKind } from './types.ts';
import type { Work } from './work.ts';
import { keepLine, storeOf } from './work.ts';

/** How a line was settled. */
interface SettledLine {
  readonly line: LineState;
  readonly before: LinePosition;
  readonly after: LinePosition;
}

/** What the caller decided about the line apart from its facts. */
interface LineChange {
  /** Backordered units granted now on top, by an amendment upwards. */
  readonly backordered?: Quantity;
  /** Kind of the movements that bring goods back. */
  readonly giveBack?: Extract<MovementKind, 'give_back' | 'return'>;
}

/**
 * Settles a line with the facts it will have. Moves stock on the desk and keeps the line there.
 *
 * @param line as it stands (its own facts are those already settled)
 * @param facts all facts it will have, in any order
 */
export function settleLine(
  work: Work,
  line: LineState,
  facts: readonly LineFact[],
  change: LineChange = {},
): SettledLine {
  const itemId = line.itemId ?? 0;
  const settings = work.view.settings(itemId, line.storeId);
  const placed = firstGrant(line);
  const desk: LineDesk = {
    work,
    line,
    itemId,
    store: storeOf(work.view, line.storeId),
    settings,
    granted: placed,
    ceiling: facts.reduce((most, { quantity }) => maxOf(most, quantity ?? zero), placed),
    giveBack: change.giveBack ?? 'give_back',
  };
  const before = foldFacts(desk.granted, line.facts);
  const folded = foldFacts(desk.granted, facts);
  moveGoods(desk, before, folded);
  const shipped = coverShips(desk, before, folded);
  const granted = change.backordered ?? zero;
  const after = coverPicks(desk, shipped, requeue(line, before, shipped, granted).backordered);
  // What was picked may have let a late ship take more: who waits is judged on where the line stands in the end.
  const queue = requeue(line, before, after, granted);
  const committed = commitTarget(settings, after);
  movePromise(desk, subtract(committed, line.committed));
  const settled: LineState = {
    ...line,
    status:
      after.closedAt !== null && after.open === 0 && line.status === 'accepted' ? 'closed' : line.status,
    requested: requestedOf(line, after),
    fromStock: queue.fromStock,
    backordered: queue.backordered,
    committed,
    deducted: after.deducted,
    shipped: after.shipped,
    released: after.released,
    returned: after.returned,
    facts: after.facts,
  };
  keepLine(work, settled);
  return { line: settled, before, after };
}

function commitTarget(settings: Settings, position: LinePosition): Quantity {
  if (settings['tracking.mode'] === 'none' || !isReserveDue(settings, position.paid)) return zero;
  return maxOf(zero, subtract(subtract(position.open, totalOf(position.picks)), position.short));
}

/** The last total asked for before the line was closed. */
function requestedOf(line: LineState, { facts, closedAt }: LinePosition): Quantity {
  const amendments = facts.filter((fact) => fact.kind === 'amend');
  if (amendments.length === 0) return line.requested;
  const heard = amendments.findLast((fact) => closedAt === null || fact.at <= closedAt);
  return (heard ?? facts.find((fact) => fact.kind === 'place'))?.quantity ?? line.requested;
}

/**
 * Who of the line still waits. Units shipped had stock in the end; units released or amended away are the waiting ones
 * first, so that a customer keeps what is there.
 */
function requeue(
  line: LineState,
  before: LinePosition,
  after: LinePosition,
  granted: Quantity,
): { readonly fromStock: Quantity; readonly backordered: Quantity } {
  const releasedMore = subtract(after.released, before.released);
  let waiting: Quantity = line.backordered;
  waiting = subtract(waiting, minOf(waiting, maxOf(zero, subtract(before.granted, after.granted))));
  const dropped = minOf(waiting, maxOf(zero, releasedMore));
  const releasedWaiting = add(subtract(before.granted, add(line.fromStock, line.backordered)), dropped);
  waiting = minOf(add(subtract(waiting, dropped), granted), after.open);
  const stillReleased = maxOf(zero, minOf(releasedWaiting, after.released));
  return {
    fromStock: maxOf(zero, subtract(subtract(after.granted, waiting), stillReleased)),
    backordered: waiting,
  };
}

/** The facts of a line and one more. The first grant is written down where it could no longer be read off the line. */
export function withFact(line: LineState, fact: LineFact): readonly LineFact[] {
  return [...withPlacing(line, fact.kind === 'amend'), fact].sort(compareFacts);
}

/** @param isNeeded the grant must be written down even where it equals what was asked for */
function withPlacing(line: LineState, isNeeded: boolean): readonly LineFact[] {
  if (line.facts.some((fact) => fact.kind === 'place')) return line.facts;
  const granted = firstGrant(line);
  if (!isNeeded && granted === line.requested) return line.facts;
  return [{ kind: 'place', at: line.placedAt, eventId: '', quantity: granted }, ...line.facts];
}
