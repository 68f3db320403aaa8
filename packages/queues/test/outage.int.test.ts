// What happens when the queue server goes away, comes back, or is set up dangerously.
import { backends, eventually, startTestPostgres, startTestRedis } from '@stockroom/testkit';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createRinger, openFeed, openQueues, QUEUES } from '../src/index.ts';
import { silent } from './open-on.ts';

const redisHere = backends().some((backend) => backend.name === 'redis' && backend.available);

describe.skipIf(!redisHere)('redis', () => {
  test('add fails fast and typed while Redis is down, ringing never throws, and all works again after it', async () => {
    const redis = await startTestRedis({ persist: true });
    onTestFinished(() => redis.stop());
    const queues = await openQueues({ backend: 'redis', redisUrl: redis.url, log: silent });
    onTestFinished(async () => void (await queues.close({ timeoutMs: 1_000 })));
    const ring = createRinger(queues);
    const feed = await openFeed(queues);
    const heard: unknown[] = [];
    await feed.subscribe('news', (messages) => heard.push(...messages));
    let done = 0;
    const worker = queues.worker(QUEUES.orderEvents, async () => {
      done += 1;
    });
    await worker.ready();
    await queues.add(QUEUES.orderEvents, { name: 'order.placed', data: {} });
    await eventually(() => expect(done).toBe(1));

    await redis.kill();
    await eventually(async () => expect(await queues.health()).toMatchObject({ ok: false }));
    const startMs = performance.now();
    await expect(queues.add(QUEUES.orderEvents, { name: 'order.placed', data: {} })).rejects.toMatchObject({
      name: 'EngineError',
      code: 'queue_unavailable',
      retry: 'soon',
    });
    expect(await ring(['b64-1'])).toMatchObject({ rung: false });
    expect(await feed.publish('news', [1])).toBe(false);
    expect(performance.now() - startMs).toBeLessThan(2_000);

    await redis.restart();
    await eventually(() => queues.add(QUEUES.orderEvents, { name: 'order.placed', data: {} }));
    await eventually(() => expect(done).toBe(2));
    await eventually(async () => {
      await feed.publish('news', ['back']);
      expect(heard).toContain('back');
    });
    expect(await ring(['b64-1'])).toEqual({ rung: true, bells: 1 });
  });

  test('closing is bounded while Redis is down', async () => {
    const redis = await startTestRedis();
    onTestFinished(() => redis.stop());
    const queues = await openQueues({ backend: 'redis', redisUrl: redis.url, log: silent });
    await queues.worker(QUEUES.mail, async () => {}).ready();
    await redis.kill();
    const startMs = performance.now();
    await queues.close({ timeoutMs: 500 });
    expect(performance.now() - startMs).toBeLessThan(12_000);
  });

  test('a Redis that may throw jobs away is refused, unless that is allowed', async () => {
    const redis = await startTestRedis({ settings: { 'maxmemory-policy': 'allkeys-lru' } });
    onTestFinished(() => redis.stop());
    const options = { backend: 'redis', redisUrl: redis.url, log: silent } as const;
    await expect(openQueues(options)).rejects.toMatchObject({
      code: 'queue_unsafe',
      retry: 'never',
      message: expect.stringContaining('noeviction'),
    });
    const queues = await openQueues({ ...options, allowEviction: true });
    expect(await queues.health()).toMatchObject({ ok: false, evictionPolicy: 'allkeys-lru' });
    await queues.close({ timeoutMs: 100 });
  });

  test('a full Redis is told apart from one that is away', async () => {
    const redis = await startTestRedis({ settings: { maxmemory: '3mb' } });
    onTestFinished(() => redis.stop());
    const queues = await openQueues({ backend: 'redis', redisUrl: redis.url, log: silent });
    onTestFinished(async () => void (await queues.close({ timeoutMs: 100 })));
    const jobs = Array.from({ length: 50 }, () => ({ name: 'big', data: { text: 'x'.repeat(2_000) } }));
    const fill = async () => {
      for (;;) await queues.addMany(QUEUES.orderEvents, jobs);
    };
    await expect(fill()).rejects.toMatchObject({ code: 'queue_full', retry: 'later' });
  });
});

test('a server that is not there is a typed error after the given time', async () => {
  const start = (backend: 'redis' | 'postgres') =>
    openQueues({
      backend,
      redisUrl: 'redis://127.0.0.1:1',
      databaseUrl: 'postgres://nobody@127.0.0.1:1/none',
      connectTimeoutMs: 300,
      log: silent,
    });
  await expect(start('redis')).rejects.toMatchObject({ code: 'queue_unavailable', retry: 'soon' });
  await expect(start('postgres')).rejects.toMatchObject({ code: 'queue_unavailable', retry: 'soon' });
  await expect(openQueues({ backend: 'redis', log: silent })).rejects.toMatchObject({
    code: 'queue_misconfigured',
  });
});

test('more workers than a small Postgres pool can carry are refused with a clear message', async () => {
  const postgres = await startTestPostgres();
  onTestFinished(() => postgres.stop());
  const queues = await openQueues({
    backend: 'postgres',
    databaseUrl: postgres.url,
    poolMax: 4,
    log: silent,
  });
  onTestFinished(async () => void (await queues.close({ timeoutMs: 1_000 })));
  queues.worker(QUEUES.mail, async () => {});
  queues.worker(QUEUES.sweep, async () => {});
  expect(() => queues.worker(QUEUES.stock, async () => {})).toThrow(/poolMax/);
});

test('Postgres going down and coming back: typed errors meanwhile, then workers and feed go on', async () => {
  const postgres = await startTestPostgres({ durable: true });
  onTestFinished(() => postgres.stop());
  const queues = await openQueues({
    backend: 'postgres',
    databaseUrl: postgres.url,
    connectTimeoutMs: 2_000,
    log: silent,
  });
  onTestFinished(async () => void (await queues.close({ timeoutMs: 1_000 })));
  const feed = await openFeed(queues);
  const heard: unknown[] = [];
  await feed.subscribe('news', (messages) => heard.push(...messages));
  let done = 0;
  await queues
    .worker(QUEUES.orderEvents, async () => {
      done += 1;
    })
    .ready();
  await queues.add(QUEUES.orderEvents, { name: 'order.placed', data: {} });
  await eventually(() => expect(done).toBe(1));

  await postgres.kill('SIGQUIT');
  await expect(queues.add(QUEUES.orderEvents, { name: 'order.placed', data: {} })).rejects.toMatchObject({
    code: 'queue_unavailable',
    retry: 'soon',
  });
  expect(await queues.health()).toMatchObject({ ok: false });
  await postgres.restart();
  await eventually(() => queues.add(QUEUES.orderEvents, { name: 'order.placed', data: {} }));
  await eventually(() => expect(done).toBe(2), { timeoutMs: 20_000 });
  await eventually(async () => {
    await feed.publish('news', ['back']);
    expect(heard).toContain('back');
  });
}, 60_000);
