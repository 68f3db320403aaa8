// The events of one order in every order they can arrive in: always the same end.
import type { OrderEventInput } from '@stockroom/contracts';
import { describeOnBackends, eventually, uniqueId } from '@stockroom/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Fleet, openFleet } from './race/fleet.ts';
import { dice, eventOf, pieces, shuffled } from './race/orders.ts';

/** Lines a (3 units) and b (2 units) of two products, c of a third that comes later; everything an order can go through. */
function story({ order, a, b, c }: Omit<Case, 'arrivals'>): OrderEventInput[] {
  return [
    eventOf('order.placed', order, 0, {
      lines: [
        { line: 'a', sku: a, quantity: 3 },
        { line: 'b', sku: b, quantity: 2 },
      ],
    }),
    eventOf('order.paid', order, 1, {}),
    eventOf('order.amended', order, 2, {
      lines: [
        { line: 'a', quantity: 5 },
        { line: 'c', sku: c, quantity: 2 },
      ],
    }),
    eventOf('order.shipped', order, 3, {
      lines: [
        { line: 'a', quantity: 4 },
        { line: 'b', quantity: 1 },
      ],
    }),
    eventOf('order.cancelled', order, 4, {}),
    eventOf('order.returned', order, 5, { lines: [{ line: 'a', quantity: 2 }], restock: true }),
  ];
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((first, index) =>
    permutations([...items.slice(0, index), ...items.slice(index + 1)]).map((rest) => [first, ...rest]),
  );
}

/** Each arrival order has its own order and its own three products with 10 units. */
type Case = { order: string; a: string; b: string; c: string; arrivals: OrderEventInput[] };

describeOnBackends('all arrivals of the events of one order', (backend) => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await openFleet(backend);
    await fleet.start(3);
  });
  afterAll(() => fleet.close());

  async function cases(count = 720): Promise<Case[]> {
    const all = permutations([0, 1, 2, 3, 4, 5]);
    const arrivals = all.filter((_, index) => index % (all.length / count) === 0);
    // Payment means nothing to a, and takes b from the shelf; c was not on the order yet when it was paid.
    const a = await fleet.seed(arrivals.map(() => 10));
    const b = await fleet.seed(
      arrivals.map(() => 10),
      { 'deduct.on': 'paid' },
    );
    const c = await fleet.seed(
      arrivals.map(() => 10),
      { 'deduct.on': 'paid' },
    );
    return arrivals.map((steps, index) => {
      const order = uniqueId('order');
      const own = { order, a: a[index] as string, b: b[index] as string, c: c[index] as string };
      const events = story(own);
      return { ...own, arrivals: steps.map((step) => events[step] as OrderEventInput) };
    });
  }

  /** Everything that must not depend on the arrival, by order. Which fact found the stock to take (`taken`, `granted`) may. */
  async function endsOf(all: readonly Case[]): Promise<ReadonlyMap<string, string>> {
    const orders = await fleet.query<{ reference: string; end: unknown }>(
      `select o.reference, json_build_array(o.state, json_agg(json_build_array(l.line_ref, l.status, l.reason, l.requested, l.from_stock,
                l.backordered, l.committed, l.shipped, l.released, l.returned,
                (select json_agg(f - 'taken' - 'granted') from jsonb_array_elements(l.facts) f)) order by l.line_no)) as end
         from stockroom.shop_order o join stockroom.order_line l on l.order_id = o.id
        where o.reference = any($1::text[]) group by o.id`,
      [all.map(({ order }) => order)],
    );
    const levels = await fleet.query<{ sku: string; levels: unknown }>(
      `select i.sku, json_agg(json_build_array(p.code, l.on_hand, l.unavailable, l.committed, l.held, l.incoming) order by p.code) as levels
         from stockroom.stock_item i join stockroom.stock_level l on l.stock_item_id = i.id
         join stockroom.location p on p.id = l.location_id where i.sku = any($1::text[]) group by i.sku`,
      [all.flatMap(({ a, b, c }) => [a, b, c])],
    );
    const ends = new Map(orders.map(({ reference, end }) => [reference, end]));
    const levelsOf = new Map(levels.map((row) => [row.sku, row.levels]));
    return new Map(
      all.map(({ order, a, b, c }) => [
        order,
        // Event ids begin with the order's own number.
        JSON.stringify([ends.get(order), levelsOf.get(a), levelsOf.get(b), levelsOf.get(c)]).replaceAll(
          order,
          'order',
        ),
      ]),
    );
  }

  async function expectOneEnd(all: readonly Case[]): Promise<void> {
    const ends = await endsOf(all);
    const wanted = ends.get(all[0]?.order ?? '') ?? '';
    const different = all.filter(({ order }) => ends.get(order) !== wanted);
    expect(
      different.slice(0, 3).map(({ order, arrivals }) => [arrivals.map(({ type }) => type), ends.get(order)]),
      wanted,
    ).toEqual([]);
    // 3, then 5 of a: 4 went out, 1 was cancelled, 2 came back. 2 of b: 1 went out, 1 was cancelled. 2 of c were cancelled.
    expect(JSON.parse(wanted).slice(1)).toEqual([
      [
        ['main', 8, 0, 0, 0, 0],
        ['main-pool', 0, 0, 0, 0, 0],
      ],
      [
        ['main', 9, 0, 0, 0, 0],
        ['main-pool', 0, 0, 0, 0, 0],
      ],
      [
        ['main', 10, 0, 0, 0, 0],
        ['main-pool', 0, 0, 0, 0, 0],
      ],
    ]);
  }

  test('one after another, half by the queue and half by the API, in random batches: one end state', async () => {
    const all = await cases();
    const chance = dice(7);
    for (let round = 0; round < 6; round += 1) {
      const events = shuffled(
        all.map(({ arrivals }) => arrivals[round] as OrderEventInput),
        chance,
      );
      const half = events.length / 2;
      const submitAll = async () => {
        for (const batch of pieces(events.slice(half), 60, chance))
          await Promise.all(batch.map(fleet.submit));
      };
      await Promise.all([fleet.send(events.slice(0, half)), submitAll()]);
      await fleet.received(events);
    }
    await fleet.settled(all.flatMap(({ arrivals }) => arrivals));
    await expectOneEnd(all);
  });

  test('all at once, as the machines will have it: the same end state', async () => {
    const all = await cases(240);
    const chance = dice(8);
    const events = shuffled(
      all.flatMap(({ arrivals }) => arrivals),
      chance,
    );
    const half = events.length / 2;
    await Promise.all([fleet.send(events.slice(0, half)), ...events.slice(half).map(fleet.submit)]);
    await fleet.settled(events);
    await expectOneEnd(all);
  });

  test('an event that was on its way in while the order grew speaks of the new line too', async () => {
    const [own] = (await cases(1)) as [Case];
    const [place, amend, cancel] = [0, 2, 4].map((step) => story(own)[step]) as [
      OrderEventInput,
      OrderEventInput,
      OrderEventInput,
    ];
    await fleet.submit(place);
    await fleet.settled([place]);
    // Somebody else is about to record the same event, and never does: until then its receiver stands still, halfway.
    const blocker = await fleet.db.pool.connect();
    let cancelling: Promise<unknown>;
    try {
      await blocker.query('begin');
      await blocker.query(
        `insert into stockroom.event (id, type, body, body_hash, at, source)
         values ($1, 'order.cancelled', '{}', '\\x00', now(), 'cli')`,
        [cancel.id],
      );
      cancelling = fleet.submit(cancel);
      await eventually(async () => {
        const [row] = await fleet.query<{ waiting: number }>(
          `select count(*)::int as waiting from pg_stat_activity
            where datname = current_database() and wait_event_type = 'Lock' and query like 'insert into stockroom.event %'`,
        );
        return row?.waiting === 1;
      });
      await fleet.submit(amend);
      await fleet.settled([amend]);
    } finally {
      await blocker.query('rollback');
      blocker.release();
    }
    await cancelling;
    await fleet.settled([cancel]);
    for (const sku of [own.a, own.b, own.c]) {
      const { places } = await fleet.stock(sku);
      expect(places.map(({ committed }) => committed)).toEqual([0, 0]);
    }
  });

  test('and every invariant holds', async () => {
    await fleet.expectSound(720 + 240 + 1);
  });
});
