// Products: list, look up, create and change.

import { key, personName } from '@stockroom/contracts';
import type { Product, ProductStock } from '@stockroom/db';
import { createProduct, findProduct, listProducts, updateProduct } from '@stockroom/db';
import { z } from 'zod';
import { everyone } from '../auth/rule.ts';
import { problem, valueOrThrow } from '../problem.ts';
import { guarded, router } from '../trpc.ts';
import { given, iso, pageInput, pageOutput, units } from './shapes.ts';

const editing = { roles: ['admin', 'editor'], stores: 'all' } as const;

/** Keys of the rule book; which values each takes is checked by its own rule, and the error names the key. */
const settings = z.record(z.string().max(60), z.json());

const product = z.object({
  sku: z.string(),
  name: z.string(),
  published: z.boolean(),
  discontinued: z.boolean(),
  /** How many decimal places its quantities may have. */
  decimals: z.number(),
  /** Only what differs from the levels above. */
  settings,
  createdAt: z.string(),
  updatedAt: z.string(),
});

const fields = {
  name: personName,
  published: z.boolean().optional(),
  discontinued: z.boolean().optional(),
  decimals: z.number().int().min(0).max(4).optional(),
};

const summary = z.object({
  sku: z.string(),
  name: z.string(),
  published: z.boolean(),
  discontinued: z.boolean(),
  decimals: z.number(),
  /** Summed over all places. */
  onHand: z.number(),
  unavailable: z.number(),
  committed: z.number(),
  held: z.number(),
  incoming: z.number(),
});

function shown(row: Product): z.output<typeof product> {
  return {
    ...row,
    settings: settings.parse(row.settings),
    createdAt: iso(row.createdAt),
    updatedAt: iso(row.updatedAt),
  };
}

function shownSummary(row: ProductStock): z.output<typeof summary> {
  return {
    ...row,
    onHand: units(row.onHand),
    unavailable: units(row.unavailable),
    committed: units(row.committed),
    held: units(row.held),
    incoming: units(row.incoming),
  };
}

export const products = router({
  /** By SKU. Its totals are of all stores, so it needs a key of all stores. */
  list: guarded(
    { roles: everyone, stores: 'all' },
    /** `search` looks inside SKU and name. */
    z.object({ search: z.string().max(200).optional(), ...pageInput }),
  )
    .output(pageOutput(summary))
    .query(async ({ ctx, input }) => {
      const page = await listProducts(ctx.parts.db.read, given(input));
      return { rows: page.rows.map(shownSummary), next: page.next };
    }),

  get: guarded({ roles: everyone, stores: 'any' }, z.object({ sku: key }))
    .output(product)
    .query(async ({ ctx, input }) => {
      const found = await findProduct(ctx.parts.db, input.sku);
      if (found === null)
        throw problem('NOT_FOUND', 'unknown_sku', `SKU "${input.sku}" does not exist`, 'sku');
      return shown(found);
    }),

  create: guarded(editing, z.strictObject({ sku: key, ...fields, settings: settings.optional() }))
    .output(product)
    .mutation(async ({ ctx, input: { sku, name, ...rest } }) =>
      shown(valueOrThrow(await createProduct(ctx.parts.db, { sku, name, ...given(rest) }))),
    ),

  /** Changes what is named and leaves the rest; a setting "inherit" is taken out again. */
  update: guarded(
    editing,
    z.strictObject({ sku: key, ...fields, name: fields.name.optional(), settings: settings.optional() }),
  )
    .output(product)
    .mutation(async ({ ctx, input: { sku, ...changes } }) =>
      shown(valueOrThrow(await updateProduct(ctx.parts.db, sku, given(changes)))),
    ),
});
