// What became of events: their outcome, or where they are on the way to it.

import { type Sql, statement } from '../sql.ts';

/**
 * `early` waits for its order to be placed; `pending` has commands in mailboxes; `parked` has a command that a person must look at;
 * `refused` never got in.
 */
export type EventProgress = 'settled' | 'pending' | 'early' | 'parked' | 'refused';

export interface EventOutcome {
  readonly eventId: string;
  readonly type: string | null;
  readonly progress: EventProgress;
  /** As answered so far; null while nothing has been decided. */
  readonly outcome: unknown;
  readonly settledAt: Date | null;
  readonly store: string | null;
  readonly order: string | null;
  /** Why it was refused or parked. */
  readonly problem: { readonly code: string; readonly field: string | null; readonly message: string } | null;
}

interface RawOutcome {
  event_id: string;
  type: string | null;
  state: number | null;
  parts_open: number | null;
  body: unknown;
  settled_at: Date | null;
  store: string | null;
  reference: string | null;
  parked_code: string | null;
  parked_error: string | null;
  refused_code: string | null;
  refused_field: string | null;
  refused_message: string | null;
}

const outcomesStatement = statement(
  'read_outcomes',
  `select wanted.id as event_id, coalesce(e.type, r.body ->> 'type') as type, e.state, c.parts_open, c.body,
          case when c.parts_open = 0 then c.settled_at end as settled_at, s.code as store, o.reference,
          k.error_code as parked_code, k.error as parked_error,
          r.code as refused_code, r.field as refused_field, r.message as refused_message
     from unnest($1::text[]) as wanted(id)
     left join stockroom.event e on e.id = wanted.id
     left join stockroom.outcome c on c.event_seq = e.seq
     left join stockroom.shop_order o on o.id = e.order_id
     left join stockroom.store s on s.id = e.store_id
     left join lateral (
       select error_code, error from stockroom.parked_command where event_seq = e.seq order by id desc limit 1) k on true
     left join lateral (
       select code, field, message, body from stockroom.refused_event
        where event_id = wanted.id and e.seq is null order by id desc limit 1) r on true
    where e.seq is not null or r.code is not null`,
);

/** @returns the events that are known, in no particular order; at most as many as ids. */
export async function readOutcomes(sql: Sql, eventIds: readonly string[]): Promise<readonly EventOutcome[]> {
  const rows = await sql.query<RawOutcome>(outcomesStatement, [[...new Set(eventIds)]]);
  return rows.map(outcomeFrom);
}

export async function readOutcome(sql: Sql, eventId: string): Promise<EventOutcome | null> {
  return (await readOutcomes(sql, [eventId]))[0] ?? null;
}

function outcomeFrom(row: RawOutcome): EventOutcome {
  return {
    eventId: row.event_id,
    type: row.type,
    progress: progressOf(row),
    outcome: row.body ?? null,
    settledAt: row.settled_at,
    store: row.store,
    order: row.reference,
    problem: problemOf(row),
  };
}

function progressOf(row: RawOutcome): EventProgress {
  if (row.refused_code !== null) return 'refused';
  if (row.parts_open === 0) return 'settled';
  if (row.parked_code !== null) return 'parked';
  return row.state === 1 ? 'early' : 'pending';
}

function problemOf(row: RawOutcome): EventOutcome['problem'] {
  if (row.refused_code !== null) {
    return { code: row.refused_code, field: row.refused_field, message: row.refused_message ?? '' };
  }
  if (row.parked_code === null) return null;
  return { code: row.parked_code, field: null, message: row.parked_error ?? '' };
}

const recordedStatement = statement(
  'read_recorded_event',
  `select body ->> 'at' as at, body ->> 'actor' as actor from stockroom.event where id = $1`,
);

/** What a repeat of an event must say again. */
export interface RecordedEvent {
  readonly at: string | null;
  readonly actor: string | null;
}

/** @returns null when no event with this id was accepted. */
export async function readRecordedEvent(sql: Sql, eventId: string): Promise<RecordedEvent | null> {
  const [row] = await sql.query<RecordedEvent>(recordedStatement, [eventId]);
  return row ?? null;
}
