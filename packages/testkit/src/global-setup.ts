// Before the int and race suites: one Postgres with a migrated template, one Redis where there is one; after them: both gone.
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { readTestEnv } from './env.ts';
import { startTestPostgres, sweepLeftovers } from './test-postgres.ts';
import { findRedisServer, startTestRedis, type TestRedis } from './test-redis.ts';

/** What the suites find out about the servers of this run. */
export type TestServers = {
  /** A superuser's address; database `postgres` of the same server is for creating others. */
  postgresUrl: string;
  /** null where no Redis is at hand. */
  redisUrl: string | null;
  /** null, or why there is no migrated template. */
  templateProblem: string | null;
};

declare module 'vitest' {
  interface ProvidedContext {
    stockroomServers: TestServers;
  }
}

export const MIGRATED_TEMPLATE = 'stockroom_template';

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await sweepLeftovers();
  const postgres = await startTestPostgres();
  let redis: { url: string; stop(): Promise<void> } | undefined;
  try {
    redis = await provideRedis();
    project.provide('stockroomServers', {
      postgresUrl: postgres.url,
      redisUrl: redis?.url ?? null,
      templateProblem: await makeTemplate(postgres.url, postgres.urlFor(MIGRATED_TEMPLATE)),
    });
  } catch (error) {
    await Promise.all([postgres.stop(), redis?.stop()]);
    throw error;
  }
  return async () => {
    await Promise.all([postgres.stop(), redis?.stop()]);
  };
}

async function provideRedis(): Promise<Pick<TestRedis, 'url' | 'stop'> | undefined> {
  const env = readTestEnv();
  if (env.redisUrl !== undefined) return { url: env.redisUrl, stop: async () => {} };
  if (findRedisServer() !== undefined) return await startTestRedis();
  if (env.isCi && !env.allowNoRedis) {
    throw new Error(
      'redis-server is not installed and REDIS_URL is not set. In CI the Redis suites must run: ' +
        'install it (apt-get install redis-server), or set STOCKROOM_ALLOW_NO_REDIS=1 to go without on purpose.',
    );
  }
  process.stderr.write(
    '\nNo redis-server found: suites on the Redis backend are SKIPPED (install redis-server or set REDIS_URL).\n',
  );
  return undefined;
}

// A failed migration fails the suites that need a database, with its reason, and lets the others run.
async function makeTemplate(adminUrl: string, templateUrl: string): Promise<string | null> {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    await admin.query(`create database ${MIGRATED_TEMPLATE}`);
    // Imported here, so that a broken migration package is a problem of the suites that need it.
    const db = await import('@stockroom/db');
    await db.migrateDatabase({ url: templateUrl });
    return null;
  } catch (error) {
    return `The migrations failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  } finally {
    await admin.end();
  }
}
