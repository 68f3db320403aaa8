// Gives dead mails another life.

import type { Database } from '@stockroom/db';
import { statement } from '@stockroom/db';

const reviveStatement = statement(
  'api_revive_notifications',
  `update stockroom.notification set state = 'pending', attempts = 0, next_attempt_at = now()
    where id = any($1::bigint[]) and state = 'dead'`,
);

/** @returns how many were dead and are due again. @throws EngineError */
export function reviveNotifications(db: Database, ids: readonly number[]): Promise<number> {
  return db.transaction((sql) => sql.affected(reviveStatement, [ids]));
}
