// Orders and stock over the API, on both queue backends.
import { createAdminClient } from '@stockroom/client';
import { describeOnBackends, uniqueId } from '@stockroom/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSystem, type System } from './open-system.ts';

const now = () => new Date().toISOString();

describeOnBackends('orders and stock over the API', (backend) => {
  let system: System;
  let client: ReturnType<typeof createAdminClient>;

  beforeAll(async () => {
    system = await openSystem(backend);
    client = createAdminClient({ url: system.url, key: await system.key('admin') });
  });
  afterAll(() => system.close());

  function placed(sku: string, quantity: number) {
    return {
      type: 'order.placed' as const,
      id: uniqueId('event'),
      order: uniqueId('order'),
      at: now(),
      lines: [{ sku, quantity }],
    };
  }

  test('an order placed with wait is answered with its outcome, and stock shows what it took', async () => {
    const sku = await system.product();
    const received = await client.stock.receive.mutate({ key: uniqueId('key'), sku, quantity: 5 });
    expect(received.outcome).toMatchObject({ status: 'applied', onHand: 5 });

    const outcome = await client.placeOrder(placed(sku, 2));

    expect(outcome).toMatchObject({ status: 'accepted', lines: [{ sku, requested: 2, fromStock: 2 }] });
    const { places } = await client.stock.get.query({ sku });
    expect(places.find((place) => place.kind === 'location')).toMatchObject({ code: 'main', onHand: 5 });
    expect(places.find((place) => place.kind === 'pool')).toMatchObject({ committed: 2 });
  });
});
