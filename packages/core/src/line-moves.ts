// The goods and promises of one line as movements: the difference between where it stood and where it stands.

import type { LinePosition } from './line-fold.ts';
import { foldFacts } from './line-fold.ts';
import type { Quantity } from './quantity.ts';
import { add, negate } from './quantity.ts';
import type { Settings } from './settings.ts';
import type { Bucket, LineFact, LineState, Movement, MovementKind, StoreView } from './types.ts';
import type { Work } from './work.ts';
import { move } from './work.ts';

/** A line being settled, and everything that takes. */
export interface LineDesk {
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

/** Takes the line to other facts: the goods move by the difference. */
export function advance(desk: LineDesk, from: LinePosition, facts: readonly LineFact[]): LinePosition {
  const to = foldFacts(desk.granted, facts);
  moveGoods(desk, from, to);
  return to;
}

/** The difference of what lies where, as movements. */
export function moveGoods(desk: LineDesk, from: LinePosition, to: LinePosition): void {
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

/** The pool's promise changes. */
export function movePromise(desk: LineDesk, delta: Quantity): void {
  if (delta === 0) return;
  const kind = delta > 0 ? 'commit' : 'uncommit';
  move(desk.work, [movementOf(desk, desk.store.poolId, 'pool', 'committed', delta, kind)]);
}

function movementOf(
  desk: LineDesk,
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
