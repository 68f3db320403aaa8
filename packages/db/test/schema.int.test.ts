// The schema: what the migrations make is what the entities, the committed dump and the promises of the ledger say.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createDatabase, type TestDatabase } from '@stockroom/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Database, openDatabase } from '../src/connect.ts';
import { assertSchemaIsKnown, knownMigrations, migrateDatabase, schemaVersion } from '../src/migrate.ts';
import { dumpSchema } from '../src/schema-dump.ts';

let database: TestDatabase;
let db: Database;

beforeAll(async () => {
  database = await createDatabase({ template: 'empty' });
  await migrateDatabase({ url: database.url });
  db = await openDatabase({ url: database.url });
});
afterAll(async () => {
  await db?.close();
  await database?.drop();
});

async function withEmptyDatabase(work: (url: string) => Promise<void>): Promise<void> {
  const empty = await createDatabase({ template: 'empty' });
  try {
    await work(empty.url);
  } finally {
    await empty.drop();
  }
}

const schemaFile = join(import.meta.dirname, '..', 'schema.sql');

async function dumped(): Promise<string> {
  const client = await db.pool.connect();
  try {
    return await dumpSchema(client);
  } finally {
    client.release();
  }
}

const diff = () => db.orm.schema.getUpdateSchemaMigrationSQL({ wrap: false, safe: false, dropTables: true });

async function rolledBack(work: (run: (text: string) => Promise<unknown>) => Promise<void>): Promise<void> {
  const client = await db.pool.connect();
  try {
    await client.query('begin');
    await work((text) => client.query(text));
  } finally {
    await client.query('rollback');
    client.release();
  }
}

describe('schema.sql', () => {
  test('is what the migrations make (after a new migration run this file with -u)', async () => {
    expect(existsSync(schemaFile), 'the committed schema.sql').toBe(true);
    await expect(await dumped()).toMatchFileSnapshot(schemaFile);
  });

  test.each([
    ['a column', 'alter table stockroom.product add column extra int'],
    ['a default', 'alter table stockroom.product alter column published set default false'],
    ['an index', 'drop index stockroom.event_early'],
    ['a check', 'alter table stockroom.stock_level drop constraint stock_level_not_negative'],
    ['a storage parameter', 'alter table stockroom.stock_level set (fillfactor = 90)'],
    ['a trigger switched off', 'alter table stockroom.movement disable trigger movement_append_only'],
    ['a function', 'create function stockroom.extra() returns int language sql as $$ select 1 $$'],
  ])('differs when %s differs', async (_what, change) => {
    const client = await db.pool.connect();
    try {
      await client.query('begin');
      const before = await dumpSchema(client);
      await client.query(change);
      expect(await dumpSchema(client)).not.toBe(before);
    } finally {
      await client.query('rollback');
      client.release();
    }
  });
});

describe('a newly generated migration', () => {
  test('is empty, and never mentions the tables of the queue', async () => {
    await db.pool.query('create schema bullmq; create table bullmq.job (id int primary key)');
    await db.pool.query('create table public.of_another_program (id int primary key)');
    const { up, down } = await diff();
    expect(up.trim()).toBe('');
    expect(down).not.toMatch(/bullmq|another_program/);
    expect(await db.orm.migrator.checkSchema()).toBe(false);
  });

  test('is not empty when a table has changed', async () => {
    await db.pool.query('alter table stockroom.product add column extra int');
    const { up } = await diff();
    await db.pool.query('alter table stockroom.product drop column extra');
    expect(up).toContain('drop column "extra"');
  });
});

describe('the ledger', () => {
  const insert = `insert into stockroom.movement (stock_item_id, location_id, sequence, bucket, delta, balance_after, kind, event_seq)
    values (1, 1, 1, 'on_hand', 1, 1, 'receive', 1)`;

  test.each([
    'update stockroom.movement set delta = 2',
    'delete from stockroom.movement',
    'truncate stockroom.movement',
  ])('refuses "%s", even for a superuser acting as a replica', async (change) => {
    await rolledBack(async (run) => {
      await run(insert);
      await run('set local session_replication_role = replica');
      await expect(run(change)).rejects.toMatchObject({ code: 'SR001' });
    });
  });
});

describe('the first rows', () => {
  test('are there after the migrations', async () => {
    const { rows } = await db.pool.query(`
      select (select sku || '/' || name from stockroom.product where id = 0) as product,
        (select count(*)::int from stockroom.product) as products,
        (select array_agg(code) from stockroom.contact_group) as groups,
        (select array_agg(scope) from stockroom.setting) as scopes,
        (select array_agg(s.code || ' counts in ' || p.code || ' and sells from ' || l.code)
           from stockroom.store s join stockroom.location p on p.id = s.pool_id and p.kind = 'pool'
           join stockroom.store_location sl on sl.store_id = s.id
           join stockroom.location l on l.id = sl.location_id and l.kind = 'location') as stores`);
    expect(rows).toEqual([
      {
        product: '/unknown products',
        products: 1,
        groups: ['store-managers'],
        scopes: ['global'],
        stores: ['main counts in main-pool and sells from main'],
      },
    ]);
  });
});

describe('migrateDatabase', () => {
  test('applies each migration once when several start together, and nothing on a repeat', async () => {
    await withEmptyDatabase(async (url) => {
      const all = await Promise.all([
        migrateDatabase({ url }),
        migrateDatabase({ url }),
        migrateDatabase({ url }),
      ]);
      expect(all.flatMap(({ applied }) => applied)).toEqual(knownMigrations());
      expect((await migrateDatabase({ url })).applied).toEqual([]);
    });
  });

  test('makes a database that passes assertSchemaIsKnown', async () => {
    await assertSchemaIsKnown(db);
    expect(await schemaVersion(db)).toMatchObject({
      current: knownMigrations().at(-1),
      missing: [],
      unknown: [],
    });
  });

  test('an empty, an older and a newer schema are refused with what to do, and a newer one is not migrated', async () => {
    await withEmptyDatabase(async (url) => {
      const other = await openDatabase({ url });
      await expect(assertSchemaIsKnown(other)).rejects.toMatchObject({ code: 'schema_older' });
      await migrateDatabase({ url });
      await other.pool.query(`delete from stockroom.schema_migration where name = $1`, [
        knownMigrations().at(-1),
      ]);
      await expect(assertSchemaIsKnown(other)).rejects.toMatchObject({
        code: 'schema_older',
        message: expect.stringContaining('stockroom migrate'),
      });
      await other.pool.query(
        `insert into stockroom.schema_migration (name) values ('Migration99990101000000_later')`,
      );
      await expect(assertSchemaIsKnown(other)).rejects.toMatchObject({ code: 'schema_newer' });
      await expect(migrateDatabase({ url })).rejects.toMatchObject({ code: 'schema_newer', retry: 'never' });
      await other.close();
    });
  });

  test('without a server, or without the database, fails with a word for it', async () => {
    await expect(migrateDatabase({ url: 'postgres://a:b@127.0.0.1:1/none' })).rejects.toMatchObject({
      code: 'database_unavailable',
      retry: 'soon',
    });
    const missing = new URL(database.url);
    missing.pathname = '/of_nobody';
    await expect(migrateDatabase({ url: missing.href })).rejects.toMatchObject({ code: 'database_missing' });
  });
});
