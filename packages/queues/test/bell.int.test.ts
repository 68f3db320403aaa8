// The bell's promises on both backends: at most one job in work and one waiting, and never silent for ever.
import { describeOnBackends, eventually, spawnNode } from '@stockroom/testkit';
import { expect, test } from 'vitest';
import { type BellData, createOps, createRinger, QUEUES } from '../src/index.ts';
import { gate, openerFor } from './open-on.ts';

const soon = { lockDurationMs: 1_000, stalledIntervalMs: 300 };

describeOnBackends('bell', (backend) => {
  const { open, options, prefix } = openerFor(backend);

  test('1,000 rings during a job leave at most one active and one waiting, and cause one more run', async () => {
    const queues = await open();
    const ops = createOps(queues);
    const ring = createRinger(queues);
    const held = gate();
    let runs = 0;
    queues.worker(
      QUEUES.stock,
      async () => {
        runs += 1;
        if (runs === 1) await held.promise;
      },
      { concurrency: 10, ...soon },
    );
    await ring(['b64-1']);
    await eventually(async () =>
      expect(await ops.counts(QUEUES.stock)).toMatchObject({ active: 1, waiting: 0 }),
    );
    for (let turn = 0; turn < 10; turn += 1) {
      await Promise.all(Array.from({ length: 100 }, () => ring(['b64-1'])));
      const { active, waiting, delayed } = await ops.counts(QUEUES.stock);
      expect(active).toBe(1);
      expect(waiting + delayed).toBeLessThanOrEqual(1);
    }
    held.open();
    await eventually(() => expect(runs).toBe(2));
    await eventually(async () =>
      expect(await ops.counts(QUEUES.stock)).toMatchObject({ active: 0, waiting: 0 }),
    );
    expect(runs).toBe(2);
    await ring(['b64-1']);
    await eventually(() => expect(runs).toBe(3));
  });

  test('1,000 rings with no worker leave one waiting job', async () => {
    const queues = await open();
    const ring = createRinger(queues);
    for (let turn = 0; turn < 10; turn += 1)
      await Promise.all(Array.from({ length: 100 }, () => ring(['p-7', 'p-8'])));
    expect(await createOps(queues).counts(QUEUES.stock)).toMatchObject({ waiting: 2, active: 0 });
  });

  test('another bell runs while one is held', async () => {
    const queues = await open();
    const ring = createRinger(queues);
    const held = gate();
    const ended: string[] = [];
    queues.worker<BellData>(
      QUEUES.stock,
      async (job) => {
        if (job.data.bell === 'p-1') await held.promise;
        ended.push(job.data.bell);
      },
      { concurrency: 2, ...soon },
    );
    expect(await ring(['p-1', 'p-2', 'p-1'])).toEqual({ rung: true, bells: 2 });
    await eventually(() => expect(ended).toEqual(['p-2']));
    await ring(['p-2']);
    await eventually(() => expect(ended).toEqual(['p-2', 'p-2']));
    held.open();
    await eventually(() => expect(ended).toEqual(['p-2', 'p-2', 'p-1']));
  });

  test('a failed job frees its bell, and a ring during it still causes a run', async () => {
    const queues = await open();
    const ring = createRinger(queues);
    const held = gate();
    let runs = 0;
    queues.worker(
      QUEUES.stock,
      async () => {
        runs += 1;
        if (runs > 1) return;
        await held.promise;
        throw Object.assign(new Error('parked'), { retry: 'never' });
      },
      soon,
    );
    await ring(['b64-2']);
    await eventually(() => expect(runs).toBe(1));
    await ring(['b64-2']);
    held.open();
    await eventually(() => expect(runs).toBe(2));
    await ring(['b64-2']);
    await eventually(() => expect(runs).toBe(3));
  });

  test('a job that was put off by the world rings again, together with the rings during it', async () => {
    const queues = await open();
    const ring = createRinger(queues);
    let runs = 0;
    queues.worker(
      QUEUES.stock,
      async () => {
        runs += 1;
        if (runs > 1) return;
        await ring(['b64-3']);
        throw Object.assign(new Error('restarting'), { retry: 'soon' });
      },
      soon,
    );
    await ring(['b64-3']);
    await eventually(() => expect(runs).toBeGreaterThanOrEqual(2));
    await eventually(async () =>
      expect(await createOps(queues).counts(QUEUES.stock)).toMatchObject({
        active: 0,
        waiting: 0,
        delayed: 0,
      }),
    );
    const before = runs;
    await ring(['b64-3']);
    await eventually(() => expect(runs).toBe(before + 1));
  });

  test('kill -9 of the worker does not silence the bell: its job is taken over, and the rings during it count', async () => {
    const name = prefix();
    const queues = await open(name);
    const ring = createRinger(queues);
    const victim = spawnNode(new URL('./stuck-worker.ts', import.meta.url), {
      args: [JSON.stringify([await options(name), QUEUES.stock])],
    });
    await ring(['b64-4']);
    await victim.waitForLine(/took .*b64-4/);
    await ring(['b64-4']);
    victim.kill('SIGKILL');
    await victim.ended;
    await ring(['b64-4']);
    let runs = 0;
    queues.worker(
      QUEUES.stock,
      async () => {
        runs += 1;
      },
      soon,
    );
    await eventually(() => expect(runs).toBeGreaterThanOrEqual(2), { timeoutMs: 15_000 });
    await eventually(async () =>
      expect(await createOps(queues).counts(QUEUES.stock)).toMatchObject({
        active: 0,
        waiting: 0,
        failed: 0,
      }),
    );
    const before = runs;
    await ring(['b64-4']);
    await eventually(() => expect(runs).toBe(before + 1));
  });

  test('four kills in a row do not fail a job', async () => {
    const name = prefix();
    const queues = await open(name);
    const file = new URL('./stuck-worker.ts', import.meta.url);
    const args = [JSON.stringify([await options(name), QUEUES.mail])];
    await queues.add(QUEUES.mail, { name: 'mail', data: { n: 1 } });
    for (let kills = 0; kills < 4; kills += 1) {
      const victim = spawnNode(file, { args });
      await victim.waitForLine(/took .*"n":1/, { timeoutMs: 15_000 });
      victim.kill('SIGKILL');
      await victim.ended;
    }
    let done = 0;
    queues.worker(
      QUEUES.mail,
      async () => {
        done += 1;
      },
      soon,
    );
    await eventually(() => expect(done).toBe(1), { timeoutMs: 15_000 });
    expect(await createOps(queues).counts(QUEUES.mail)).toMatchObject({ failed: 0 });
  }, 90_000);
});
