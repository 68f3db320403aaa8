// Public surface of @stockroom/db.

export type { Database, DatabaseOptions, TransactionOptions } from './connect.ts';
export { openDatabase } from './connect.ts';
export { engineErrorFromPg } from './engine-error-from-pg.ts';
export type { SchemaVersion } from './migrate.ts';
export { assertSchemaIsKnown, knownMigrations, migrateDatabase, schemaVersion } from './migrate.ts';
export { dumpSchema } from './schema-dump.ts';
export type { Sql, Statement } from './sql.ts';
export { statement } from './sql.ts';
