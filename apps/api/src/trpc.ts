// The one way to make a procedure: with a rule that says who may call it, checked before anything else happens.

import type { Database } from '@stockroom/db';
import type { Doors, OutcomeWatch } from '@stockroom/engine';
import type { BellMode, QueueOps, Queues } from '@stockroom/queues';
import { initTRPC } from '@trpc/server';
import type { z } from 'zod';
import type { Caller, Rule } from './auth/rule.ts';
import { coversStores } from './auth/rule.ts';
import type { ApiMetrics } from './http/metrics.ts';
import { problem, publicError, withCode } from './problem.ts';

/** What procedures work with. */
export interface Parts {
  readonly db: Database;
  readonly queues: Queues;
  readonly ops: QueueOps;
  readonly doors: Doors;
  readonly watch: OutcomeWatch;
  readonly bells: BellMode;
  /** Rings bells; never throws. */
  readonly ring: (bells: Iterable<string>) => Promise<unknown>;
  readonly metrics: ApiMetrics;
}

export interface Context {
  readonly parts: Parts;
  /** null: nobody we know. */
  readonly caller: Caller | null;
  readonly requestId: string;
}

interface Meta {
  readonly rule: Rule<unknown, unknown>;
}

const t = initTRPC
  .context<Context>()
  .meta<Meta>()
  .create({
    isDev: false,
    errorFormatter({ shape, error, path, ctx }) {
      const { message, ...known } = publicError(error, ctx?.requestId);
      return {
        code: shape.code,
        message,
        data: {
          code: error.code,
          httpStatus: shape.data.httpStatus,
          path: path ?? null,
          requestId: ctx?.requestId ?? null,
          ...known,
        },
      };
    },
  });

export const router = t.router;

/** Refuses callers without a key or with another role, and every procedure without a rule. */
const admitted = t.procedure.use(async ({ ctx, meta, path, next }) => {
  const startedAt = performance.now();
  const { caller } = ctx;
  const admit = () => {
    if (caller === null) {
      throw problem('UNAUTHORIZED', 'no_key', 'send a valid API key: "authorization: Bearer sk_..."');
    }
    if (meta?.rule.roles.includes(caller.role) !== true) {
      throw problem('FORBIDDEN', 'wrong_role', `a key with role "${caller.role}" may not call ${path}`);
    }
    return next({ ctx: { ...ctx, caller } });
  };
  try {
    const result = await admit();
    if (!result.ok) throw withCode(result.error);
    ctx.parts.metrics.procedure(path, 'OK', performance.now() - startedAt);
    return result;
  } catch (error) {
    const code = (error as { code?: string }).code ?? 'INTERNAL_SERVER_ERROR';
    ctx.parts.metrics.procedure(path, code, performance.now() - startedAt);
    throw error;
  }
});

/** A procedure with its rule and its input; add `.output(...)` and `.query` or `.mutation`. */
export function guarded<Schema extends z.ZodType, Output = never>(
  rule: Rule<z.output<Schema>, Output>,
  input: Schema,
) {
  return admitted
    .meta({ rule: rule as Rule<unknown, unknown> })
    .input(input)
    .use(async ({ ctx, input: parsed, next }) => {
      const { stores } = rule;
      const { caller } = ctx;
      if (stores === 'all' && !coversStores(caller, 'all')) throw foreignStore();
      if (typeof stores === 'object' && 'ofInput' in stores) {
        if (!coversStores(caller, stores.ofInput(parsed as z.output<Schema>))) throw foreignStore();
      }
      const result = await next();
      if (result.ok && typeof stores === 'object' && 'ofResult' in stores) {
        if (!coversStores(caller, stores.ofResult(result.data as Output))) throw foreignStore();
      }
      return result;
    });
}

function foreignStore() {
  return problem('FORBIDDEN', 'foreign_store', 'this key speaks for other stores', 'store');
}
