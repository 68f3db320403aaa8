// Piles of units by place: what was taken where, in the order it was taken.

import type { Quantity } from './quantity.ts';
import { add, maxOf, minOf, subtract, zero } from './quantity.ts';
import type { Share } from './types.ts';

/** The place of units that were never on hand anywhere: taken under `negative.onHand = clamp_zero` or without tracking. */
export const nowhere = 0;

export type Pile = readonly Share[];

export function totalOf(pile: Pile): Quantity {
  let total = zero;
  for (const share of pile) total = add(total, share.quantity);
  return total;
}

/** Adds shares to a pile; units of a place that is there already join it. */
export function heap(pile: Pile, shares: Pile): Pile {
  if (shares.length === 0) return pile;
  const heaped = pile.slice();
  for (const share of shares) {
    const at = heaped.findIndex((known) => known.placeId === share.placeId);
    const known = heaped[at];
    if (known === undefined) heaped.push(share);
    else heaped[at] = { placeId: known.placeId, quantity: add(known.quantity, share.quantity) };
  }
  return heaped;
}

/** Splits a pile: the first units up to `quantity`, and what is left. */
export function splitFirst(pile: Pile, quantity: Quantity): { readonly first: Pile; readonly rest: Pile } {
  const first: Share[] = [];
  const rest: Share[] = [];
  let open = maxOf(zero, quantity);
  for (const share of pile) {
    const part = minOf(share.quantity, open);
    open = subtract(open, part);
    if (part > 0) first.push(part === share.quantity ? share : { placeId: share.placeId, quantity: part });
    const left = subtract(share.quantity, part);
    if (left > 0) rest.push(left === share.quantity ? share : { placeId: share.placeId, quantity: left });
  }
  return { first, rest };
}

/** Splits a pile: the last units up to `quantity`, and what is left before them. */
export function splitLast(pile: Pile, quantity: Quantity): { readonly last: Pile; readonly rest: Pile } {
  const keep = subtract(totalOf(pile), maxOf(zero, quantity));
  const { first, rest } = splitFirst(pile, keep);
  return { last: rest, rest: first };
}
