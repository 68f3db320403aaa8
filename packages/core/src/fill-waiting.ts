// Filling: stock that became free goes to waiting backorders, first in, first out.

import { position } from './availability.ts';
import { isDeductDue } from './due.ts';
import { positionOf } from './line-fold.ts';
import { totalOf } from './pile.ts';
import type { Quantity } from './quantity.ts';
import { add, maxOf, minOf, subtract, zero } from './quantity.ts';
import { settleLine, withFact } from './settle-line.ts';
import type { Level, LineFact, LineState, StoreView } from './types.ts';
import type { Work } from './work.ts';
import { itemOf, lineOf, storeOf } from './work.ts';

/** Oldest first; ties by order and line. */
function compareWaiting(a: LineState, b: LineState): number {
  return a.placedAt - b.placedAt || a.orderId - b.orderId || a.lineNo - b.lineNo;
}

/**
 * Fills waiting lines of an item as far as stock covers that is promised to nobody else. A line filled in part keeps its
 * place. Stores that share a pool share a queue; the queues of other pools move by themselves.
 */
export function fillWaiting(work: Work, itemId: number): void {
  const stored = work.view.waiting(itemId);
  if (stored.length === 0 && !hasWaiting(work, itemId)) return;
  const queue = waitingNow(work, itemId, stored);
  const pools = new Map<number, Free>();
  for (const line of queue) {
    const { poolId } = storeOf(work.view, line.storeId);
    let free = pools.get(poolId);
    if (free === undefined) {
      free = freeUnits(work, itemId, line.storeId, queue);
      pools.set(poolId, free);
    }
    // The first who gets less than he waits for ends his pool's turn: nobody overtakes him.
    if (free.forDeducted <= 0 && free.forUndeducted <= 0) continue;
    const entries = work.entries.length;
    fillLine(work, itemId, line, free);
    if (work.entries.slice(entries).some((entry) => entry.placeKind === 'location')) {
      recount(pools, poolId);
    }
  }
}

/** Goods left a location that other stores may sell from: what is free for their queues is counted anew. */
function recount(pools: Map<number, Free>, poolId: number): void {
  for (const [other, free] of pools) {
    if (other !== poolId && (free.forDeducted > 0 || free.forUndeducted > 0)) pools.delete(other);
  }
}

function hasWaiting(work: Work, itemId: number): boolean {
  for (const line of work.lines.values()) if (line.itemId === itemId && line.backordered > 0) return true;
  return false;
}

/** The queue as this command leaves it so far. */
function waitingNow(work: Work, itemId: number, stored: readonly LineState[]): readonly LineState[] {
  const lines = stored.map((line) => lineOf(work, line));
  for (const line of work.lines.values()) {
    if (line.itemId === itemId && !lines.includes(line)) lines.push(line);
  }
  return lines.filter((line) => line.backordered > 0 && line.status === 'accepted').sort(compareWaiting);
}

function fillLine(work: Work, itemId: number, line: LineState, free: Free): void {
  const own = waitingUnits(line);
  const deducted = minOf(own.deducted, free.forDeducted);
  const undeducted = minOf(own.undeducted, free.forUndeducted);
  const filled = add(deducted, undeducted);
  free.forDeducted = subtract(free.forDeducted, deducted);
  free.forUndeducted = subtract(free.forUndeducted, undeducted);
  if (filled < line.backordered) {
    free.forDeducted = zero;
    free.forUndeducted = zero;
  }
  if (filled <= 0) return;
  const ahead: LineState = {
    ...line,
    fromStock: add(line.fromStock, filled),
    backordered: subtract(line.backordered, filled),
  };
  const { line: after } = settleLine(work, ahead, factsOfFill(work, line));
  work.effects.push({
    type: 'backorder.filled',
    itemId,
    storeId: line.storeId,
    mail: 'backorder-filled',
    orderId: line.orderId,
    lineNo: line.lineNo,
    quantity: filled,
    stillWaiting: after.backordered,
  });
}

/** Where units are deducted as soon as they are there, the fill is a fact of its own: what it deducted belongs to its time. */
function factsOfFill(work: Work, line: LineState): readonly LineFact[] {
  const settings = work.view.settings(line.itemId ?? 0, line.storeId);
  if (!isDeductDue(settings, positionOf(line).paid)) return line.facts;
  return withFact(line, { kind: 'fill', at: work.view.now, eventId: '', quantity: null });
}

/** Waiting units whose deduction has taken a location below zero, and those not deducted. */
function waitingUnits(line: LineState): WaitingUnits {
  const now = positionOf(line);
  const unpicked = subtract(now.open, totalOf(now.picks));
  const undeducted = minOf(line.backordered, unpicked);
  const committed = minOf(undeducted, line.committed);
  return {
    deducted: subtract(line.backordered, undeducted),
    undeducted,
    committed,
    unprotected: maxOf(zero, subtract(subtract(unpicked, line.committed), subtract(undeducted, committed))),
  };
}

/** What is left for a pool's queue while it is filled. */
interface Free {
  forDeducted: Quantity;
  forUndeducted: Quantity;
}

interface WaitingUnits {
  readonly deducted: Quantity;
  readonly undeducted: Quantity;
  /** Of the undeducted ones, those counted in the pool. */
  readonly committed: Quantity;
  /** Units of the line that have stock behind them and are not counted in the pool (`reserve.on = none`). */
  readonly unprotected: Quantity;
}

/**
 * What a pool's queue can have. Undeducted units need stock beyond what is promised to lines with stock behind them and to
 * holds, and beyond the out-of-stock threshold. Deducted ones have it as soon as their location is out of the red.
 */
function freeUnits(work: Work, itemId: number, storeId: number, queue: readonly LineState[]): Free {
  const store = storeOf(work.view, storeId);
  const item = itemOf(work, itemId);
  const settings = work.view.settings(itemId, store.storeId);
  const now = position(item, store, settings, work.view.now);
  let waitingDeducted = zero;
  let promised = add(now.committed, now.held);
  for (const line of queue) {
    if (storeOf(work.view, line.storeId).poolId !== store.poolId) continue;
    const own = waitingUnits(line);
    waitingDeducted = add(waitingDeducted, own.deducted);
    promised = add(subtract(promised, own.committed), own.unprotected);
  }
  const kept = maxOf(zero, now.threshold);
  return {
    forDeducted: maxOf(zero, subtract(waitingDeducted, missingUnits(item.levels, store))),
    forUndeducted: maxOf(zero, subtract(now.physical, add(maxOf(zero, promised), kept))),
  };
}

function missingUnits(levels: readonly Level[], store: StoreView): Quantity {
  let missing = zero;
  for (const { placeId, onHand, unavailable } of levels) {
    const forSale = subtract(onHand, unavailable);
    if (forSale >= 0 || !store.locations.some((place) => place.placeId === placeId)) continue;
    missing = subtract(missing, forSale);
  }
  return missing;
}
