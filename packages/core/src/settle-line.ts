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
import { itemOf, keepLine, move, storeOf, takingPlaces } from './work.ts';

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
  /** More than any fact of the line could deduct. */
  readonly ceiling: Quantity;
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
  const placed = firstGrant(line);
  const desk: Desk = {
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

/** The last total asked for before the line was closed. */
function requestedOf(line: LineState, { facts, closedAt }: LinePosition): Quantity {
  const amendments = facts.filter((fact) => fact.kind === 'amend');
  if (amendments.length === 0) return line.requested;
  const heard = amendments.findLast((fact) => closedAt === null || fact.at <= closedAt);
  return (heard ?? facts.find((fact) => fact.kind === 'place'))?.quantity ?? line.requested;
}

/** Finds goods for ships that speak of more than they have: units deducted for the line before, then what places have. */
function coverShips(desk: Desk, before: LinePosition, folded: LinePosition): LinePosition {
  let position = folded;
  const tried = new Set<string>();
  for (;;) {
    const short = position.shortShips.find((candidate) => !tried.has(candidate.eventId));
    if (short === undefined) return position;
    tried.add(short.eventId);
    const fact = position.facts.find(({ kind, eventId }) => kind === 'ship' && eventId === short.eventId);
    if (fact === undefined) continue;
    // Where goods left is settled once: only units that were not shipped before are looked for at the ship's own place.
    const settled = before.shortShips.find(({ eventId }) => eventId === short.eventId)?.astray ?? zero;
    position = coverShip(desk, position, fact, short.missing, maxOf(zero, subtract(short.astray, settled)));
  }
}

function coverShip(
  desk: Desk,
  position: LinePosition,
  ship: LineFact,
  missing: Quantity,
  astray: Quantity,
): LinePosition {
  const { work, itemId, store, settings } = desk;
  const placeId = ship.placeId ?? null;
  let facts = position.facts;
  let taken: Pile = [];
  const stillMissing = () => maxOf(zero, subtract(missing, totalOf(taken)));
  const reassign = () => {
    const moved = takeFromLaterPicks(facts, minOf(stillMissing(), totalOf(position.picks)));
    facts = moved.facts;
    taken = heap(taken, moved.taken);
  };
  if (placeId === null) reassign();
  if (settings['tracking.mode'] === 'none') {
    if (stillMissing() > 0) taken = heap(taken, [{ placeId: nowhere, quantity: stillMissing() }]);
  } else {
    const wanted = add(stillMissing(), astray);
    taken = heap(taken, takeWhatIsThere(itemOf(work, itemId), store, placeId, wanted));
    if (placeId !== null) reassign();
    taken = heap(taken, takeWhatIsNot(settings['negative.onHand'], store, placeId, stillMissing()));
  }
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

/**
 * Deducts what is due and was not deducted, on the facts that made it due: on a fact that comes late and those after it, or
 * else on the last one.
 */
function coverPicks(desk: Desk, position: LinePosition, backordered: Quantity): LinePosition {
  const { settings } = desk;
  if (settings['tracking.mode'] === 'none' || !isDeductDue(settings, position.paid)) return position;
  const bearers = deductingFacts(position.facts, settings);
  const firstNew = position.facts.findIndex((fact) => mayDeduct(fact) && isNew(desk, fact));
  const fresh = firstNew === -1 ? [] : bearers.filter((index) => index >= firstNew);
  let now = position;
  for (const index of fresh.length === 0 ? bearers.slice(-1) : fresh) {
    now = coverPick(desk, now, index, backordered, fresh.length > 0);
  }
  return now;
}

/** Which facts deduct ahead of shipping: the placing or the payment, what is filled, and amendments after it. */
function deductingFacts(facts: readonly LineFact[], settings: Settings): readonly number[] {
  let isDue = settings['deduct.on'] === 'ordered';
  const found: number[] = [];
  for (const [index, fact] of facts.entries()) {
    if (fact.kind === 'pay') isDue = true;
    if (isDue && mayDeduct(fact)) found.push(index);
  }
  return found;
}

function mayDeduct({ kind }: LineFact): boolean {
  return kind === 'place' || kind === 'amend' || kind === 'pay' || kind === 'fill';
}

/** A grant that is only written down afterwards has no event and is nothing new. */
function isNew(desk: Desk, fact: LineFact): boolean {
  if (fact.kind === 'place' && fact.eventId === '') return false;
  return !desk.line.facts.some((known) => known.kind === fact.kind && known.eventId === fact.eventId);
}

/** A place no goods are at, to ask the fold what would be deducted. */
const probe = -1;

/**
 * Deducts on one fact. A new one that comes late deducts even what a later one has released without giving back, and keeps
 * what later ones have given back as taken and returned, so that the fold reads as if it had come in time.
 */
function coverPick(
  desk: Desk,
  position: LinePosition,
  index: number,
  backordered: Quantity,
  isFresh: boolean,
): LinePosition {
  const { work, itemId, store, settings } = desk;
  const asked = foldFacts(
    desk.granted,
    takeOn(position.facts, index, [{ placeId: probe, quantity: desk.ceiling }]),
  );
  const lacking = subtract(totalOf(asked.deducted), totalOf(position.deducted));
  const unpicked = subtract(position.open, totalOf(position.picks));
  const due = maxOf(zero, subtract(isFresh ? lacking : minOf(lacking, unpicked), position.short));
  let taken = takeWhatIsThere(itemOf(work, itemId), store, null, maxOf(zero, subtract(due, backordered)));
  if (mayGoWithout(settings)) {
    const rest = maxOf(zero, subtract(due, totalOf(taken)));
    taken = heap(taken, takeWhatIsNot(settings['negative.onHand'], store, null, rest));
  }
  if (isFresh) {
    const used = asked.facts[index]?.taken?.find((share) => share.placeId === probe)?.quantity ?? zero;
    const passing = subtract(used, lacking);
    const placeId = takingPlaces(store)[0];
    if (passing > 0 && placeId !== undefined) taken = heap(taken, [{ placeId, quantity: passing }]);
  }
  return taken.length === 0 ? position : advance(desk, position, takeOn(position.facts, index, taken));
}

function takeOn(facts: readonly LineFact[], index: number, taken: Pile): readonly LineFact[] {
  return facts.map((fact, at) => (at === index ? { ...fact, taken: heap(fact.taken ?? [], taken) } : fact));
}

/** A payment never takes stock below zero unless backorders are allowed: it reports a shortfall instead. */
function mayGoWithout(settings: Settings): boolean {
  return settings['deduct.on'] !== 'paid' || settings['backorder.mode'] !== 'deny';
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
