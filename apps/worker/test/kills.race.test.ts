// Workers that are killed, stopped and told to end while orders stream in: nothing is lost, nothing happens twice.
import { setTimeout as wait } from 'node:timers/promises';
import { quantityToNumber } from '@stockroom/core';
import { describeOnBackends, eventually, type NodeChild } from '@stockroom/testkit';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type Fleet, openFleet, outcomeOf } from './race/fleet.ts';
import { startLoad } from './race/load.ts';
import { dice } from './race/orders.ts';

const killsWanted = 20;
const ordersPerSecond = 100;
/** The promise: locks of 15 s that are looked for every 5 s. */
const takeoverMs = 30_000;
const plenty = 100_000;

describeOnBackends('workers under load', (backend) => {
  let fleet: Fleet;
  let skus: string[];

  beforeAll(async () => {
    fleet = await openFleet(backend);
    skus = await fleet.seed(Array.from({ length: 50 }, () => plenty));
  });
  afterAll(() => fleet.close());
  function load() {
    const running = startLoad(fleet, skus, ordersPerSecond);
    onTestFinished(() => void running.stop().catch(() => undefined));
    return running;
  }

  /** Every event of the load has its one answer, and every unit that was promised or shipped is in the levels once. */
  async function expectAllOnce(events: Awaited<ReturnType<ReturnType<typeof load>['stop']>>): Promise<void> {
    await fleet.settled(events);
    const outcomes = await fleet.outcomes(events.map(({ id }) => id));
    const statuses = new Set(events.map(({ id }) => outcomeOf(outcomes.get(id)).status));
    expect([...statuses].sort()).toEqual(
      ['accepted', 'applied', 'nothing_to_do'].filter((one) => statuses.has(one as never)),
    );
    await expectUnits();
    await fleet.expectSound(events.filter(({ type }) => type === 'order.placed').length);
  }

  /** Counted from the events themselves, not from what the engine made of them. */
  async function expectUnits(): Promise<void> {
    const wanted = await fleet.query<{ sku: string; ordered: number; shipped: number }>(
      `with placed as (select order_id, l ->> 'sku' as sku, (l ->> 'quantity')::int as quantity
                         from stockroom.event, jsonb_array_elements(body -> 'lines') l where type = 'order.placed')
       select sku, sum(quantity)::int as ordered, coalesce(sum(quantity) filter (where exists (
                select 1 from stockroom.event s where s.order_id = placed.order_id and s.type = 'order.shipped')), 0)::int as shipped
         from placed group by sku`,
    );
    expect(wanted.length).toBeGreaterThan(0);
    for (const { sku, ordered, shipped } of wanted) {
      const { places } = await fleet.stock(sku);
      const numbers = places.map(({ onHand, committed }) => [
        quantityToNumber(onHand),
        quantityToNumber(committed),
      ]);
      expect(numbers, sku).toEqual([
        [plenty - shipped, 0],
        [0, ordered - shipped],
      ]);
    }
  }

  test(`${killsWanted} kills at random moments lose nothing and double nothing, and are made up for in 30 s`, async () => {
    await fleet.start(3);
    const chance = dice(Date.now());
    const running = load();
    const restarts: Promise<unknown>[] = [];
    const kill = async () => {
      const alive = await eventually(() => fleet.workers.size > 1 && [...fleet.workers], {
        timeoutMs: 30_000,
      });
      const victim = alive[Math.floor(chance() * alive.length)] as NodeChild;
      victim.kill('SIGKILL');
      expect((await victim.ended).signal).toBe('SIGKILL');
    };
    for (let kills = 0; kills < killsWanted - 1; kills += 1) {
      await wait(200 + chance() * 600);
      await kill();
      restarts.push(fleet.start(1).catch(() => undefined));
    }
    await Promise.all(restarts);
    await wait(1_000);
    await kill();
    // The locks are those of production: nothing was shortened for this test.
    const killedAt = performance.now();
    const events = await running.stop();
    await fleet.settled(events);
    const tookMs = Math.round(performance.now() - killedAt);
    console.info(`takeover from a killed worker [${backend.name}]: ${tookMs} ms`);
    expect(tookMs).toBeLessThan(takeoverMs);
    await expectAllOnce(events);
  });

  test('SIGTERM ends a worker in order and in time, and one that slept through its locks doubles nothing', async () => {
    const [sleeper, leaver] = (await fleet.start(3)) as [NodeChild, NodeChild];
    const running = load();
    await wait(1_000);
    sleeper.kill('SIGSTOP');
    const stoppedAt = performance.now();
    await wait(500);
    await expectGoodEnd(leaver);
    const events = await running.stop();
    await fleet.settled(events);
    const tookMs = Math.round(performance.now() - stoppedAt);
    console.info(`takeover from a stopped worker [${backend.name}]: ${tookMs} ms`);
    expect(tookMs).toBeLessThan(takeoverMs);

    const more = load();
    // Past its locks (15 s), and past the look for them (5 s).
    await wait(Math.max(500, 20_500 - tookMs));
    sleeper.kill('SIGCONT');
    await wait(1_500);
    await expectGoodEnd(sleeper);
    await expectAllOnce([...events, ...(await more.stop())]);
  });

  async function expectGoodEnd(worker: NodeChild): Promise<void> {
    const toldAt = performance.now();
    worker.kill('SIGTERM');
    expect(await worker.ended).toEqual({ exitCode: 0, signal: null });
    // SHUTDOWN_MS is 20 s: a sleeper that was stopped inside a transaction keeps its products for up to 10 s of it.
    expect(performance.now() - toldAt).toBeLessThan(24_000);
    expect(worker.lines.join('\n')).toMatch(/"drained":true,"msg":"worker stopped"/);
  }
});
