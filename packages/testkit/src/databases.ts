// A database of its own for each test file, copied from a migrated template in milliseconds.
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { inject } from 'vitest';
import { MIGRATED_TEMPLATE } from './global-setup.ts';
import { uniqueId } from './unique-id.ts';

export type TestDatabase = { url: string; name: string; drop(): Promise<void> };

// 55006: someone else is connected to the template. 23505 and 42P04 come from two copies made in the same moment.
const PASSING = new Set(['55006', '23505', '53300']);

/**
 * Creates a database on the server of this run, by default with the migrated schema; `template: 'empty'` has nothing in it, and any
 * other name is copied as it is. Drop it in `afterAll`; whatever is still connected is cut off.
 */
export async function createDatabase(options: { template?: string } = {}): Promise<TestDatabase> {
  const { postgresUrl, templateProblem } = inject('stockroomServers');
  const template = options.template === 'empty' ? 'template0' : (options.template ?? MIGRATED_TEMPLATE);
  if (template === MIGRATED_TEMPLATE && templateProblem !== null) {
    throw new Error(`There is no migrated template to copy. ${templateProblem}`);
  }
  const name = uniqueId('test').replaceAll('-', '_');
  await runPatiently(postgresUrl, `create database ${name} template ${pg.escapeIdentifier(template)}`);
  const url = new URL(postgresUrl);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    name,
    drop: () => runPatiently(postgresUrl, `drop database if exists ${name} with (force)`),
  };
}

async function runPatiently(url: string, sql: string): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      await client.query(sql);
      return;
    } catch (error) {
      const { code } = error as { code?: string };
      if (code === undefined || !PASSING.has(code) || Date.now() > deadline) throw error;
      await wait(20 + Math.random() * 80);
    } finally {
      await client.end().catch(() => {});
    }
  }
}
