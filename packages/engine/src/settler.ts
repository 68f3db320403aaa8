// The stock worker's heart: bells gather into batches, their mailboxes are settled together, the news is announced.

import type { Database } from '@stockroom/db';
import { pendingCommands } from '@stockroom/db';
import type { BellMode } from '@stockroom/queues';
import { bellOf, createBatcher, productOf, slotsOf } from '@stockroom/queues';
import type { Announcer } from './announce.ts';
import { settle } from './settle.ts';

export interface Settler {
  /** Empties the mailboxes of one bell. @throws EngineError when the database failed; what was not settled is still pending. */
  answerBell(bell: string): Promise<{ readonly commands: number }>;
  close(): Promise<void>;
}

export interface SettlerOptions {
  readonly db: Database;
  readonly bells: BellMode;
  readonly ring: (bells: Iterable<string>) => Promise<unknown>;
  readonly announcer: Announcer;
  /** Commands in one transaction at most. */
  readonly batchMax?: number;
  readonly concurrentBatches?: number;
  readonly onBatch?: (batch: {
    readonly commands: number;
    readonly parked: number;
    readonly ms: number;
  }) => void;
}

/** Full batches that one job settles before it rings for the next. */
const roundsMax = 20;

interface BellAnswer {
  readonly commands: number;
  /** The batch was full: there may be more in the mailboxes. */
  readonly more: boolean;
}

export function createSettler(options: SettlerOptions): Settler {
  const { db, bells, ring, announcer, onBatch } = options;
  const batchMax = options.batchMax ?? 1_000;
  const announcing = new Set<Promise<unknown>>();

  function inBackground(work: Promise<unknown>): void {
    const tracked = work.finally(() => announcing.delete(tracked));
    announcing.add(tracked);
  }

  const batcher = createBatcher<string, BellAnswer>({
    maxItems: 1_024,
    maxConcurrentFlushes: options.concurrentBatches ?? 1,
    // settle() isolates poison by itself and parks it; what still throws concerns the whole batch.
    shouldSplit: () => false,
    async flush(rung) {
      const started = performance.now();
      const pending = await pendingOf(db, rung, batchMax);
      const news = await settle(db, pending);
      onBatch?.({ commands: news.commands, parked: news.parked, ms: performance.now() - started });
      inBackground(announcer.announce(news));
      if (news.productIds.length > 0) {
        inBackground(ring(new Set(news.productIds.map((productId) => bellOf(productId, bells)))));
      }
      const answer: BellAnswer = { commands: pending.length, more: pending.length >= batchMax };
      return rung.map(() => answer);
    },
  });

  return {
    async answerBell(bell) {
      let commands = 0;
      for (let round = 0; round < roundsMax; round += 1) {
        const answer = await batcher.add(bell);
        commands += answer.commands;
        if (!answer.more) return { commands };
      }
      // A long backlog is many short jobs, not one that no other worker can take over.
      inBackground(ring([bell]));
      return { commands };
    },
    async close() {
      await batcher.close();
      await Promise.all(announcing);
    },
  };
}

/** Shared bells and bells of single products may be mixed while the number of bells is being changed. */
async function pendingOf(db: Database, rung: readonly string[], limit: number) {
  const slots = new Set<number>();
  const productSlots = new Set<number>();
  const productIds: number[] = [];
  for (const bell of new Set(rung)) {
    const productId = productOf(bell);
    const target = productId === null ? slots : productSlots;
    for (const slot of slotsOf(bell)) target.add(slot);
    if (productId !== null) productIds.push(Number(productId));
  }
  const shared = slots.size === 0 ? [] : await pendingCommands(db.read, [...slots], null, limit);
  if (productIds.length === 0) return shared;
  const own = await pendingCommands(db.read, [...productSlots], productIds, limit);
  if (shared.length === 0) return own;
  const known = new Set(shared.map((command) => command.id));
  return [...shared, ...own.filter((command) => !known.has(command.id))]
    .sort((a, b) => a.id - b.id)
    .slice(0, limit);
}
