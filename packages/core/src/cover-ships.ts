// Finding the goods a ship speaks of: where they are taken from is decided once, when it arrives.

import type { LinePosition } from './line-fold.ts';
import type { LineDesk } from './line-moves.ts';
import { advance } from './line-moves.ts';
import type { Pile } from './pile.ts';
import { heap, nowhere, splitLast, totalOf } from './pile.ts';
import type { Quantity } from './quantity.ts';
import { add, maxOf, minOf, subtract, zero } from './quantity.ts';
import { takeWhatIsNot, takeWhatIsThere } from './take-stock.ts';
import type { LineFact } from './types.ts';
import { itemOf } from './work.ts';

/** Finds goods for ships that speak of more than they have: units deducted for the line before, then what places have. */
export function coverShips(desk: LineDesk, before: LinePosition, folded: LinePosition): LinePosition {
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
  desk: LineDesk,
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
