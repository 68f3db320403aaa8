// `stockroom migrate`: brings the database schema up to date.
import { migrateDatabase, openDatabase, schemaVersion } from '@stockroom/db';
import type { Command } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { findDatabase } from '../find-database.ts';
import { action } from '../run-command.ts';

export function registerMigrate(program: Command): void {
  const command = program
    .command('migrate')
    .description('bring the database schema up to date; a repeat changes nothing');
  action(command, async ({ options, env, output }) => {
    const found = await findDatabase(env, options.data, { create: true });
    try {
      const { applied } = await migrateDatabase({ url: found.url, log: (line) => output.news(line) });
      const db = await openDatabase({ url: found.url, poolMax: 1 });
      const { current } = await schemaVersion(db);
      await db.close();
      output.json({ ok: true, applied, current });
      output.line(
        applied.length === 0
          ? `The schema is up to date (${current}).`
          : `${applied.length} migrations applied; the schema is at ${current}.`,
      );
      return exitCodes.ok;
    } finally {
      await found.close();
    }
  });
}
