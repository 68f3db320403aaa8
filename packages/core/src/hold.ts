// The verbs hold and release: a promise to a checkout, for a limited time.

import { refuseCommand } from './answers.ts';
import { fillWaiting } from './fill-waiting.ts';
import type { CommandOf } from './place.ts';
import { supplyOf } from './place.ts';
import { add, hasPlaces } from './quantity.ts';
import type { Settled, View } from './types.ts';
import { dropHolds, finish, itemOf, leave, move, openWork, setHolds, storeOf, tidyHolds } from './work.ts';

const minuteMs = 60_000;

/**
 * Holds units for a checkout. The same reference replaces what it held before and starts its time anew. Time runs from
 * settlement, so that a hold which waited for its turn is not born dead.
 */
export function hold(command: CommandOf<'hold'>, view: View): Settled {
  const item = view.items.get(command.itemId);
  if (item === undefined) return leave(refuseCommand({ code: 'unknown_sku' }));
  const { quantity, storeId, holdRef } = command;
  const { sku } = item;
  if (quantity <= 0) return leave(refuseCommand({ code: 'invalid_input', sku, field: 'quantity' }));
  if (!hasPlaces(quantity, item.decimals)) {
    return leave(refuseCommand({ code: 'too_many_decimals', sku, field: 'quantity' }));
  }
  if (!item.published) return leave(refuseCommand({ code: 'not_published', sku }));
  const settings = view.settings(item.itemId, storeId);
  const work = openWork(view);
  const supply = supplyOf(work, item, storeId, settings, holdRef);
  // What nobody counts needs no protection.
  if (supply === null) return leave({ result: 'nothing_to_do', lines: [], rejection: null });
  const available = supply.room === null ? null : add(supply.fromStock, supply.room);
  if (available !== null && quantity > available) {
    return leave(refuseCommand({ code: 'insufficient_stock', sku, requested: quantity, available }));
  }
  tidyHolds(work, item.itemId);
  dropHolds(work, item.itemId, 'unhold', (known) => known.storeId === storeId && known.holdRef === holdRef);
  move(work, [
    {
      itemId: item.itemId,
      placeId: storeOf(view, storeId).poolId,
      placeKind: 'pool',
      bucket: 'held',
      delta: quantity,
      kind: 'hold',
      orderId: null,
      lineNo: null,
      belowFloor: false,
    },
  ]);
  const expiresAt = view.now + (command.minutes ?? settings['hold.ttl']) * minuteMs;
  const kept = { holdRef, itemId: item.itemId, storeId, quantity, expiresAt };
  setHolds(work, item.itemId, [...itemOf(work, item.itemId).holds, kept]);
  fillWaiting(work, item.itemId);
  return finish(work, { result: 'applied', lines: [], rejection: null }, 'hold');
}

/** Ends a hold early. One that ran out is only tidied away. */
export function releaseHold(command: CommandOf<'release'>, view: View): Settled {
  const item = view.items.get(command.itemId);
  if (item === undefined) return leave(refuseCommand({ code: 'unknown_sku' }));
  const known = item.holds.find(
    (candidate) => candidate.storeId === command.storeId && candidate.holdRef === command.holdRef,
  );
  if (known === undefined) return leave(refuseCommand({ code: 'unknown_hold', sku: item.sku }));
  const work = openWork(view);
  tidyHolds(work, item.itemId);
  const isOver = known.expiresAt <= view.now;
  dropHolds(work, item.itemId, 'unhold', (candidate) => candidate === known);
  fillWaiting(work, item.itemId);
  return finish(work, { result: isOver ? 'nothing_to_do' : 'applied', lines: [], rejection: null }, 'hold');
}
