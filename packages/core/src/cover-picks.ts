// Deducting ahead of shipping, where the placing or the payment of an order says so.

import { isDeductDue } from './due.ts';
import type { LinePosition } from './line-fold.ts';
import { foldFacts } from './line-fold.ts';
import type { LineDesk } from './line-moves.ts';
import { advance } from './line-moves.ts';
import type { Pile } from './pile.ts';
import { heap, totalOf } from './pile.ts';
import type { Quantity } from './quantity.ts';
import { maxOf, minOf, subtract, zero } from './quantity.ts';
import type { Settings } from './settings.ts';
import { takeWhatIsNot, takeWhatIsThere } from './take-stock.ts';
import type { LineFact } from './types.ts';
import { itemOf, takingPlaces } from './work.ts';

/**
 * Deducts what is due and was not deducted, on the facts that made it due: on a fact that comes late and those after it, or
 * else on the last one.
 */
export function coverPicks(desk: LineDesk, position: LinePosition, backordered: Quantity): LinePosition {
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
function isNew(desk: LineDesk, fact: LineFact): boolean {
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
  desk: LineDesk,
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
