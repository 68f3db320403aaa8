// The examinations of `stockroom doctor`, one after another: the world first, then what lives in it.
import { type Database, openDatabase } from '@stockroom/db';
import type { CliEnv } from '../env.ts';
import { type FoundDatabase, findDatabase } from '../find-database.ts';
import { examineBacklog, examineDatabase, examineSchema } from './examine-database.ts';
import { examineMail } from './examine-mail.ts';
import { examineQueue } from './examine-queue.ts';

export type Finding = {
  subject: string;
  /** `note` works, and is worth knowing. */
  state: 'good' | 'note' | 'bad';
  found: string;
  /** What to do about it. */
  todo?: string;
  /** The world is missing, rather than something being wrong in it. */
  isWorld?: boolean;
};

export async function examine(env: CliEnv, dataFolder: string): Promise<Finding[]> {
  const findings: Finding[] = [examineNode()];
  let found: FoundDatabase | undefined;
  let db: Database | undefined;
  try {
    found = await findDatabase(env, dataFolder, { create: false });
    db = await openDatabase({ url: found.url, poolMax: 2, applicationName: 'stockroom doctor' });
    const database = await examineDatabase(db, found);
    findings.push(...database);
    if (database.every(({ state }) => state !== 'bad')) {
      const schema = await examineSchema(db);
      findings.push(schema);
      findings.push(...(await examineQueue(env, found)));
      if (schema.state !== 'bad') findings.push(...(await examineBacklog(db)));
    }
  } catch (error) {
    findings.push({
      subject: 'database',
      state: 'bad',
      found: error instanceof Error ? error.message : String(error),
      todo: 'set DATABASE_URL, or start the embedded one: stockroom up',
      isWorld: true,
    });
  } finally {
    await db?.close();
  }
  findings.push(await examineMail(env, found?.system?.smtpUrl));
  await found?.close();
  return findings;
}

function examineNode(): Finding {
  const [major = 0] = process.versions.node.split('.').map(Number);
  const subject = 'Node';
  if (major >= 24) return { subject, state: 'good', found: process.version };
  return {
    subject,
    state: 'bad',
    found: process.version,
    todo: 'run through "npm start" or "npx pnpm stockroom", which bring Node 24',
    isWorld: true,
  };
}
