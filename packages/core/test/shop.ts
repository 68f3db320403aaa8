// A shop in memory: folds commands over items, lines and the queue of waiting lines, as the engine does over the database.

import type { Quantity } from '../src/quantity.ts';
import { units, zero } from '../src/quantity.ts';
import type { Settings, SparseSettings } from '../src/settings.ts';
import { defaultSettings } from '../src/settings.ts';
import { settleCommand } from '../src/settle-command.ts';
import type {
  Bucket,
  Effect,
  Entry,
  ItemState,
  Level,
  LineState,
  OrderView,
  Settled,
  StockCommand,
  StoreView,
  View,
} from '../src/types.ts';

export const place1 = 11;
export const place2 = 12;
export const pool = 1;
export const storeId = 5;
export const itemId = 100;
export const otherItemId = 101;

export const store: StoreView = {
  storeId,
  code: 'main',
  poolId: pool,
  locations: [
    { placeId: place1, code: 'one', enabled: true, inStock: true },
    { placeId: place2, code: 'two', enabled: true, inStock: true },
  ],
};

export function location(placeId: number, onHand: number): Level {
  return {
    placeId,
    kind: 'location',
    onHand: units(onHand),
    unavailable: zero,
    committed: zero,
    held: zero,
    incoming: zero,
    sequence: 0,
    lowFired: false,
  };
}

export function item(id: number, onHand: number, onHand2 = 0, rest: Partial<ItemState> = {}): ItemState {
  return {
    itemId: id,
    productId: 1,
    sku: id === itemId ? 'tea' : `item-${id}`,
    decimals: 0,
    published: true,
    discontinued: false,
    levels: [location(place1, onHand), location(place2, onHand2), { ...location(pool, 0), kind: 'pool' }],
    holds: [],
    ...rest,
  };
}

function orderView(orderId: number): OrderView {
  return { orderId, orderRef: `order-${orderId}`, storeId };
}

/** The world between commands. */
export interface Shop {
  readonly items: Map<number, ItemState>;
  readonly opening: ReadonlyMap<number, ItemState>;
  readonly lines: Map<string, LineState>;
  readonly settings: Settings;
  readonly stores: readonly StoreView[];
  readonly entries: Entry[];
  readonly effects: Effect[];
  now: number;
}

export function openShop(
  items: readonly ItemState[] = [item(itemId, 10)],
  settings: SparseSettings = {},
  stores: readonly StoreView[] = [store],
): Shop {
  return {
    items: new Map(items.map((one) => [one.itemId, one])),
    opening: new Map(items.map((one) => [one.itemId, one])),
    lines: new Map(),
    settings: { ...defaultSettings, ...settings },
    stores,
    entries: [],
    effects: [],
    now: 1_000,
  };
}

export function viewOf(shop: Shop, command: StockCommand): View {
  const orderId = 'order' in command ? command.order.orderId : null;
  const wanted = 'order' in command ? command.order.storeId : shop.stores[0]?.storeId;
  const view = shop.stores.find((one) => one.storeId === wanted);
  if (view === undefined) throw new Error('no such store');
  return {
    now: shop.now,
    items: new Map(shop.items),
    store: view,
    stores: shop.stores,
    settings: () => shop.settings,
    lines: [...shop.lines.values()].filter((line) => line.orderId === orderId),
    waiting: (id) =>
      [...shop.lines.values()]
        .filter((line) => line.itemId === id && line.backordered > 0)
        .sort((a, b) => a.placedAt - b.placedAt || a.orderId - b.orderId || a.lineNo - b.lineNo),
  };
}

/** Settles one command and takes over what it did. */
export function run(shop: Shop, command: StockCommand): Settled {
  const settled = settleCommand(command, viewOf(shop, command));
  for (const one of settled.items) shop.items.set(one.itemId, one);
  for (const line of settled.lines) shop.lines.set(`${line.orderId}:${line.lineNo}`, line);
  shop.entries.push(...settled.entries);
  shop.effects.push(...settled.effects);
  return settled;
}

export function levelOf(shop: Shop, placeId: number, id = itemId): Level {
  const level = shop.items.get(id)?.levels.find((one) => one.placeId === placeId);
  return level ?? { ...location(placeId, 0), kind: placeId === pool ? 'pool' : 'location' };
}

export function lineOf(shop: Shop, orderId = 1, lineNo = 1): LineState {
  const line = shop.lines.get(`${orderId}:${lineNo}`);
  if (line === undefined) throw new Error(`order ${orderId} has no line ${lineNo}`);
  return line;
}

export const bucketField = {
  on_hand: 'onHand',
  unavailable: 'unavailable',
  committed: 'committed',
  held: 'held',
  incoming: 'incoming',
} as const satisfies Record<Bucket, keyof Level>;

let events = 0;
function nextEvent(): string {
  events += 1;
  return `event-${String(events).padStart(6, '0')}`;
}

interface Head {
  readonly orderId?: number;
  readonly at?: number;
  readonly eventId?: string;
}
function head({ orderId = 1, at = 1_000, eventId = nextEvent() }: Head) {
  return { eventId, at, order: orderView(orderId) };
}
type Scope = readonly (readonly [lineNo: number, quantity: number | null])[];
const scopeOf = (scope: Scope | undefined) =>
  scope === undefined
    ? null
    : scope.map(([lineNo, quantity]) => ({ lineNo, quantity: quantity === null ? null : units(quantity) }));

/** Commands with the fewest words. */
export const say = {
  place: (
    lines: readonly (readonly [lineNo: number, quantity: number, item?: number | null])[],
    rest: Head & { readonly holdRef?: string } = {},
  ): StockCommand => ({
    ...head(rest),
    type: 'place',
    holdRef: rest.holdRef ?? null,
    lines: lines.map(([lineNo, quantity, id]) => ({
      lineNo,
      lineRef: `L${lineNo}`,
      sku: id === null ? 'nobody' : `sku-${id ?? itemId}`,
      itemId: id === undefined ? itemId : id,
      quantity: units(quantity),
    })),
  }),
  pay: (rest: Head = {}): StockCommand => ({ ...head(rest), type: 'pay' }),
  ship: (rest: Head & { readonly lines?: Scope; readonly placeId?: number } = {}): StockCommand => ({
    ...head(rest),
    type: 'ship',
    lines: scopeOf(rest.lines),
    placeId: rest.placeId ?? null,
  }),
  cancel: (
    rest: Head & {
      readonly lines?: Scope;
      readonly restock?: boolean;
      readonly type?: 'cancel' | 'delete';
    } = {},
  ): StockCommand => ({
    ...head(rest),
    type: rest.type ?? 'cancel',
    lines: scopeOf(rest.lines),
    restock: rest.restock ?? null,
  }),
  comeBack: (
    rest: Head & {
      readonly lines?: Scope;
      readonly restock?: boolean;
      readonly type?: 'return' | 'refund';
      readonly placeId?: number;
      readonly disposition?: 'sellable' | 'damaged' | 'quarantine';
    } = {},
  ): StockCommand => ({
    ...head(rest),
    type: rest.type ?? 'return',
    lines: scopeOf(rest.lines),
    restock: rest.restock ?? null,
    disposition: rest.disposition ?? 'sellable',
    placeId: rest.placeId ?? null,
  }),
  amend: (lineNo: number, quantity: number, rest: Head = {}): StockCommand => ({
    ...head(rest),
    type: 'amend',
    lines: [{ lineNo, lineRef: `L${lineNo}`, sku: 'tea', itemId, quantity: units(quantity) }],
  }),
  restock: (
    lineNo: number,
    quantity: number,
    rest: Head & { readonly placeId?: number } = {},
  ): StockCommand => ({
    ...head(rest),
    type: 'restock',
    lines: [{ lineNo, quantity: units(quantity) }],
    placeId: rest.placeId ?? null,
  }),
  settleBack: (rest: Head = {}): StockCommand => ({ ...head(rest), type: 'settle_back' }),
  adjust: (
    by: number,
    rest: {
      readonly placeId?: number;
      readonly bucket?: 'on_hand' | 'unavailable';
      readonly allowNegative?: boolean;
    } = {},
  ): StockCommand => ({
    ...itemHead(),
    type: 'adjust',
    placeId: rest.placeId ?? place1,
    by: units(by),
    bucket: rest.bucket ?? 'on_hand',
    allowNegative: rest.allowNegative ?? false,
  }),
  set: (onHand: number, expected: number | null = null): StockCommand => ({
    ...itemHead(),
    type: 'set',
    placeId: place1,
    onHand: units(onHand),
    expected: expected === null ? null : units(expected),
    allowNegative: false,
  }),
  count: (counted: number, expectedAt: number): StockCommand => ({
    ...itemHead(),
    type: 'count',
    placeId: place1,
    counted: units(counted),
    asOf: 500,
    expectedAt: units(expectedAt),
  }),
  receive: (
    quantity: number,
    rest: { readonly placeId?: number; readonly fromIncoming?: boolean } = {},
  ): StockCommand => ({
    ...itemHead(),
    type: 'receive',
    placeId: rest.placeId ?? place1,
    quantity: units(quantity),
    fromIncoming: rest.fromIncoming ?? false,
  }),
  incoming: (by: number): StockCommand => ({
    ...itemHead(),
    type: 'incoming',
    placeId: place1,
    by: units(by),
  }),
  transfer: (quantity: number, fromPlaceId = place1, toPlaceId = place2): StockCommand => ({
    ...itemHead(),
    type: 'transfer',
    fromPlaceId,
    toPlaceId,
    quantity: units(quantity),
  }),
  hold: (holdRef: string, quantity: number, minutes: number | null = null): StockCommand => ({
    ...itemHead(),
    type: 'hold',
    storeId,
    holdRef,
    quantity: units(quantity),
    minutes,
  }),
  release: (holdRef: string): StockCommand => ({ ...itemHead(), type: 'release', storeId, holdRef }),
};

function itemHead() {
  return { eventId: nextEvent(), at: 1_000, itemId };
}

export function amounts(level: Level): Record<string, number> {
  const shown: Record<string, number> = {};
  for (const field of ['onHand', 'unavailable', 'committed', 'held', 'incoming'] as const) {
    if (level[field] !== 0) shown[field] = toUnits(level[field]);
  }
  return shown;
}

export function toUnits(quantity: Quantity): number {
  return quantity / 10_000;
}
