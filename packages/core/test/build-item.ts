// Builders of items and stores for tests: say only what matters, in units.

import type { Hold, ItemState, Level, LineState, LocationView, Settings, StoreView } from '../src/index.ts';
import { defaultSettings, emptyLevel, units } from '../src/index.ts';

export const shopPool = 100;
export const mainPlace = 1;
export const otherPlace = 2;
export const noon = Date.UTC(2026, 4, 4, 12);

type Numbers<Bucket extends string> = { readonly [Key in Bucket]?: number };

export function atLocation(
  placeId: number,
  { onHand = 0, unavailable = 0, incoming = 0 }: Numbers<'onHand' | 'unavailable' | 'incoming'>,
): Level {
  return {
    ...emptyLevel(placeId, 'location'),
    onHand: units(onHand),
    unavailable: units(unavailable),
    incoming: units(incoming),
  };
}

export function inPool(
  { committed = 0, held = 0 }: Numbers<'committed' | 'held'>,
  more: { readonly placeId?: number; readonly lowFired?: boolean } = {},
): Level {
  return {
    ...emptyLevel(more.placeId ?? shopPool, 'pool'),
    committed: units(committed),
    held: units(held),
    lowFired: more.lowFired ?? false,
  };
}

export function anItem(levels: readonly Level[] = [], more: Partial<ItemState> = {}): ItemState {
  return {
    itemId: 7,
    productId: 70,
    sku: 'TEA-7',
    decimals: 4,
    published: true,
    discontinued: false,
    levels,
    holds: [],
    ...more,
  };
}

export function aHold(quantity: number, more: Partial<Hold> = {}): Hold {
  return {
    holdRef: 'cart-1',
    itemId: 7,
    storeId: 1,
    quantity: units(quantity),
    expiresAt: noon + 60_000,
    ...more,
  };
}

export function aLocation(placeId: number, more: Partial<LocationView> = {}): LocationView {
  return { placeId, code: `place-${placeId}`, enabled: true, inStock: true, ...more };
}

export function aStore(
  locations: readonly LocationView[] = [aLocation(mainPlace), aLocation(otherPlace)],
  more: Partial<StoreView> = {},
): StoreView {
  return { storeId: 1, code: 'shop', poolId: shopPool, locations, ...more };
}

export function withSettings(settings: Partial<Settings> = {}): Settings {
  return { ...defaultSettings, ...settings };
}

/** An accepted line of 5 units from stock, unless it is said otherwise. */
export function aLine(more: Partial<LineState> = {}): LineState {
  return {
    orderId: 1,
    lineNo: 1,
    lineRef: 'line-1',
    sku: 'TEA-7',
    itemId: 7,
    productId: 70,
    storeId: 1,
    status: 'accepted',
    reason: null,
    requested: units(5),
    fromStock: units(5),
    backordered: units(0),
    committed: units(5),
    deducted: [],
    shipped: units(0),
    released: units(0),
    returned: units(0),
    placedAt: noon,
    facts: [],
    ...more,
  };
}
