// A shop on a real database for tests of the corridor: events go in, everything is settled, and what came of it can be read.

import type { Acceptance, Outcome } from '@stockroom/contracts';
import { quantityToNumber, units } from '@stockroom/core';
import type { Database, NotificationRow, OrderDetail, SettingValues } from '@stockroom/db';
import {
  createLocation,
  createStore,
  getGlobalSettings,
  listNotifications,
  openDatabase,
  pendingCommands,
  readOrder,
  readOutcome,
  readStock,
  seedCatalog,
  setGlobalSettings,
} from '@stockroom/db';
import { createDatabase, uniqueId } from '@stockroom/testkit';
import { expect } from 'vitest';
import type { SettlementNews } from '../../src/index.ts';
import { finalOutcome, receive, settle, verify } from '../../src/index.ts';

const allSlots = Array.from({ length: 1024 }, (_, slot) => slot);

export interface Levels {
  readonly onHand: number;
  readonly unavailable: number;
  readonly committed: number;
  readonly held: number;
  readonly incoming: number;
}

export interface Shop {
  readonly db: Database;
  readonly url: string;
  end(): Promise<void>;
  /** A new product with opening stock at `main`. @returns its SKU. */
  product(onHand: number, settings?: SettingValues, decimals?: number): Promise<string>;
  /** Global settings until `end` or the next call. */
  globally(settings: SettingValues): Promise<void>;
  /** Location `back`, and store `second` that sells from `back` first. */
  openSecondStore(): Promise<void>;
  /** Receives events in one batch, without settling. */
  send(...events: readonly object[]): Promise<readonly Acceptance[]>;
  /** Receives events one by one, settling after each. @returns the outcome of each. */
  tell(...events: readonly object[]): Promise<readonly Outcome[]>;
  /** Settles until no mailbox has anything left. */
  settleAll(): Promise<readonly SettlementNews[]>;
  /** Settles what is pending for one SKU's product, once. */
  settleOnly(sku: string): Promise<SettlementNews>;
  outcome(event: object): Promise<Outcome>;
  /** Sums over the locations (goods) and pools (promises); by place with `at`. */
  levels(sku: string, at?: string): Promise<Levels>;
  order(reference: string, store?: string): Promise<OrderDetail>;
  /** Mails about a SKU, oldest first. */
  mails(sku: string): Promise<readonly NotificationRow[]>;
  /** Proves that every invariant holds, and that there was something to look at. */
  provesClean(): Promise<void>;
}

export async function openShop(): Promise<Shop> {
  const database = await createDatabase();
  const db = await openDatabase({ url: database.url, poolMax: 6 });

  async function outcome(event: object): Promise<Outcome> {
    const { id } = event as { id: string };
    const found = await readOutcome(db.read, id);
    const final = found === null ? null : finalOutcome(found);
    if (final === null) throw new Error(`event ${id} has no outcome: ${JSON.stringify(found)}`);
    return final;
  }

  async function send(...events: readonly object[]): Promise<readonly Acceptance[]> {
    const { answers } = await receive(
      db,
      events.map((body) => ({ body, source: 'api' as const, watch: true })),
    );
    return answers;
  }

  async function settleAll(): Promise<readonly SettlementNews[]> {
    const news: SettlementNews[] = [];
    for (;;) {
      const pending = await pendingCommands(db.read, allSlots, null, 1_000);
      if (pending.length === 0) return news;
      news.push(await settle(db, pending));
    }
  }

  return {
    db,
    url: database.url,
    send,
    settleAll,
    outcome,
    async settleOnly(sku) {
      const { productId = 0 } = (await readStock(db.read, sku)) ?? {};
      return settle(db, await pendingCommands(db.read, allSlots, [productId], 1_000));
    },
    async end() {
      await db.close();
      await database.drop();
    },
    async product(onHand, settings, decimals) {
      const sku = uniqueId('tea');
      await seedCatalog(db, {
        products: [
          {
            sku,
            name: `Name of ${sku}`,
            onHand: units(onHand),
            ...(settings === undefined ? {} : { settings }),
            ...(decimals === undefined ? {} : { decimals }),
          },
        ],
      });
      return sku;
    },
    async globally(settings) {
      const before = Object.keys(await getGlobalSettings(db)).map((name) => [name, 'inherit'] as const);
      const answer = await setGlobalSettings(db, { ...Object.fromEntries(before), ...settings });
      expect(answer).toMatchObject({ ok: true });
    },
    async openSecondStore() {
      expect(await createLocation(db, { code: 'back', name: 'Back room' })).toMatchObject({ ok: true });
      const locations = ['back', 'main'];
      expect(await createStore(db, { code: 'second', name: 'Second', locations })).toMatchObject({
        ok: true,
      });
    },
    async tell(...events) {
      const outcomes: Outcome[] = [];
      for (const event of events) {
        const [answer] = await send(event);
        expect(answer).toMatchObject({ status: 'accepted' });
        await settleAll();
        outcomes.push(await outcome(event));
      }
      return outcomes;
    },
    async levels(sku, at) {
      const stock = await readStock(db.read, sku);
      const sum: Record<keyof Levels, number> = {
        onHand: 0,
        unavailable: 0,
        committed: 0,
        held: 0,
        incoming: 0,
      };
      for (const place of stock?.places ?? []) {
        if (at !== undefined && place.code !== at) continue;
        for (const bucket of Object.keys(sum) as (keyof Levels)[])
          sum[bucket] += quantityToNumber(place[bucket]);
      }
      return sum;
    },
    async order(reference, store = 'main') {
      const order = await readOrder(db.read, store, reference);
      if (order === null) throw new Error(`order ${reference} does not exist`);
      return order;
    },
    async mails(sku) {
      const { rows } = await listNotifications(db.read, { limit: 200 });
      return rows.filter((mail) => JSON.stringify(mail.data).includes(`"${sku}"`)).reverse();
    },
    async provesClean() {
      const verified = await verify(db, { limit: 5 });
      expect(verified.differences).toEqual([]);
      expect(verified.ok).toBe(true);
      expect(verified.checked.length).toBeGreaterThan(15);
    },
  };
}
