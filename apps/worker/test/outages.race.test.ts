// Servers that are wiped, restarted and killed under load: what was accepted is settled all the same, once.
import { setTimeout as wait } from 'node:timers/promises';
import { createOps, QUEUES } from '@stockroom/queues';
import {
  type AvailableBackend,
  backends,
  describeOnBackends,
  eventually,
  startTestPostgres,
  startTestRedis,
} from '@stockroom/testkit';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Fleet, type FleetOptions, openFleet, outcomeOf } from './race/fleet.ts';
import { startLoad } from './race/load.ts';
import { placed } from './race/orders.ts';

const accepted = 5_000;
const plenty = 100_000;

async function openFor(backend: AvailableBackend, options?: FleetOptions): Promise<Fleet> {
  const fleet = await openFleet(backend, options);
  onTestFinished(() => fleet.close());
  return fleet;
}

const products = (fleet: Fleet) => fleet.seed(Array.from({ length: 50 }, () => plenty));

describeOnBackends('the queue is emptied', (backend) => {
  test(`in the middle of ${accepted} accepted orders: all of them settle, and the queue works on`, async () => {
    const redis = backend.name === 'redis' ? await startTestRedis() : null;
    onTestFinished(() => redis?.stop());
    const fleet = await openFor(
      redis === null ? backend : { name: 'redis', available: true, redisUrl: redis.url },
    );
    const ops = createOps(fleet.queues);
    const forget = async () => {
      if (redis !== null) return redis.wipe();
      // The same accident on Postgres: everything BullMQ knows of these queues.
      for (const name of [QUEUES.orderEvents, QUEUES.stock, QUEUES.sweep]) await ops.obliterate(name);
    };
    const skus = await products(fleet);
    const orders = Array.from({ length: accepted }, (_, at) =>
      placed([{ sku: skus[at % 50] as string, quantity: 1 }]),
    );
    // Nobody works yet: after this only the sweep knows of the first half.
    const early = await Promise.all(orders.slice(0, accepted / 2).map(fleet.submit));
    await forget();
    await fleet.start(2);
    const accepting = Promise.all(orders.slice(accepted / 2).map(fleet.submit));
    for (const share of [0.2, 0.5, 0.8]) {
      await eventually(async () => (await fleet.progress(orders)).answered >= accepted * share, {
        timeoutMs: 60_000,
        intervalMs: 5,
      });
      await forget();
    }
    const answers = [...early, ...(await accepting)];
    expect(answers.every(({ status }) => status === 'accepted')).toBe(true);
    await forget();
    await fleet.settled(orders);

    // Workers that wait for jobs when it happens hear the next one at once, and the sweep has its schedule again.
    await forget();
    const late = skus.map((sku) => placed([{ sku, quantity: 1 }]));
    await fleet.send(late);
    expect(await fleet.settled(late)).toBeLessThan(10_000);
    await eventually(
      async () => (await fleet.queues.queue(QUEUES.sweep).getJobScheduler('sweep')) !== undefined,
      {
        timeoutMs: 15_000,
      },
    );
    const found = await fleet.outcomes([...orders, ...late].map(({ id }) => id));
    expect(new Set([...found.values()].map((outcome) => outcomeOf(outcome).status))).toEqual(
      new Set(['accepted']),
    );
    await fleet.expectSound(accepted + late.length);
  });
});

describeOnBackends('Postgres goes away under load', (backend) => {
  test('restarted and crashed: every event that was accepted or queued is settled once', async () => {
    const postgres = await startTestPostgres({ durable: true });
    onTestFinished(() => postgres.stop());
    const fleet = await openFor(backend, { databaseUrl: postgres.url });
    await fleet.start(2);
    const load = startLoad(fleet, await products(fleet), 100);
    onTestFinished(() => void load.stop().catch(() => undefined));
    await wait(1_500);
    await postgres.restart();
    await wait(2_500);
    await postgres.kill('SIGQUIT');
    await wait(1_000);
    await postgres.restart();
    await wait(1_500);
    const events = await load.stop();
    const tookMs = await fleet.settled(events, 120_000);
    console.info(`drained after Postgres came back [${backend.name}]: ${tookMs} ms`);
    await fleet.expectSound(events.filter(({ type }) => type === 'order.placed').length);
  });
});

describe.skipIf(!backends().some(({ name, available }) => name === 'redis' && available))(
  'Redis with persistence',
  () => {
    test('restarted and killed under load: every event that was accepted or queued is settled once', async () => {
      const redis = await startTestRedis({ persist: true });
      onTestFinished(() => redis.stop());
      const fleet = await openFor({ name: 'redis', available: true, redisUrl: redis.url });
      await fleet.start(2);
      const load = startLoad(fleet, await products(fleet), 100);
      onTestFinished(() => void load.stop().catch(() => undefined));
      await wait(1_500);
      await redis.restart();
      await wait(2_000);
      await redis.kill('SIGKILL');
      await wait(1_000);
      await redis.restart();
      await wait(1_500);
      const events = await load.stop();
      const tookMs = await fleet.settled(events, 120_000);
      console.info(`drained after Redis came back: ${tookMs} ms`);
      await fleet.expectSound(events.filter(({ type }) => type === 'order.placed').length);
    });
  },
);
