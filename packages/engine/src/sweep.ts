// The sweep: finds what a lost bell, a lost job or a dead worker left behind, and sets it going again.

import type { Database } from '@stockroom/db';
import { waitingProducts } from '@stockroom/db';
import type { BellMode } from '@stockroom/queues';
import { bellOf } from '@stockroom/queues';
import type { Announcer } from './announce.ts';

export interface Swept {
  /** Products whose mailbox had waited too long. */
  readonly products: number;
  readonly mails: number;
  readonly replies: number;
}

/** A mailbox that has waited this long has lost its bell, or its workers are behind; ringing again harms neither. */
export const sweepAfterMs = 2_000;

/** @throws EngineError when the database failed; the next sweep does it all. */
export async function sweep(parts: {
  readonly db: Database;
  readonly bells: BellMode;
  readonly ring: (bells: Iterable<string>) => Promise<unknown>;
  readonly announcer: Announcer;
}): Promise<Swept> {
  const productIds = await waitingProducts(parts.db.read, sweepAfterMs, 10_000);
  if (productIds.length > 0)
    await parts.ring(new Set(productIds.map((productId) => bellOf(productId, parts.bells))));
  const due = await parts.announcer.announceDue();
  return { products: productIds.length, ...due };
}
