// A Postgres server of a test's own, which it may kill, stop and bring back.
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedPostgres, startEmbeddedPostgres, stopLeftoverPostgres } from '@stockroom/embedded';

const FOLDER_PREFIX = 'stockroom-postgres-';

export type TestPostgresOptions = {
  durable?: boolean;
  settings?: Record<string, string>;
  log?: (line: string) => void;
};

/** Starts a Postgres in a new folder (durable: false unless said otherwise); `stop` deletes the folder. */
export async function startTestPostgres(options: TestPostgresOptions = {}): Promise<EmbeddedPostgres> {
  const folder = mkdtempSync(join(tmpdir(), `${FOLDER_PREFIX}${process.pid}-`));
  // As root, Postgres runs as another user, who must be able to pass through.
  chmodSync(folder, 0o711);
  const postgres = await startEmbeddedPostgres({
    dataDir: join(folder, 'data'),
    durable: options.durable ?? false,
    settings: { max_connections: '300', ...options.settings },
    ...(options.log ? { log: options.log } : {}),
  }).catch((error: unknown) => {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  });
  const { stop } = postgres;
  return Object.defineProperty(postgres, 'stop', {
    value: async () => {
      await stop({ mode: 'immediate' });
      rmSync(folder, { recursive: true, force: true });
    },
  });
}

/** Ends servers and deletes folders that killed test runs left behind. */
export async function sweepLeftovers(): Promise<void> {
  for (const name of readdirSync(tmpdir())) {
    const pid = Number(/^stockroom-(?:postgres|redis)-(\d+)-/.exec(name)?.[1]);
    if (!pid || isAlive(pid)) continue;
    const folder = join(tmpdir(), name);
    try {
      if (name.startsWith(FOLDER_PREFIX)) await stopLeftoverPostgres(join(folder, 'data'));
      rmSync(folder, { recursive: true, force: true });
    } catch {
      // It belongs to somebody else; cleaning up is a courtesy, never a reason to fail.
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
