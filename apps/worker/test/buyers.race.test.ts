// Many buyers, few units, several worker processes: what is sold is exactly what there is.
import { quantityToNumber } from '@stockroom/core';
import { describeOnBackends } from '@stockroom/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Fleet, openFleet, outcomeOf } from './race/fleet.ts';
import { placed } from './race/orders.ts';

const fleets = [
  { name: '64 bells', bells: 64, workers: [{}, {}, {}] },
  { name: 'a bell per product', bells: 'product', workers: [{}, {}, {}] },
  // Here no bell keeps the settlers apart: only the row lock does.
  {
    name: 'workers that disagree about bells',
    bells: 64,
    workers: [{ STOCK_BELLS: '64' }, { STOCK_BELLS: 'product' }, { STOCK_BELLS: '1' }],
  },
] as const;

describeOnBackends('buyers at three worker processes', (backend) => {
  describe.each(fleets)('with $name', ({ bells, workers }) => {
    let fleet: Fleet;
    beforeAll(async () => {
      fleet = await openFleet(backend, { bells });
      await Promise.all(workers.map((env) => fleet.start(1, env)));
    });
    afterAll(() => fleet.close());

    test.each([
      { buyers: 200, onHand: 50 },
      { buyers: 500, onHand: 1 },
    ])('$buyers buyers for $onHand: exactly so many are accepted', async ({ buyers, onHand }) => {
      const [sku = ''] = await fleet.seed([onHand]);
      const orders = Array.from({ length: buyers }, () => placed([{ sku, quantity: 1 }]));
      const half = buyers / 2;
      await Promise.all([fleet.send(orders.slice(0, half)), ...orders.slice(half).map(fleet.submit)]);
      await fleet.settled(orders);

      const outcomes = await fleet.outcomes(orders.map(({ id }) => id));
      const answers = orders.map(({ id }) => outcomeOf(outcomes.get(id)));
      expect(Map.groupBy(answers, ({ status }) => status).get('accepted')).toHaveLength(onHand);
      const refused = answers.filter(({ status }) => status === 'rejected');
      expect(refused).toHaveLength(buyers - onHand);
      expect(new Set(refused.map(({ lines }) => lines[0]?.rejection?.code))).toEqual(
        new Set(['insufficient_stock']),
      );
      await expectSoldOut(sku, onHand);
    });

    test('and every invariant holds', async () => {
      await fleet.expectSound(700);
    });

    async function expectSoldOut(sku: string, onHand: number): Promise<void> {
      const { itemId, places } = await fleet.stock(sku);
      expect(
        places.map((place) => [
          place.code,
          quantityToNumber(place.onHand),
          quantityToNumber(place.committed),
        ]),
      ).toEqual([
        ['main', onHand, 0],
        ['main-pool', 0, onHand],
      ]);
      // Not at any moment was more promised than there was: each promise is one ledger entry of its own.
      const [ledger] = await fleet.query<{ entries: number; most: number }>(
        `select count(*)::int as entries, max(balance_after)::float8 as most from stockroom.movement
          where stock_item_id = $1 and bucket = 'committed'`,
        [itemId],
      );
      expect(ledger).toEqual({ entries: onHand, most: onHand });
    }
  });
});
