// What the API reads from the environment: one schema, and all problems at once.

import { type BackendKind, checkBellMode } from '@stockroom/queues';
import { z } from 'zod';

const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, 'must be a whole number')
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be from ${min} to ${max}`);

const bells = z.string().transform((text, context) => {
  try {
    return checkBellMode(text === 'product' ? text : Number(text));
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
    return z.NEVER;
  }
});

const url = (...protocols: string[]) =>
  z.string().refine(
    (text) => URL.canParse(text) && protocols.includes(new URL(text).protocol),
    // Never the value: it holds a password.
    `must be a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
  );

const schema = z
  .object({
    DATABASE_URL: url('postgres:', 'postgresql:'),
    /** Default: redis where REDIS_URL is set, else postgres. */
    QUEUE_BACKEND: z.enum(['redis', 'postgres'], 'must be "redis" or "postgres"').optional(),
    REDIS_URL: url('redis:', 'rediss:').optional(),
    QUEUE_PREFIX: z.string().min(1).max(40).default('bullmq'),
    HOST: z.string().min(1).default('127.0.0.1'),
    PORT: wholeNumber(0, 65_535).default(3000),
    PUBLIC_URL: url('http:', 'https:').optional(),
    STOCK_BELLS: bells.default(64),
    LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
    POOL_MAX: wholeNumber(2, 200).default(10),
    RATE_LIMIT_PER_KEY: wholeNumber(1, 10_000_000).default(60_000),
    RATE_LIMIT_PER_ADDRESS: wholeNumber(1, 10_000_000).default(600),
    TRUST_PROXY: z.enum(['true', 'false']).default('false'),
  })
  .refine((env) => env.QUEUE_BACKEND !== 'redis' || env.REDIS_URL !== undefined, {
    path: ['REDIS_URL'],
    message: 'is needed when QUEUE_BACKEND is "redis"',
    when: () => true,
  });

export type ApiEnv = z.output<typeof schema> & { readonly QUEUE_BACKEND: BackendKind };

export type ReadEnv =
  | { readonly ok: true; readonly env: ApiEnv }
  | { readonly ok: false; readonly problems: string };

/** An empty variable counts as not set. @returns the settings, or one line per problem. */
export function readEnv(variables: NodeJS.ProcessEnv = process.env): ReadEnv {
  const set = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(set);
  if (parsed.success) {
    const { QUEUE_BACKEND, REDIS_URL } = parsed.data;
    const backend = QUEUE_BACKEND ?? (REDIS_URL === undefined ? 'postgres' : 'redis');
    return { ok: true, env: { ...parsed.data, QUEUE_BACKEND: backend } };
  }
  const lines = parsed.error.issues.map(({ path, message, code }) => {
    const name = path.map(String).join('.');
    return `  ${name}: ${code === 'invalid_type' && set[name] === undefined ? 'is not set' : message}`;
  });
  return { ok: false, problems: `The environment is not complete:\n${lines.join('\n')}` };
}
