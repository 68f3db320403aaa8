// The data folder of the embedded mode: the database, the development key, and who is running on it.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { stopLeftoverPostgres } from '@stockroom/embedded';

/** What a running system tells the commands that want to talk to it. */
export type RunningSystem = {
  pid: number;
  databaseUrl: string;
  redisUrl?: string | undefined;
  apiUrl?: string | undefined;
  inboxUrl?: string | undefined;
  smtpUrl?: string | undefined;
};

export type DataFolder = {
  readonly path: string;
  readonly postgres: string;
  /** Whether a database has been made here. */
  exists(): boolean;
  readKey(): string | undefined;
  writeKey(key: string): void;
  /** Undefined when nobody runs here, or its process is gone. */
  running(): RunningSystem | undefined;
  setRunning(system: RunningSystem): void;
  /** Only what this process has written. */
  clearRunning(): void;
  /** Deletes everything of ours in the folder. @throws EmbeddedError `data_dir_in_use` while somebody runs on it. */
  reset(): Promise<void>;
};

export function openDataFolder(folder: string): DataFolder {
  const path = resolve(folder);
  const postgres = join(path, 'postgres');
  const keyFile = join(path, 'api-key');
  const runningFile = join(path, 'running.json');

  function running(): RunningSystem | undefined {
    const system = readJson(runningFile);
    return system !== undefined && isAlive(system.pid) ? system : undefined;
  }

  return {
    path,
    postgres,
    exists: () => existsSync(join(postgres, 'PG_VERSION')),
    readKey: () => (existsSync(keyFile) ? readFileSync(keyFile, 'utf8').trim() : undefined),
    writeKey: (key) => writePrivate(path, keyFile, `${key}\n`),
    running,
    setRunning: (system) => writePrivate(path, runningFile, JSON.stringify(system)),
    clearRunning() {
      if (readJson(runningFile)?.pid === process.pid) rmSync(runningFile, { force: true });
    },
    async reset() {
      await stopLeftoverPostgres(postgres);
      for (const name of [
        'postgres',
        'postgres.password',
        'postgres.owner',
        'postgres.unfinished',
        'api-key',
        'running.json',
      ]) {
        rmSync(join(path, name), { recursive: true, force: true });
      }
    },
  };
}

function writePrivate(folder: string, file: string, text: string): void {
  // Not 0700: the embedded server may run as another user and must be able to pass through.
  mkdirSync(folder, { recursive: true });
  // A mode is only given to new files; an old one may have been readable.
  rmSync(file, { force: true });
  writeFileSync(file, text, { mode: 0o600 });
}

function readJson(file: string): RunningSystem | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as RunningSystem;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
