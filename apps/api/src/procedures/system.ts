// Who am I, and is everything well.

import { z } from 'zod';
import { everyone } from '../auth/rule.ts';
import { checkHealth, health } from '../http/health.ts';
import { guarded, router } from '../trpc.ts';

const anybody = { roles: everyone, stores: 'any' } as const;

export const system = router({
  whoami: guarded(anybody, z.void())
    .output(
      z.object({
        name: z.string(),
        role: z.enum(['admin', 'ops', 'editor', 'service', 'reader']),
        /** null = all stores. */
        stores: z.array(z.string()).nullable(),
      }),
    )
    .query(({ ctx: { caller } }) => ({
      name: caller.name,
      role: caller.role,
      stores: caller.stores === null ? null : [...caller.stores],
    })),

  health: guarded(anybody, z.void())
    .output(health)
    .query(({ ctx }) => checkHealth(ctx.parts)),
});
