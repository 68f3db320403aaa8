// One order line from where it stands to where its facts say it must stand: stock is taken, given back, promised and freed.

import type { LinePosition } from './line-fold.ts';
import { compareFacts, firstGrant, foldFacts } from './line-fold.ts';
import type { Pile } from './pile.ts';
import { heap, nowhere, splitLast, totalOf } from './pile.ts';
import type { Quantity } from './quantity.ts';
import { add, maxOf, minOf, negate, subtract, zero } from './quantity.ts';
import type { Settings } from './settings.ts';
import { takeWhatIsNot, takeWhatIsThere } from './take-stock.ts';
import type { Bucket, LineFact, LineState, Movement, MovementKind, StoreView } from './types.ts';
import type { Work } from './work.ts';
import { itemOf, keepLine, move, storeOf } from './work.ts';

/** How a line was settled. */
export interface SettledLine {
  readonly line: LineState;
  readonly before: LinePosition;
  readonly after: LinePosition;
}

/** What the caller decided about the line apart from its facts. */
export interface LineChange {
  /** Backordered units granted now on top, by an amendment upwards. */
  readonly backordered?: Quantity;
  /** Kind of the movements that bring goods back. */
  readonly giveBack?: Extract<MovementKind, 'give_back' | 'return'>;
}

/** Everything the steps below need. */
interface Desk {
  readonly work: Work;
  readonly line: LineState;
  readonly itemId: number;
  readonly store: StoreView;
  readonly settings: Settings;
  readonly granted: Quantity;
  readonly giveBack: Extract<MovementKind, 'give_back' | 'return'>;
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
  const desk: Desk = {
    work,
    line,
    itemId,
    store: storeOf(work.view, line.storeId),
    settings,
    granted: firstGrant(line),
    giveBack: change.giveBack ?? 'give_back',
  };
  const before = foldFacts(desk.granted, line.facts);
  const folded = foldFacts(desk.granted, facts);
  moveGoods(desk, before, folded);
  const shipped = coverShips(desk, folded);
  const queue = requeue(line, before, shipped, change.backordered ?? zero);
  const after = coverPicks(desk, shipped, queue.backordered);
  const committed = commitTarget(settings, after);
  movePromise(desk, subtract(committed, line.committed));
  const settled: LineState = {
    ...line,
    status:
      after.closedAt !== null && after.open === 0 && line.status === 'accepted' ? 'closed' : line.status,
    requested: requestedOf(line, after.facts),
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

/** Deductions are due: from the order's placing, or once it is paid. */
export function isDeductDue(settings: Settings, paid: boolean): boolean {
  return settings['deduct.on'] === 'ordered' || (settings['deduct.on'] === 'paid' && paid);
}

/** Promises are due. Where a deduction is due, what cannot be deducted yet is promised. */
export function isReserveDue(settings: Settings, paid: boolean): boolean {
  const reserveOn = settings['reserve.on'];
  if (reserveOn === 'ordered' || reserveOn === 'checkout') return true;
  return (reserveOn === 'paid' && paid) || isDeductDue(settings, paid);
}

function commitTarget(settings: Settings, position: LinePosition): Quantity {
  if (settings['tracking.mode'] === 'none' || !isReserveDue(settings, position.paid)) return zero;
  return maxOf(zero, subtract(subtract(position.open, totalOf(position.picks)), position.short));
}

function requestedOf(line: LineState, facts: readonly LineFact[]): Quantity {
  const amendment = facts.findLast((fact) => fact.kind === 'amend');
  return amendment?.quantity ?? line.requested;
}

/** Finds goods for ships that speak of more than they have: units deducted for the line before, then what places have. */
function coverShips(desk: Desk, folded: LinePosition): LinePosition {
  let position = folded;
  const tried = new Set<string>();
  for (;;) {
    const short = position.shortShips.find((candidate) => !tried.has(candidate.eventId));
    if (short === undefined) return position;
    tried.add(short.eventId);
    const fact = position.facts.find(({ kind, eventId }) => kind === 'ship' && eventId === short.eventId);
    if (fact !== undefined) position = coverShip(desk, position, fact, short.quantity);
  }
}

function coverShip(desk: Desk, position: LinePosition, ship: LineFact, wanted: Quantity): LinePosition {
  const { work, itemId, store, settings } = desk;
  const placeId = ship.placeId ?? null;
  const isTracked = settings['tracking.mode'] !== 'none';
  let facts = position.facts;
  let taken: Pile = [];
  const missing = () => subtract(wanted, totalOf(taken));
  const reassign = () => {
    const moved = takeFromLaterPicks(facts, minOf(missing(), totalOf(position.picks)));
    facts = moved.facts;
    taken = heap(taken, moved.taken);
  };
  if (placeId === null) reassign();
  if (isTracked) {
    taken = heap(taken, takeWhatIsThere(itemOf(work, itemId), store, placeId, missing()));
    if (placeId !== null) reassign();
    taken = heap(taken, takeWhatIsNot(settings['negative.onHand'], store, placeId, missing()));
  } else taken = heap(taken, [{ placeId: nowhere, quantity: missing() }]);
  if (taken.length === 0) return position;
  const covered = facts.map((fact) =>
    fact.kind === 'ship' && fact.eventId === ship.eventId
      ? { ...fact, taken: heap(fact.taken ?? [], taken) }
      : fact,
  );
  return advance(desk, position, covered);
}

/** A ship that comes late uses what a later fact has deducted for the line in the meantime. */
function takeFromLaterPicks(
  facts: readonly LineFact[],
  quantity: Quantity,
): { readonly facts: readonly LineFact[]; readonly taken: Pile } {
  let taken: Pile = [];
  const left = facts.map((fact) => {
    if (fact.kind === 'ship' || fact.taken === undefined || totalOf(taken) >= quantity) return fact;
    const split = splitLast(fact.taken, minOf(totalOf(fact.taken), subtract(quantity, totalOf(taken))));
    taken = heap(taken, split.last);
    return { ...fact, taken: split.rest };
  });
  return { facts: left, taken };
}

/** Deducts what is due and was not deducted: units with stock behind them, or all where stock may go below zero. */
function coverPicks(desk: Desk, position: LinePosition, backordered: Quantity): LinePosition {
  const { work, itemId, store, settings } = desk;
  if (settings['tracking.mode'] === 'none' || !isDeductDue(settings, position.paid)) return position;
  const negative = settings['negative.onHand'];
  const due = subtract(position.open, add(totalOf(position.picks), position.short));
  const physical = maxOf(zero, subtract(due, backordered));
  let taken = takeWhatIsThere(itemOf(work, itemId), store, null, physical);
  if (mayGoWithout(settings)) {
    taken = heap(taken, takeWhatIsNot(negative, store, null, maxOf(zero, subtract(due, totalOf(taken)))));
  }
  if (taken.length === 0) return position;
  const bearer = position.facts.findLast((fact) => bearsPicks(fact, settings));
  if (bearer === undefined) return position;
  const facts = position.facts.map((fact) =>
    fact === bearer ? { ...fact, taken: heap(fact.taken ?? [], taken) } : fact,
  );
  return advance(desk, position, facts);
}

/** A payment never takes stock below zero unless backorders are allowed: it reports a shortfall instead. */
function mayGoWithout(settings: Settings): boolean {
  return settings['deduct.on'] !== 'paid' || settings['backorder.mode'] !== 'deny';
}

/** Deductions ahead of shipping are written on the fact that made them due, or on a later amendment. */
function bearsPicks(fact: LineFact, settings: Settings): boolean {
  if (fact.kind === 'pay' || fact.kind === 'amend') return true;
  return fact.kind === 'place' && settings['deduct.on'] === 'ordered';
}

function advance(desk: Desk, from: LinePosition, facts: readonly LineFact[]): LinePosition {
  const to = foldFacts(desk.granted, facts);
  moveGoods(desk, from, to);
  return to;
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

/** The difference of what lies where, as movements. */
function moveGoods(desk: Desk, from: LinePosition, to: LinePosition): void {
  if (from.deducted === to.deducted && from.displaced === to.displaced) return;
  const changes = new Map<string, { placeId: number; bucket: Bucket; delta: Quantity }>();
  const change = (placeId: number, bucket: Bucket, delta: Quantity) => {
    const key = `${placeId}:${bucket}`;
    const known = changes.get(key);
    if (known === undefined) changes.set(key, { placeId, bucket, delta });
    else known.delta = add(known.delta, delta);
  };
  for (const share of from.deducted) change(share.placeId, 'on_hand', share.quantity);
  for (const share of to.deducted) change(share.placeId, 'on_hand', negate(share.quantity));
  for (const share of from.displaced) change(share.placeId, share.bucket, negate(share.quantity));
  for (const share of to.displaced) change(share.placeId, share.bucket, share.quantity);
  const movements: Movement[] = [];
  for (const { placeId, bucket, delta } of changes.values()) {
    if (delta === 0) continue;
    const kind = bucket === 'unavailable' ? 'return' : delta < 0 ? 'deduct' : desk.giveBack;
    movements.push(movementOf(desk, placeId, 'location', bucket, delta, kind));
  }
  move(desk.work, movements);
}

function movePromise(desk: Desk, delta: Quantity): void {
  if (delta === 0) return;
  const kind = delta > 0 ? 'commit' : 'uncommit';
  move(desk.work, [movementOf(desk, desk.store.poolId, 'pool', 'committed', delta, kind)]);
}

function movementOf(
  desk: Desk,
  placeId: number,
  placeKind: Movement['placeKind'],
  bucket: Bucket,
  delta: Quantity,
  kind: MovementKind,
): Movement {
  return {
    itemId: desk.itemId,
    placeId,
    placeKind,
    bucket,
    delta,
    kind,
    orderId: desk.line.orderId,
    lineNo: desk.line.lineNo,
    belowFloor: false,
  };
}

/** The facts of a line and one more. The first grant is written down where it could no longer be read off the line. */
export function withFact(line: LineState, fact: LineFact): readonly LineFact[] {
  return [...withPlacing(line, fact.kind === 'amend'), fact].sort(compareFacts);
}

/** @param isNeeded the grant must be written down even where it equals what was asked for */
export function withPlacing(line: LineState, isNeeded: boolean): readonly LineFact[] {
  if (line.facts.some((fact) => fact.kind === 'place')) return line.facts;
  const granted = firstGrant(line);
  if (!isNeeded && granted === line.requested) return line.facts;
  return [{ kind: 'place', at: line.placedAt, eventId: '', quantity: granted }, ...line.facts];
}
