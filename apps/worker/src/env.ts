// What a worker process can be told by its environment; every problem is reported at once.
import type { BackendKind, BellMode } from '@stockroom/queues';
import { checkBellMode } from '@stockroom/queues';
import { z } from 'zod';
import { type WorkerRole, workerRoles } from './worker-options.ts';

const integer = (name: string, fallback: number) =>
  z.coerce.number(`${name} must be a number`).int().min(0).default(fallback);

const roles = z
  .string()
  .default('all')
  .transform((text, context): readonly WorkerRole[] => {
    if (text === 'all') return workerRoles;
    const named = text.split(',').map((role) => role.trim());
    const unknown = named.filter((role) => !workerRoles.some((known) => known === role));
    if (unknown.length === 0) return named as WorkerRole[];
    context.addIssue(
      `must be all, or some of ${workerRoles.join(', ')} with commas; found ${unknown.join(', ')}`,
    );
    return z.NEVER;
  });

const bells = z
  .string()
  .default('64')
  .transform((text, context): BellMode => {
    try {
      return checkBellMode(text === 'product' ? text : Number(text));
    } catch (error) {
      context.addIssue(error instanceof Error ? error.message : String(error));
      return z.NEVER;
    }
  });

const environment = z
  .object({
    DATABASE_URL: z.url({
      protocol: /^postgres(ql)?$/,
      error: 'must be postgres://user:password@host:port/database',
    }),
    QUEUE_BACKEND: z.enum(['redis', 'postgres']).optional(),
    REDIS_URL: z
      .url({ protocol: /^rediss?$/, error: 'must be redis://[user:password@]host:port' })
      .optional(),
    QUEUE_PREFIX: z.string().min(1).optional(),
    WORKER_ROLES: roles,
    STOCK_BELLS: bells,
    SMTP_URL: z
      .url({ protocol: /^smtps?$/, error: 'must be smtp://user:password@host:port or smtps://...' })
      .optional(),
    MAIL_FROM: z.string().min(3).optional(),
    PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
    HOST: z.string().default('127.0.0.1'),
    WORKER_PORT: integer('WORKER_PORT', 3001),
    LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
    POOL_MAX: integer('POOL_MAX', 10),
    SHUTDOWN_MS: integer('SHUTDOWN_MS', 25_000),
  })
  .superRefine((env, context) => {
    const missing = (path: string, message: string) =>
      void context.addIssue({ code: 'custom', path: [path], message, input: undefined });
    if (env.QUEUE_BACKEND === 'redis' && env.REDIS_URL === undefined)
      missing('REDIS_URL', 'is needed by QUEUE_BACKEND=redis');
    if (env.WORKER_ROLES.includes('mail') && env.SMTP_URL === undefined)
      missing('SMTP_URL', 'is needed by role mail; leave mail out of WORKER_ROLES to do without');
    if (env.WORKER_ROLES.includes('mail') && env.MAIL_FROM === undefined)
      missing('MAIL_FROM', 'is needed by role mail, for example "Stockroom <stockroom@example.com>"');
  });

export type WorkerEnv = z.output<typeof environment> & { QUEUE_BACKEND: BackendKind };

/** Empty means absent. @throws Error that names every variable that is wrong. */
export function readWorkerEnv(variables: NodeJS.ProcessEnv = process.env): WorkerEnv {
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''));
  const parsed = environment.safeParse(given);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
    throw new Error(`The environment is not complete:\n${problems.join('\n')}`);
  }
  const { REDIS_URL } = parsed.data;
  return {
    ...parsed.data,
    QUEUE_BACKEND: parsed.data.QUEUE_BACKEND ?? (REDIS_URL === undefined ? 'postgres' : 'redis'),
  };
}
