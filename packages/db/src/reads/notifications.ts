// Mails: what was sent, what waits and what failed for good.

import { type Sql, statement } from '../sql.ts';
import { decodeCursor, isNumber, type Page, type PageRequest, pageLimit, pageOf } from './page.ts';

export type NotificationState = 'pending' | 'sent' | 'dead' | 'suppressed';

export interface NotificationRow {
  readonly notificationId: number;
  readonly template: string;
  readonly recipientKind: 'group' | 'address';
  readonly recipient: string;
  readonly data: unknown;
  readonly eventId: string | null;
  readonly sku: string | null;
  readonly state: NotificationState;
  readonly attempts: number;
  readonly nextAttemptAt: Date;
  readonly lastError: string | null;
  /** What the mail server said when it took the mail. */
  readonly response: string | null;
  readonly messageId: string;
  readonly createdAt: Date;
  readonly sentAt: Date | null;
}

interface RawNotification {
  id: string;
  template: string;
  recipient_kind: 'group' | 'address';
  recipient: string;
  data: unknown;
  event_id: string | null;
  sku: string | null;
  state: NotificationState;
  attempts: number;
  next_attempt_at: Date;
  last_error: string | null;
  response: string | null;
  message_id: string;
  created_at: Date;
  sent_at: Date | null;
}

const listStatement = statement(
  'read_notifications',
  `select n.id, n.template, n.recipient_kind, n.recipient, n.data, e.id as event_id, i.sku, n.state, n.attempts, n.next_attempt_at,
          n.last_error, n.response, n.message_id, n.created_at, n.sent_at
     from (select * from stockroom.notification
            where ($1::bigint is null or id < $1) and ($2::text is null or state = $2)
            order by id desc limit $3) n
     left join stockroom.event e on e.seq = n.event_seq
     left join stockroom.stock_item i on i.id = n.stock_item_id
    order by n.id desc`,
);

/** Newest first; of one state or of all. */
export async function listNotifications(
  sql: Sql,
  request: PageRequest & { readonly state?: NotificationState } = {},
): Promise<Page<NotificationRow>> {
  const limit = pageLimit(request);
  const rows = await sql.query<RawNotification>(listStatement, [
    decodeCursor(request.cursor, isNumber),
    request.state ?? null,
    limit + 1,
  ]);
  return pageOf(rows, limit, notificationFrom, (row) => Number(row.id));
}

const countsStatement = statement(
  'count_notifications',
  'select state, count(*)::int as count from stockroom.notification group by state',
);

/** Reads the whole table: for a person's page, not for every scrape. */
export async function countNotifications(sql: Sql): Promise<Readonly<Record<NotificationState, number>>> {
  const rows = await sql.query<{ state: NotificationState; count: number }>(countsStatement, []);
  const counts = { pending: 0, sent: 0, dead: 0, suppressed: 0 };
  for (const row of rows) counts[row.state] = row.count;
  return counts;
}

function notificationFrom(row: RawNotification): NotificationRow {
  return {
    notificationId: Number(row.id),
    template: row.template,
    recipientKind: row.recipient_kind,
    recipient: row.recipient,
    data: row.data,
    eventId: row.event_id,
    sku: row.sku,
    state: row.state,
    attempts: row.attempts,
    nextAttemptAt: row.next_attempt_at,
    lastError: row.last_error,
    response: row.response,
    messageId: row.message_id,
    createdAt: row.created_at,
    sentAt: row.sent_at,
  };
}
