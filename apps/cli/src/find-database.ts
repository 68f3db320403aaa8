// Finds the database a command works on: the one of DATABASE_URL, the one that is running on the data folder, or that one started.
import { EmbeddedError, startEmbeddedPostgres } from '@stockroom/embedded';
import { type DataFolder, openDataFolder, type RunningSystem } from './data-folder.ts';
import type { CliEnv } from './env.ts';
import { CliError, exitCodes } from './exit-codes.ts';

export type FoundDatabase = {
  readonly url: string;
  readonly kind: 'given' | 'running' | 'started';
  readonly folder: DataFolder;
  /** What runs on the data folder, when the database is the one of a running system. */
  readonly system: RunningSystem | undefined;
  /** Stops what was started for this command. */
  close(): Promise<void>;
};

/**
 * @param options.create whether an empty data folder may become a database; a command that only looks should not make one.
 * @throws CliError (environment) when there is no database yet, EmbeddedError when it does not start.
 */
export async function findDatabase(
  env: CliEnv,
  dataFolder: string,
  options: { create: boolean; log?: (line: string) => void },
): Promise<FoundDatabase> {
  const folder = openDataFolder(dataFolder);
  const noEnd = async () => {};
  if (env.databaseUrl !== undefined) {
    return { url: env.databaseUrl, kind: 'given', folder, system: undefined, close: noEnd };
  }
  if (!options.create && !folder.exists()) {
    throw new CliError(
      exitCodes.environment,
      `There is no database: DATABASE_URL is not set, and ${folder.path} holds none. Run "stockroom up" first, or set DATABASE_URL.`,
    );
  }
  const system = folder.running();
  try {
    const postgres = await startEmbeddedPostgres({
      dataDir: folder.postgres,
      ...(options.log === undefined ? {} : { log: options.log }),
    });
    folder.setRunning({ pid: process.pid, databaseUrl: postgres.url });
    return {
      url: postgres.url,
      kind: 'started',
      folder,
      system: undefined,
      async close() {
        folder.clearRunning();
        await postgres.stop();
      },
    };
  } catch (error) {
    const inUse = error instanceof EmbeddedError && error.code === 'data_dir_in_use';
    if (!inUse || system === undefined) throw error;
    return { url: system.databaseUrl, kind: 'running', folder, system, close: noEnd };
  }
}
