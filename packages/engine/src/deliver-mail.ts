// Sends one mail that is due: claims its row, renders it, hands it to the mail server, and writes down how it went.

import type { Database, DueNotification } from '@stockroom/db';
import { claimNotification, finishNotification, groupAddresses, postponeNotification } from '@stockroom/db';
import type { Mailer, Renderer } from '@stockroom/mail';
import { MailError } from '@stockroom/mail';

export type Delivery = 'sent' | 'not_due' | 'postponed' | 'dead' | 'suppressed' | 'auth_failed';

export interface DeliveryLimits {
  /** Attempts that count before a mail is dead. */
  readonly attemptsMax: number;
  /** First delay after a temporary failure, milliseconds; doubles each time. */
  readonly backoffMs: number;
  readonly backoffMaxMs: number;
  /** How long a sender may take before another may try: must be longer than the mailer's own time limits together. */
  readonly claimMs: number;
}

export const deliveryLimits: DeliveryLimits = {
  attemptsMax: 12,
  backoffMs: 2_000,
  backoffMaxMs: 15 * 60_000,
  claimMs: 120_000,
};

/**
 * Sends a mail at most once at a time and, over all repeats, at least once. The Message-ID is stable, so a double that happens because a
 * server took the mail and died before saying so can be recognised.
 * @throws EngineError when the database failed.
 */
export async function deliverMail(
  parts: {
    readonly db: Database;
    readonly renderer: Renderer;
    readonly mailer: Mailer;
    readonly limits: DeliveryLimits;
  },
  notificationId: number,
): Promise<{
  readonly delivery: Delivery;
  readonly retryInMs: number | null;
  readonly error: string | null;
}> {
  const { db, renderer, mailer, limits } = parts;
  const due = await db.transaction((sql) => claimNotification(sql, notificationId, limits.claimMs));
  if (due === null) return { delivery: 'not_due', retryInMs: null, error: null };
  const to = await addressesOf(db, due);
  if (to.length === 0) {
    const error = `group "${due.recipient}" has no members`;
    await finish(db, due, 'suppressed', { error });
    return { delivery: 'suppressed', retryInMs: null, error };
  }
  const sent = await send(renderer, mailer, due, to);
  if ('failure' in sent) return failed(db, due, sent.failure, limits);
  // Not among the failures of sending: a mail that went out must not be called dead because the database was away.
  await finish(db, due, 'sent', sent);
  return { delivery: 'sent', retryInMs: null, error: null };
}

async function send(
  renderer: Renderer,
  mailer: Mailer,
  due: DueNotification,
  to: string[],
): Promise<{ readonly response: string } | { readonly failure: unknown }> {
  try {
    const mail = renderer.render({ template: due.template, data: due.data });
    const { response } = await mailer.send({ messageId: due.messageId, to, ...mail });
    return { response };
  } catch (failure) {
    return { failure };
  }
}

async function addressesOf(db: Database, due: DueNotification): Promise<string[]> {
  return due.recipientKind === 'address'
    ? [due.recipient]
    : [...(await groupAddresses(db.read, due.recipient))];
}

async function failed(db: Database, due: DueNotification, failure: unknown, limits: DeliveryLimits) {
  const error = failure instanceof Error ? failure.message : String(failure);
  const kind = failure instanceof MailError ? failure.kind : 'permanent';
  if (kind === 'auth') {
    // The server refuses us, not this mail: it keeps its attempts.
    await db.transaction((sql) => postponeNotification(sql, due.id, limits.backoffMs, error, false));
    return { delivery: 'auth_failed' as const, retryInMs: limits.backoffMs, error };
  }
  if (kind === 'permanent' || due.attempts >= limits.attemptsMax) {
    await finish(db, due, 'dead', { error });
    return { delivery: 'dead' as const, retryInMs: null, error };
  }
  const retryInMs =
    Math.min(limits.backoffMaxMs, limits.backoffMs * 2 ** (due.attempts - 1)) * (0.75 + Math.random() / 2);
  await db.transaction((sql) => postponeNotification(sql, due.id, retryInMs, error, true));
  return { delivery: 'postponed' as const, retryInMs, error };
}

function finish(
  db: Database,
  due: DueNotification,
  state: 'sent' | 'dead' | 'suppressed',
  words: { readonly response?: string; readonly error?: string },
): Promise<void> {
  return db.transaction((sql) => finishNotification(sql, due.id, state, words));
}
