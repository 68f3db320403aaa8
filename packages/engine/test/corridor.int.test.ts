// The whole corridor on both queue backends: doors, bells, settlers, answers, and what finds again what was lost on the way.

import { EngineError, type Outcome } from '@stockroom/contracts';
import { dueReplies } from '@stockroom/db';
import type { BellData, Feed, Queues } from '@stockroom/queues';
import { createRinger, QUEUES } from '@stockroom/queues';
import { describeOnBackends, eventually } from '@stockroom/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Announcer, Doors, SettlementNews, Settler } from '../src/index.ts';
import { createAnnouncer, createDoors, createSettler, openOutcomeWatch, sweep } from '../src/index.ts';
import { placed, stock } from './support/events.ts';
import { openTestQueues } from './support/queues.ts';
import { openShop, type Shop } from './support/shop.ts';

/** A feed through which nothing comes. */
const cutFeed: Feed = {
  publish: async () => false,
  subscribe: async () => async () => {},
  close: async () => {},
};

describeOnBackends('the corridor', (backend) => {
  let shop: Shop;
  let opened: Awaited<ReturnType<typeof openTestQueues>>;
  let queues: Queues;
  let announcer: Announcer;
  let problems: string[];

  beforeAll(async () => {
    shop = await openShop();
    opened = await openTestQueues(backend, shop.url);
    queues = opened.queues;
    problems = [];
    announcer = createAnnouncer({
      db: shop.db,
      queues,
      feed: opened.feed,
      log: (problem) => problems.push(problem),
    });
  });
  afterEach(() => shop.provesClean());
  afterAll(async () => {
    await opened.end();
    await shop.end();
  });

  const arrival = (body: object, watch = false) => ({ body, source: 'api' as const, watch });
  const age = () =>
    shop.db.pool.query(`update stockroom.stock_command set created_at = now() - interval '1 minute'`);

  /** Outcomes on the queue, in no order; taken away by looking. */
  async function repliesTaken(): Promise<Outcome[]> {
    const queue = queues.queue(QUEUES.orderOutcomes);
    const jobs = await queue.getJobs(['waiting', 'prioritized', 'delayed']);
    await Promise.all(jobs.map((job) => job.remove()));
    return jobs.flatMap((job) => (job.data as { outcomes: Outcome[] }).outcomes);
  }

  async function mailJobIds(): Promise<number[]> {
    const jobs = await queues.queue(QUEUES.mail).getJobs(['waiting', 'prioritized', 'delayed']);
    return jobs.map((job) => (job.data as { notificationId: number }).notificationId);
  }

  describe.each([64, 'product'] as const)('with bells %s', (bells) => {
    let doors: Doors;
    let settler: Settler;
    let worker: ReturnType<Queues['worker']>;

    beforeAll(async () => {
      const ring = createRinger(queues);
      doors = createDoors({ db: shop.db, bells, ring });
      settler = createSettler({ db: shop.db, bells, ring, announcer });
      worker = queues.worker<BellData>(QUEUES.stock, (job) => settler.answerBell(job.data.bell), {
        concurrency: 8,
      });
      await worker.ready();
    });
    afterAll(async () => {
      await worker.close({ timeoutMs: 2_000 });
      await doors.close();
      await settler.close();
    });

    test('what a door accepts is settled without anybody asking, and who waits hears of it', async () => {
      const watch = await openOutcomeWatch(shop.db, opened.feed);
      try {
        const sku = await shop.product(100);
        const events = Array.from({ length: 30 }, (_, n) => placed(`door${n}-${sku}`, [[sku, 1]]));
        const outcomes = events.map((event) => watch.outcomeOf(event.id, { timeoutMs: 10_000 }));
        const answers = await doors.submitMany(events.map((event) => arrival(event, true)));
        expect(answers.every(({ status }) => status === 'accepted')).toBe(true);
        expect((await Promise.all(outcomes)).map(({ status }) => status)).toEqual(Array(30).fill('accepted'));
        expect(await shop.levels(sku)).toMatchObject({ committed: 30 });
      } finally {
        await watch.close();
      }
    });

    test('an order over many products is refused as a whole and everything comes back by itself', async () => {
      const watch = await openOutcomeWatch(shop.db, opened.feed);
      try {
        const skus = await Promise.all([5, 5, 5, 0].map((onHand) => shop.product(onHand)));
        const event = placed(`many-${skus[0]}`, skus.map((sku) => [sku, 1] as const)); // biome-ignore format: one thought
        await doors.submit(arrival(event, true));
        expect(await watch.outcomeOf(event.id, { timeoutMs: 10_000 })).toMatchObject({ status: 'rejected' });
        for (const sku of skus) {
          await eventually(async () => expect(await shop.levels(sku)).toMatchObject({ committed: 0 }));
        }
      } finally {
        await watch.close();
      }
    });

    test('an outcome is on the outcomes queue for whoever asked, and for nobody else', async () => {
      const sku = await shop.product(5);
      const [asked, silent] = [
        placed(`a-${sku}`, [[sku, 1]], { reply: true }),
        placed(`b-${sku}`, [[sku, 1]]),
      ] as const;
      await doors.submitMany([arrival(asked), arrival(silent)]);
      const replies = await eventually(async () => {
        const taken = await repliesTaken();
        return taken.length > 0 && taken;
      });
      expect(replies).toMatchObject([
        { eventId: asked.id, status: 'accepted', order: asked.order, store: 'main' },
      ]);
      await eventually(async () => expect(await dueReplies(shop.db.read, 10)).toEqual([]));
      expect(await shop.outcome(silent)).toMatchObject({ status: 'accepted' });
    });
  });

  test('the sweep rings again for a mailbox whose bell was lost', async () => {
    const sku = await shop.product(5);
    const event = placed(`lost-${sku}`, [[sku, 1]]);
    await shop.send(event);
    const rung: string[] = [];
    const parts = {
      db: shop.db,
      bells: 64,
      ring: async (bells: Iterable<string>) => void rung.push(...bells),
      announcer,
    };
    // Just received: its bell may still be on its way.
    expect(await sweep(parts)).toMatchObject({ products: 0 });
    await age();
    expect(await sweep(parts)).toMatchObject({ products: 1 });
    expect(rung).toEqual([expect.stringMatching(/^b64-\d+$/)]);

    const settler = createSettler({ db: shop.db, bells: 64, ring: createRinger(queues), announcer });
    expect(await settler.answerBell(rung[0] ?? '')).toEqual({ commands: 1 });
    expect(await settler.answerBell(rung[0] ?? '')).toEqual({ commands: 0 });
    await settler.close();
    expect(await shop.outcome(event)).toMatchObject({ status: 'accepted' });
  });

  test('replies and mails of a worker that died after its commit go out by the sweep, replies until one is known to be out', async () => {
    const sku = await shop.product(1);
    const event = placed(`crash-${sku}`, [[sku, 1]], { reply: true });
    await shop.send(event);
    // Settled and committed; nobody lives to announce it.
    const [news] = (await shop.settleAll()) as [SettlementNews];
    expect(news.replies).toHaveLength(1);
    expect(news.notificationIds).toHaveLength(1);

    const ring = async () => {};
    expect(await sweep({ db: shop.db, bells: 64, ring, announcer })).toEqual({
      products: 0,
      mails: 1,
      replies: 1,
    });
    expect(await repliesTaken()).toMatchObject([{ eventId: event.id, status: 'accepted' }]);
    expect(await mailJobIds()).toEqual([...news.notificationIds]);
    // Said: not said again. The mail stays due until it is sent, and has one job however often it is swept.
    expect(await sweep({ db: shop.db, bells: 64, ring, announcer })).toEqual({
      products: 0,
      mails: 1,
      replies: 0,
    });
    expect(await repliesTaken()).toEqual([]);
    expect(await mailJobIds()).toEqual([...news.notificationIds]);

    // The worker was only slow: its announcement is the second, never the first that is missing.
    await announcer.announce(news);
    expect(await repliesTaken()).toMatchObject([{ eventId: event.id }]);
  });

  test('an announcement that cannot be made is no failure: it is logged, and still due', async () => {
    const sku = await shop.product(5);
    await shop.send(placed(`deaf-${sku}`, [[sku, 1]], { reply: true }));
    const [news] = (await shop.settleAll()) as [SettlementNews];
    const broken: Queues = {
      ...queues,
      addMany: () =>
        Promise.reject(new EngineError('queue_unavailable', 'the queue is away', { retry: 'soon' })),
    };
    const log: string[] = [];
    const mute = createAnnouncer({
      db: shop.db,
      queues: broken,
      feed: cutFeed,
      log: (problem) => log.push(problem),
    });
    await mute.announce(news);
    expect(log).toEqual([expect.stringContaining('the queue is away')]);
    expect(await dueReplies(shop.db.read, 10)).toHaveLength(1);
    await announcer.announceDue();
    expect(await repliesTaken()).toHaveLength(1);
  });

  describe('waiting for an outcome', () => {
    test('with the feed cut, reading finds it', async () => {
      const watch = await openOutcomeWatch(shop.db, cutFeed);
      const sku = await shop.product(5);
      const event = placed(`read-${sku}`, [[sku, 1]]);
      const [first, second] = [1, 2].map(() => watch.outcomeOf(event.id, { timeoutMs: 10_000 }));
      await shop.tell(event);
      expect(await first).toMatchObject({ eventId: event.id, status: 'accepted' });
      expect(await second).toEqual(await first);
      // Asked after it was settled: nothing will ever be published again.
      expect(await watch.outcomeOf(event.id, { timeoutMs: 10_000 })).toEqual(await first);
      await watch.close();
    });

    test('that does not come in time is an error that says when to ask again', async () => {
      const watch = await openOutcomeWatch(shop.db, opened.feed);
      const sku = await shop.product(5);
      const event = placed(`slow-${sku}`, [[sku, 1]]);
      await shop.send(event);
      await expect(watch.outcomeOf(event.id, { timeoutMs: 50 })).rejects.toMatchObject({
        code: 'outcome_pending',
        retry: 'soon',
        message: expect.stringContaining(event.id),
      });
      await shop.settleAll();
      expect(await watch.outcomeOf(event.id, { timeoutMs: 10_000 })).toMatchObject({ status: 'accepted' });
      await watch.close();
    });

    test('that is parked ends too', async () => {
      const watch = await openOutcomeWatch(shop.db, cutFeed);
      const sku = await shop.product(5);
      const event = stock('adjust', sku, { by: 1 });
      await shop.send(event);
      await shop.db.pool.query(`update stockroom.stock_command set payload = payload - 'type' - 'command'`);
      await shop.settleAll();
      expect(await watch.outcomeOf(event.id, { timeoutMs: 10_000 })).toMatchObject({ status: 'parked' });
      await watch.close();
    });
  });
});
