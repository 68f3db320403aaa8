// Order lifecycle events as they arrive from internal services: the wire contract of queue `order-events` and of `orders.submit`.

import { z } from 'zod';
import { code, instant, itemQuantity, key, mailAddress, personName } from './primitives.ts';

const head = {
  /** Unique for ever. The same id with the same body is answered again; with another body it is refused (`event_id_reused`). */
  id: key,
  /** Store code. */
  store: code.default('main'),
  /** The shop's own order number. */
  order: key,
  /** When it happened, not when it was sent. Events of one order are put in this order, however they arrive. */
  at: instant,
  /** Who did it, for the ledger. */
  actor: personName.optional(),
  /** Ask for the outcome on queue `order-outcomes`. */
  reply: z.boolean().default(false),
};

const linesMax = 1000;

const placedLine = z.strictObject({
  /** The shop's own line id; default: the SKU (`SKU#2`, `SKU#3` when it repeats). */
  line: key.optional(),
  sku: key,
  quantity: itemQuantity,
});

const scopedLine = z.strictObject({
  line: key,
  /** Units concerned; default: the whole line. */
  quantity: itemQuantity.optional(),
});

/** Default: every line of the order. */
const scope = z.array(scopedLine).min(1).max(linesMax).optional();

export const orderPlaced = z.strictObject({
  type: z.literal('order.placed'),
  ...head,
  customer: z.strictObject({ email: mailAddress, name: personName.optional() }).optional(),
  /** A hold (`stock.hold`) that becomes this order. */
  hold: key.optional(),
  lines: z.array(placedLine).min(1).max(linesMax),
});

export const orderPaid = z.strictObject({ type: z.literal('order.paid'), ...head });

export const orderShipped = z.strictObject({
  type: z.literal('order.shipped'),
  ...head,
  lines: scope,
  /** Location code; default: the store's locations by priority. */
  location: code.optional(),
});

const givingBack = {
  lines: scope,
  /** The event's own word on giving stock back; default: the setting decides. */
  restock: z.boolean().optional(),
};

export const orderCancelled = z.strictObject({
  type: z.literal('order.cancelled'),
  ...head,
  ...givingBack,
});
export const orderDeleted = z.strictObject({
  type: z.literal('order.deleted'),
  ...head,
  ...givingBack,
});

const comingBack = {
  ...givingBack,
  disposition: z.enum(['sellable', 'damaged', 'quarantine']).default('sellable'),
  location: code.optional(),
};

export const orderRefunded = z.strictObject({
  type: z.literal('order.refunded'),
  ...head,
  ...comingBack,
});
export const orderReturned = z.strictObject({
  type: z.literal('order.returned'),
  ...head,
  ...comingBack,
});

export const orderAmended = z.strictObject({
  type: z.literal('order.amended'),
  ...head,
  /** The new total of each line named; 0 is said by cancelling the line. A line not known yet needs its SKU. */
  lines: z
    .array(z.strictObject({ line: key, sku: key.optional(), quantity: itemQuantity }))
    .min(1)
    .max(linesMax),
});

export const orderRestocked = z.strictObject({
  type: z.literal('order.restocked'),
  ...head,
  /** An order manager gives units of a line back by hand, within what the line took (meloncart M25). */
  lines: z
    .array(z.strictObject({ line: key, quantity: itemQuantity }))
    .min(1)
    .max(linesMax),
  location: code.optional(),
});

export const orderEvent = z.discriminatedUnion('type', [
  orderPlaced,
  orderPaid,
  orderShipped,
  orderCancelled,
  orderDeleted,
  orderRefunded,
  orderReturned,
  orderAmended,
  orderRestocked,
]);

/** An order event after validation: defaults filled in. */
export type OrderEvent = z.output<typeof orderEvent>;
/** An order event as a producer writes it. */
export type OrderEventInput = z.input<typeof orderEvent>;
export type OrderEventType = OrderEvent['type'];

export const orderEventTypes = orderEvent.options.map((option) => option.shape.type.value);
