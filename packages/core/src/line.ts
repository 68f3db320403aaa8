// An order line as the core keeps it: its balance, and the facts the balance is the fold of.

import type { Quantity } from './quantity.ts';
import type { RejectionCode } from './types.ts';

export type LineStatus = 'pending' | 'accepted' | 'rejected' | 'closed';

/** What happened to goods that came back. */
export type Disposition = 'sellable' | 'damaged' | 'quarantine';

/**
 * `place` is only written down where the units granted at first can no longer be read off the line, and always comes first.
 * `fill` is written down where a waiting unit was filled and deducted at once.
 */
export type FactKind =
  | 'place'
  | 'amend'
  | 'pay'
  | 'fill'
  | 'ship'
  | 'return'
  | 'refund'
  | 'restock'
  | 'cancel'
  | 'delete';

/**
 * One thing that was said about an order line after it was placed. A line's balance is the fold of its facts in canonical order
 * (time, then kind, then id), never in the order of arrival: that is why late, early and doubled events end in the same state.
 */
export interface LineFact {
  readonly kind: FactKind;
  /** When it happened, milliseconds since the epoch. */
  readonly at: number;
  /** The event that said it. */
  readonly eventId: string;
  /** Units it speaks of; null = the whole line. For `amend` the new total. */
  readonly quantity: Quantity | null;
  readonly placeId?: number;
  readonly disposition?: Disposition;
  /** The event's own word on giving back; absent = the policy decides. */
  readonly restock?: boolean;
  /** For `cancel` and `delete`: shipped units are given back too. */
  readonly includesShipped?: boolean;
  /** For `amend` upwards and `pay`: what was granted when it was decided. */
  readonly granted?: { readonly fromStock: Quantity; readonly backordered: Quantity };
  /** Where the units it deducted came from, decided when it arrived. Place 0 is nowhere: units sold that were never on hand. */
  readonly taken?: readonly Share[];
}

/** Units at, from or for one place. */
export interface Share {
  readonly placeId: number;
  readonly quantity: Quantity;
}

/** The balance of one order line on one stock item. */
export interface LineState {
  readonly orderId: number;
  readonly lineNo: number;
  readonly lineRef: string;
  readonly sku: string;
  /** null when the SKU is unknown. */
  readonly itemId: number | null;
  readonly productId: number;
  readonly storeId: number;
  readonly status: LineStatus;
  /** Why it was rejected. */
  readonly reason: RejectionCode | null;
  /** Asked for, as placed or last amended. */
  readonly requested: Quantity;
  /** Of the granted units, those that had stock behind them when granted or have been filled since. */
  readonly fromStock: Quantity;
  /** Open units that still wait for stock. */
  readonly backordered: Quantity;
  /** Counted in the pool's committed bucket now. */
  readonly committed: Quantity;
  /** Taken out of on hand and not given back, per place. */
  readonly deducted: readonly Share[];
  readonly shipped: Quantity;
  /** Cancelled or deleted before shipment. */
  readonly released: Quantity;
  /** Came back after shipment. */
  readonly returned: Quantity;
  /** Place in the backorder queue: milliseconds of its placing; ties by order and line. */
  readonly placedAt: number;
  readonly facts: readonly LineFact[];
}
