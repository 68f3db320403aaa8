// Room 4: after a settlement has committed, brings its news to those who wait. Every row stays due until it is known to have arrived.

import type { Outcome } from '@stockroom/contracts';
import { QUEUES } from '@stockroom/contracts';
import type { Database } from '@stockroom/db';
import { dueNotifications, dueReplies, markReplied } from '@stockroom/db';
import type { Feed, Queues } from '@stockroom/queues';
import type { SettlementNews } from './settle.ts';

/** Topic of the live feed that carries outcomes somebody waits for. */
export const outcomesTopic = 'outcomes';

/** How many outcomes one job on the outcomes queue carries at most. */
const outcomesPerJob = 500;

export interface Announcer {
  /** Never throws: what could not be said now is still due, and the sweep says it. */
  announce(news: SettlementNews): Promise<void>;
  /** Says again what is due: mails without a job, replies that never got out. @returns how many of each. */
  announceDue(): Promise<{ mails: number; replies: number }>;
}

export function createAnnouncer(parts: {
  readonly db: Database;
  readonly queues: Queues;
  readonly feed: Feed;
  readonly log: (problem: string) => void;
}): Announcer {
  const { db, queues, feed, log } = parts;

  async function addMailJobs(ids: readonly number[]): Promise<void> {
    await queues.addMany(
      QUEUES.mail,
      // Deduplication keeps a mail from having two jobs at once; the claim on its row keeps it from being sent twice.
      ids.map((id) => ({
        name: 'send',
        data: { notificationId: id },
        options: { deduplication: { id: `mail-${id}` } },
      })),
    );
  }

  async function addReplies(replies: SettlementNews['replies']): Promise<void> {
    const jobs: { name: string; data: { outcomes: Outcome[] } }[] = [];
    for (let start = 0; start < replies.length; start += outcomesPerJob) {
      const outcomes = replies.slice(start, start + outcomesPerJob).map((reply) => reply.outcome);
      jobs.push({ name: 'outcomes', data: { outcomes } });
    }
    await queues.addMany(QUEUES.orderOutcomes, jobs);
    const eventSeqs = replies.map((reply) => reply.eventSeq);
    await db.transaction((sql) => markReplied(sql, eventSeqs));
  }

  return {
    async announce(news) {
      const sayings: Promise<unknown>[] = [];
      if (news.watched.length > 0) sayings.push(feed.publish(outcomesTopic, news.watched));
      if (news.notificationIds.length > 0) sayings.push(addMailJobs(news.notificationIds));
      if (news.replies.length > 0) sayings.push(addReplies(news.replies));
      for (const said of await Promise.allSettled(sayings)) {
        if (said.status === 'rejected') log(`news not announced, the sweep will: ${String(said.reason)}`);
      }
    },
    async announceDue() {
      const ids = await dueNotifications(db.read, 500);
      if (ids.length > 0) await addMailJobs(ids);
      const due = await dueReplies(db.read, 5_000);
      if (due.length > 0) {
        await addReplies(due.map(({ eventSeq, body }) => ({ eventSeq, outcome: body as Outcome })));
      }
      return { mails: ids.length, replies: due.length };
    },
  };
}
