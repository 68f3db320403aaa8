// Every event three times over each of two doors at once: one effect, one answer.
import type { OrderEventInput } from '@stockroom/contracts';
import { quantityToNumber } from '@stockroom/core';
import { QUEUES } from '@stockroom/queues';
import { describeOnBackends, eventually, uniqueId } from '@stockroom/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Fleet, openFleet, outcomeOf } from './race/fleet.ts';
import { dice, eventOf, shuffled } from './race/orders.ts';

/** How an order of three units goes, and what it leaves on hand. */
const histories = [
  { onHand: -3, events: ['placed', 'paid', 'shipped'] },
  { onHand: 0, events: ['placed', 'paid', 'cancelled'] },
  { onHand: -2, events: ['placed', 'paid', 'shipped', 'returned'] },
  { onHand: -1, events: ['placed', 'shipped in part', 'cancelled'] },
] as const;
const orderCount = 100;
const opening = 1_000;

describeOnBackends('every event delivered six times over both doors', (backend) => {
  let fleet: Fleet;
  let skus: string[];
  let events: OrderEventInput[];
  const chance = dice(20_260_302);

  beforeAll(async () => {
    fleet = await openFleet(backend);
    await fleet.start(2);
    skus = await fleet.seed(histories.map(() => opening));
    events = Array.from({ length: orderCount }, (_, index) => history(index)).flat();
  });
  afterAll(() => fleet.close());

  function history(index: number): OrderEventInput[] {
    const { events: steps } = histories[index % histories.length] as (typeof histories)[number];
    const sku = skus[index % histories.length] as string;
    const order = uniqueId('order');
    const line = (quantity: number) => [{ line: 'a', quantity }];
    const bodies = {
      placed: (at: number) =>
        eventOf('order.placed', order, at, { lines: [{ line: 'a', sku, quantity: 3 }] }),
      paid: (at: number) => eventOf('order.paid', order, at, {}),
      shipped: (at: number) => eventOf('order.shipped', order, at, {}),
      'shipped in part': (at: number) => eventOf('order.shipped', order, at, { lines: line(1) }),
      cancelled: (at: number) => eventOf('order.cancelled', order, at, {}),
      returned: (at: number) => eventOf('order.returned', order, at, { lines: line(1), restock: true }),
    };
    return steps.map((step, at) => bodies[step](at));
  }

  const threeTimes = () => shuffled([...events, ...events, ...events], chance);
  const queueIsEmpty = () =>
    eventually(async () => {
      const waiting = await fleet.queues
        .queue(QUEUES.orderEvents)
        .getJobCountByTypes('waiting', 'active', 'delayed');
      return waiting === 0;
    });
  const entries = async () =>
    (await fleet.query<{ count: number }>('select count(*)::int as count from stockroom.movement'))[0]?.count;

  async function expectLevels(): Promise<void> {
    for (const [index, { onHand }] of histories.entries()) {
      const { places } = await fleet.stock(skus[index] as string);
      expect(
        places.map((place) => [quantityToNumber(place.onHand), quantityToNumber(place.committed)]),
      ).toEqual([
        [opening + (onHand * orderCount) / histories.length, 0],
        [0, 0],
      ]);
    }
  }

  test('has one effect each, and every answer of a repeat equals the first', async () => {
    const [answers] = await Promise.all([
      Promise.all(threeTimes().map(async (event) => ({ event, answer: await fleet.submit(event) }))),
      fleet.send(threeTimes()),
    ]);
    for (const { event, answer } of answers)
      expect(answer).toEqual({ status: 'accepted', eventId: event.id });
    await queueIsEmpty();
    await fleet.settled(events);
    await expectLevels();
  });

  test('and has none when all of it comes again after everything was settled', async () => {
    const before = await fleet.outcomes(events.map(({ id }) => id));
    const entriesBefore = await entries();
    const [answers] = await Promise.all([
      Promise.all(events.map((event) => fleet.submit(event))),
      fleet.send(threeTimes()),
    ]);
    expect(answers).toEqual(events.map(({ id }) => ({ status: 'accepted', eventId: id })));
    await queueIsEmpty();
    await fleet.settled(events);
    await expectLevels();
    expect(await fleet.outcomes(events.map(({ id }) => id))).toEqual(before);
    expect(await entries()).toBe(entriesBefore);
    expect(new Set([...before.values()].map((found) => outcomeOf(found).status))).toEqual(
      new Set(['accepted', 'applied', 'nothing_to_do']),
    );
  });

  test('the same id with another body is refused at both doors, also at once, and kept', async () => {
    const [sku = ''] = skus;
    const order = uniqueId('order');
    const body = (quantity: number) =>
      eventOf('order.placed', order, 0, { lines: [{ line: 'a', sku, quantity }] });
    const answers = await Promise.all([1, 2, 1, 2, 1, 2].map((quantity) => fleet.submit(body(quantity))));
    // Whichever came first stands; who says the same is told the same, who says something else is refused.
    const accepted = answers.map(({ status }) => status === 'accepted');
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set(['accepted', 'refused']));
    expect(accepted).toEqual([
      accepted[0],
      !accepted[0],
      accepted[0],
      !accepted[0],
      accepted[0],
      !accepted[0],
    ]);
    expect(answers.find(({ status }) => status === 'refused')).toMatchObject({
      code: 'event_id_reused',
      field: 'id',
      eventId: body(1).id,
    });
    await fleet.send([body(7), body(8), body(9)]);
    await queueIsEmpty();
    const kept = await fleet.query<{ code: string; quantity: number }>(
      `select code, (body -> 'lines' -> 0 ->> 'quantity')::int as quantity from stockroom.refused_event where event_id = $1`,
      [body(1).id],
    );
    const other = accepted[0] ? 2 : 1;
    expect(kept.map(({ code, quantity }) => `${code} ${quantity}`).sort()).toEqual(
      [other, other, other, 7, 8, 9].map((quantity) => `event_id_reused ${quantity}`),
    );
    await fleet.settled([...events, body(1)]);
    const { places } = await fleet.stock(sku);
    expect(places.map(({ committed }) => quantityToNumber(committed))).toEqual([0, accepted[0] ? 1 : 2]);
  });

  test('and every invariant holds', async () => {
    await fleet.expectSound(orderCount + 1);
  });
});
