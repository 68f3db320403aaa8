// The whole corridor through a worker: an event of a bare BullMQ producer becomes stock, an answer and a mail.
import type { Outcome, OutcomesJob } from '@stockroom/contracts';
import { quantityToNumber, units } from '@stockroom/core';
import { createContact, readStock, seedCatalog, verifyDatabase } from '@stockroom/db';
import { QUEUES } from '@stockroom/queues';
import { describeOnBackends, eventually, uniqueId } from '@stockroom/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type OpenWorld, openWorld } from './open-worker.ts';

describeOnBackends('a worker with all roles', (backend) => {
  let world: OpenWorld;
  let url: string;
  const outcomes = new Map<string, Outcome>();

  beforeAll(async () => {
    world = await openWorld(backend);
    await createContact(world.db, { group: 'store-managers', email: 'manager@shop.test' });
    await createContact(world.db, { group: 'store-managers', email: 'buyer@shop.test' });
    const worker = await world.start({ port: 0 });
    url = worker.url ?? '';
    world.queues.worker<OutcomesJob>(QUEUES.orderOutcomes, async (job) => {
      for (const outcome of job.data.outcomes) outcomes.set(outcome.eventId, outcome);
    });
  });
  afterAll(() => world.close());

  async function seed(onHand: number, threshold?: number): Promise<string> {
    const sku = uniqueId('sku');
    const settings = threshold === undefined ? {} : { settings: { 'notify.threshold': threshold } };
    await seedCatalog(world.db, {
      products: [{ sku, name: `Product ${sku}`, onHand: units(onHand), ...settings }],
    });
    return sku;
  }

  /** As a service with nothing but BullMQ and the contract does it. */
  async function send(name: string, data: Record<string, unknown>): Promise<string> {
    await world.queues.queue(QUEUES.orderEvents).add(name, data, {});
    return String(data.id);
  }

  const head = () => ({
    id: uniqueId('event'),
    order: uniqueId('order'),
    at: new Date().toISOString(),
    reply: true,
  });
  const outcomeOf = (id: string) =>
    eventually(() => outcomes.get(id) ?? false, { timeoutMs: 15_000 }) as Promise<Outcome>;

  test('an order from the queue is settled, and its outcome comes back on order-outcomes', async () => {
    const sku = await seed(10);
    const id = await send('order.placed', { ...head(), lines: [{ sku, quantity: 3 }] });
    expect(await outcomeOf(id)).toMatchObject({
      status: 'accepted',
      type: 'order.placed',
      lines: [{ sku, result: 'accepted', requested: 3, fromStock: 3 }],
    });
    const stock = await readStock(world.db.read, sku);
    expect(
      stock?.places.map((place) => [
        place.code,
        quantityToNumber(place.onHand),
        quantityToNumber(place.committed),
      ]),
    ).toEqual([
      ['main', 10, 0],
      ['main-pool', 0, 3],
    ]);
  });

  test('more than there is gets a rejection that names what could be had', async () => {
    const sku = await seed(2);
    const id = await send('order.placed', { ...head(), lines: [{ sku, quantity: 5 }] });
    expect(await outcomeOf(id)).toMatchObject({
      status: 'rejected',
      lines: [{ result: 'rejected', rejection: { code: 'insufficient_stock', requested: 5, available: 2 } }],
    });
  });

  test('an order that crosses the threshold brings one low-stock mail to every store manager', async () => {
    const sku = await seed(12, 10);
    await outcomeOf(await send('order.placed', { ...head(), lines: [{ sku, quantity: 3 }] }));
    const mails = await eventually(() => {
      const found = world.inbox.messages({ subject: sku });
      return found.length > 0 && found;
    });
    expect(mails).toHaveLength(1);
    expect(mails[0]?.to.toSorted()).toEqual(['buyer@shop.test', 'manager@shop.test']);
    expect(mails[0]?.text).toContain(sku);
  });

  test('an event that names another type than its job is refused, answered, and changes nothing', async () => {
    const sku = await seed(5);
    const id = await send('order.placed', { ...head(), type: 'order.paid', lines: [{ sku, quantity: 1 }] });
    expect(await outcomeOf(id)).toMatchObject({
      status: 'refused',
      rejection: { code: 'invalid_input', field: 'type' },
    });
    expect(await refusedCount(id)).toBe(1);
  });

  test('an event with a bad field is refused by name; without an order for a reply nothing is said', async () => {
    const sku = await seed(5);
    const loud = await send('order.placed', { ...head(), lines: [{ sku, quantity: 0 }] });
    expect(await outcomeOf(loud)).toMatchObject({
      status: 'refused',
      rejection: { field: 'lines.0.quantity' },
    });
    const quiet = await send('order.placed', { ...head(), reply: false, lines: [{ sku, quantity: 0 }] });
    await eventually(async () => (await refusedCount(quiet)) === 1);
    expect(outcomes.has(quiet)).toBe(false);
  });

  test.each([
    ['null', null],
    ['a text', 'order'],
    ['a list', [1]],
  ])('%s as data is refused and the worker goes on', async (_, data) => {
    const before = await refusedCount(null);
    await world.queues.queue(QUEUES.orderEvents).add('order.placed', data, {});
    await eventually(async () => (await refusedCount(null)) === before + 1);
  });

  test('a doubled event has one effect', async () => {
    const sku = await seed(10);
    const event = { ...head(), lines: [{ sku, quantity: 4 }] };
    await Promise.all(Array.from({ length: 20 }, () => send('order.placed', event)));
    await outcomeOf(event.id);
    await eventually(
      async () =>
        (await world.queues.queue(QUEUES.orderEvents).getJobCounts('waiting', 'active')).waiting === 0,
    );
    const stock = await readStock(world.db.read, sku);
    expect(stock?.places.map((place) => quantityToNumber(place.committed))).toEqual([0, 4]);
  });

  test('health says ready, and the metrics count what passed', async () => {
    const ready = await fetch(`${url}/readyz`);
    expect([ready.status, await ready.json()]).toMatchObject([200, { ok: true }]);
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toMatch(/stockroom_events_received_total\{status="accepted"\} [1-9]/);
    expect(metrics).toMatch(/stockroom_events_received_total\{status="refused"\} [1-9]/);
    expect(metrics).toMatch(/stockroom_mails_total\{delivery="sent"\} [1-9]/);
    expect(metrics).toMatch(/stockroom_mailbox_commands 0/);
  });

  test('verify finds every invariant in place after all of it', async () => {
    const verified = await verifyDatabase(world.db);
    expect(verified.differences).toEqual([]);
    expect(verified.settledOrders).toBeGreaterThanOrEqual(4);
  });

  async function refusedCount(eventId: string | null): Promise<number> {
    const [row] = await world.db.read.query<{ count: number }>(
      {
        name: '',
        text: 'select count(*)::int as count from stockroom.refused_event where event_id is not distinct from $1::text',
      },
      [eventId],
    );
    return row?.count ?? 0;
  }
});
