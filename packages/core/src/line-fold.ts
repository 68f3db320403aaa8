// The fold of an order line's facts: where the line stands after everything said about it, in canonical order.

import { assertNever } from './assert.ts';
import type { Pile } from './pile.ts';
import { heap, nowhere, splitFirst, splitLast, totalOf } from './pile.ts';
import type { Quantity } from './quantity.ts';
import { add, maxOf, minOf, negate, subtract, zero } from './quantity.ts';
import type { Bucket, FactKind, LineFact, LineState, Share } from './types.ts';

/** Units of a line that lie in a bucket of another place than they were taken from, or in another bucket. */
interface Displaced extends Share {
  readonly bucket: Extract<Bucket, 'on_hand' | 'unavailable'>;
}

/** A ship whose goods are not all found yet, or not where it says they left. */
interface ShortShip {
  readonly eventId: string;
  /** Open units it speaks of and has not taken. */
  readonly missing: Quantity;
  /** Units it took from what was deducted at another place than its own. */
  readonly astray: Quantity;
}

/** Where a line stands. granted = open + shipped + released, always. */
export interface LinePosition {
  readonly granted: Quantity;
  readonly open: Quantity;
  readonly shipped: Quantity;
  readonly released: Quantity;
  readonly returned: Quantity;
  /** Time of the cancel or delete that closed it; null = it is not closed. */
  readonly closedAt: number | null;
  readonly paid: boolean;
  /** Open units nothing protects, because stock was gone when the order was paid. */
  readonly short: Quantity;
  /** Deducted and not shipped. */
  readonly picks: Pile;
  /** Deducted and not given back: picks, shipped units, and units released without giving back. */
  readonly deducted: Pile;
  /** Units an order manager can give back by hand. */
  readonly restorable: Quantity;
  readonly displaced: readonly Displaced[];
  /** The facts in canonical order, each with only those taken units that it uses. */
  readonly facts: readonly LineFact[];
  /** Ships whose goods are not all found yet. */
  readonly shortShips: readonly ShortShip[];
}

const rank: Record<FactKind, number> = {
  place: 0,
  amend: 1,
  pay: 2,
  fill: 3,
  ship: 4,
  return: 5,
  refund: 6,
  restock: 7,
  cancel: 8,
  delete: 9,
};

/** Canonical order: the placing, then time, kind and event id. Arrival does not matter. */
export function compareFacts(a: LineFact, b: LineFact): number {
  if (a.kind === 'place' || b.kind === 'place') return rank[a.kind] - rank[b.kind];
  if (a.at !== b.at) return a.at - b.at;
  if (a.kind !== b.kind) return rank[a.kind] - rank[b.kind];
  return a.eventId < b.eventId ? -1 : a.eventId > b.eventId ? 1 : 0;
}

/** Units granted when the line was placed. */
export function firstGrant(line: LineState): Quantity {
  const placing = line.facts.find((fact) => fact.kind === 'place');
  if (placing !== undefined) return placing.quantity ?? zero;
  return line.facts.length === 0 ? add(line.fromStock, line.backordered) : line.requested;
}

/** While folding. Piles are replaced, never changed. */
interface Fold {
  granted: Quantity;
  shipped: Quantity;
  released: Quantity;
  returned: Quantity;
  closedAt: number | null;
  paid: boolean;
  short: Quantity;
  picks: Pile;
  /** Shipped and not given back. */
  out: Pile;
  /** Shipped units given back; a part of `returned`. */
  back: Quantity;
  /** Released without giving back. */
  lost: Pile;
  displaced: Displaced[];
  facts: LineFact[];
  shortShips: ShortShip[];
}

/**
 * Folds facts in canonical order.
 *
 * @param granted units granted at placing
 * @param facts in any order
 */
export function foldFacts(granted: Quantity, facts: readonly LineFact[]): LinePosition {
  const fold: Fold = {
    granted,
    shipped: zero,
    released: zero,
    returned: zero,
    closedAt: null,
    paid: false,
    short: zero,
    picks: [],
    out: [],
    back: zero,
    lost: [],
    displaced: [],
    facts: [],
    shortShips: [],
  };
  for (const fact of facts.length < 2 ? facts : [...facts].sort(compareFacts)) {
    fold.facts.push(step(fold, fact));
    dropSurplusPicks(fold);
  }
  return {
    granted: fold.granted,
    open: openOf(fold),
    shipped: fold.shipped,
    released: fold.released,
    returned: fold.returned,
    closedAt: fold.closedAt,
    paid: fold.paid,
    short: minOf(fold.short, subtract(openOf(fold), totalOf(fold.picks))),
    picks: fold.picks,
    deducted: heap(heap(fold.picks, fold.out), fold.lost).filter((share) => share.placeId !== nowhere),
    restorable: add(totalOf(fold.lost), subtract(fold.shipped, fold.back)),
    displaced: fold.displaced,
    facts: fold.facts,
    shortShips: fold.shortShips,
  };
}

/** Where a line stands now. */
export function positionOf(line: LineState): LinePosition {
  return foldFacts(firstGrant(line), line.facts);
}

function openOf(fold: Fold): Quantity {
  return subtract(subtract(fold.granted, fold.released), fold.shipped);
}

/** One fact; returns it with the taken units it uses. */
function step(fold: Fold, fact: LineFact): LineFact {
  switch (fact.kind) {
    case 'place':
    case 'fill':
      return pick(fold, fact);
    case 'amend':
      if (fold.closedAt !== null) return withTaken(fact, []);
      // Units shipped or cancelled stay in the total: it cannot fall below them.
      fold.granted = maxOf(fact.quantity ?? zero, add(fold.shipped, fold.released));
      return pick(fold, fact);
    case 'pay':
      fold.paid = true;
      return payFor(fold, fact);
    case 'ship':
      return ship(fold, fact);
    case 'cancel':
    case 'delete':
      release(fold, fact);
      return fact;
    case 'return':
    case 'refund':
      comeBack(fold, fact, fact.quantity);
      return fact;
    case 'restock':
      restore(fold, fact);
      return fact;
    default:
      return assertNever(fact.kind);
  }
}

/** Takes what the fact deducted onto the pile of unshipped units, as far as units are open. */
function pick(fold: Fold, fact: LineFact): LineFact {
  if (fact.taken === undefined || fact.taken.length === 0) return fact;
  const { first } = splitFirst(fact.taken, subtract(openOf(fold), totalOf(fold.picks)));
  fold.picks = heap(fold.picks, first);
  return withTaken(fact, first);
}

function payFor(fold: Fold, fact: LineFact): LineFact {
  const picked = pick(fold, fact);
  if (fact.quantity !== null && fact.granted !== undefined) {
    const granted = add(fact.granted.fromStock, fact.granted.backordered);
    fold.short = maxOf(zero, subtract(fact.quantity, granted));
  }
  return picked;
}

/**
 * Ships what it took itself; then units deducted before, those at its own place first. So where a ship names its place, that is
 * where the goods left, whichever way the line was deducted before.
 */
function ship(fold: Fold, fact: LineFact): LineFact {
  const open = openOf(fold);
  const wanted = fold.closedAt === null ? minOf(fact.quantity ?? open, open) : zero;
  const { placeId } = fact;
  const isHere = (share: Share) => placeId === undefined || share.placeId === placeId;
  const own = splitFirst(fact.taken ?? [], wanted);
  const here = splitFirst(fold.picks.filter(isHere), subtract(wanted, totalOf(own.first)));
  const found = add(totalOf(here.first), totalOf(own.first));
  const elsewhere = fold.picks.filter((share) => !isHere(share));
  const other = splitFirst(elsewhere, subtract(wanted, found));
  const astray = totalOf(other.first);
  const moved = add(found, astray);
  fold.picks = [...here.rest, ...other.rest];
  fold.out = heap(heap(heap(fold.out, own.first), here.first), other.first);
  fold.shipped = add(fold.shipped, moved);
  if (moved < wanted || astray > 0) {
    fold.shortShips.push({ eventId: fact.eventId, missing: subtract(wanted, moved), astray });
  }
  return fact.taken === undefined ? fact : withTaken(fact, own.first);
}

/** Cancel and delete: units nobody has deducted go first; deducted ones are given back or lost. */
function release(fold: Fold, fact: LineFact): void {
  const open = openOf(fold);
  const freed = minOf(fact.quantity ?? open, open);
  const unpicked = minOf(freed, subtract(open, totalOf(fold.picks)));
  const picked = splitLast(fold.picks, subtract(freed, unpicked));
  fold.picks = picked.rest;
  fold.released = add(fold.released, freed);
  fold.short = maxOf(zero, subtract(fold.short, freed));
  if (fact.restock === true) displace(fold, picked.last, fact);
  else fold.lost = heap(fold.lost, picked.last);
  if (fact.includesShipped === true) {
    comeBack(fold, fact, fact.quantity === null ? null : subtract(fact.quantity, freed));
  }
  if (fact.quantity === null && fold.closedAt === null) fold.closedAt = fact.at;
}

/** Shipped units come back; only with `restock` do they become stock again. */
function comeBack(fold: Fold, fact: LineFact, asked: Quantity | null): void {
  // Money alone moves no goods: a refund without restocking leaves the units for the return that may follow.
  if (fact.kind === 'refund' && fact.restock !== true) return;
  const there = subtract(fold.shipped, fold.returned);
  const came = minOf(asked ?? there, there);
  fold.returned = add(fold.returned, came);
  if (fact.restock === true) takeBack(fold, fact, came);
}

function takeBack(fold: Fold, fact: LineFact, quantity: Quantity): void {
  const { first, rest } = splitFirst(fold.out, quantity);
  fold.out = rest;
  fold.back = add(fold.back, quantity);
  displace(fold, first, fact);
}

/** By hand: first what was lost, then what was shipped. */
function restore(fold: Fold, fact: LineFact): void {
  const lost = splitFirst(fold.lost, fact.quantity ?? totalOf(fold.lost));
  fold.lost = lost.rest;
  displace(fold, lost.first, fact);
  const there = subtract(fold.shipped, fold.back);
  const shipped = fact.quantity === null ? there : minOf(there, subtract(fact.quantity, totalOf(lost.first)));
  takeBack(fold, fact, shipped);
  fold.returned = maxOf(fold.returned, fold.back);
}

/** Notes where given-back units lie, unless they lie again where they were taken. Units from nowhere go nowhere. */
function displace(fold: Fold, shares: Pile, fact: LineFact): void {
  for (const { placeId: from, quantity } of shares) {
    if (from === nowhere) continue;
    const to = fact.placeId ?? from;
    if (to !== from) {
      fold.displaced.push({ placeId: from, bucket: 'on_hand', quantity: negate(quantity) });
      fold.displaced.push({ placeId: to, bucket: 'on_hand', quantity });
    }
    if (fact.disposition !== undefined && fact.disposition !== 'sellable') {
      fold.displaced.push({ placeId: to, bucket: 'unavailable', quantity });
    }
  }
}

function dropSurplusPicks(fold: Fold): void {
  const surplus = subtract(totalOf(fold.picks), openOf(fold));
  if (surplus > 0) fold.picks = splitLast(fold.picks, surplus).rest;
}

/** The same fact with other taken units. */
function withTaken(fact: LineFact, taken: Pile): LineFact {
  if (fact.taken === undefined && taken.length === 0) return fact;
  if (fact.taken !== undefined && totalOf(fact.taken) === totalOf(taken)) return fact;
  const { taken: _before, ...rest } = fact;
  return taken.length === 0 ? rest : { ...rest, taken };
}
