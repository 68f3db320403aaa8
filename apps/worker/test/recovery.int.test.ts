// What a worker must get over: a mail server that is away, bells that were lost, a login that is refused, and its own end.
import { quantityToNumber, units } from '@stockroom/core';
import {
  countNotifications,
  createContact,
  insertNotifications,
  readCounts,
  readStock,
  seedCatalog,
} from '@stockroom/db';
import { createDoors } from '@stockroom/engine';
import { createOps, QUEUES } from '@stockroom/queues';
import { describeOnBackends, eventually, startInbox, uniqueId } from '@stockroom/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type OpenWorld, openWorld } from './open-worker.ts';

const quickMails = { attemptsMax: 12, backoffMs: 100, backoffMaxMs: 400, claimMs: 60_000 };

describeOnBackends('a worker recovers', (backend) => {
  let world: OpenWorld;
  beforeEach(async () => {
    world = await openWorld(backend);
    await createContact(world.db, { group: 'store-managers', email: 'manager@shop.test' });
  });
  afterEach(() => world.close());

  async function seed(count: number, onHand: number): Promise<string[]> {
    const skus = Array.from({ length: count }, () => uniqueId('sku'));
    const settings = { 'notify.threshold': onHand - 1 };
    await seedCatalog(world.db, {
      products: skus.map((sku) => ({ sku, name: sku, onHand: units(onHand), settings })),
    });
    return skus;
  }

  const order = (sku: string) => ({
    id: uniqueId('event'),
    order: uniqueId('order'),
    at: new Date().toISOString(),
    lines: [{ sku, quantity: 2 }],
  });

  async function order5(skus: readonly string[]): Promise<void> {
    await world.queues.addMany(
      QUEUES.orderEvents,
      skus.map((sku) => ({ name: 'order.placed', data: order(sku) })),
    );
  }

  test('every mail arrives once after the mail server was down', async () => {
    await world.inbox.stop();
    await world.start({ tuning: { mailLimits: quickMails } });
    const skus = await seed(5, 10);
    await order5(skus);
    await eventually(() => world.logged.filter((line) => line.startsWith('mail put off')).length >= 5);
    await world.inbox.start();
    await eventually(async () => (await countNotifications(world.db.read)).sent === 5, { timeoutMs: 20_000 });
    const subjects = world.inbox.messages().map(({ subject }) => subject);
    expect(skus.map((sku) => subjects.filter((subject) => subject.includes(sku)).length)).toEqual([
      1, 1, 1, 1, 1,
    ]);
    expect(subjects).toHaveLength(5);
  });

  test('a refused login pauses the queue, burns no attempt, and the mail goes out once the login is right', async () => {
    const strict = await startInbox({ auth: { user: 'shop', pass: 'right' } });
    try {
      const smtp = (password: string) => ({
        url: `smtp://shop:${password}@127.0.0.1:${strict.port}`,
        from: 'stock@shop.test',
      });
      const worker = await world.start({ smtp: smtp('wrong'), tuning: { mailLimits: quickMails } });
      const [sku = ''] = await seed(1, 10);
      await order5([sku]);
      const ops = createOps(world.queues);
      await eventually(async () => (await ops.counts(QUEUES.mail)).paused);
      expect(world.logged.join('\n')).toContain('smtp_auth_failed');
      await worker.close({ timeoutMs: 5_000 });
      await world.start({ smtp: smtp('right'), tuning: { mailLimits: quickMails } });
      await ops.resume(QUEUES.mail);
      await eventually(() => strict.messages({ subject: sku }).length === 1, { timeoutMs: 20_000 });
    } finally {
      await strict.stop();
    }
  });

  test('orders whose bells were lost are settled by the sweep', async () => {
    const [sku = ''] = await seed(1, 10);
    const deaf = createDoors({ db: world.db, bells: 64, ring: async () => {} });
    await deaf.submit({ body: { type: 'order.placed', ...order(sku) }, source: 'api', watch: false });
    await deaf.close();
    expect((await readCounts(world.db.read)).pendingCommands).toBe(1);
    await world.start();
    await eventually(async () => (await readCounts(world.db.read)).pendingCommands === 0, {
      timeoutMs: 20_000,
    });
    expect(world.logged.some((line) => line.startsWith('the sweep found'))).toBe(true);
    const stock = await readStock(world.db.read, sku);
    expect(stock?.places.map((place) => quantityToNumber(place.committed))).toEqual([0, 2]);
  });

  test('the sweep comes back after the queue has forgotten its schedule', async () => {
    await world.start({ tuning: { sweepEveryMs: 500 } });
    const ops = createOps(world.queues);
    await ops.obliterate(QUEUES.sweep);
    const [sku = ''] = await seed(1, 10);
    const deaf = createDoors({ db: world.db, bells: 64, ring: async () => {} });
    await deaf.submit({ body: { type: 'order.placed', ...order(sku) }, source: 'api', watch: false });
    await deaf.close();
    await eventually(async () => (await readCounts(world.db.read)).pendingCommands === 0, {
      timeoutMs: 20_000,
    });
  });

  test('a mail that can never be rendered is dead and visible, and the next one goes out', async () => {
    await world.start();
    await world.db.transaction((sql) =>
      insertNotifications(sql, [
        {
          template: 'low-stock',
          recipientKind: 'address',
          recipient: 'manager@shop.test',
          data: '{}',
          eventSeq: 0,
          itemId: null,
          messageId: `<${uniqueId('mail')}@shop.test>`,
        },
      ]),
    );
    const skus = await seed(1, 10);
    await order5(skus);
    await eventually(
      async () => {
        const { dead, sent } = await countNotifications(world.db.read);
        return dead === 1 && sent === 1;
      },
      { timeoutMs: 15_000 },
    );
  });

  test('close finishes what was begun within its bound, and the next worker does the rest', async () => {
    const skus = await seed(200, 10);
    const first = await world.start({ roles: ['receive', 'stock'] });
    await order5(skus);
    const startedAt = Date.now();
    await first.close({ timeoutMs: 8_000 });
    expect(Date.now() - startedAt).toBeLessThan(12_000);
    await world.start({ roles: ['receive', 'stock', 'sweep'] });
    await eventually(
      async () => {
        const [row] = await world.db.read.query<{ settled: number }>(
          {
            name: '',
            text: `select count(*)::int as settled from stockroom.shop_order where state = 'accepted'`,
          },
          [],
        );
        return row?.settled === 200;
      },
      { timeoutMs: 20_000 },
    );
  });
});

test('a worker as a process refuses a schema it does not know and an environment with holes', async () => {
  const { createDatabase, spawnNode } = await import('@stockroom/testkit');
  const main = new URL('../src/main.ts', import.meta.url);
  const holes = spawnNode(main, {
    env: { DATABASE_URL: '', REDIS_URL: '', SMTP_URL: '', WORKER_ROLES: 'mail,cook' },
  });
  expect((await holes.ended).exitCode).toBe(1);
  expect(holes.lines.join('\n')).toMatch(/DATABASE_URL[\s\S]*WORKER_ROLES.*cook/);
  const empty = await createDatabase({ template: 'empty' });
  try {
    const older = spawnNode(main, {
      env: { DATABASE_URL: empty.url, REDIS_URL: '', WORKER_ROLES: 'stock', WORKER_PORT: '0' },
    });
    expect((await older.ended).exitCode).toBe(1);
    expect(older.lines.join('\n')).toContain('stockroom migrate');
  } finally {
    await empty.drop();
  }
});
