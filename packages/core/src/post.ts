// Posting: the one place where a level changes. Levels are the fold of movements and nothing else.

import { assert } from './assert.ts';
import { add, zero } from './quantity.ts';
import type { Entry, ItemState, Level, Movement, PlaceKind } from './types.ts';

/** What posting movements did. */
export interface Posted {
  /** Only the items that changed, as they are afterwards. */
  readonly items: ReadonlyMap<number, ItemState>;
  /** One ledger entry per movement, in order. */
  readonly entries: Entry[];
}

/**
 * Applies movements one after another.
 *
 * Entries of one item at one place are numbered without gaps, over all its buckets. An item that was not at the place gets
 * a level there. Levels that do not change keep their identity. Nothing is refused here: what may happen was decided before.
 */
export function post(items: ReadonlyMap<number, ItemState>, movements: readonly Movement[]): Posted {
  const changed = new Map<number, ItemState>();
  const entries: Entry[] = [];
  for (const movement of movements) {
    const item = changed.get(movement.itemId) ?? items.get(movement.itemId);
    assert(item !== undefined, `a movement is about item ${movement.itemId}, which was not loaded`);
    const index = item.levels.findIndex((level) => level.placeId === movement.placeId);
    const before = item.levels[index] ?? emptyLevel(movement.placeId, movement.placeKind);
    assert(before.kind === movement.placeKind, `place ${movement.placeId} is a ${before.kind}`);
    const after = moved(before, movement);
    const levels = item.levels.slice();
    if (index === -1) levels.push(after);
    else levels[index] = after;
    changed.set(item.itemId, { ...item, levels });
    entries.push({
      ...movement,
      balanceAfter: after[bucketField[movement.bucket]],
      sequence: after.sequence,
    });
  }
  return { items: changed, entries };
}

/** Which field of a level a bucket is. */
const bucketField = {
  on_hand: 'onHand',
  unavailable: 'unavailable',
  committed: 'committed',
  held: 'held',
  incoming: 'incoming',
} as const satisfies Record<Movement['bucket'], keyof Level>;

/** The level of an item that has never been at a place. */
export function emptyLevel(placeId: number, kind: PlaceKind): Level {
  return {
    placeId,
    kind,
    onHand: zero,
    unavailable: zero,
    committed: zero,
    held: zero,
    incoming: zero,
    sequence: 0,
    lowFired: false,
  };
}

function moved(level: Level, { bucket, delta }: Movement): Level {
  const field = bucketField[bucket];
  return { ...level, [field]: add(level[field], delta), sequence: level.sequence + 1 };
}
