// What tests read from the environment; nothing else in this package looks at it.
import { delimiter } from 'node:path';

export type TestEnv = { isCi: boolean; redisUrl: string | undefined; allowNoRedis: boolean; path: string[] };

export function readTestEnv(env: NodeJS.ProcessEnv = process.env): TestEnv {
  return {
    isCi: env.CI === 'true' || env.CI === '1',
    redisUrl: env.REDIS_URL || undefined,
    allowNoRedis: env.STOCKROOM_ALLOW_NO_REDIS === '1',
    path: (env.PATH ?? '').split(delimiter).filter(Boolean),
  };
}

/** The environment a child process of a test gets: everything of this one, with changes; undefined takes a name out. */
export function childEnv(changes: Record<string, string | undefined>): NodeJS.ProcessEnv {
  return { ...process.env, ...changes };
}
