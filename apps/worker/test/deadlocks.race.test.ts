// Orders over the same hot products, their lines in every order: nobody waits in a circle, and all or nothing stays exact.
import { quantityToNumber } from '@stockroom/core';
import { describeOnBackends } from '@stockroom/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Fleet, openFleet, outcomeOf } from './race/fleet.ts';
import { dice, placed, shuffled } from './race/orders.ts';

const orderCount = 10_000;
/** Half of them run out: their orders must give back what other products gave. */
const onHand = [100_000, 700, 100_000, 500, 100_000, 300, 100_000, 100, 100_000, 50];

describeOnBackends('multi-line orders over ten hot products', (backend) => {
  let fleet: Fleet;
  beforeAll(async () => {
    // A bell per product: what an order gives back goes through mailboxes of products that another worker may hold.
    fleet = await openFleet(backend, { bells: 'product' });
    await Promise.all(['product', '64', '1'].map((STOCK_BELLS) => fleet.start(1, { STOCK_BELLS })));
  });
  afterAll(() => fleet.close());

  test(`${orderCount} orders with opposite line orders: no deadlock, all settle, all or nothing is exact`, async () => {
    const chance = dice(11);
    const skus = await fleet.seed(onHand);
    const orders = Array.from({ length: orderCount }, () => {
      const picked = shuffled(skus, chance).slice(0, 2 + Math.floor(chance() * 3));
      return placed(picked.map((sku) => ({ sku, quantity: 1 })));
    });
    const half = orderCount / 2;
    const startedAt = performance.now();
    await Promise.all([fleet.send(orders.slice(0, half)), ...orders.slice(half).map(fleet.submit)]);
    await fleet.settled(orders, 200_000);
    console.info(
      `${orderCount} orders over hot products [${backend.name}]: ${Math.round(performance.now() - startedAt)} ms`,
    );

    const outcomes = await fleet.outcomes(orders.map(({ id }) => id));
    const taken = new Map(skus.map((sku) => [sku, 0]));
    const statuses = { accepted: 0, rejected: 0 };
    for (const { id } of orders) {
      const { status, lines } = outcomeOf(outcomes.get(id));
      if (status !== 'accepted' && status !== 'rejected') throw new Error(`order ${id}: ${status}`);
      statuses[status] += 1;
      for (const { sku, result, fromStock } of lines) {
        expect(result, id).toBe(status);
        taken.set(sku, (taken.get(sku) ?? 0) + fromStock);
      }
    }
    expect(statuses.accepted).toBeGreaterThan(100);
    expect(statuses.rejected).toBeGreaterThan(1_000);
    for (const [index, sku] of skus.entries()) {
      const { places } = await fleet.stock(sku);
      expect(
        places.map((place) => [quantityToNumber(place.onHand), quantityToNumber(place.committed)]),
      ).toEqual([
        [onHand[index], 0],
        [0, taken.get(sku)],
      ]);
      expect(taken.get(sku)).toBeLessThanOrEqual(onHand[index] ?? 0);
    }
    await fleet.expectSound(orderCount);
  });
});
