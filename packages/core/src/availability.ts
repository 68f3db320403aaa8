// Availability: what a store has, what it owes and what it can still sell of one stock item (rules.md section 2).

import type { Quantity } from './quantity.ts';
import { add, maxOf, minOf, negate, subtract, zero } from './quantity.ts';
import type { Settings } from './settings.ts';
import type { ItemState, StoreView } from './types.ts';

/** One stock item as one store sees it. On hand, unavailable and incoming are those of its enabled, in-stock locations. */
export interface Position {
  /** P: what is there and for sale. A location below zero counts as zero and takes nothing from the others. */
  readonly physical: Quantity;
  readonly onHand: Quantity;
  readonly unavailable: Quantity;
  readonly committed: Quantity;
  readonly held: Quantity;
  readonly incoming: Quantity;
  /** Units promised or taken beyond stock. */
  readonly owed: Quantity;
  /** T_eff: the out-of-stock threshold after the sign rule. */
  readonly threshold: Quantity;
  /** What can be sold with stock behind it. */
  readonly fromStock: Quantity;
  /** What can be sold without stock behind it; null = without limit. */
  readonly room: Quantity | null;
  /** fromStock + room; null = without limit. */
  readonly salable: Quantity | null;
}

export type StockStatus = 'in_stock' | 'out_of_stock' | 'back_order' | 'discontinued';

/** The answer for a storefront. */
export interface Availability {
  readonly onHand: Quantity;
  readonly unavailable: Quantity;
  readonly committed: Quantity;
  readonly held: Quantity;
  readonly incoming: Quantity;
  /** null = unlimited: backorders without a limit, or a product whose stock is not tracked. */
  readonly salable: Quantity | null;
  /** Whether one step of it can be bought now. */
  readonly buyable: boolean;
  readonly status: StockStatus;
}

/**
 * The numbers every decision about one item in one store is made on.
 *
 * @param now milliseconds since the epoch: a hold counts only while it expires later
 * @param options.exceptHoldRef a hold of this store that shall not count, because its holder is asking
 */
export function position(
  item: ItemState,
  store: StoreView,
  settings: Settings,
  now: number,
  options?: { readonly exceptHoldRef?: string },
): Position {
  let physical = zero;
  let onHand = zero;
  let unavailable = zero;
  let incoming = zero;
  let committed = zero;
  let negative = zero;
  for (const level of item.levels) {
    if (level.kind === 'pool') {
      if (level.placeId === store.poolId) committed = level.committed;
      continue;
    }
    const location = store.locations.find((candidate) => candidate.placeId === level.placeId);
    if (location === undefined) continue;
    const forSale = subtract(level.onHand, level.unavailable);
    // What was taken beyond stock stays owed when its location is switched off.
    if (forSale < 0) negative = subtract(negative, forSale);
    if (!location.enabled || !location.inStock) continue;
    physical = add(physical, maxOf(zero, forSale));
    onHand = add(onHand, level.onHand);
    unavailable = add(unavailable, level.unavailable);
    incoming = add(incoming, level.incoming);
  }
  const held = item.holds.length === 0 ? zero : heldBy(item, store, now, options?.exceptHoldRef);
  const free = subtract(subtract(physical, committed), held);
  const owed = add(negative, maxOf(zero, negate(free)));
  const threshold = effectiveThreshold(settings);
  const safety = maxOf(zero, threshold);
  const fromStock = maxOf(zero, subtract(free, safety));
  const room = item.discontinued
    ? zero
    : roomFor(settings, threshold, owed, arriving(settings, incoming, free, safety));
  return {
    physical,
    onHand,
    unavailable,
    committed,
    held,
    incoming,
    owed,
    threshold,
    fromStock,
    room,
    salable: room === null ? null : add(fromStock, room),
  };
}

function heldBy(item: ItemState, store: StoreView, now: number, exceptHoldRef: string | undefined): Quantity {
  let held = zero;
  for (const hold of item.holds) {
    if (hold.storeId !== store.storeId || hold.expiresAt <= now || hold.holdRef === exceptHoldRef) continue;
    held = add(held, hold.quantity);
  }
  return held;
}

/** T_eff (adobe D6): under `by_backorder_mode` a threshold of the wrong sign has no effect. */
function effectiveThreshold(settings: Settings): Quantity {
  const notify = settings['notify.threshold'];
  const threshold =
    settings['oos.thresholdFrom'] === 'notify' && notify !== null ? notify : settings['oos.threshold'];
  if (settings['oos.signRule'] === 'as_is') return threshold;
  return settings['backorder.mode'] === 'deny' ? maxOf(zero, threshold) : minOf(zero, threshold);
}

/** Incoming units that may be sold already (americommerce A19); what stock lacks up to the threshold, they fill first. */
function arriving(settings: Settings, incoming: Quantity, free: Quantity, safety: Quantity): Quantity {
  if (settings['atp.includeIncoming'] !== 'yes' || incoming === 0) return zero;
  const lacking = maxOf(zero, subtract(safety, maxOf(zero, free)));
  return maxOf(zero, subtract(incoming, lacking));
}

/** How much may be promised beyond stock (adobe D4, D20). null = without limit. */
function roomFor(settings: Settings, threshold: Quantity, owed: Quantity, coming: Quantity): Quantity | null {
  const limit = backorderLimit(settings, threshold);
  return limit === null ? null : maxOf(zero, subtract(add(limit, coming), owed));
}

function backorderLimit(settings: Settings, threshold: Quantity): Quantity | null {
  if (settings['backorder.mode'] === 'deny') return zero;
  const limit = settings['backorder.limit'];
  if (limit === 'unlimited') return null;
  if (limit !== 'from_threshold') return limit;
  return threshold < 0 ? negate(threshold) : null;
}

/** Above the out-of-stock line max(0, T_eff), judged by the quantity the setting names. */
function isInStock(place: Position, settings: Settings): boolean {
  if (settings['oos.basis'] === 'salable') return place.fromStock > 0;
  return place.physical > maxOf(zero, place.threshold);
}

/** The status of an item in a store (section 5): discontinued wins over back order, back order over out of stock. */
export function statusOf(item: ItemState, place: Position, settings: Settings): StockStatus {
  if (settings['tracking.mode'] === 'none' || isInStock(place, settings)) return 'in_stock';
  if (item.discontinued) return 'discontinued';
  return place.room === null || place.room > 0 ? 'back_order' : 'out_of_stock';
}

/** What a storefront shows of one item in one store. Changes nothing. */
export function availabilityOf(
  item: ItemState,
  store: StoreView,
  settings: Settings,
  now: number,
): Availability {
  const place = position(item, store, settings, now);
  const { onHand, unavailable, committed, held, incoming } = place;
  const salable = settings['tracking.mode'] === 'none' ? null : place.salable;
  return {
    onHand,
    unavailable,
    committed,
    held,
    incoming,
    salable,
    buyable: item.published && (salable === null || salable > 0),
    status: statusOf(item, place, settings),
  };
}
