// An order as the API shows it.

import { outcome } from '@stockroom/contracts';
import type { OrderDetail, OrderSummary } from '@stockroom/db';
import { z } from 'zod';
import { iso, isoOrNull, units } from './shapes.ts';

export const orderSummary = z.object({
  store: z.string(),
  order: z.string(),
  /** false while only early events are known. */
  placed: z.boolean(),
  state: z.string(),
  customer: z.object({ email: z.string(), name: z.string().nullable() }).nullable(),
  placedAt: z.string().nullable(),
  createdAt: z.string(),
});

const line = z.object({
  line: z.string(),
  sku: z.string(),
  status: z.string(),
  /** Why it was rejected. */
  reason: z.string().nullable(),
  requested: z.number(),
  fromStock: z.number(),
  backordered: z.number(),
  committed: z.number(),
  shipped: z.number(),
  released: z.number(),
  returned: z.number(),
  /** Taken out of on hand and not given back, per location. */
  deducted: z.array(z.object({ location: z.string(), quantity: z.number() })),
  /** What was said about the line after it was placed; quantity null = the whole line. */
  facts: z.array(
    z.object({ kind: z.string(), eventId: z.string(), at: z.string(), quantity: z.number().nullable() }),
  ),
});

const event = z.object({
  eventId: z.string(),
  type: z.string(),
  at: z.string(),
  receivedAt: z.string(),
  source: z.string(),
  actor: z.string().nullable(),
  /** Waits for the order to be placed. */
  early: z.boolean(),
  /** null until it is settled. */
  outcome: outcome.nullable(),
});

export const orderDetail = orderSummary.extend({ lines: z.array(line), events: z.array(event) });

export function shownSummary(row: OrderSummary): z.output<typeof orderSummary> {
  return {
    store: row.store,
    order: row.reference,
    placed: row.placed,
    state: row.state,
    customer: row.customerEmail === null ? null : { email: row.customerEmail, name: row.customerName },
    placedAt: isoOrNull(row.placedAt),
    createdAt: iso(row.createdAt),
  };
}

export function shownOrder(
  row: OrderDetail,
  placeCodes: ReadonlyMap<number, string>,
): z.output<typeof orderDetail> {
  return {
    ...shownSummary(row),
    lines: row.lines.map((each) => ({
      line: each.lineRef,
      sku: each.sku,
      status: each.status,
      reason: each.reason,
      requested: units(each.requested),
      fromStock: units(each.fromStock),
      backordered: units(each.backordered),
      committed: units(each.committed),
      shipped: units(each.shipped),
      released: units(each.released),
      returned: units(each.returned),
      deducted: each.deducted.map(({ placeId, quantity }) => ({
        location: placeCodes.get(placeId) ?? String(placeId),
        quantity: units(quantity),
      })),
      facts: each.facts.map((fact) => ({
        kind: fact.kind,
        eventId: fact.eventId,
        at: new Date(fact.at).toISOString(),
        quantity: fact.quantity === null ? null : units(fact.quantity),
      })),
    })),
    events: row.events.map((each) => ({
      eventId: each.eventId,
      type: each.type,
      at: iso(each.at),
      receivedAt: iso(each.receivedAt),
      source: each.source,
      actor: each.actor,
      early: each.early,
      outcome: each.settled && each.outcome !== null ? outcome.parse(each.outcome) : null,
    })),
  };
}
