// Mails through a mail server that goes away, comes back, and cuts the line: every mail arrives, under one Message-ID.
import { createContact } from '@stockroom/db';
import { describeOnBackends, eventually, type Inbox, startInbox } from '@stockroom/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Fleet, openFleet } from './race/fleet.ts';
import { placed } from './race/orders.ts';

const products = 30;

describeOnBackends('mails of two worker processes', (backend) => {
  let fleet: Fleet;
  let inbox: Inbox;

  beforeAll(async () => {
    inbox = await startInbox();
    fleet = await openFleet(backend, {
      env: {
        WORKER_ROLES: 'all',
        SMTP_URL: inbox.url,
        MAIL_FROM: 'Stockroom <stock@shop.test>',
      },
    });
    await createContact(fleet.db, { group: 'store-managers', email: 'manager@shop.test' });
    await fleet.start(2);
  });
  afterAll(async () => {
    await fleet?.close();
    await inbox?.stop();
  });

  /** One order for each of some new products, which takes it below its threshold. @returns the Message-IDs of the mails due */
  async function cause(): Promise<string[]> {
    inbox.clear();
    const skus = await fleet.seed(
      Array.from({ length: products }, () => 10),
      { 'notify.threshold': 9 },
    );
    const orders = skus.map((sku) => placed([{ sku, quantity: 2 }]));
    await fleet.send(orders);
    await fleet.settled(orders);
    const due = await fleet.query<{ message_id: string }>(
      `select n.message_id from stockroom.notification n join stockroom.event e on e.seq = n.event_seq where e.id = any($1::text[])`,
      [orders.map(({ id }) => id)],
    );
    expect(due).toHaveLength(products);
    return due.map((row) => row.message_id);
  }

  const arrived = () => inbox.messages().map(({ messageId }) => messageId);
  const states = async () => {
    const rows = await fleet.query<{ state: string; count: number }>(
      'select state, count(*)::int as count from stockroom.notification group by state',
    );
    return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
  };

  test('arrive exactly once each when the mail server was down', async () => {
    await inbox.stop();
    const due = await cause();
    // Every one of them has been tried in vain before the server comes back.
    await eventually(
      async () => {
        const [row] = await fleet.query<{ tried: number }>(
          'select count(*)::int as tried from stockroom.notification where last_error is not null',
        );
        expect(row?.tried).toBe(products);
      },
      { timeoutMs: 30_000 },
    );
    await inbox.start();
    await eventually(async () => expect(await states()).toEqual({ sent: products }), { timeoutMs: 45_000 });
    expect(arrived().sort()).toEqual(due.sort());
  });

  test('arrive when the server cuts the line: at most doubled, and then under the same Message-ID', async () => {
    // Every third mail is kept and not confirmed, every third is lost on the line.
    let turn = 0;
    inbox.setFault(({ stage }) => {
      if (stage !== 'data' || turn >= products) return undefined;
      turn += 1;
      if (turn % 3 === 0) return undefined;
      return { drop: turn % 3 === 1 ? 'after_keeping' : 'before_keeping' };
    });
    const due = await cause();
    await eventually(async () => expect(await states()).toEqual({ sent: 2 * products }), {
      timeoutMs: 45_000,
    });
    expect(turn, 'every first attempt met the fault').toBe(products);
    const times = Map.groupBy(arrived(), (id) => id);
    expect([...times.keys()].sort()).toEqual(due.sort());
    expect(arrived()).toHaveLength(products + products / 3);
    expect([...times.values()].every(({ length }) => length <= 2)).toBe(true);
  });

  test('and every invariant holds', async () => {
    await fleet.expectSound(2 * products);
  });
});
