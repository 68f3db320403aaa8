// What services get back: the acceptance of an event, and its outcome once it is settled.

import { z } from 'zod';

/** The first answer, given when the event is committed. The answer to a repeat equals it. */
export const acceptance = z.discriminatedUnion('status', [
  z.object({ status: z.literal('accepted'), eventId: z.string() }),
  z.object({
    status: z.literal('refused'),
    eventId: z.string().nullable(),
    code: z.string(),
    field: z.string().optional(),
    message: z.string(),
  }),
]);
export type Acceptance = z.output<typeof acceptance>;

export const rejection = z.object({
  code: z.string(),
  line: z.string().optional(),
  sku: z.string().optional(),
  location: z.string().optional(),
  field: z.string().optional(),
  requested: z.number().optional(),
  available: z.number().optional(),
  current: z.number().optional(),
});
export type OutcomeRejection = z.output<typeof rejection>;

export const outcomeLine = z.object({
  line: z.string(),
  sku: z.string(),
  result: z.enum(['accepted', 'rejected', 'applied', 'nothing_to_do']),
  requested: z.number(),
  fromStock: z.number(),
  backordered: z.number(),
  moved: z.number(),
  rejection: rejection.optional(),
});
export type OutcomeLine = z.output<typeof outcomeLine>;

export const outcomeStatuses = [
  'accepted',
  'partially_accepted',
  'rejected',
  'applied',
  'partially_applied',
  'nothing_to_do',
  'refused',
  'parked',
] as const;

/**
 * The outcome of one event. `accepted`, `partially_accepted`, `rejected` answer an order; `applied`, `partially_applied`,
 * `rejected`, `nothing_to_do` anything else;
 * `refused` means the event never got in; `parked` that a person has to look at it.
 */
export const outcome = z.object({
  eventId: z.string(),
  type: z.string(),
  store: z.string().optional(),
  order: z.string().optional(),
  status: z.enum(outcomeStatuses),
  lines: z.array(outcomeLine),
  rejection: rejection.optional(),
  /** On hand at the place, after a stock command. */
  onHand: z.number().optional(),
  message: z.string().optional(),
  settledAt: z.string(),
});
export type Outcome = z.output<typeof outcome>;

/** Data of a job on queue `order-outcomes`: one or more outcomes, at least once, oldest first. */
export const outcomesJob = z.object({ outcomes: z.array(outcome).min(1) });
export type OutcomesJob = z.output<typeof outcomesJob>;
