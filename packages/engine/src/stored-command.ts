// What a mailbox row carries: everything settlement needs of one event for one product, so that it never goes back to the event.

import type { InboundEvent } from '@stockroom/contracts';
import type { Disposition, ItemCommand, Quantity } from '@stockroom/core';

interface StoredHead {
  /** Event id. */
  readonly id: string;
  /** When it happened, milliseconds since the epoch. */
  readonly at: number;
  readonly type: InboundEvent['type'] | 'settle_back';
  /** The producer wants the outcome on the outcomes queue. */
  readonly reply?: true;
  /** Somebody waits for the outcome: publish it on the live feed. */
  readonly watch?: true;
  readonly actor?: string;
  readonly reason?: string;
}

/** A line by the producer's own id; quantity null = the whole line. */
export interface StoredScope {
  readonly ref: string;
  readonly quantity: Quantity | null;
}

export interface StoredLine {
  /** Number on the order; absent on amendments, where it is found or given at settlement. */
  readonly no?: number;
  readonly ref: string;
  /** Absent on amendments of a line that is known already. */
  readonly sku?: string;
  readonly itemId?: number;
  /** On amendments: the product its SKU names. */
  readonly productId?: number;
  readonly quantity: Quantity;
}

export type StoredOrderCommand =
  | (StoredHead & {
      readonly type: 'order.placed';
      readonly lines: readonly StoredLine[];
      readonly hold?: string;
    })
  | (StoredHead & { readonly type: 'order.paid' | 'settle_back' })
  | (StoredHead & {
      readonly type: 'order.shipped';
      readonly lines?: readonly StoredScope[];
      readonly placeId?: number;
    })
  | (StoredHead & {
      readonly type: 'order.cancelled' | 'order.deleted';
      readonly lines?: readonly StoredScope[];
      readonly restock?: boolean;
    })
  | (StoredHead & {
      readonly type: 'order.refunded' | 'order.returned';
      readonly lines?: readonly StoredScope[];
      readonly restock?: boolean;
      readonly disposition: Disposition;
      readonly placeId?: number;
    })
  | (StoredHead & { readonly type: 'order.amended'; readonly lines: readonly StoredLine[] })
  | (StoredHead & {
      readonly type: 'order.restocked';
      readonly lines: readonly StoredScope[];
      readonly placeId?: number;
    });

/** A command about stock itself: the core's command as it is. */
export interface StoredItemCommand extends StoredHead {
  readonly type: Exclude<InboundEvent['type'], StoredOrderCommand['type']>;
  readonly command: ItemCommand;
}

export type StoredCommand = StoredOrderCommand | StoredItemCommand;

export function isItemCommand(command: StoredCommand): command is StoredItemCommand {
  return 'command' in command;
}
