// Receiving: what is accepted, answered again, refused, or made to wait, and that a duplicate changes nothing however it comes.

import { listRefusedEvents } from '@stockroom/db';
import { uniqueId } from '@stockroom/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { receive } from '../src/index.ts';
import { placed, said, stock } from './support/events.ts';
import { openShop, type Shop } from './support/shop.ts';

let shop: Shop;
let sku: string;

beforeAll(async () => {
  shop = await openShop();
  sku = await shop.product(1_000);
});
afterEach(() => shop.provesClean());
afterAll(() => shop.end());

const counts = async (eventId: string) => {
  const { rows } = await shop.db.pool.query<{ events: number; commands: number }>(
    `select count(distinct e.seq)::int as events, count(c.id)::int as commands
       from stockroom.event e left join stockroom.stock_command c on c.event_seq = e.seq where e.id = $1`,
    [eventId],
  );
  return rows[0];
};
const refusedOf = async (eventId: string) =>
  (await listRefusedEvents(shop.db.read, { limit: 500 })).rows.filter((row) => row.eventId === eventId);

describe('an event', () => {
  test('is accepted once its transaction has committed, with one command per product', async () => {
    const event = placed(uniqueId('order'), [
      [sku, 1],
      [sku, 2],
      [await shop.product(1), 1],
    ]);
    expect(await shop.send(event)).toEqual([{ status: 'accepted', eventId: event.id }]);
    expect(await counts(event.id)).toEqual({ events: 1, commands: 2 });
    await shop.settleAll();
  });

  test('sent again is answered like the first time and changes nothing', async () => {
    const event = placed(uniqueId('order'), [[sku, 1]]);
    const first = await shop.send(event);
    expect(await shop.send(event)).toEqual(first);
    await shop.settleAll();
    const before = await shop.levels(sku);
    expect(await shop.send({ ...event, reply: true })).toEqual(first);
    expect(await shop.settleAll()).toEqual([]);
    expect(await shop.levels(sku)).toEqual(before);
  });

  test('with its fields in another order and its defaults written out is the same event', async () => {
    const { id, type, at, order, lines } = placed(uniqueId('order'), [[sku, 1]]);
    const [first] = await shop.send({ id, type, at, order, lines });
    expect(await shop.send({ lines, order, store: 'main', reply: false, at, type, id })).toEqual([first]);
    await shop.settleAll();
  });

  test('twice in one batch is one event with two equal answers', async () => {
    const event = placed(uniqueId('order'), [[sku, 1]]);
    const answers = await shop.send(event, event, event);
    expect(answers).toEqual(Array(3).fill({ status: 'accepted', eventId: event.id }));
    expect(await counts(event.id)).toEqual({ events: 1, commands: 1 });
    await shop.settleAll();
  });

  test('with another body under a known id is refused and kept, in the same batch and later', async () => {
    const event = placed(uniqueId('order'), [[sku, 1]]);
    const other = { ...event, lines: [{ sku, quantity: 2 }] };
    const refusal = { status: 'refused', eventId: event.id, code: 'event_id_reused', field: 'id' };
    expect(await shop.send(event, other)).toMatchObject([{ status: 'accepted' }, refusal]);
    expect(await shop.send(other)).toMatchObject([refusal]);
    expect(await refusedOf(event.id)).toMatchObject([
      { code: 'event_id_reused', body: { lines: [{ quantity: 2 }] } },
      { code: 'event_id_reused', body: { lines: [{ quantity: 2 }] } },
    ]);
    await shop.settleAll();
    expect(await shop.outcome(event)).toMatchObject({ lines: [{ requested: 1 }] });
  });

  test.each([
    ['store', 'unknown_store', () => placed(uniqueId('order'), [[sku, 1]], { store: 'nowhere' })],
    ['location', 'unknown_location', () => said('shipped', uniqueId('order'), { location: 'nowhere' })],
    ['location', 'unknown_location', () => stock('adjust', sku, { by: 1, location: 'nowhere' })],
    ['to', 'unknown_location', () => stock('transfer', sku, { from: 'main', to: 'nowhere', quantity: 1 })],
    ['sku', 'unknown_sku', () => stock('adjust', 'nothing', { by: 1 })],
    ['lines.1.line', 'invalid_input', () => placed(uniqueId('order'), [[sku, 1, 'x'], [sku, 1, 'x']])], // biome-ignore format: one line per case
  ])(
    'that names in %s what does not exist is refused with %s and kept, and the batch goes on',
    async (field, code, build) => {
      const event = build();
      const good = placed(uniqueId('order'), [[sku, 1]]);
      expect(await shop.send(event, good)).toMatchObject([
        { status: 'refused', field, code },
        { status: 'accepted' },
      ]);
      expect(await refusedOf(event.id)).toMatchObject([{ field, code, body: { id: event.id } }]);
      expect(await counts(event.id)).toEqual({ events: 0, commands: 0 });
      await shop.settleAll();
    },
  );
});

describe('an order', () => {
  test('is placed once: another placing is accepted and answered already_placed', async () => {
    const order = uniqueId('order');
    const [first, second, third] = [
      placed(order, [[sku, 1]]),
      placed(order, [[sku, 2]]),
      placed(order, [[sku, 3]]),
    ] as const;
    await shop.send(first, second);
    await shop.settleAll();
    const before = await shop.levels(sku);
    await shop.send(third);
    await shop.settleAll();
    for (const again of [second, third]) {
      expect(await shop.outcome(again)).toMatchObject({
        status: 'rejected',
        rejection: { code: 'already_placed' },
        message: expect.stringContaining(order),
      });
    }
    expect(await shop.outcome(first)).toMatchObject({ status: 'accepted' });
    expect(await shop.levels(sku)).toEqual(before);
  });

  test('of the same number in two stores is two orders', async () => {
    await shop.openSecondStore();
    const order = uniqueId('order');
    const [here, there] = [placed(order, [[sku, 1]]), placed(order, [[sku, 2]], { store: 'second' })];
    await shop.send(here, there);
    await shop.settleAll();
    expect((await shop.order(order)).lines).toMatchObject([{ requested: 10_000 }]);
    expect((await shop.order(order, 'second')).lines).toMatchObject([{ requested: 20_000 }]);
  });

  const late = (order: string, item: string) => [
    placed(order, [[item, 3, 'a']], { customer: { email: 'ann@example.org', name: 'Ann' } }),
    said('amended', order, { lines: [{ line: 'b', sku: item, quantity: 2 }] }),
    said('paid', order),
    said('shipped', order, { lines: [{ line: 'a', quantity: 1 }, { line: 'b' }] }), // biome-ignore format: one event per line
    said('cancelled', order, { lines: [{ line: 'a' }] }),
  ];
  const orders: readonly (readonly [name: string, arrival: readonly number[]])[] = [
    ['in order', [0, 1, 2, 3, 4]],
    ['the placing last', [1, 2, 3, 4, 0]],
    ['backwards', [4, 3, 2, 1, 0]],
    ['mixed', [3, 1, 4, 0, 2]],
    ['the amendment last', [0, 2, 3, 4, 1]],
    ['the amendment late', [0, 3, 1, 2, 4]],
  ];

  test.each(orders)('whose events arrive %s ends the same', async (_name, arrival) => {
    const item = await shop.product(10);
    const order = uniqueId('order');
    const events = late(order, item);
    for (const at of arrival) {
      await shop.send(events[at] ?? {});
      await shop.settleAll();
    }
    const end = await shop.order(order);
    expect(end).toMatchObject({
      state: 'shipped',
      placed: true,
      customerEmail: 'ann@example.org',
      customerName: 'Ann',
    });
    expect(
      end.lines.map(({ lineRef, shipped, released }) => [lineRef, shipped / 10_000, released / 10_000]),
    ).toEqual([
      ['a', 1, 2],
      ['b', 2, 0],
    ]);
    expect(await shop.levels(item)).toMatchObject({ onHand: 7, committed: 0 });
  });

  test.each([
    ['its own product', false],
    ['another product', true],
  ])(
    'whose amendment brings a line of %s after all that was said about it ends the same',
    async (_name, isOther) => {
      const ends: unknown[][] = [];
      for (const arrival of [
        [0, 1, 2, 3, 4],
        [0, 2, 3, 4, 1],
        [2, 0, 4, 1, 3],
      ]) {
        const [first, second] = [await shop.product(9), await shop.product(9)];
        const item = isOther ? second : first;
        const order = uniqueId('order');
        const events = [
          placed(order, [[first, 2, 'a']]),
          said('amended', order, { lines: [{ line: 'b', sku: item, quantity: 3 }] }),
          said('amended', order, { lines: [{ line: 'b', quantity: 4 }] }),
          said('shipped', order, { lines: [{ line: 'b', quantity: 3 }] }),
          said('cancelled', order),
        ];
        for (const at of arrival) {
          await shop.send(events[at] ?? {});
          await shop.settleAll();
        }
        const { state, lines } = await shop.order(order);
        const balances = lines.map(({ lineRef, requested, shipped, released }) => [
          lineRef,
          requested,
          shipped,
          released,
        ]);
        ends.push([state, balances, await shop.levels(first), await shop.levels(second)]);
      }
      const [state, balances] = ends[0] ?? [];
      expect({ state, balances }).toEqual({
        state: 'shipped',
        balances: [
          ['a', 20_000, 0, 20_000],
          ['b', 40_000, 30_000, 10_000],
        ],
      });
      expect(ends[1]).toEqual(ends[0]);
      expect(ends[2]).toEqual(ends[0]);
    },
  );

  test('all of whose events come in one batch, placing last, ends the same', async () => {
    const item = await shop.product(10);
    const order = uniqueId('order');
    await shop.send(...late(order, item).reverse());
    await shop.settleAll();
    expect((await shop.order(order)).state).toBe('shipped');
    expect(await shop.levels(item)).toMatchObject({ onHand: 7, committed: 0 });
  });

  test('that is not placed lets its events wait, and says so', async () => {
    const order = uniqueId('order');
    const event = said('cancelled', order);
    expect(await shop.send(event)).toMatchObject([{ status: 'accepted' }]);
    expect(await shop.settleAll()).toEqual([]);
    await expect(shop.outcome(event)).rejects.toThrow(/"progress":"early"/);
    expect(await shop.order(order)).toMatchObject({ placed: false, state: 'pending' });
    await shop.tell(placed(order, [[sku, 4]]));
    expect(await shop.outcome(event)).toMatchObject({ status: 'applied' });
    expect((await shop.order(order)).state).toBe('cancelled');
  });

  test('gets a product by an amendment, also one that came before its placing', async () => {
    const [first, second] = [await shop.product(5), await shop.product(5)];
    const order = uniqueId('order');
    const amended = said('amended', order, { lines: [{ line: 'more', sku: second, quantity: 2 }] });
    await shop.send(amended);
    const placing = placed(order, [[first, 1]]);
    await shop.send(placing);
    await shop.settleAll();
    expect(await shop.outcome(amended)).toMatchObject({
      status: 'applied',
      lines: [{ line: 'more', result: 'accepted' }],
    });
    expect((await shop.order(order)).lines.map((line) => line.sku)).toEqual([first, second]);
    expect(await shop.levels(second)).toMatchObject({ committed: 2 });
  });
});

describe('many receivers at once', () => {
  test('the same events from eight connections are each recorded and settled once', async () => {
    const item = await shop.product(1_000);
    const events = Array.from({ length: 20 }, (_, n) => placed(`par${n}-${item}`, [[item, 1]]));
    const batches = Array.from({ length: 8 }, (_, n) => (n % 2 === 0 ? events : [...events].reverse()));
    const received = await Promise.all(
      batches.map((batch) => receive(shop.db, batch.map((body) => ({ body, source: 'queue' as const, watch: false })))), // biome-ignore format: one thought
    );
    for (const { answers } of received)
      expect(answers.map(({ status }) => status)).toEqual(Array(20).fill('accepted'));
    await shop.settleAll();
    expect(await shop.levels(item)).toMatchObject({ committed: 20 });
  });

  test('two placings of one order race: one places it, the other is told', async () => {
    const item = await shop.product(1_000);
    for (let round = 0; round < 5; round += 1) {
      const order = uniqueId('race');
      const both = [placed(order, [[item, 1]]), placed(order, [[item, 2]])];
      await Promise.all(both.map((event) => shop.send(event)));
      await shop.settleAll();
      const statuses = await Promise.all(both.map(async (event) => (await shop.outcome(event)).status));
      expect([...statuses].sort()).toEqual(['accepted', 'rejected']);
    }
  });

  test('a placing and what comes early for it race: nothing is left waiting', async () => {
    const item = await shop.product(1_000);
    for (let round = 0; round < 5; round += 1) {
      const order = uniqueId('race');
      const [placing, paid, cancelled] = [
        placed(order, [[item, 1]]),
        said('paid', order),
        said('cancelled', order),
      ] as const;
      await Promise.all([shop.send(paid), shop.send(placing), shop.send(cancelled)]);
      await shop.settleAll();
      expect((await shop.order(order)).state).toBe('cancelled');
      expect(await shop.outcome(paid)).toMatchObject({ eventId: paid.id });
    }
    expect(await shop.levels(item)).toMatchObject({ committed: 0 });
  });
});
