// Orders: what an order is, seen from its lines.

import { assert } from './assert.ts';
import { positionOf } from './line-fold.ts';
import type { OrderPolicy } from './settings.ts';
import type { LineState } from './types.ts';

export type PlacedState = 'accepted' | 'partially_accepted' | 'rejected';
export type OrderState = PlacedState | 'pending' | 'partially_shipped' | 'shipped' | 'cancelled' | 'returned';

/** What became of a placed order. */
export interface SettledOrder {
  readonly state: PlacedState;
  /** Accepted lines that must give everything back, because the order is refused as a whole. */
  readonly giveBack: readonly LineState[];
}

/**
 * Settles a placed order when its last line has been decided.
 *
 * Under `all_or_nothing` one rejected line rejects the order, and the other lines give back what they took. Under the other
 * policies each line stands for itself, and one of which only a part was granted makes the order partially accepted.
 * Asking again with the lines as they are then gives the same state and nothing more to give back.
 */
export function settleOrder(policy: OrderPolicy, lines: readonly LineState[]): SettledOrder {
  assert(
    lines.every((line) => line.status !== 'pending'),
    'an order is settled when every line of it has been decided',
  );
  const rejected = lines.filter((line) => line.status === 'rejected');
  if (rejected.length === 0 && lines.every(isWhole)) return { state: 'accepted', giveBack: [] };
  if (rejected.length === lines.length) return { state: 'rejected', giveBack: [] };
  if (rejected.length > 0 && policy === 'all_or_nothing') {
    return { state: 'rejected', giveBack: lines.filter((line) => line.status === 'accepted') };
  }
  return { state: 'partially_accepted', giveBack: [] };
}

/**
 * The state of an order: that of the units it was granted. Open units keep an order from being shipped or cancelled; what
 * was refused keeps an accepted order partial, and nothing else.
 */
export function orderState(lines: readonly LineState[]): OrderState {
  if (lines.length === 0 || lines.some((line) => line.status === 'pending')) return 'pending';
  const granted = lines.filter((line) => line.status !== 'rejected');
  if (granted.length === 0) return 'rejected';
  let isOpen = false;
  let isShipped = false;
  let isOut = false;
  let isPartial = granted.length < lines.length;
  for (const line of granted) {
    const { open, shipped, returned } = balanceOf(line);
    if (open > 0) isOpen = true;
    if (shipped > 0) isShipped = true;
    if (shipped > returned) isOut = true;
    if (!isWhole(line)) isPartial = true;
  }
  if (isShipped) {
    if (isOpen) return 'partially_shipped';
    return isOut ? 'shipped' : 'returned';
  }
  if (!isOpen) return 'cancelled';
  return isPartial ? 'partially_accepted' : 'accepted';
}

/** Nothing of the line was refused. */
function isWhole(line: LineState): boolean {
  return line.status === 'closed' || balanceOf(line).granted >= line.requested;
}

interface Balance {
  readonly granted: number;
  readonly open: number;
  readonly shipped: number;
  readonly returned: number;
}

/** A line nothing was said about since it was placed needs no fold: by far the most lines of all. */
function balanceOf(line: LineState): Balance {
  if (line.facts.length > 0) return positionOf(line);
  const granted = line.fromStock + line.backordered;
  return {
    granted,
    open: granted - line.shipped - line.released,
    shipped: line.shipped,
    returned: line.returned,
  };
}
