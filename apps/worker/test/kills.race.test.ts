// Workers that are killed, stopped and told to end while orders stream in: nothing is lost, nothing happens twice.
import { setTimeout as wait } from 'node:timers/promises';
import { quantityToNumber } from '@stockroom/core';
import { describeOnBackends, eventually, type NodeChild } from '@stockroom/testkit';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
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
  let orders = 0;

  beforeAll(async () => {
    fleet = await openFleet(backend);
    skus = await fleet.seed(Array.from({ length: 50 }, () => plenty));
  });
  afterAll(() => fleet.close());
  beforeEach(async () => {
    await fleet.start(3);
  });

  function load() {
    const running = startLoad(fleet, skus, ordersPerSecond);
    onTestFinished(() => void running.stop().catch(() => undefined));
    return running;
  }

  /** Every event of the load has its one answer, and every unit that was promised or shipped is in the levels once. */
  async function expectAllOnce(events: Awaited<ReturnType<ReturnType<typeof load>['stop']>>): Promise<void> {
    await fleet.settled(events, 60_000);
    const outcomes = await fleet.outcomes(events.map(({ id }) => id));
    const statuses = new Set(events.map(({ id }) => outcomeOf(outcomes.get(id)).status));
    expect([...statuses].sort()).toEqual(
      ['accepted', 'applied', 'nothing_to_do'].filter((one) => statuses.has(one as never)),
    );
    orders += events.filter(({ type }) => type === 'order.placed').length;
    await expectUnits();
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

  test(`${killsWanted} kills at random moments lose nothing and double nothing`, async () => {
    const chance = dice(Date.now());
    const running = load();
    const restarts: Promise<unknown>[] = [];
    for (let kills = 0; kills < killsWanted; kills += 1) {
      await wait(200 + chance() * 800);
      const alive = await eventually(() => (fleet.workers.size > 0 ? [...fleet.workers] : false), {
        timeoutMs: 30_000,
      });
      const victim = alive[Math.floor(chance() * alive.length)] as NodeChild;
      victim.kill('SIGKILL');
      expect((await victim.ended).signal).toBe('SIGKILL');
      restarts.push(fleet.start(1).catch(() => undefined));
    }
    await Promise.all(restarts);
    await expectAllOnce(await running.stop());
  });

  test('what a killed worker had in hand is settled by the others in less than 30 s', async () => {
    const running = load();
    await wait(1_500);
    const victims = [...fleet.workers].slice(1);
    for (const victim of victims) victim.kill('SIGKILL');
    const killedAt = performance.now();
    const events = await running.stop();
    await fleet.settled(events, 60_000);
    const tookMs = Math.round(performance.now() - killedAt);
    console.info(`takeover from ${victims.length} killed workers [${backend.name}]: ${tookMs} ms`);
    expect(tookMs).toBeLessThan(takeoverMs);
    await expectAllOnce(events);
  });

  test('SIGTERM ends a worker in time and in order, and nothing is lost', async () => {
    const running = load();
    const first = [...fleet.workers];
    for (const [index, worker] of first.entries()) {
      await wait(500);
      const toldAt = performance.now();
      worker.kill('SIGTERM');
      expect(await worker.ended).toEqual({ exitCode: 0, signal: null });
      // SHUTDOWN_MS is 8 s.
      expect(performance.now() - toldAt).toBeLessThan(12_000);
      expect(worker.lines.at(-1) ?? '', 'its last words').toContain('"drained":true');
      if (index === 0) await fleet.start(1);
    }
    await expectAllOnce(await running.stop());
  });

  test('a worker that slept through its locks doubles nothing when it wakes', async () => {
    const [sleeper] = fleet.workers;
    const running = load();
    await wait(1_000);
    sleeper?.kill('SIGSTOP');
    const stoppedAt = performance.now();
    await wait(2_000);
    const events = await running.stop();
    // The others take over while it sleeps.
    await fleet.settled(events, 60_000);
    console.info(
      `takeover from a stopped worker [${backend.name}]: ${Math.round(performance.now() - stoppedAt)} ms`,
    );
    const more = load();
    await wait(Math.max(500, 21_000 - (performance.now() - stoppedAt)));
    sleeper?.kill('SIGCONT');
    await wait(1_500);
    await expectAllOnce([...events, ...(await more.stop())]);
    expect(fleet.workers.has(sleeper as NodeChild), 'it is still alive').toBe(true);
  });

  test('and every invariant holds', async () => {
    expect(orders).toBeGreaterThan(0);
    await fleet.expectSound(orders);
  });
});
