// The five things that pass through the corridor, and the state they are decided on, as plain data.

import type { Disposition, FactKind, LineFact, LineState, LineStatus, Share } from './line.ts';
import type { Quantity } from './quantity.ts';
import type { Settings } from './settings.ts';

/** The countable states a unit can be in at a place (rules.md section 1). */
export type Bucket = 'on_hand' | 'unavailable' | 'committed' | 'held' | 'incoming';

/**
 * Where quantities live. A `location` holds goods (on hand, unavailable, incoming); a `pool` holds a store's promises
 * (committed, held), because a promise is tied to a location only at shipment.
 */
export type PlaceKind = 'location' | 'pool';

/** One stock item at one place. `sequence` counts its ledger entries without gaps. */
export interface Level {
  readonly placeId: number;
  readonly kind: PlaceKind;
  readonly onHand: Quantity;
  readonly unavailable: Quantity;
  readonly committed: Quantity;
  readonly held: Quantity;
  readonly incoming: Quantity;
  readonly sequence: number;
  /** Only on a pool: the low-stock alert has fired and is not yet re-armed. */
  readonly lowFired: boolean;
}

/** A promise to a checkout. It counts only while `expiresAt > now`, whether or not anybody has tidied it away. */
export interface Hold {
  readonly holdRef: string;
  readonly itemId: number;
  readonly storeId: number;
  readonly quantity: Quantity;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** The thing counted, with its levels everywhere and its open holds. */
export interface ItemState {
  readonly itemId: number;
  readonly productId: number;
  readonly sku: string;
  /** How many decimal places a quantity of it may have, 0 to 4. */
  readonly decimals: number;
  readonly published: boolean;
  readonly discontinued: boolean;
  readonly levels: readonly Level[];
  readonly holds: readonly Hold[];
}

/** A location as one store sees it. */
export interface LocationView {
  readonly placeId: number;
  readonly code: string;
  readonly enabled: boolean;
  readonly inStock: boolean;
}

/** A sales channel: the pool of its promises and its locations in priority order. */
export interface StoreView {
  readonly storeId: number;
  readonly code: string;
  readonly poolId: number;
  readonly locations: readonly LocationView[];
}

export type { Disposition, FactKind, LineFact, LineState, LineStatus, Share };

/** What the core must know of the order a command belongs to. */
export interface OrderView {
  readonly orderId: number;
  readonly orderRef: string;
  readonly storeId: number;
}

/** What every command carries: who, why, when. The core never asks a clock. */
interface CommandHead {
  readonly eventId: string;
  /** When it happened, milliseconds since the epoch, from the event. */
  readonly at: number;
}

/** Which lines an order event speaks of; null = the whole order. quantity null = the whole line. */
export type LineScope = readonly { readonly lineNo: number; readonly quantity: Quantity | null }[] | null;

export type OrderCommand = CommandHead & { readonly order: OrderView } & (
    | {
        readonly type: 'place';
        readonly lines: readonly {
          readonly lineNo: number;
          readonly lineRef: string;
          readonly sku: string;
          readonly itemId: number | null;
          readonly quantity: Quantity;
        }[];
        /** A hold that becomes this order: its units are freed for it first. */
        readonly holdRef: string | null;
      }
    | { readonly type: 'pay' }
    | { readonly type: 'ship'; readonly lines: LineScope; readonly placeId: number | null }
    | {
        readonly type: 'cancel' | 'delete';
        readonly lines: LineScope;
        readonly restock: boolean | null;
      }
    | {
        readonly type: 'refund' | 'return';
        readonly lines: LineScope;
        readonly restock: boolean | null;
        readonly disposition: Disposition;
        readonly placeId: number | null;
      }
    | {
        readonly type: 'amend';
        readonly lines: readonly {
          readonly lineNo: number;
          readonly lineRef: string;
          readonly sku: string;
          readonly itemId: number | null;
          /** The new total of the line. */
          readonly quantity: Quantity;
        }[];
      }
    | {
        readonly type: 'restock';
        readonly lines: readonly { readonly lineNo: number; readonly quantity: Quantity }[];
        readonly placeId: number | null;
      }
    /** Another line of an all-or-nothing order was rejected: give back what this product's lines took. */
    | { readonly type: 'settle_back' }
  );

export type ItemCommand = CommandHead & { readonly itemId: number } & (
    | {
        readonly type: 'adjust';
        readonly placeId: number;
        readonly by: Quantity;
        readonly bucket: 'on_hand' | 'unavailable';
        readonly allowNegative: boolean;
      }
    | {
        readonly type: 'set';
        readonly placeId: number;
        readonly onHand: Quantity;
        readonly expected: Quantity | null;
        readonly allowNegative: boolean;
      }
    /** Counted at `asOf`. `expectedAt` is what the ledger says was on hand then; sales since survive. */
    | {
        readonly type: 'count';
        readonly placeId: number;
        readonly counted: Quantity;
        readonly asOf: number;
        readonly expectedAt: Quantity;
      }
    | {
        readonly type: 'receive';
        readonly placeId: number;
        readonly quantity: Quantity;
        readonly fromIncoming: boolean;
      }
    | { readonly type: 'incoming'; readonly placeId: number; readonly by: Quantity }
    | {
        readonly type: 'transfer';
        readonly fromPlaceId: number;
        readonly toPlaceId: number;
        readonly quantity: Quantity;
      }
    | {
        readonly type: 'hold';
        readonly storeId: number;
        readonly holdRef: string;
        readonly quantity: Quantity;
        readonly minutes: number | null;
      }
    | { readonly type: 'release'; readonly storeId: number; readonly holdRef: string }
  );

export type StockCommand = OrderCommand | ItemCommand;
export type CommandType = StockCommand['type'];

export type MovementKind =
  | 'commit'
  | 'uncommit'
  | 'deduct'
  | 'give_back'
  | 'hold'
  | 'unhold'
  | 'hold_expired'
  | 'adjust'
  | 'set'
  | 'count'
  | 'receive'
  | 'incoming'
  | 'transfer_out'
  | 'transfer_in'
  | 'return';

/** One change of one bucket. The sum of an item's movements at a place is its level, always. */
export interface Movement {
  readonly itemId: number;
  readonly placeId: number;
  readonly placeKind: PlaceKind;
  readonly bucket: Bucket;
  readonly delta: Quantity;
  readonly kind: MovementKind;
  readonly orderId: number | null;
  readonly lineNo: number | null;
  /** Set when a person knowingly took a location below zero. */
  readonly belowFloor: boolean;
}

/** A movement as the ledger keeps it: with the balance of its bucket and its gapless number at that place. */
export interface Entry extends Movement {
  readonly balanceAfter: Quantity;
  readonly sequence: number;
}

/** Why the rules say no. Stable and public (rules.md section 7); grows by need, never by synonym. */
export type RejectionCode =
  | 'insufficient_stock'
  | 'shortfall'
  | 'unknown_sku'
  | 'unknown_store'
  | 'unknown_order'
  | 'unknown_line'
  | 'unknown_location'
  | 'line_closed'
  | 'nothing_to_ship'
  | 'nothing_to_restore'
  | 'not_tracked'
  | 'not_published'
  | 'discontinued'
  | 'too_many_decimals'
  | 'conflict'
  | 'idempotency_key_reused'
  | 'event_id_reused'
  | 'invalid_input'
  | 'would_be_negative'
  | 'hold_expired'
  | 'unknown_hold'
  | 'order_rejected';

export interface Rejection {
  readonly code: RejectionCode;
  /** The line it concerns, where it concerns one. */
  readonly line?: string;
  readonly sku?: string;
  readonly location?: string;
  readonly field?: string;
  readonly requested?: Quantity;
  readonly available?: Quantity;
  /** For `conflict`: the value that is there now. */
  readonly current?: Quantity;
}

/** What was decided for one line by one command. */
export interface LineAnswer {
  readonly lineNo: number;
  readonly line: string;
  readonly sku: string;
  readonly result: 'accepted' | 'rejected' | 'applied' | 'nothing_to_do';
  readonly requested: Quantity;
  readonly fromStock: Quantity;
  readonly backordered: Quantity;
  /** Units this command moved for the line (shipped, released, returned ...). */
  readonly moved: Quantity;
  readonly rejection: Rejection | null;
}

/** What was decided for a whole command. */
export interface CommandAnswer {
  readonly result: 'applied' | 'rejected' | 'nothing_to_do';
  readonly lines: readonly LineAnswer[];
  readonly rejection: Rejection | null;
  /** For item commands: on hand at the place afterwards. */
  readonly onHand?: Quantity;
}

export type StockEffectType = 'stock.low' | 'stock.out' | 'stock.sold_out' | 'stock.backorder' | 'stock.back';
export type MailTemplate =
  | 'low-stock'
  | 'out-of-stock'
  | 'back-in-stock'
  | 'backorder-notice'
  | 'backorder-filled';

/** Something outsiders must hear of. The numbers are those at the moment it happened. */
export type Effect =
  | {
      readonly type: StockEffectType;
      readonly itemId: number;
      readonly storeId: number;
      /** The mail it causes, if any: low and out in one change are one mail. */
      readonly mail: MailTemplate | null;
      readonly before: Quantity;
      readonly after: Quantity;
      /** The line that was crossed. */
      readonly threshold: Quantity;
      readonly onHand: Quantity;
      readonly salable: Quantity | null;
    }
  | {
      readonly type: 'backorder.accepted' | 'backorder.filled';
      readonly itemId: number;
      readonly storeId: number;
      readonly mail: MailTemplate | null;
      readonly orderId: number;
      readonly lineNo: number;
      readonly quantity: Quantity;
      /** Units of the line that still wait. */
      readonly stillWaiting: Quantity;
    };

/** Everything a decision may look at. Loaded under the lock before; nothing is looked up while deciding. */
export interface View {
  /** Time of settlement, milliseconds since the epoch: decides which holds still count. */
  readonly now: number;
  /** All stock items of the product. */
  readonly items: ReadonlyMap<number, ItemState>;
  /** The store the order belongs to; for item commands the first store that sells the item. */
  readonly store: StoreView;
  /** Every store, for what must be evaluated per store. */
  readonly stores: readonly StoreView[];
  settings(itemId: number, storeId: number): Settings;
  /** This order's lines on this product as they are now. */
  readonly lines: readonly LineState[];
  /** Open backordered lines of an item, oldest first. */
  waiting(itemId: number): readonly LineState[];
}

/** What one command did: everything room 3 must write. */
export interface Settled {
  readonly answer: CommandAnswer;
  /** Items whose levels or holds changed, as they are afterwards. */
  readonly items: readonly ItemState[];
  readonly entries: readonly Entry[];
  /** Lines that changed: of this order, and waiting lines of other orders that were filled. */
  readonly lines: readonly LineState[];
  readonly effects: readonly Effect[];
}
