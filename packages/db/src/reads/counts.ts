// Numbers for metrics, readiness and the top of the console. Every one has a small table or a partial index behind it.

import { type Sql, statement } from '../sql.ts';

export interface CorridorCounts {
  /** Commands in all mailboxes. */
  readonly pendingCommands: number;
  /** Age of the oldest of them in milliseconds; 0 when there is none. */
  readonly oldestPendingMs: number;
  readonly parkedCommands: number;
  /** Events that wait for their order to be placed. */
  readonly earlyEvents: number;
  /** Outcomes that a service has asked for and not been sent. */
  readonly repliesDue: number;
  readonly pendingNotifications: number;
  /** How long the most overdue mail has been due, in milliseconds. */
  readonly oldestDueNotificationMs: number;
  readonly deadNotifications: number;
}

const countsStatement = statement(
  'read_counts',
  `select c.pending, c.oldest, k.parked, e.early, r.due, n.pending as mails, n.oldest as oldest_mail, d.dead
     from (select count(*)::int as pending, coalesce(extract(epoch from clock_timestamp() - min(created_at)) * 1000, 0)::float8 as oldest
             from stockroom.stock_command) c,
          (select count(*)::int as parked from stockroom.parked_command) k,
          (select count(*)::int as early from stockroom.event where state = 1) e,
          (select count(*)::int as due from stockroom.outcome where reply_due) r,
          (select count(*)::int as pending,
                  greatest(coalesce(extract(epoch from clock_timestamp() - min(next_attempt_at)) * 1000, 0), 0)::float8 as oldest
             from stockroom.notification where state = 'pending') n,
          (select count(*)::int as dead from stockroom.notification where state = 'dead') d`,
);

interface RawCounts {
  pending: number;
  oldest: number;
  parked: number;
  early: number;
  due: number;
  mails: number;
  oldest_mail: number;
  dead: number;
}

export async function readCounts(sql: Sql): Promise<CorridorCounts> {
  const [row] = await sql.query<RawCounts>(countsStatement, []);
  if (row === undefined) throw new Error('a statement of aggregates returned no row');
  return {
    pendingCommands: row.pending,
    oldestPendingMs: Math.round(row.oldest),
    parkedCommands: row.parked,
    earlyEvents: row.early,
    repliesDue: row.due,
    pendingNotifications: row.mails,
    oldestDueNotificationMs: Math.round(row.oldest_mail),
    deadNotifications: row.dead,
  };
}
