// How MikroORM is set up: which entities, which schema, where the migrations are, and what its diff must never touch.

import { join } from 'node:path';
import { Migrator } from '@mikro-orm/migrations';
import { defineConfig, type Options } from '@mikro-orm/postgresql';
import type pg from 'pg';
import { announceEntities } from './entities/announce.ts';
import { catalogEntities } from './entities/catalog.ts';
import { corridorEntities } from './entities/corridor.ts';
import { ledgerEntities } from './entities/ledger.ts';

export const appSchema = 'stockroom';
export const migrationsFolder = join(import.meta.dirname, '..', 'migrations');
export const migrationTable = 'schema_migration';

export interface OrmSetup {
  readonly log: (line: string) => void;
  readonly connection: pg.PoolConfig;
}

export function ormOptions(url: string, setup: OrmSetup): Options {
  return defineConfig({
    clientUrl: url,
    schema: appSchema,
    entities: [...catalogEntities, ...corridorEntities, ...ledgerEntities, ...announceEntities],
    extensions: [Migrator],
    driverOptions: setup.connection,
    // Opening must work while the server is away.
    ensureDatabase: false,
    logger: setup.log,
    colors: false,
    // Every use forks its own context; a shared identity map would hold on to rows for ever.
    allowGlobalContext: false,
    migrations: {
      path: migrationsFolder,
      tableName: migrationTable,
      // New migrations are compared with a migrated database; schema.sql is the one committed picture of the schema.
      snapshot: false,
      transactional: true,
      allOrNothing: false,
      disableForeignKeys: false,
      emit: 'ts',
      silent: true,
    },
    // The diff covers every schema it can see. Without this it would drop the tables of the queue, or of other programs.
    // Triggers and functions are written by hand in migrations, and kept true by schema.sql.
    schemaGenerator: {
      ignoreSchema: ['bullmq', 'public'],
      ignoreTriggers: true,
      ignoreRoutines: true,
      disableForeignKeys: false,
    },
  });
}
