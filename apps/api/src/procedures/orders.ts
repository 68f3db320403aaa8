// Orders: submit events, ask what became of them, look at an order.

import type { OrderEventInput } from '@stockroom/contracts';
import { code, key, orderEvent, outcome } from '@stockroom/contracts';
import { listOrders, loadDirectory, readOrder, readOutcome } from '@stockroom/db';
import { z } from 'zod';
import { everyone } from '../auth/rule.ts';
import { problem } from '../problem.ts';
import { guarded, router } from '../trpc.ts';
import { answered, submit, submitMany, waiting } from './answer.ts';
import { orderDetail, orderSummary, shownOrder, shownSummary } from './order-shape.ts';
import { given, isoOrNull, pageInput, pageOutput } from './shapes.ts';

const sending = ['admin', 'service'] as const;
const wait = z.boolean().default(false);

const submitInput = z.object({ event: orderEvent, wait, ...waiting });

/** Each event is validated on its own, so that one bad event does not hold up the others. */
const submitManyInput = z.object({
  events: z
    .array(z.custom<OrderEventInput>(isOrderShaped, 'must be an event whose type begins with "order."'))
    .min(1)
    .max(1_000),
  wait,
  ...waiting,
});

function isOrderShaped(value: unknown): boolean {
  const { type } = Object(value) as { type?: unknown };
  return typeof type === 'string' && type.startsWith('order.');
}

/** A store that is no text is refused as input later, whoever sends it. */
function storeOf(event: { readonly store?: unknown }): string {
  return typeof event.store === 'string' ? event.store : 'main';
}

const progress = z.object({
  eventId: z.string(),
  type: z.string().nullable(),
  /** `early`: waits for its order to be placed. `pending`: in the mailboxes. `parked`: a person must look. `refused`: never got in. */
  progress: z.enum(['settled', 'pending', 'early', 'parked', 'refused']),
  outcome: outcome.nullable(),
  settledAt: z.string().nullable(),
  store: z.string().nullable(),
  order: z.string().nullable(),
  problem: z.object({ code: z.string(), field: z.string().nullable(), message: z.string() }).nullable(),
});

export const orders = router({
  submit: guarded({ roles: sending, stores: { ofInput: ({ event }) => [event.store] } }, submitInput)
    .output(answered)
    .mutation(({ ctx, input }) => submit(ctx, input.event, input)),

  submitMany: guarded(
    { roles: sending, stores: { ofInput: ({ events }) => events.map(storeOf) } },
    submitManyInput,
  )
    .output(z.object({ answers: z.array(answered) }))
    .mutation(async ({ ctx, input }) => ({ answers: await submitMany(ctx, input.events, input) })),

  outcome: guarded(
    {
      roles: everyone,
      stores: {
        ofResult: (found: z.output<typeof progress>) => (found.store === null ? 'all' : [found.store]),
      },
    },
    z.object({ eventId: key }),
  )
    .output(progress)
    .query(async ({ ctx, input }) => {
      const found = await readOutcome(ctx.parts.db.read, input.eventId);
      if (found === null)
        throw problem('NOT_FOUND', 'unknown_event', `there is no event "${input.eventId}"`, 'eventId');
      return {
        ...found,
        outcome: found.progress === 'settled' ? outcome.parse(found.outcome) : null,
        settledAt: isoOrNull(found.settledAt),
      };
    }),

  get: guarded(
    { roles: everyone, stores: { ofInput: ({ store }) => [store] } },
    z.object({ store: code.default('main'), order: key }),
  )
    .output(orderDetail)
    .query(async ({ ctx, input }) => {
      const { db } = ctx.parts;
      const [found, directory] = await db.transaction(
        async (sql) => [await readOrder(sql, input.store, input.order), await loadDirectory(sql)] as const,
        { mode: 'snapshot_read_only' },
      );
      if (found === null) {
        throw problem(
          'NOT_FOUND',
          'unknown_order',
          `store "${input.store}" has no order "${input.order}"`,
          'order',
        );
      }
      return shownOrder(found, directory.locationCodes);
    }),

  list: guarded(
    { roles: everyone, stores: { ofInput: ({ store }) => (store === undefined ? 'all' : [store]) } },
    z.object({ store: code.optional(), state: z.string().max(40).optional(), ...pageInput }),
  )
    .output(pageOutput(orderSummary))
    .query(async ({ ctx, input }) => {
      const page = await listOrders(ctx.parts.db.read, given(input));
      return { rows: page.rows.map(shownSummary), next: page.next };
    }),
});
