// What was recorded under an event id, as far as a repeat needs it.

import type { Sql } from '@stockroom/db';
import { statement } from '@stockroom/db';

const recordedStatement = statement(
  'api_recorded_event',
  `select body ->> 'at' as at, body ->> 'actor' as actor from stockroom.event where id = $1`,
);

export interface RecordedEvent {
  readonly at: string | null;
  readonly actor: string | null;
}

/** @returns null when no event with this id was accepted. @throws EngineError */
export async function recordedEvent(sql: Sql, eventId: string): Promise<RecordedEvent | null> {
  const [row] = await sql.query<RecordedEvent>(recordedStatement, [eventId]);
  return row ?? null;
}
