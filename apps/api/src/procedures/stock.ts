// Stock: look at it, and command it. Every command goes through the same mailboxes as orders.

import {
  code,
  instant,
  itemQuantity,
  key,
  levelQuantity,
  personName,
  reasonText,
  signedQuantity,
} from '@stockroom/contracts';
import { readStock } from '@stockroom/db';
import { z } from 'zod';
import { everyone } from '../auth/rule.ts';
import { problem } from '../problem.ts';
import { guarded, router } from '../trpc.ts';
import { answered, waiting } from './answer.ts';
import { commandStock } from './command-stock.ts';
import { units } from './shapes.ts';
import { visiblePlaces } from './visible-places.ts';

const counting = ['admin', 'editor'] as const;
const holding = ['admin', 'editor', 'service'] as const;

const command = {
  /** Idempotency key: a repeat with the same key is answered like the first, with other content it is refused. */
  key,
  sku: key,
  reason: reasonText.optional(),
  /** Who did it, for the ledger; default: the name of the API key. */
  actor: personName.optional(),
  /** When it happened; default: now. A repeat without it keeps the time of the first. */
  at: instant.optional(),
  wait: z.boolean().default(true),
  ...waiting,
};
const location = code.default('main');
const notZero = signedQuantity.refine((value) => Number(value) !== 0, 'must not be 0');

const place = z.object({
  code: z.string(),
  name: z.string(),
  kind: z.enum(['location', 'pool']),
  enabled: z.boolean(),
  inStock: z.boolean(),
  onHand: z.number(),
  unavailable: z.number(),
  committed: z.number(),
  held: z.number(),
  incoming: z.number(),
});

const skuStock = z.object({
  sku: z.string(),
  name: z.string(),
  published: z.boolean(),
  discontinued: z.boolean(),
  decimals: z.number(),
  /** Locations hold goods; pools hold the promises of their store. */
  places: z.array(place),
});

/** A location serves any store, so a command on it needs a key of all stores. */
const onLocations = { roles: counting, stores: 'all' } as const;
const onStore = { roles: holding, stores: { ofInput: ({ store }: { store: string }) => [store] } } as const;

const adjustInput = z.strictObject({
  ...command,
  location,
  by: notZero,
  bucket: z.enum(['on_hand', 'unavailable']).default('on_hand'),
  /** Take the location below zero knowingly; the ledger marks the movement. */
  allowNegative: z.boolean().default(false),
});
const setInput = z.strictObject({
  ...command,
  location,
  onHand: signedQuantity,
  /** Compare and set: rejected with `conflict` and the current value when it is not this any more. */
  expected: signedQuantity.optional(),
  allowNegative: z.boolean().default(false),
});
const receiveInput = z.strictObject({
  ...command,
  location,
  quantity: itemQuantity,
  /** The goods were expected: take them off incoming. */
  fromIncoming: z.boolean().default(false),
});
const countInput = z.strictObject({
  ...command,
  location,
  counted: levelQuantity,
  /** When it was counted: sales since then survive. */
  asOf: instant,
});
const incomingInput = z.strictObject({ ...command, location, by: notZero, eta: instant.optional() });
const transferInput = z.strictObject({ ...command, from: code, to: code, quantity: itemQuantity });
const holdInput = z.strictObject({
  ...command,
  store: code.default('main'),
  /** The checkout it belongs to; the same hold again replaces it. */
  hold: key,
  quantity: itemQuantity,
  minutes: z.number().int().min(1).max(43_200).optional(),
});
const releaseInput = z.strictObject({ ...command, store: code.default('main'), hold: key });

export const stock = router({
  /** Keys of single stores see those stores' pools and locations. */
  get: guarded({ roles: everyone, stores: 'any' }, z.object({ sku: key }))
    .output(skuStock)
    .query(async ({ ctx, input }) => {
      const [found, visible] = await Promise.all([
        readStock(ctx.parts.db.read, input.sku),
        visiblePlaces(ctx.parts.db, ctx.caller),
      ]);
      if (found === null)
        throw problem('NOT_FOUND', 'unknown_sku', `SKU "${input.sku}" does not exist`, 'sku');
      const places = found.places.filter(({ placeId }) => visible === 'all' || visible.has(placeId));
      return {
        ...found,
        places: places.map((each) => ({
          ...each,
          onHand: units(each.onHand),
          unavailable: units(each.unavailable),
          committed: units(each.committed),
          held: units(each.held),
          incoming: units(each.incoming),
        })),
      };
    }),

  adjust: guarded(onLocations, adjustInput)
    .output(answered)
    .mutation(({ ctx, input }) => commandStock(ctx, 'stock.adjust', input)),
  set: guarded(onLocations, setInput)
    .output(answered)
    .mutation(({ ctx, input }) => commandStock(ctx, 'stock.set', input)),
  receive: guarded(onLocations, receiveInput)
    .output(answered)
    .mutation(({ ctx, input }) => commandStock(ctx, 'stock.receive', input)),
  count: guarded(onLocations, countInput)
    .output(answered)
    .mutation(({ ctx, input }) => commandStock(ctx, 'stock.count', input)),
  incoming: guarded(onLocations, incomingInput)
    .output(answered)
    .mutation(({ ctx, input }) => commandStock(ctx, 'stock.incoming', input)),
  transfer: guarded(onLocations, transferInput)
    .output(answered)
    .mutation(({ ctx, input }) => commandStock(ctx, 'stock.transfer', input)),
  hold: guarded(onStore, holdInput)
    .output(answered)
    .mutation(({ ctx, input }) => commandStock(ctx, 'stock.hold', input)),
  release: guarded(onStore, releaseInput)
    .output(answered)
    .mutation(({ ctx, input }) => commandStock(ctx, 'stock.release', input)),
});
