// Opens what a command needs of a system: its database on a known schema, and its queues.
import { assertSchemaIsKnown, type Database, openDatabase } from '@stockroom/db';
import { type Feed, type Log, openFeed, openQueues, type Queues } from '@stockroom/queues';
import type { CliEnv } from './env.ts';
import { type FoundDatabase, findDatabase } from './find-database.ts';
import { createLog } from './log.ts';

export type OpenSystem = {
  readonly found: FoundDatabase;
  readonly db: Database;
  close(): Promise<void>;
};

/** @throws CliError, EngineError or EmbeddedError when there is no such database, or its schema is another. */
export async function openSystem(
  env: CliEnv,
  dataFolder: string,
  options: { create?: boolean; poolMax?: number } = {},
): Promise<OpenSystem> {
  const found = await findDatabase(env, dataFolder, { create: options.create ?? false });
  const db = await openDatabase({
    url: found.url,
    poolMax: options.poolMax ?? 4,
    applicationName: 'stockroom cli',
  });
  const close = async () => {
    await db.close();
    await found.close();
  };
  try {
    await assertSchemaIsKnown(db);
  } catch (error) {
    await close();
    throw error;
  }
  return { found, db, close };
}

export type OpenedQueues = { readonly queues: Queues; readonly feed: Feed };

/** The queues of the same system: those of the environment, or those a running `up` has told about. Close them before the database. */
export async function openSystemQueues(env: CliEnv, found: FoundDatabase, log?: Log): Promise<OpenedQueues> {
  const redisUrl = env.redisUrl ?? found.system?.redisUrl;
  const backend = env.queueBackend === 'redis' || found.system?.redisUrl !== undefined ? 'redis' : 'postgres';
  const queues = await openQueues({
    backend,
    databaseUrl: found.url,
    ...(redisUrl === undefined ? {} : { redisUrl }),
    ...(env.queuePrefix === undefined ? {} : { prefix: env.queuePrefix }),
    log: log ?? createLog(env.logLevel),
  });
  return { queues, feed: await openFeed(queues) };
}
