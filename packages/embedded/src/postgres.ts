// Starts and stops a real PostgreSQL server that belongs to this process and keeps its data in a folder.
import { resolve as resolvePath } from 'node:path';
import pg from 'pg';
import { prepareDataDir } from './data-dir.ts';
import { findPostgresBinaries } from './postgres-binaries.ts';
import { clearDataDir, releaseDataDir } from './postmaster.ts';
import { type Cluster, signalQuietly, startPostmaster, stopPostmaster, urlOf } from './server-process.ts';

export type EmbeddedPostgresOptions = {
  /** The folder of the cluster; files named like it with `.password` and `.owner` appear beside it. */
  dataDir: string;
  /** 0 or absent: a free port. */
  port?: number;
  /** false turns fsync, synchronous_commit and full_page_writes off: for tests only. */
  durable?: boolean;
  /** Server settings by name; they win over every default. */
  settings?: Record<string, string>;
  log?: (line: string) => void;
};

export type EmbeddedPostgres = {
  /** The address of database `stockroom`, with user and password. */
  readonly url: string;
  urlFor(database: string): string;
  readonly port: number;
  /** Of the postmaster; another number after `restart`. */
  readonly pid: number;
  /** `fast` ends open transactions and writes a checkpoint; `immediate` is a crash with recovery at the next start. A repeat does nothing. */
  stop(options?: { mode?: 'fast' | 'immediate' }): Promise<void>;
  /** Sends a signal to the postmaster; with SIGKILL, SIGQUIT, SIGINT and SIGTERM it waits until the postmaster has ended. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Stops what runs and starts again on the same folder and port. */
  restart(): Promise<void>;
};

/**
 * Starts PostgreSQL on loopback and returns when it answers; the database `stockroom` exists then. The same `dataDir` keeps its
 * data and password over restarts. A server that a killed process left behind on the folder is stopped first.
 * @throws EmbeddedError with what to do next; `data_dir_in_use` when another living process runs this folder.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const log = options.log ?? (() => {});
  const dataDir = resolvePath(options.dataDir);
  const durable = options.durable ?? true;
  const binaries = await findPostgresBinaries();
  await clearDataDir(dataDir, log);
  const { runAs, password } = await prepareDataDir(binaries, dataDir, durable);
  const cluster: Cluster = {
    binaries,
    dataDir,
    runAs,
    password,
    log,
    settings: { ...serverSettings(durable), ...options.settings },
  };
  let running = await startPostmaster(cluster, options.port ?? 0);
  await ensureDatabase(urlOf(cluster, running.port, 'postgres'));

  // A crash of this process by an exception still ends the server; only SIGKILL leaves an orphan, which the next start stops.
  const endWithProcess = () => signalQuietly(running, 'SIGINT');
  process.once('exit', endWithProcess);

  async function stop({ mode = 'fast' }: { mode?: 'fast' | 'immediate' } = {}): Promise<void> {
    process.removeListener('exit', endWithProcess);
    await stopPostmaster(cluster, running, mode);
    releaseDataDir(dataDir);
  }

  return {
    get url() {
      return urlOf(cluster, running.port, 'stockroom');
    },
    urlFor: (database) => urlOf(cluster, running.port, database),
    get port() {
      return running.port;
    },
    get pid() {
      return running.pid;
    },
    stop,
    async kill(signal) {
      signalQuietly(running, signal);
      if (['SIGKILL', 'SIGQUIT', 'SIGINT', 'SIGTERM'].includes(signal)) await running.ended;
    },
    async restart() {
      await stopPostmaster(cluster, running, 'fast');
      running = await startPostmaster(cluster, running.port);
      process.removeListener('exit', endWithProcess);
      process.once('exit', endWithProcess);
    },
  };
}

function serverSettings(durable: boolean): Record<string, string> {
  const always = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    timezone: 'UTC',
    log_timezone: 'UTC',
    jit: 'off',
  };
  return durable ? always : { ...always, fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };
}

async function ensureDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const found = await client.query(`select 1 from pg_database where datname = 'stockroom'`);
    if (found.rowCount === 0) await client.query('create database stockroom');
  } finally {
    await client.end();
  }
}
