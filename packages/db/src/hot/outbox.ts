// SQL of room 4: mails and replies that must go out, written in the transaction that caused them.

import type { Sql } from '../sql.ts';
import { statement } from '../sql.ts';

export interface NewNotification {
  readonly template: string;
  readonly recipientKind: 'group' | 'address';
  readonly recipient: string;
  /** JSON text: all the mail shows. */
  readonly data: string;
  readonly eventSeq: number;
  readonly itemId: number | null;
  /** Stable: the same mail has the same Message-ID however often it is tried. */
  readonly messageId: string;
}

const insertNotificationsStatement = statement(
  'outbox_insert_notifications',
  `insert into stockroom.notification (template, recipient_kind, recipient, data, event_seq, stock_item_id, message_id)
   select template, kind, recipient, data::jsonb, event_seq, item, message_id
     from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::text[])
          as u(template, kind, recipient, data, event_seq, item, message_id)
   returning id`,
);

/** Writes mails to be sent. @returns their ids. */
export async function insertNotifications(
  sql: Sql,
  rows: readonly NewNotification[],
): Promise<readonly number[]> {
  const inserted = await sql.query<{ id: string }>(insertNotificationsStatement, [
    rows.map((row) => row.template),
    rows.map((row) => row.recipientKind),
    rows.map((row) => row.recipient),
    rows.map((row) => row.data),
    rows.map((row) => row.eventSeq),
    rows.map((row) => row.itemId),
    rows.map((row) => row.messageId),
  ]);
  return inserted.map((row) => Number(row.id));
}

export interface DueNotification {
  readonly id: number;
  readonly template: string;
  readonly recipientKind: 'group' | 'address';
  readonly recipient: string;
  readonly data: unknown;
  readonly attempts: number;
  readonly messageId: string;
}

const claimNotificationStatement = statement(
  'outbox_claim_notification',
  `update stockroom.notification
      set attempts = attempts + 1, next_attempt_at = now() + make_interval(secs => $2::double precision / 1000)
    where id = $1 and state = 'pending' and next_attempt_at <= now()
   returning id, template, recipient_kind, recipient, data, attempts, message_id`,
);

/**
 * Claims one mail for sending. While it is claimed nobody else sends it; if the sender dies the claim ends by itself after `claimMs`.
 * @returns null when it is sent, dead, claimed by another or not due yet.
 */
export async function claimNotification(
  sql: Sql,
  id: number,
  claimMs: number,
): Promise<DueNotification | null> {
  const [row] = await sql.query<{
    id: string;
    template: string;
    recipient_kind: 'group' | 'address';
    recipient: string;
    data: unknown;
    attempts: number;
    message_id: string;
  }>(claimNotificationStatement, [id, claimMs]);
  if (row === undefined) return null;
  return {
    id: Number(row.id),
    template: row.template,
    recipientKind: row.recipient_kind,
    recipient: row.recipient,
    data: row.data,
    attempts: row.attempts,
    messageId: row.message_id,
  };
}

const finishNotificationStatement = statement(
  'outbox_finish_notification',
  `update stockroom.notification
      set state = $2, response = $3, last_error = $4, sent_at = case when $2 = 'sent' then now() end
    where id = $1 and state = 'pending'`,
);

/** Ends a mail's life: sent, dead (with its error) or suppressed (with the reason). */
export async function finishNotification(
  sql: Sql,
  id: number,
  state: 'sent' | 'dead' | 'suppressed',
  words: { readonly response?: string; readonly error?: string },
): Promise<void> {
  await sql.query(finishNotificationStatement, [id, state, words.response ?? null, words.error ?? null]);
}

const postponeNotificationStatement = statement(
  'outbox_postpone_notification',
  `update stockroom.notification
      set next_attempt_at = now() + make_interval(secs => $2::double precision / 1000), last_error = $3,
          attempts = attempts - case when $4 then 0 else 1 end
    where id = $1 and state = 'pending'`,
);

/** Tries a mail again after `delayMs`. @param counts false when the attempt must not be counted (the server refused us, not the mail). */
export async function postponeNotification(
  sql: Sql,
  id: number,
  delayMs: number,
  error: string,
  counts: boolean,
): Promise<void> {
  await sql.query(postponeNotificationStatement, [id, delayMs, error, counts]);
}

const dueNotificationsStatement = statement(
  'outbox_due_notifications',
  `select id from stockroom.notification where state = 'pending' and next_attempt_at <= now() order by next_attempt_at limit $1`,
);

/** Mails that are due and that nobody is sending: new, to be retried, or left behind by a worker that died. */
export async function dueNotifications(sql: Sql, limit: number): Promise<readonly number[]> {
  return (await sql.query<{ id: string }>(dueNotificationsStatement, [limit])).map((row) => Number(row.id));
}

const groupAddressesStatement = statement(
  'outbox_group_addresses',
  `select email from stockroom.contact where group_code = $1 order by id`,
);

/** Mail addresses of a contact group. */
export async function groupAddresses(sql: Sql, group: string): Promise<readonly string[]> {
  return (await sql.query<{ email: string }>(groupAddressesStatement, [group])).map((row) => row.email);
}

const dueRepliesStatement = statement(
  'outbox_due_replies',
  `select event_seq, body from stockroom.outcome where reply_due order by event_seq limit $1`,
);

/** Settled outcomes that were asked for and are not known to have reached the outcomes queue. */
export async function dueReplies(
  sql: Sql,
  limit: number,
): Promise<readonly { readonly eventSeq: number; readonly body: unknown }[]> {
  const rows = await sql.query<{ event_seq: string; body: unknown }>(dueRepliesStatement, [limit]);
  return rows.map((row) => ({ eventSeq: Number(row.event_seq), body: row.body }));
}

const markRepliedStatement = statement(
  'outbox_mark_replied',
  `update stockroom.outcome set reply_due = false where event_seq = any($1::bigint[]) and reply_due`,
);

export async function markReplied(sql: Sql, eventSeqs: readonly number[]): Promise<void> {
  await sql.query(markRepliedStatement, [eventSeqs]);
}

const reviveStatement = statement(
  'outbox_revive_notifications',
  `update stockroom.notification set state = 'pending', attempts = 0, next_attempt_at = now()
    where id = any($1::bigint[]) and state = 'dead'`,
);

/** Gives dead mails another life. @returns how many were dead and are due again. */
export function reviveNotifications(sql: Sql, ids: readonly number[]): Promise<number> {
  return sql.affected(reviveStatement, [ids]);
}
