// What people and services say about stock itself (adjust, set, count, receive ...): commands in the same mailboxes as orders.

import { z } from 'zod';
import {
  code,
  instant,
  itemQuantity,
  key,
  levelQuantity,
  personName,
  reasonText,
  signedQuantity,
} from './primitives.ts';

const head = {
  /** Idempotency key: the same key with the same body is answered again, with another body refused. */
  id: key,
  sku: key,
  at: instant,
  actor: personName.optional(),
  reason: reasonText.optional(),
  reply: z.boolean().default(false),
};
const at = { location: code.default('main') };

export const stockAdjusted = z.strictObject({
  type: z.literal('stock.adjust'),
  ...head,
  ...at,
  by: signedQuantity.refine((value) => Number(value) !== 0, 'must not be 0'),
  bucket: z.enum(['on_hand', 'unavailable']).default('on_hand'),
  /** Take the location below zero knowingly; the ledger marks the movement. */
  allowNegative: z.boolean().default(false),
});
export const stockSet = z.strictObject({
  type: z.literal('stock.set'),
  ...head,
  ...at,
  onHand: signedQuantity,
  /** Compare and set: refused with `conflict` and the current value when it is not this any more. */
  expected: signedQuantity.optional(),
  allowNegative: z.boolean().default(false),
});
export const stockCounted = z.strictObject({
  type: z.literal('stock.count'),
  ...head,
  ...at,
  counted: levelQuantity,
  /** When it was counted: sales since then survive. */
  asOf: instant,
});
export const stockReceived = z.strictObject({
  type: z.literal('stock.receive'),
  ...head,
  ...at,
  quantity: itemQuantity,
  /** The goods were expected: take them off incoming. */
  fromIncoming: z.boolean().default(false),
});
export const stockIncoming = z.strictObject({
  type: z.literal('stock.incoming'),
  ...head,
  ...at,
  by: signedQuantity.refine((value) => Number(value) !== 0, 'must not be 0'),
  eta: instant.optional(),
});
export const stockTransferred = z.strictObject({
  type: z.literal('stock.transfer'),
  ...head,
  from: code,
  to: code,
  quantity: itemQuantity,
});
export const stockHeld = z.strictObject({
  type: z.literal('stock.hold'),
  ...head,
  store: code.default('main'),
  /** The checkout it belongs to; the same hold again replaces it. */
  hold: key,
  quantity: itemQuantity,
  minutes: z.number().int().min(1).max(43_200).optional(),
});
export const stockReleased = z.strictObject({
  type: z.literal('stock.release'),
  ...head,
  store: code.default('main'),
  hold: key,
});

export const stockEvent = z.discriminatedUnion('type', [
  stockAdjusted,
  stockSet,
  stockCounted,
  stockReceived,
  stockIncoming,
  stockTransferred,
  stockHeld,
  stockReleased,
]);
export type StockEvent = z.output<typeof stockEvent>;
export type StockEventInput = z.input<typeof stockEvent>;
