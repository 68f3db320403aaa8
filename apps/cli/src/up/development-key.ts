// The API key of a developer's own machine: made once, kept in the data folder for this user alone.
import { createApiKey, type Database, findApiKey } from '@stockroom/db';
import type { DataFolder } from '../data-folder.ts';

/** The kept key, or a new one when there is none or this database does not know it. */
export async function developmentKey(db: Database, folder: DataFolder): Promise<string> {
  const kept = folder.readKey();
  if (kept !== undefined && (await findApiKey(db, kept)) !== null) return kept;
  const made = await createApiKey(db, { name: 'development', role: 'admin' });
  if (!made.ok) throw new Error(made.problem.message);
  folder.writeKey(made.value.key);
  return made.value.key;
}
