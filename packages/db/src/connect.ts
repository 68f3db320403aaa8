// Opens the database: one pool, shared by the ORM and the hot-path SQL, and transactions that are tried again when they collide.

import { setTimeout as wait } from 'node:timers/promises';
import { MikroORM } from '@mikro-orm/postgresql';
import { EngineError } from '@stockroom/contracts';
import type pg from 'pg';
import { endsConnection, engineErrorFromPg } from './engine-error-from-pg.ts';
import { ormOptions } from './orm-options.ts';
import { type Sql, sqlOver } from './sql.ts';

export interface DatabaseOptions {
  readonly url: string;
  /** Most connections at once. */
  readonly poolMax?: number;
  readonly applicationName?: string;
  readonly statementTimeoutMs?: number;
  readonly lockTimeoutMs?: number;
  readonly idleInTransactionTimeoutMs?: number;
  /** How long to wait for a free or new connection. */
  readonly connectTimeoutMs?: number;
  readonly log?: (line: string) => void;
}

export interface Database {
  readonly orm: MikroORM;
  /** The pool the ORM uses too. */
  readonly pool: pg.Pool;
  /** Single reading statements, each on any connection. Writing belongs into `transaction`. */
  readonly read: Sql;
  /**
   * Runs `work` in one READ COMMITTED transaction and commits. After a deadlock or a serialization failure all of `work` runs
   * again, so it must not keep anything from its first run.
   * @throws EngineError for what Postgres or the connection did; what `work` itself throws passes unchanged, after a rollback.
   * `commit_in_doubt` says that the connection broke while committing: the transaction may have happened.
   */
  transaction<T>(work: (sql: Sql) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /** Waits for running statements and closes all connections. A repeat does nothing. */
  close(): Promise<void>;
}

export interface TransactionOptions {
  /** How often a collided transaction is tried again. */
  readonly retries?: number;
  readonly mode?: 'read_committed' | 'snapshot_read_only';
}

const beginText = {
  read_committed: 'begin isolation level read committed',
  snapshot_read_only: 'begin isolation level repeatable read read only',
} as const;

/** Opens without connecting: the first statement connects, and a server that is away may come back at any time. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const log = options.log ?? (() => {});
  const orm = await MikroORM.init(ormOptions(options.url, { log, connection: connectionOptions(options) }));
  const pool: pg.Pool = await orm.em.getConnection().getNativeClient();
  let closing: Promise<void> | undefined;
  // An 'error' event without a listener ends the process; the pool has dropped the client already.
  pool.on('error', (error) => {
    if (closing === undefined) log(`database connection lost: ${error.message}`);
  });
  return {
    orm,
    pool,
    read: sqlOver(pool),
    transaction: (work, transactionOptions = {}) => runTransaction(pool, work, transactionOptions),
    close() {
      closing ??= closeAll(orm, pool);
      return closing;
    },
  };
}

// The ORM ends its pool only if it has used it itself.
async function closeAll(orm: MikroORM, pool: pg.Pool): Promise<void> {
  await orm.close(true);
  if (!pool.ending) await pool.end();
}

function connectionOptions(options: DatabaseOptions): pg.PoolConfig {
  return {
    connectionString: options.url,
    max: options.poolMax ?? 10,
    application_name: options.applicationName ?? 'stockroom',
    statement_timeout: options.statementTimeoutMs ?? 30_000,
    lock_timeout: options.lockTimeoutMs ?? 10_000,
    idle_in_transaction_session_timeout: options.idleInTransactionTimeoutMs ?? 30_000,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 10_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    // Statements asked for together are sent together: a settlement is five round trips instead of sixteen.
    pipeline: true,
    // Compiling a plan costs more than any of these short statements.
    options: '-c jit=off -c timezone=UTC',
  };
}

async function runTransaction<T>(
  pool: pg.Pool,
  work: (sql: Sql) => Promise<T>,
  { retries = 5, mode = 'read_committed' }: TransactionOptions,
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await runOnce(pool, work, mode);
    } catch (error) {
      if (!collided(error) || attempt >= retries) throw error;
      // Full jitter, growing: two that collided should not meet again.
      await wait(Math.random() * 10 * 2 ** attempt);
    }
  }
}

function collided(error: unknown): boolean {
  return (
    error instanceof EngineError && (error.code === 'deadlock' || error.code === 'serialization_failure')
  );
}

async function runOnce<T>(
  pool: pg.Pool,
  work: (sql: Sql) => Promise<T>,
  mode: keyof typeof beginText,
): Promise<T> {
  const client = await begin(pool, mode);
  let broken = false;
  try {
    const result = await work(sqlOver(client));
    await commit(client);
    return result;
  } catch (error) {
    broken = endsConnection(error) || (error instanceof EngineError && error.code === 'commit_in_doubt');
    // A connection that cannot even roll back is thrown away; the server rolls back what it leaves behind.
    if (!broken) broken = await client.query('rollback').then(() => false, () => true); // biome-ignore format: one thought
    throw error;
  } finally {
    client.release(broken);
  }
}

async function commit(client: pg.PoolClient): Promise<void> {
  const { command: done } = await client.query('commit').catch((cause: unknown) => {
    const error = engineErrorFromPg(cause, 'commit');
    if (!endsConnection(error)) throw error;
    throw new EngineError('commit_in_doubt', error.message, { retry: 'soon', cause });
  });
  // Postgres answers ROLLBACK to a commit when a statement failed and somebody swallowed its error.
  if (done === 'COMMIT') return;
  throw new EngineError(
    'transaction_aborted',
    'a statement failed and its error was swallowed: nothing was committed',
    {
      retry: 'never',
    },
  );
}

// A connection that died while it lay idle shows it at its first statement. Nothing has happened yet: the next one is as good.
async function begin(pool: pg.Pool, mode: keyof typeof beginText): Promise<pg.PoolClient> {
  for (let stale = 0; ; stale += 1) {
    const client = await pool.connect().catch((error: unknown) => {
      throw engineErrorFromPg(error, 'connect');
    });
    try {
      await client.query(beginText[mode]);
      return client;
    } catch (cause) {
      client.release(true);
      const error = engineErrorFromPg(cause, 'begin');
      if (error.code !== 'connection_lost' || stale >= pool.options.max) throw error;
    }
  }
}
