// Availability: what a store can sell now. Reads only; the arithmetic is the core's.

import { code, key } from '@stockroom/contracts';
import type { SparseSettings } from '@stockroom/core';
import { availabilityOf, resolveSettings, validateSettings } from '@stockroom/core';
import { readAvailability } from '@stockroom/db';
import { z } from 'zod';
import { everyone } from '../auth/rule.ts';
import { problem } from '../problem.ts';
import { guarded, router } from '../trpc.ts';
import { units } from './shapes.ts';

const answer = z.object({
  sku: z.string(),
  name: z.string(),
  published: z.boolean(),
  /** Whether one step of it can be bought now. */
  buyable: z.boolean(),
  status: z.enum(['in_stock', 'out_of_stock', 'back_order', 'discontinued']),
  /** null = without limit. */
  salable: z.number().nullable(),
  onHand: z.number(),
  unavailable: z.number(),
  committed: z.number(),
  held: z.number(),
  incoming: z.number(),
});

/** Stored settings were validated when they were written; what does not validate now is a defect. */
function sparse(stored: unknown): SparseSettings | null {
  if (stored === null || stored === undefined) return null;
  const checked = validateSettings(stored);
  if (!checked.ok) throw new Error(`stored settings are not valid: ${JSON.stringify(checked.rejection)}`);
  return checked.settings;
}

export const availability = router({
  /** One answer per SKU that exists, in the order asked; the others are named in `unknown`. */
  get: guarded(
    { roles: everyone, stores: { ofInput: ({ store }) => [store] } },
    z.object({ store: code.default('main'), skus: z.array(key).min(1).max(100) }),
  )
    .output(z.object({ store: z.string(), items: z.array(answer), unknown: z.array(z.string()) }))
    .query(async ({ ctx, input }) => {
      const skus = [...new Set(input.skus)];
      const found = await readAvailability(ctx.parts.db.read, input.store, skus);
      if (found === null) {
        throw problem('NOT_FOUND', 'unknown_store', `store "${input.store}" does not exist`, 'store');
      }
      const rows = new Map(found.rows.map((row) => [row.sku, row]));
      const above = [sparse(found.settings.store), sparse(found.settings.global)];
      const now = Date.now();
      const items = skus.flatMap((sku) => {
        const row = rows.get(sku);
        if (row === undefined) return [];
        const settings = resolveSettings([sparse(row.settings.item), sparse(row.settings.product), ...above]);
        const shown = availabilityOf(row.item, found.store, settings, now);
        return {
          sku,
          name: row.name,
          published: row.item.published,
          buyable: shown.buyable,
          status: shown.status,
          salable: shown.salable === null ? null : units(shown.salable),
          onHand: units(shown.onHand),
          unavailable: units(shown.unavailable),
          committed: units(shown.committed),
          held: units(shown.held),
          incoming: units(shown.incoming),
        };
      });
      return { store: input.store, items, unknown: skus.filter((sku) => !rows.has(sku)) };
    }),
});
