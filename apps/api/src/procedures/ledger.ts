// The ledger: every change of a quantity with its cause, newest first.

import { code, key } from '@stockroom/contracts';
import type { LedgerEntry } from '@stockroom/db';
import { readLedgerOfOrder, readLedgerOfSku, readOrder } from '@stockroom/db';
import { z } from 'zod';
import { everyone } from '../auth/rule.ts';
import { problem } from '../problem.ts';
import { guarded, router } from '../trpc.ts';
import { given, iso, pageInput, pageOutput, units } from './shapes.ts';

const entry = z.object({
  sku: z.string(),
  /** Code of the location or pool. */
  place: z.string(),
  /** Gapless per SKU and place. */
  sequence: z.number(),
  bucket: z.string(),
  delta: z.number(),
  balanceAfter: z.number(),
  kind: z.string(),
  /** A person knowingly took the place below zero. */
  belowFloor: z.boolean(),
  at: z.string(),
  order: z.object({ store: z.string(), order: z.string(), line: z.string().nullable() }).nullable(),
  cause: z.object({
    eventId: z.string(),
    type: z.string(),
    at: z.string(),
    actor: z.string().nullable(),
    source: z.string(),
    reason: z.string().nullable(),
  }),
});

function shown(row: LedgerEntry): z.output<typeof entry> {
  return {
    ...row,
    delta: units(row.delta),
    balanceAfter: units(row.balanceAfter),
    at: iso(row.at),
    order: row.order && { store: row.order.store, order: row.order.reference, line: row.order.line },
    cause: { ...row.cause, at: iso(row.cause.at) },
  };
}

export const ledger = router({
  /** Names orders of every store, so it needs a key of all stores. */
  ofSku: guarded(
    { roles: everyone, stores: 'all' },
    z.object({ sku: key, place: code.optional(), ...pageInput }),
  )
    .output(pageOutput(entry))
    .query(async ({ ctx, input: { sku, ...request } }) => {
      const page = await readLedgerOfSku(ctx.parts.db.read, sku, given(request));
      return { rows: page.rows.map(shown), next: page.next };
    }),

  ofOrder: guarded(
    { roles: everyone, stores: { ofInput: ({ store }) => [store] } },
    z.object({ store: code.default('main'), order: key, ...pageInput }),
  )
    .output(pageOutput(entry))
    .query(async ({ ctx, input: { store, order, ...request } }) => {
      const { read } = ctx.parts.db;
      const found = await readOrder(read, store, order);
      if (found === null)
        throw problem('NOT_FOUND', 'unknown_order', `store "${store}" has no order "${order}"`, 'order');
      const page = await readLedgerOfOrder(read, found.orderId, given(request));
      return { rows: page.rows.map(shown), next: page.next };
    }),
});
