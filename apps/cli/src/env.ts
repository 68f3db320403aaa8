// What the environment can tell the commands; the only file that reads it.
import type { BackendKind, BellMode } from '@stockroom/queues';
import { checkBellMode } from '@stockroom/queues';
import { z } from 'zod';
import { CliError, exitCodes } from './exit-codes.ts';

const environment = z.object({
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/, error: 'must be postgres://user:password@host:port/database' })
    .optional(),
  REDIS_URL: z.url({ protocol: /^rediss?$/, error: 'must be redis://[user:password@]host:port' }).optional(),
  QUEUE_BACKEND: z.enum(['redis', 'postgres']).optional(),
  QUEUE_PREFIX: z.string().min(1).optional(),
  STOCK_BELLS: z.string().default('64').transform(readBells),
  SMTP_URL: z
    .url({ protocol: /^smtps?$/, error: 'must be smtp://user:password@host:port or smtps://...' })
    .optional(),
  MAIL_FROM: z.string().min(3).default('Stockroom <stockroom@localhost>'),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('warn'),
});

function readBells(text: string, context: z.RefinementCtx): BellMode {
  try {
    return checkBellMode(text === 'product' ? text : Number(text));
  } catch (error) {
    context.addIssue(error instanceof Error ? error.message : String(error));
    return z.NEVER;
  }
}

export type CliEnv = {
  /** Absent: the embedded database of the data folder. */
  databaseUrl: string | undefined;
  redisUrl: string | undefined;
  queueBackend: BackendKind;
  queuePrefix: string | undefined;
  bells: BellMode;
  /** Absent: an inbox of our own. */
  smtpUrl: string | undefined;
  mailFrom: string;
  logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
};

/** Empty means absent. @throws CliError (usage) that names every variable that is wrong. */
export function readCliEnv(variables: NodeJS.ProcessEnv = process.env): CliEnv {
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''));
  const parsed = environment.safeParse(given);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
    throw new CliError(exitCodes.usage, `The environment is not right:\n${problems.join('\n')}`);
  }
  const env = parsed.data;
  const queueBackend = env.QUEUE_BACKEND ?? (env.REDIS_URL === undefined ? 'postgres' : 'redis');
  if (queueBackend === 'redis' && env.REDIS_URL === undefined) {
    throw new CliError(exitCodes.usage, 'QUEUE_BACKEND is redis, but REDIS_URL is not set.');
  }
  return {
    databaseUrl: env.DATABASE_URL,
    redisUrl: env.REDIS_URL,
    queueBackend,
    queuePrefix: env.QUEUE_PREFIX,
    bells: env.STOCK_BELLS,
    smtpUrl: env.SMTP_URL,
    mailFrom: env.MAIL_FROM,
    logLevel: env.LOG_LEVEL,
  };
}

/** For child processes, which read their own variables. */
export function childEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env };
}
