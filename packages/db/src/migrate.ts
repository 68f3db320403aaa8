// Brings the schema up to date, one starter at a time, and says which schema is there.

import { readdirSync } from 'node:fs';
import { MikroORM } from '@mikro-orm/postgresql';
import { EngineError } from '@stockroom/contracts';
import pg from 'pg';
import type { Database } from './connect.ts';
import { engineErrorFromPg } from './engine-error-from-pg.ts';
import { appSchema, migrationsFolder, migrationTable, ormOptions } from './orm-options.ts';
import { statement } from './sql.ts';

// An arbitrary number that every version agrees on.
const migrationLock = 7_864_201;

/** Names of the migrations this version brings, in order. */
export function knownMigrations(): readonly string[] {
  return readdirSync(migrationsFolder)
    .filter((file) => /^Migration\d+\w*\.ts$/.test(file))
    .map((file) => file.replace(/\.ts$/, ''))
    .sort();
}

/**
 * Applies what is missing. Concurrent callers wait for each other; a repeat applies nothing.
 * @returns the names of the migrations applied now.
 * @throws EngineError, `schema_newer` when the database was migrated by a newer version.
 */
export async function migrateDatabase(options: {
  readonly url: string;
  readonly log?: (line: string) => void;
}): Promise<{ applied: string[] }> {
  const log = options.log ?? (() => {});
  const orm = await MikroORM.init(
    ormOptions(options.url, {
      log,
      // No statement timeout: a migration takes as long as it takes. But it must not stand in everybody's way waiting for a lock.
      connection: {
        connectionString: options.url,
        application_name: 'stockroom migrate',
        max: 3,
        lock_timeout: 60_000,
      },
    }),
  );
  try {
    return await alone(options.url, async () => {
      await refuseNewer(orm);
      const applied = await orm.migrator.up();
      for (const { name } of applied) log(`applied ${name}`);
      return { applied: applied.map(({ name }) => name) };
    });
  } catch (error) {
    throw engineErrorFromPg(error, 'migrate');
  } finally {
    await orm.close(true);
  }
}

// A session lock on a connection of its own: held over all migrations, freed by the server if this process dies.
async function alone<T>(url: string, work: () => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: 'stockroom migrate lock' });
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [migrationLock]);
    return await work();
  } finally {
    await client.end();
  }
}

async function refuseNewer(orm: MikroORM): Promise<void> {
  const known = new Set(knownMigrations());
  const unknown = (await orm.migrator.getExecuted())
    .map(({ name }) => name)
    .filter((name) => !known.has(name));
  if (unknown.length > 0) throw newerSchema(unknown);
}

function newerSchema(unknown: readonly string[]): EngineError {
  return new EngineError(
    'schema_newer',
    `The database has migrations that this version does not know (${unknown.join(', ')}); start a version that brings them.`,
    { retry: 'never' },
  );
}

export interface SchemaVersion {
  /** The last migration applied; null on an empty database. */
  readonly current: string | null;
  /** The last migration this version brings. */
  readonly known: string;
  /** Brought by this version and not applied. */
  readonly missing: readonly string[];
  /** Applied, and not known to this version. */
  readonly unknown: readonly string[];
}

const tableExists = statement(
  'migrations_exist',
  `select to_regclass('${appSchema}.${migrationTable}') is not null as found`,
);
const appliedNames = statement(
  'migrations_applied',
  `select name from ${appSchema}.${migrationTable} order by id`,
);

/** @throws EngineError */
export async function schemaVersion(db: Pick<Database, 'read'>): Promise<SchemaVersion> {
  const [exists] = await db.read.query<{ found: boolean }>(tableExists, []);
  const rows = exists?.found === true ? await db.read.query<{ name: string }>(appliedNames, []) : [];
  const applied = rows.map(({ name }) => name);
  const known = knownMigrations();
  return {
    current: applied.at(-1) ?? null,
    known: known.at(-1) ?? '',
    missing: known.filter((name) => !applied.includes(name)),
    unknown: applied.filter((name) => !known.includes(name)),
  };
}

/**
 * For the start of a worker or a server.
 * @throws EngineError `schema_newer` or `schema_older`: this version must not run on that schema.
 */
export async function assertSchemaIsKnown(db: Pick<Database, 'read'>): Promise<void> {
  const { missing, unknown } = await schemaVersion(db);
  if (unknown.length > 0) throw newerSchema(unknown);
  if (missing.length === 0) return;
  throw new EngineError(
    'schema_older',
    `The database lacks ${missing.join(', ')}; run "stockroom migrate" first, then start again.`,
    { retry: 'never' },
  );
}
