// The servers of a benchmark: a durable Postgres of its own, and a Redis where there is one. Nothing a merchant has is touched.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { findFreePort, startEmbeddedPostgres } from '@stockroom/embedded';
import pg from 'pg';

export type BenchBackend = 'redis' | 'postgres';

export interface BenchServers {
  /** A fresh database, migrated by the caller. */
  createDatabase(name: string): Promise<string>;
  readonly redisUrl: string | null;
  /** Durability as the server says it is, for the report. */
  readonly durability: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** Settings of a small dedicated server; durability stays at its strictest. */
const postgresSettings = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  shared_buffers: '1GB',
  max_wal_size: '8GB',
  checkpoint_timeout: '15min',
  max_connections: '200',
  // The moment of each commit, which latency is measured to.
  track_commit_timestamp: 'on',
};

export async function startBenchServers(options: {
  readonly backend: BenchBackend;
  readonly redisUrl: string | undefined;
  /** Count what each statement costs; costs a little itself. */
  readonly statements: boolean;
}): Promise<BenchServers> {
  const { backend, redisUrl } = options;
  const folder = mkdtempSync(join(tmpdir(), 'stockroom-bench-'));
  const postgres = await startEmbeddedPostgres({
    dataDir: join(folder, 'postgres'),
    durable: true,
    settings: {
      ...postgresSettings,
      ...(options.statements ? { shared_preload_libraries: 'pg_stat_statements' } : {}),
    },
  });
  const redis = backend === 'redis' && redisUrl === undefined ? await startRedis(folder) : null;
  return {
    redisUrl: backend === 'redis' ? (redisUrl ?? redis?.url ?? null) : null,
    durability: await durabilityOf(postgres.url),
    async createDatabase(name) {
      const client = new pg.Client({ connectionString: postgres.url });
      await client.connect();
      try {
        await client.query(`create database "${name}"`);
      } finally {
        await client.end();
      }
      return postgres.urlFor(name);
    },
    async stop() {
      redis?.child.kill('SIGKILL');
      await postgres.stop({ mode: 'immediate' });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function durabilityOf(url: string): Promise<Record<string, string>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string; setting: string }>(
      `select name, setting from pg_settings where name in ('fsync', 'synchronous_commit', 'full_page_writes')`,
    );
    return Object.fromEntries(rows.map((row) => [row.name, row.setting]));
  } finally {
    await client.end();
  }
}

async function startRedis(folder: string): Promise<{ url: string; child: ChildProcess }> {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
  } catch {
    throw new Error(
      'redis-server is not installed: install it, set REDIS_URL, or run the benchmark with --backend postgres',
    );
  }
  const port = await findFreePort();
  const options = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    folder,
    '--save',
    '',
    '--appendonly',
    'no',
  ];
  const child = spawn('redis-server', [...options, '--maxmemory-policy', 'noeviction'], { stdio: 'ignore' });
  process.once('exit', () => child.kill('SIGKILL'));
  await wait(500);
  return { url: `redis://127.0.0.1:${port}`, child };
}
