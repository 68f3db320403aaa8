// Jobs, workers, ops and the feed, the same on both backends.
import assert from 'node:assert';
import { EngineError } from '@stockroom/contracts';
import { describeOnBackends, eventually } from '@stockroom/testkit';
import { expect, test } from 'vitest';
import { createOps, measureYardstick, openFeed, QUEUES } from '../src/index.ts';
import { gate, openerFor } from './open-on.ts';

describeOnBackends('queues', (backend) => {
  const { open, prefix, options } = openerFor(backend);

  test('every added job is processed once, with its data', async () => {
    const queues = await open();
    const seen: unknown[] = [];
    queues.worker(QUEUES.orderEvents, async (job) => seen.push([job.name, job.data]), { concurrency: 20 });
    await queues.add(QUEUES.orderEvents, { name: 'order.placed', data: { n: 0 } });
    const jobs = Array.from({ length: 49 }, (_, i) => ({ name: 'order.placed', data: { n: i + 1 } }));
    expect(new Set(await queues.addMany(QUEUES.orderEvents, jobs)).size).toBe(49);
    await eventually(() => expect(seen.length).toBe(50));
    expect(new Set(seen.map((entry) => JSON.stringify(entry))).size).toBe(50);
    expect(await queues.health()).toMatchObject({
      ok: true,
      backend: backend.name,
      latencyMs: expect.any(Number),
    });
  });

  test('jobs of a producer that sets no options do not pile up when done', async () => {
    const queues = await open();
    let done = 0;
    queues.worker(QUEUES.orderEvents, async () => {
      done += 1;
    });
    const bare = { removeOnComplete: undefined, removeOnFail: undefined, attempts: undefined };
    for (let n = 0; n < 5; n += 1)
      await queues.add(QUEUES.orderEvents, { name: 'order.placed', data: { n }, options: bare as never });
    await eventually(() => expect(done).toBe(5));
    await eventually(async () =>
      expect(await createOps(queues).counts(QUEUES.orderEvents)).toMatchObject({ active: 0, completed: 0 }),
    );
  });

  test('queues of another prefix stay apart', async () => {
    const [one, other] = [await open(), await open()];
    await one.add(QUEUES.mail, { name: 'mail', data: {} });
    expect(await createOps(one).counts(QUEUES.mail)).toMatchObject({ waiting: 1 });
    expect(await createOps(other).counts(QUEUES.mail)).toMatchObject({ waiting: 0 });
  });

  test('when the world fails, a job that asked for one attempt is put off and done later', async () => {
    const queues = await open();
    let calls = 0;
    queues.worker(QUEUES.orderEvents, async () => {
      calls += 1;
      if (calls < 4) throw new EngineError('database_unavailable', 'restarting', { retry: 'soon' });
    });
    await queues.add(QUEUES.orderEvents, { name: 'order.placed', data: {}, options: { attempts: 1 } });
    await eventually(() => expect(calls).toBe(4));
    await eventually(async () =>
      expect(await createOps(queues).counts(QUEUES.orderEvents)).toMatchObject({
        waiting: 0,
        active: 0,
        failed: 0,
        delayed: 0,
      }),
    );
  });

  test('a defect and a final "no" of the world fail the job at once, whatever its attempts', async () => {
    const queues = await open();
    let calls = 0;
    queues.worker(QUEUES.mail, async (job) => {
      calls += 1;
      if (job.name === 'defect') assert(false as boolean, 'we are wrong');
      throw new EngineError('mail_refused', 'no such mailbox', { retry: 'never' });
    });
    await queues.add(QUEUES.mail, { name: 'defect', data: {}, options: { attempts: 9 } });
    await queues.add(QUEUES.mail, { name: 'refused', data: {}, options: { attempts: 9 } });
    const ops = createOps(queues);
    await eventually(async () => expect(await ops.counts(QUEUES.mail)).toMatchObject({ failed: 2 }));
    expect(calls).toBe(2);
    const failed = await ops.failed(QUEUES.mail, { offset: 0, limit: 10 });
    expect(failed.map(({ reason }) => reason).sort()).toEqual(['no such mailbox', 'we are wrong']);
  });

  test('counts mean the same while paused', async () => {
    const queues = await open();
    const ops = createOps(queues);
    await queues.addMany(
      QUEUES.mail,
      [1, 2, 3].map((n) => ({ name: 'mail', data: { n } })),
    );
    await queues.add(QUEUES.mail, { name: 'later', data: {}, options: { delay: 60_000 } });
    await queues.add(QUEUES.mail, { name: 'first', data: {}, options: { priority: 1 } });
    const running = { waiting: 4, active: 0, delayed: 1, failed: 0, completed: 0, paused: false };
    expect(await ops.counts(QUEUES.mail)).toEqual(running);
    await ops.pause(QUEUES.mail);
    expect(await ops.counts(QUEUES.mail)).toEqual({ ...running, paused: true });
    await ops.resume(QUEUES.mail);
    expect(await ops.counts(QUEUES.mail)).toEqual(running);
  });

  test('failed jobs are listed newest first, page by page, and can be retried or removed', async () => {
    const queues = await open();
    const ops = createOps(queues);
    let broken = true;
    const done: number[] = [];
    queues.worker<{ n: number }>(QUEUES.orderOutcomes, async (job) => {
      if (broken) throw new Error(`broken ${job.data.n}`);
      done.push(job.data.n);
    });
    for (let n = 0; n < 7; n += 1) {
      await queues.add(QUEUES.orderOutcomes, { name: 'outcome', data: { n }, options: { attempts: 1 } });
      await eventually(async () =>
        expect(await ops.counts(QUEUES.orderOutcomes)).toMatchObject({ failed: n + 1 }),
      );
    }
    const page = async (offset: number) =>
      (await ops.failed(QUEUES.orderOutcomes, { offset, limit: 3 })).map(
        (job) => (job.data as { n: number }).n,
      );
    expect([await page(0), await page(3), await page(6), await page(9)]).toEqual([
      [6, 5, 4],
      [3, 2, 1],
      [0],
      [],
    ]);
    broken = false;
    const [newest, second] = await ops.failed(QUEUES.orderOutcomes, { offset: 0, limit: 2 });
    expect(newest).toMatchObject({ reason: 'broken 6', attemptsMade: 1, failedAt: expect.any(Date) });
    expect(await ops.retry(QUEUES.orderOutcomes, newest!.id)).toBe(true);
    await eventually(() => expect(done).toEqual([6]));
    expect(await ops.retry(QUEUES.orderOutcomes, 'nothing-like-it')).toBe(false);
    expect(await ops.removeFailed(QUEUES.orderOutcomes, second!.id)).toBe(true);
    expect(await ops.removeFailed(QUEUES.orderOutcomes, second!.id)).toBe(false);
    await ops.retryAllFailed(QUEUES.orderOutcomes);
    await eventually(() => expect([...done].sort()).toEqual([0, 1, 2, 3, 4, 6]));
    expect(await ops.removeAllFailed(QUEUES.orderOutcomes)).toBe(0);
  });

  test('a schedule makes jobs until it is removed, and a repeat makes no second one', async () => {
    const queues = await open();
    const ops = createOps(queues);
    let runs = 0;
    queues.worker(QUEUES.sweep, async () => {
      runs += 1;
    });
    for (const everyMs of [500, 100])
      await ops.every(QUEUES.sweep, { id: 'sweep', everyMs, jobName: 'sweep' });
    await eventually(() => expect(runs).toBeGreaterThanOrEqual(3));
    expect(await queues.queue(QUEUES.sweep).getJobSchedulersCount()).toBe(1);
    expect(await ops.removeSchedule(QUEUES.sweep, 'sweep')).toBe(true);
    expect(await queues.queue(QUEUES.sweep).getJobSchedulersCount()).toBe(0);
  });

  test('workers are counted over all processes, and only those of this prefix', async () => {
    const name = prefix();
    const [one, two, other] = [await open(name), await open(name), await open()];
    other.worker(QUEUES.stock, async () => {});
    one.worker(QUEUES.stock, async () => {});
    const worker = two.worker(QUEUES.stock, async () => {});
    await eventually(async () => expect(await createOps(one).workers(QUEUES.stock)).toBe(2));
    await worker.close({ timeoutMs: 1_000 });
    await eventually(async () => expect(await createOps(one).workers(QUEUES.stock)).toBe(1));
  });

  test('closing waits for the jobs in work, and takes no new ones', async () => {
    const queues = await open();
    const held = gate();
    const ended: string[] = [];
    const worker = queues.worker(QUEUES.mail, async (job) => {
      await held.promise;
      ended.push(job.name);
    });
    await queues.addMany(
      QUEUES.mail,
      ['first', 'second'].map((name) => ({ name, data: {} })),
    );
    await eventually(() => expect(worker.activeCount()).toBe(1));
    const closing = queues.close({ timeoutMs: 10_000 });
    held.open();
    expect(await closing).toEqual({ drained: true });
    expect(ended).toEqual(['first']);
  });

  test('closing is bounded when a job hangs', async () => {
    const queues = await open();
    const worker = queues.worker(QUEUES.mail, () => new Promise(() => {}));
    await queues.add(QUEUES.mail, { name: 'hangs', data: {} });
    await eventually(() => expect(worker.activeCount()).toBe(1));
    const startMs = performance.now();
    expect(await queues.close({ timeoutMs: 200 })).toEqual({ drained: false });
    expect(performance.now() - startMs).toBeLessThan(9_000);
  });

  test('the feed reaches every process that listens, all messages in order, long ones in pieces', async () => {
    const name = prefix();
    const [one, two] = [await open(name), await open(name)];
    const [from, to] = [await openFeed(one), await openFeed(two)];
    const heard: unknown[] = [];
    const own: unknown[] = [];
    const other: unknown[] = [];
    const end = await to.subscribe('outcomes', (messages) => heard.push(...messages));
    await from.subscribe('outcomes', (messages) => own.push(...messages));
    await to.subscribe('other', (messages) => other.push(...messages));
    const messages = Array.from({ length: 200 }, (_, n) => ({ n, text: 'é'.repeat(150) }));
    expect(await from.publish('outcomes', messages)).toBe(true);
    expect(await from.publish('outcomes', [{ n: 'same' }])).toBe(true);
    expect(await from.publish('outcomes', [{ n: 'same' }])).toBe(true);
    const all = [...messages, { n: 'same' }, { n: 'same' }];
    await eventually(() => expect(heard).toEqual(all));
    await eventually(() => expect(own).toEqual(all));
    expect(other).toEqual([]);
    await end();
    await from.publish('outcomes', [{ n: 'unheard' }]);
    await eventually(() => expect(own.length).toBe(all.length + 1));
    expect(heard.length).toBe(all.length);
    await from.close();
    expect(await from.publish('outcomes', [1])).toBe(backend.name === 'redis');
  });

  test('the yardstick counts every job', async () => {
    const queues = await open();
    const result = await measureYardstick(queues, { jobs: 500, chunk: 100, concurrency: 50 });
    expect(result).toMatchObject({ jobs: 500 });
    expect(result.jobsPerSecond).toBeCloseTo((500 / result.elapsedMs) * 1000, -2);
    expect(await createOps(queues).counts('yardstick')).toMatchObject({
      waiting: 0,
      active: 0,
      completed: 0,
    });
  });

  test('a second process on the same namespace starts beside the first', async () => {
    const name = prefix();
    const both = await Promise.all([open(name), open(name)]);
    expect(both.map((queues) => queues.prefix)).toEqual([name, name]);
    expect((await options(name)).backend).toBe(backend.name);
  });
});
