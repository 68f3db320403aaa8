// The read models: what they show of a known small world, and that their pages lose and double nothing.

import { units } from '@stockroom/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLocation } from '../src/catalog/places.ts';
import { setGlobalSettings, setProductSettings } from '../src/catalog/settings.ts';
import type { Database } from '../src/connect.ts';
import { readAvailability } from '../src/reads/availability.ts';
import { readCounts } from '../src/reads/counts.ts';
import { countParkedCommands, listParkedCommands, listRefusedEvents } from '../src/reads/exceptions.ts';
import { readLedgerOfOrder, readLedgerOfSku } from '../src/reads/ledger.ts';
import { countNotifications, listNotifications } from '../src/reads/notifications.ts';
import { listOrders, readOrder } from '../src/reads/orders.ts';
import { readOutcome, readOutcomes } from '../src/reads/outcomes.ts';
import type { Page, PageRequest } from '../src/reads/page.ts';
import { listProducts, readStock } from '../src/reads/stock.ts';
import { openTestDatabase, writeScene } from './support/scene.ts';

let opened: Awaited<ReturnType<typeof openTestDatabase>>;
let db: Database;

beforeAll(async () => {
  opened = await openTestDatabase();
  db = opened.db;
  await writeScene(db);
});
afterAll(() => opened?.end());

async function allPages<Row>(
  read: (request: PageRequest) => Promise<Page<Row>>,
  limit: number,
): Promise<Row[]> {
  const rows: Row[] = [];
  let next: string | null = null;
  do {
    const page: Page<Row> = await read({ limit, ...(next === null ? {} : { cursor: next }) });
    expect(page.rows.length).toBeLessThanOrEqual(limit);
    rows.push(...page.rows);
    next = page.next;
  } while (next !== null);
  return rows;
}

/** In pages of every size the same rows come, in the same order. */
async function expectPaged<Row>(read: (request: PageRequest) => Promise<Page<Row>>): Promise<readonly Row[]> {
  const { rows, next } = await read({ limit: 500 });
  expect(next).toBeNull();
  expect(rows.length).toBeGreaterThan(1);
  for (let limit = 1; limit <= rows.length; limit += 1) expect(await allPages(read, limit)).toEqual(rows);
  return rows;
}

describe('availability rows', () => {
  test('bring levels, open holds and every layer of settings for many SKUs at once; unknown SKUs are missing', async () => {
    await setGlobalSettings(db, { 'backorder.mode': 'allow' });
    await setProductSettings(db, 'TEA-1', { 'oos.threshold': 2 });
    await db.pool.query(
      `insert into stockroom.stock_hold values ('old', 2, 1, 5, now() - interval '1 second')`,
    );
    const read = await readAvailability(db.read, 'main', ['TEA-1', 'TEA-2', 'nobody']);
    await db.pool.query(`delete from stockroom.stock_hold where hold_ref = 'old'`);
    expect(read?.store).toMatchObject({
      code: 'main',
      locations: [{ code: 'main', enabled: true, inStock: true }],
    });
    expect(read?.settings).toEqual({ store: {}, global: { 'backorder.mode': 'allow' } });
    expect(read?.rows.map(({ sku }) => sku).sort()).toEqual(['TEA-1', 'TEA-2']);
    const tea = read?.rows.find(({ sku }) => sku === 'TEA-1');
    expect(tea).toMatchObject({
      name: 'Green tea',
      settings: { item: null, product: { 'oos.threshold': 2 } },
    });
    expect(tea?.item.levels.find(({ kind }) => kind === 'location')).toMatchObject({
      onHand: units(7),
      sequence: 2,
    });
    expect(tea?.item.levels.find(({ kind }) => kind === 'pool')).toMatchObject({
      committed: units(2),
      held: units(1),
    });
    expect(tea?.item.holds).toMatchObject([{ holdRef: 'cart-1', quantity: units(1) }]);
    expect(tea?.item.holds[0]?.expiresAt).toBeGreaterThan(Date.now());
    expect(read?.rows.find(({ sku }) => sku === 'TEA-2')?.item.holds).toEqual([]);
  });

  test('of an unknown store are null', async () => {
    expect(await readAvailability(db.read, 'nowhere', ['TEA-1'])).toBeNull();
  });

  test('keep quantities exact that no floating point number holds', async () => {
    await db.pool.query(
      `update stockroom.stock_level set incoming = 123456789012.3456 where stock_item_id = 2`,
    );
    const read = await readAvailability(db.read, 'main', ['TEA-2']);
    await db.pool.query('update stockroom.stock_level set incoming = 0 where stock_item_id = 2');
    expect(read?.rows[0]?.item.levels[0]?.incoming).toBe(1_234_567_890_123_456);
  });
});

describe('stock', () => {
  test('of a SKU shows every place it has been at', async () => {
    const stock = await readStock(db.read, 'TEA-1');
    expect(stock).toMatchObject({ sku: 'TEA-1', name: 'Green tea', published: true });
    expect(
      stock?.places.map(({ code, kind, onHand, committed, held }) => ({
        code,
        kind,
        onHand,
        committed,
        held,
      })),
    ).toEqual([
      { code: 'main', kind: 'location', onHand: units(7), committed: 0, held: 0 },
      { code: 'main-pool', kind: 'pool', onHand: 0, committed: units(2), held: units(1) },
    ]);
    expect(await readStock(db.read, 'nobody')).toBeNull();
  });

  test('of all products comes by SKU with sums, page by page, and can be searched by SKU and name', async () => {
    const rows = await expectPaged((request) => listProducts(db.read, request));
    expect(rows).toMatchObject([
      { sku: 'TEA-1', onHand: units(7), committed: units(2), held: units(1) },
      { sku: 'TEA-2', onHand: 0 },
    ]);
    const found = async (search: string) =>
      (await listProducts(db.read, { search })).rows.map(({ sku }) => sku);
    expect(await found('black')).toEqual(['TEA-2']);
    expect(await found('tea-')).toEqual(['TEA-1', 'TEA-2']);
    expect(await found('%')).toEqual([]);
  });
});

describe('the ledger', () => {
  test('of a SKU comes newest first with its cause, over all places or one', async () => {
    const rows = await expectPaged((request) => readLedgerOfSku(db.read, 'TEA-1', request));
    expect(rows).toHaveLength(8);
    const goods = (await readLedgerOfSku(db.read, 'TEA-1', { place: 'main' })).rows;
    expect(goods).toMatchObject([
      {
        sequence: 2,
        bucket: 'on_hand',
        delta: units(-3),
        balanceAfter: units(7),
        kind: 'deduct',
        order: { store: 'main', reference: 'O-2', line: 'L1' },
        cause: { eventId: 'e-2s', type: 'order.shipped', actor: 'Ann', source: 'api', reason: 'because' },
      },
      {
        sequence: 1,
        delta: units(10),
        kind: 'receive',
        order: null,
        cause: { type: 'catalog.seed', source: 'cli' },
      },
    ]);
    expect((await readLedgerOfSku(db.read, 'nobody')).rows).toEqual([]);
  });

  test('keeps each place in the order of its sequence when times run backwards, and loses nothing at page ends', async () => {
    await createLocation(db, { code: 'annex', name: 'Annex' });
    const { rows } = await db.pool.query<{ id: number }>(
      `select id from stockroom.location where code = 'annex'`,
    );
    // Times go up and down against the sequence, in two places at once.
    await db.pool.query(
      `insert into stockroom.stock_level (stock_item_id, location_id, kind) values (2, $1, 'location') on conflict do nothing`,
      [rows[0]?.id],
    );
    await db.pool.query(
      `insert into stockroom.movement (stock_item_id, location_id, sequence, bucket, delta, balance_after, kind, event_seq, at)
       select 2, l.location_id, n, 'on_hand', 1, n, 'adjust', 1, now() + ((n * 7919 + l.location_id * 31) % 11) * interval '1 second'
         from generate_series(1, 12) n, stockroom.stock_level l where l.stock_item_id = 2 and l.kind = 'location'`,
    );
    const entries = await expectPaged((request) => readLedgerOfSku(db.read, 'TEA-2', request));
    for (const place of ['main', 'annex']) {
      const sequences = entries.filter((entry) => entry.place === place).map(({ sequence }) => sequence);
      expect(sequences).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    }
  });

  test('of an order has what the order caused and nothing else', async () => {
    const order = await readOrder(db.read, 'main', 'O-2');
    const rows = await expectPaged((request) => readLedgerOfOrder(db.read, order?.orderId ?? 0, request));
    expect(rows.map(({ kind }) => kind).sort()).toEqual(['commit', 'deduct', 'uncommit']);
  });

  test('refuses what is no cursor of its own', async () => {
    const cursors = [
      'x',
      '',
      Buffer.from('["a"]').toString('base64url'),
      Buffer.from('{"1":"x"}').toString('base64url'),
    ];
    for (const cursor of cursors) {
      await expect(readLedgerOfSku(db.read, 'TEA-1', { cursor })).rejects.toMatchObject({
        code: 'invalid_cursor',
      });
      await expect(readLedgerOfOrder(db.read, 1, { cursor })).rejects.toMatchObject({
        code: 'invalid_cursor',
      });
    }
  });
});

describe('orders', () => {
  test('one comes with its state, lines, events and their outcomes', async () => {
    expect(await readOrder(db.read, 'main', 'O-2')).toMatchObject({
      store: 'main',
      reference: 'O-2',
      placed: true,
      state: 'shipped',
      lines: [
        {
          lineRef: 'L1',
          sku: 'TEA-1',
          status: 'accepted',
          requested: units(3),
          shipped: units(3),
          deducted: [{ quantity: units(3) }],
          facts: [{ kind: 'ship', eventId: 'e-2s' }],
        },
      ],
      events: [
        { eventId: 'e-2', type: 'order.placed', settled: true, outcome: { status: 'accepted' } },
        { eventId: 'e-2s', type: 'order.shipped', settled: true },
      ],
    });
    expect(await readOrder(db.read, 'main', 'O-6')).toMatchObject({
      placed: false,
      lines: [],
      events: [{ eventId: 'e-6', early: true, settled: false, outcome: null }],
    });
    expect(await readOrder(db.read, 'main', 'nobody')).toBeNull();
    expect(await readOrder(db.read, 'nowhere', 'O-2')).toBeNull();
  });

  test('are listed newest first, of one state or all', async () => {
    const rows = await expectPaged((request) => listOrders(db.read, request));
    expect(rows.map(({ reference }) => reference)).toEqual(['O-6', 'O-5', 'O-4', 'O-3', 'O-2', 'O-1']);
    const shipped = await listOrders(db.read, { state: 'shipped', store: 'main' });
    expect(shipped.rows.map(({ reference }) => reference)).toEqual(['O-2']);
    expect((await listOrders(db.read, { store: 'nowhere' })).rows).toEqual([]);
  });
});

describe('outcomes', () => {
  test('say for each event where it is', async () => {
    const found = await readOutcomes(db.read, ['e-1', 'e-4', 'e-5', 'e-6', 'e-bad', 'nobody', 'e-1']);
    const byId = Object.fromEntries(found.map((row) => [row.eventId, row]));
    expect(Object.keys(byId).sort()).toEqual(['e-1', 'e-4', 'e-5', 'e-6', 'e-bad']);
    expect(byId['e-1']).toMatchObject({
      progress: 'settled',
      outcome: { status: 'accepted' },
      settledAt: expect.any(Date),
      store: 'main',
      order: 'O-1',
      problem: null,
    });
    expect(byId['e-4']).toMatchObject({ progress: 'pending', outcome: null, settledAt: null });
    expect(byId['e-5']).toMatchObject({
      progress: 'parked',
      problem: { code: 'defect', message: 'it broke' },
    });
    expect(byId['e-6']).toMatchObject({ progress: 'early' });
    expect(byId['e-bad']).toMatchObject({
      type: 'order.placed',
      progress: 'refused',
      problem: { code: 'invalid_input', field: 'lines.0.sku' },
    });
    expect(await readOutcome(db.read, 'nobody')).toBeNull();
  });

  test('an event that got in under an id that was refused before is not refused', async () => {
    await db.pool.query(`insert into stockroom.refused_event (event_id, code, message, body, source)
      values ('e-1', 'event_id_reused', 'another body', '{}', 'api')`);
    expect(await readOutcome(db.read, 'e-1')).toMatchObject({ progress: 'settled', problem: null });
  });
});

describe('exceptions, mails and counts', () => {
  test('parked commands come with their error and what they belong to', async () => {
    const { rows } = await listParkedCommands(db.read);
    expect(rows).toMatchObject([
      {
        commandId: 900,
        sku: 'TEA-2',
        eventId: 'e-5',
        eventType: 'order.placed',
        store: 'main',
        order: 'O-5',
        errorCode: 'defect',
      },
    ]);
    expect(await countParkedCommands(db.read)).toBe(1);
  });

  test('refused events come with what came in', async () => {
    const rows = await expectPaged((request) => listRefusedEvents(db.read, request));
    expect(rows.at(-1)).toMatchObject({
      eventId: 'e-bad',
      field: 'lines.0.sku',
      body: { type: 'order.placed' },
    });
  });

  test('mails are listed by state and counted', async () => {
    const rows = await expectPaged((request) => listNotifications(db.read, request));
    expect(rows.map(({ messageId }) => messageId)).toEqual(['m-3', 'm-2', 'm-1']);
    expect((await listNotifications(db.read, { state: 'dead' })).rows).toMatchObject([
      { messageId: 'm-3', template: 'low-stock', recipient: 'store-managers', eventId: 'e-1', sku: 'TEA-1' },
    ]);
    expect(await countNotifications(db.read)).toEqual({ pending: 1, sent: 1, dead: 1, suppressed: 0 });
  });

  test('the counts of the corridor are those of its tables', async () => {
    await db.pool.query(`update stockroom.stock_command set created_at = now() - interval '5 seconds'`);
    await db.pool.query(
      `update stockroom.notification set next_attempt_at = now() - interval '7 seconds' where state = 'pending'`,
    );
    const counts = await readCounts(db.read);
    expect(counts).toMatchObject({
      pendingCommands: 1,
      parkedCommands: 1,
      earlyEvents: 1,
      repliesDue: 0,
      pendingNotifications: 1,
      deadNotifications: 1,
    });
    expect(counts.oldestPendingMs).toBeGreaterThanOrEqual(5_000);
    expect(counts.oldestDueNotificationMs).toBeGreaterThanOrEqual(7_000);
  });
});
