// Puts the demo shop in front of a real system: orders through the queue and the API, outcomes and stock from its database.
import { QUEUES } from '@stockroom/contracts';
import { quantityToNumber } from '@stockroom/core';
import { type Database, listProducts } from '@stockroom/db';
import { openOutcomeWatch } from '@stockroom/engine';
import type { Feed, Queues } from '@stockroom/queues';
import { type DemoProduct, demoProducts } from './demo-catalog.ts';
import { openDemoShop, type RunningShop, type ShopEvent } from './demo-shop.ts';

/** One in so many events goes through the API, the others through the queue. */
const apiShare = 4;
const outcomeWithinMs = 60_000;

export async function openShopOn(
  system: { db: Database; queues: Queues; feed: Feed },
  options: {
    rate: number;
    orders?: number;
    showFirst: boolean;
    /** The API; false when it does not take such an event. Absent: everything goes through the queue. */
    submit?: (event: ShopEvent) => Promise<boolean>;
    trouble(problem: unknown): void;
  },
): Promise<RunningShop> {
  const { db, queues, feed } = system;
  const products = await productsOf(db);
  const watch = await openOutcomeWatch(db, feed);
  const { submit } = options;
  let sent = 0;
  const shop = openDemoShop({
    ...options,
    products,
    async send(event) {
      sent += 1;
      if (submit !== undefined && sent % apiShare === 0 && (await submit(event))) return;
      const { type, ...data } = event;
      await queues.add(QUEUES.orderEvents, { name: type, data });
    },
    outcomeOf: (eventId) => watch.outcomeOf(eventId, { timeoutMs: outcomeWithinMs }),
    async freeStock() {
      const { rows } = await listProducts(db.read, { limit: 500 });
      return new Map(
        rows.map((row) => [row.sku, quantityToNumber(row.onHand) - quantityToNumber(row.committed)]),
      );
    },
  });
  return {
    get placed() {
      return shop.placed;
    },
    finished: shop.finished,
    async stop() {
      // Closed first, the shop lets what it waits for go without a word.
      const closing = shop.stop();
      await watch.close();
      await closing;
    },
  };
}

/** The demo catalog where it is there; else what is there, with made-up appeal. */
async function productsOf(db: Database): Promise<readonly DemoProduct[]> {
  const { rows } = await listProducts(db.read, { limit: 500 });
  const there = new Set(rows.map(({ sku }) => sku));
  const known = demoProducts.filter(({ sku }) => there.has(sku));
  if (known.length > 0) return known;
  return rows
    .filter(({ published, discontinued }) => published && !discontinued)
    .map(({ sku, name }) => ({ sku, name, onHand: 50, threshold: 5, appeal: 1 }));
}
