// Room 3: takes pending commands of many products and settles them in one transaction. The only room that changes stock.

import type { Outcome } from '@stockroom/contracts';
import { EngineError } from '@stockroom/contracts';
import type { Database, PendingCommand, Sql } from '@stockroom/db';
import {
  insertCommands,
  insertMovements,
  insertNotifications,
  parkCommands,
  saveHolds,
  saveLevels,
  saveLines,
  saveOrderStates,
  saveOutcomes,
} from '@stockroom/db';
import { notificationsOf } from './notify.ts';
import { fold } from './settle-fold.ts';
import { loadDesk, withCustomers } from './settle-load.ts';
import type { OutcomeDraft } from './settle-outcome.ts';

/** What others must hear of after the commit. All of it is in the database too, for whoever misses the news. */
export interface SettlementNews {
  /** Commands settled or parked. */
  readonly commands: number;
  readonly parked: number;
  /** Outcomes that somebody waits for. */
  readonly watched: readonly Outcome[];
  /** Outcomes that are due on the outcomes queue. */
  readonly replies: readonly { readonly eventSeq: number; readonly outcome: Outcome }[];
  readonly notificationIds: readonly number[];
  /** Products that got new commands. */
  readonly productIds: readonly number[];
}

const noNews: SettlementNews = {
  commands: 0,
  parked: 0,
  watched: [],
  replies: [],
  notificationIds: [],
  productIds: [],
};

/**
 * Settles pending commands. Calm is the bell's business, truth is the product locks': any number of settlers may run at once.
 * When a batch fails for a reason of its own it is split until the culprit stands alone; that one is parked with its error.
 * @throws EngineError when the database failed; then nothing of the failing part was settled and all of it is still pending.
 */
export async function settle(db: Database, pending: readonly PendingCommand[]): Promise<SettlementNews> {
  if (pending.length === 0) return noNews;
  try {
    return await db.transaction((sql) => settleOnce(sql, pending));
  } catch (error) {
    if (isWorldly(error)) throw error;
    if (pending.length === 1) return park(db, pending, error);
    const [first, second] = halves(pending);
    return merged(await settle(db, first), await settle(db, second));
  }
}

async function settleOnce(sql: Sql, pending: readonly PendingCommand[]): Promise<SettlementNews> {
  const desk = await loadDesk(sql, pending, Date.now());
  if (desk === null) return noNews;
  const folded = fold(desk);
  const notifications = notificationsOf(await withCustomers(sql, desk, folded.effects), folded.effects);
  const closed = folded.outcomes.filter((draft) => draft.partsOpen === 0);
  const isReply = (draft: OutcomeDraft) => draft.replyDue && draft.partsOpen === 0;

  // Sent together: the rows are decided, and nothing of them depends on another's answer.
  const [notificationIds] = await Promise.all([
    notifications.length === 0 ? [] : insertNotifications(sql, notifications),
    saveLevels(sql, folded.items),
    saveHolds(sql, folded.items),
    folded.entries.length > 0 && insertMovements(sql, folded.entries),
    folded.lines.length > 0 && saveLines(sql, folded.lines),
    folded.orderStates.length > 0 && saveOrderStates(sql, folded.orderStates),
    folded.outcomes.length > 0 &&
      saveOutcomes(
        sql,
        folded.outcomes.map((draft) => ({
          eventSeq: draft.eventSeq,
          orderId: draft.orderId,
          partsOpen: draft.partsOpen,
          body: JSON.stringify(draft.body),
          replyDue: isReply(draft),
        })),
      ),
    folded.commands.length > 0 && insertCommands(sql, folded.commands),
  ]);
  return {
    commands: desk.commands.length,
    parked: 0,
    watched: closed.filter((draft) => draft.watched).map((draft) => draft.body),
    replies: closed.filter(isReply).map((draft) => ({ eventSeq: draft.eventSeq, outcome: draft.body })),
    notificationIds,
    productIds: folded.commands.map((command) => command.productId),
  };
}

/** The world failed, not a command: trying again later may help, splitting does not. */
function isWorldly(error: unknown): boolean {
  return error instanceof EngineError && error.retry !== 'never';
}

async function park(
  db: Database,
  pending: readonly PendingCommand[],
  error: unknown,
): Promise<SettlementNews> {
  const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const code = error instanceof EngineError ? error.code : 'defect';
  await db.transaction((sql) =>
    parkCommands(
      sql,
      pending.map((command) => command.id),
      words.slice(0, 4_000),
      code,
    ),
  );
  return { ...noNews, commands: pending.length, parked: pending.length };
}

/** Splits between products as long as there are several, so that one product's commands stay in order. */
function halves(pending: readonly PendingCommand[]): [readonly PendingCommand[], readonly PendingCommand[]] {
  const productIds = [...new Set(pending.map((command) => command.productId))];
  if (productIds.length === 1) {
    const middle = Math.ceil(pending.length / 2);
    return [pending.slice(0, middle), pending.slice(middle)];
  }
  const first = new Set(productIds.slice(0, Math.ceil(productIds.length / 2)));
  return [
    pending.filter((command) => first.has(command.productId)),
    pending.filter((command) => !first.has(command.productId)),
  ];
}

function merged(a: SettlementNews, b: SettlementNews): SettlementNews {
  return {
    commands: a.commands + b.commands,
    parked: a.parked + b.parked,
    watched: [...a.watched, ...b.watched],
    replies: [...a.replies, ...b.replies],
    notificationIds: [...a.notificationIds, ...b.notificationIds],
    productIds: [...a.productIds, ...b.productIds],
  };
}
