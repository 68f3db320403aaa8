// Commands about stock itself, waiting backorders and the mails that changes cause, through real rows.

import { setProductSettings } from '@stockroom/db';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { nextMinute, placed, said, stock } from './support/events.ts';
import { type Levels, openShop, type Shop } from './support/shop.ts';

let shop: Shop;

beforeAll(async () => {
  shop = await openShop();
  await shop.openSecondStore();
});
afterEach(() => shop.provesClean());
afterAll(() => shop.end());

type Command = [verb: Parameters<typeof stock>[0], fields: object];
type Answer = { status: string; onHand?: number; rejection?: object };

// biome-ignore format: one command per line
const commands: readonly [name: string, before: readonly Command[], command: Command, answer: Answer, end: Partial<Levels>][] = [
  ['adjust adds', [], ['adjust', { by: 5 }], { status: 'applied', onHand: 15 }, { onHand: 15 }],
  ['adjust takes', [], ['adjust', { by: '-4' }], { status: 'applied', onHand: 6 }, { onHand: 6 }],
  ['adjust below zero is refused', [], ['adjust', { by: -11 }], { status: 'rejected', rejection: { code: 'would_be_negative', available: 10 } }, { onHand: 10 }],
  ['adjust below zero is done where a person says so', [], ['adjust', { by: -11, allowNegative: true }], { status: 'applied', onHand: -1 }, { onHand: -1 }],
  ['adjust sets units aside', [], ['adjust', { by: 4, bucket: 'unavailable' }], { status: 'applied' }, { onHand: 10, unavailable: 4 }],
  ['adjust brings back no more than was set aside', [], ['adjust', { by: -1, bucket: 'unavailable' }], { status: 'rejected' }, { unavailable: 0 }],
  ['set writes the number', [], ['set', { onHand: 3 }], { status: 'applied', onHand: 3 }, { onHand: 3 }],
  ['set with the right expectation is done', [], ['set', { onHand: 3, expected: 10 }], { status: 'applied', onHand: 3 }, { onHand: 3 }],
  ['set with a stale expectation names the current value', [], ['set', { onHand: 3, expected: 9 }], { status: 'rejected', rejection: { code: 'conflict', current: 10 } }, { onHand: 10 }],
  ['set to what is there does nothing', [], ['set', { onHand: 10 }], { status: 'nothing_to_do', onHand: 10 }, { onHand: 10 }],
  ['receive adds', [], ['receive', { quantity: 7 }], { status: 'applied', onHand: 17 }, { onHand: 17 }],
  ['incoming is announced', [], ['incoming', { by: 20 }], { status: 'applied' }, { onHand: 10, incoming: 20 }],
  ['receive takes off incoming what was announced', [['incoming', { by: 4 }]], ['receive', { quantity: 7, fromIncoming: true }], { status: 'applied', onHand: 17 }, { onHand: 17, incoming: 0 }],
  ['more incoming than was announced cannot be taken back', [['incoming', { by: 4 }]], ['incoming', { by: -5 }], { status: 'rejected' }, { incoming: 4 }],
  ['transfer moves', [], ['transfer', { from: 'main', to: 'back', quantity: 4 }], { status: 'applied', onHand: 6 }, { onHand: 10 }],
  ['transfer moves only what is there', [], ['transfer', { from: 'back', to: 'main', quantity: 1 }], { status: 'rejected', rejection: { code: 'would_be_negative' } }, { onHand: 10 }],
  ['transfer to the same place is refused', [], ['transfer', { from: 'main', to: 'main', quantity: 1 }], { status: 'rejected', rejection: { code: 'invalid_input' } }, { onHand: 10 }],
  ['hold protects units', [], ['hold', { hold: 'cart', quantity: 4 }], { status: 'applied' }, { onHand: 10, held: 4 }],
  ['a hold again replaces the first', [['hold', { hold: 'cart', quantity: 4 }]], ['hold', { hold: 'cart', quantity: 6 }], { status: 'applied' }, { held: 6 }],
  ['holds cannot have more than there is', [['hold', { hold: 'one', quantity: 7 }]], ['hold', { hold: 'two', quantity: 4 }], { status: 'rejected', rejection: { code: 'insufficient_stock', available: 3 } }, { held: 7 }],
  ['release frees a hold', [['hold', { hold: 'cart', quantity: 4 }]], ['release', { hold: 'cart' }], { status: 'applied' }, { held: 0 }],
  ['release of a hold nobody knows is refused', [], ['release', { hold: 'cart' }], { status: 'rejected', rejection: { code: 'unknown_hold' } }, { held: 0 }],
  ['more decimals than the product has are refused', [], ['adjust', { by: 1.5 }], { status: 'rejected', rejection: { code: 'too_many_decimals' } }, { onHand: 10 }],
];

test.each(commands)('%s', async (_name, before, [verb, fields], answer, end) => {
  await shop.globally({});
  const sku = await shop.product(10);
  for (const [first, firstFields] of before) await shop.tell(stock(first, sku, firstFields));
  const [outcome] = await shop.tell(stock(verb, sku, fields));
  expect(outcome).toMatchObject(answer);
  expect(await shop.levels(sku)).toMatchObject(end);
});

describe('a count', () => {
  test('keeps the sales since it was counted', async () => {
    const sku = await shop.product(10);
    const asOf = new Date().toISOString();
    await shop.tell(placed(`count-${sku}`, [[sku, 4]]), said('shipped', `count-${sku}`));
    const [outcome] = await shop.tell(stock('count', sku, { counted: 9, asOf }));
    expect(outcome).toMatchObject({ status: 'applied', onHand: 5 });
  });

  test('of what was expected changes nothing', async () => {
    const sku = await shop.product(10);
    const [outcome] = await shop.tell(stock('count', sku, { counted: 10, asOf: new Date().toISOString() }));
    expect(outcome).toMatchObject({ status: 'nothing_to_do', onHand: 10 });
  });

  test('in one batch with others sees what the ledger said before the batch, and each difference once', async () => {
    const sku = await shop.product(10);
    await shop.send(
      stock('receive', sku, { quantity: 5 }),
      stock('count', sku, { counted: 8, asOf: new Date().toISOString() }),
    );
    await shop.settleAll();
    expect((await shop.levels(sku)).onHand).toBe(13);
  });
});

test('a hold becomes its order: its units are there for it and for nobody else', async () => {
  await shop.globally({});
  const sku = await shop.product(4);
  await shop.tell(stock('hold', sku, { hold: 'cart', quantity: 4 }));
  const [stranger] = await shop.tell(placed(`stranger-${sku}`, [[sku, 1]]));
  expect(stranger).toMatchObject({ status: 'rejected' });
  const [holder] = await shop.tell(placed(`holder-${sku}`, [[sku, 4]], { hold: 'cart' }));
  expect(holder).toMatchObject({ status: 'accepted' });
  expect(await shop.levels(sku)).toMatchObject({ held: 0, committed: 4 });
});

describe('waiting backorders', () => {
  const customer = (name: string) => ({ customer: { email: `${name}@example.org`, name } });

  async function threeWait() {
    await shop.globally({ 'backorder.mode': 'allow_notify' });
    const sku = await shop.product(0);
    const orders = ['ann', 'ben', 'cleo'].map((name) => placed(`${name}-${sku}`, [[sku, 3]], customer(name)));
    // The oldest placing arrives last: the queue follows the placing, not the arrival.
    const [ann = {}, ben = {}, cleo = {}] = orders;
    expect((await shop.tell(ben, cleo, ann)).map(({ status }) => status)).toEqual([
      'accepted',
      'accepted',
      'accepted',
    ]);
    return { sku, names: ['ann', 'ben', 'cleo'] };
  }

  const waiting = async (sku: string) =>
    Promise.all(
      ['ann', 'ben', 'cleo'].map(
        async (name) => (await shop.order(`${name}-${sku}`)).lines[0]!.backordered / 10_000,
      ),
    );

  test('are told so by mail when they are accepted', async () => {
    const { sku } = await threeWait();
    const mails = await shop.mails(sku);
    expect(
      mails.filter(({ template }) => template === 'backorder-notice').map(({ recipient }) => recipient),
    ).toEqual(['ben@example.org', 'cleo@example.org', 'ann@example.org']);
    expect(mails[0]).toMatchObject({
      recipientKind: 'address',
      data: {
        orderReference: `ben-${sku}`,
        customerName: 'ben',
        lines: [{ sku, quantity: 3, backordered: 3 }],
      },
    });
  });

  test('are filled first in, first out, and their customers hear of it', async () => {
    const { sku } = await threeWait();
    await shop.tell(stock('receive', sku, { quantity: 4 }));
    expect(await waiting(sku)).toEqual([0, 2, 3]);
    await shop.tell(stock('adjust', sku, { by: 4 }));
    expect(await waiting(sku)).toEqual([0, 0, 1]);
    const filled = (await shop.mails(sku)).filter(({ template }) => template === 'backorder-filled');
    expect(
      filled.map(({ recipient, data }) => [recipient, (data as { lines: object[] }).lines[0]]),
    ).toMatchObject([
      ['ann@example.org', { filled: 3, stillWaiting: 0 }],
      ['ben@example.org', { filled: 1, stillWaiting: 2 }],
      ['ben@example.org', { filled: 2, stillWaiting: 0 }],
      ['cleo@example.org', { filled: 2, stillWaiting: 1 }],
    ]);
  });

  test('get what a cancellation frees', async () => {
    await shop.globally({ 'backorder.mode': 'allow' });
    const sku = await shop.product(3);
    await shop.tell(placed(`first-${sku}`, [[sku, 3]]), placed(`ann-${sku}`, [[sku, 2]]));
    expect((await shop.order(`ann-${sku}`)).lines[0]).toMatchObject({ backordered: 20_000 });
    await shop.tell(said('cancelled', `first-${sku}`));
    expect((await shop.order(`ann-${sku}`)).lines[0]).toMatchObject({ backordered: 0, fromStock: 20_000 });
  });

  test('get what a hold that ran out leaves, with the next order of anybody', async () => {
    await shop.globally({ 'backorder.mode': 'allow' });
    const sku = await shop.product(3);
    await shop.tell(stock('hold', sku, { hold: 'cart', quantity: 3 }), placed(`ann-${sku}`, [[sku, 2]]));
    expect((await shop.order(`ann-${sku}`)).lines[0]).toMatchObject({ backordered: 20_000 });
    await shop.db.pool.query(`update stockroom.stock_hold set expires_at = now() - interval '1 second'`);
    await shop.tell(placed(`ben-${sku}`, [[sku, 1]]));
    expect((await shop.order(`ann-${sku}`)).lines[0]).toMatchObject({ backordered: 0 });
    expect((await shop.order(`ben-${sku}`)).lines[0]).toMatchObject({ backordered: 0 });
    expect(await shop.levels(sku)).toMatchObject({ held: 0, committed: 3 });
  });
});

describe('mails to the managers', () => {
  const templates = async (sku: string) => (await shop.mails(sku)).map(({ template }) => template);

  test('low once when the line is crossed, again only after it has risen', async () => {
    await shop.globally({});
    const sku = await shop.product(10, { 'notify.threshold': 3 });
    await shop.tell(placed(`a-${sku}`, [[sku, 7]]), placed(`b-${sku}`, [[sku, 1]]));
    expect(await templates(sku)).toEqual(['low-stock']);
    await shop.tell(stock('receive', sku, { quantity: 5 }), stock('adjust', sku, { by: -4 }));
    expect(await templates(sku)).toEqual(['low-stock', 'low-stock']);
    expect((await shop.mails(sku))[0]).toMatchObject({
      recipientKind: 'group',
      recipient: 'store-managers',
      state: 'pending',
      data: { sku, salable: 3, threshold: 3, cause: { kind: 'order', reference: `a-${sku}` } },
    });
  });

  test('low and out in one change are one mail, and back is one more', async () => {
    await shop.globally({});
    const sku = await shop.product(10, { 'notify.threshold': 3 });
    await shop.tell(placed(`a-${sku}`, [[sku, 10]]), said('cancelled', `a-${sku}`));
    expect(await templates(sku)).toEqual(['out-of-stock', 'back-in-stock']);
  });

  test('one per recipient, also where two addresses differ in one sign only, and never two for one named twice', async () => {
    const sku = await shop.product(1);
    const recipients = ['a+b@example.org', 'a-b@example.org', 'group:store-managers', 'a+b@example.org'];
    expect(await setProductSettings(shop.db, sku, { 'notify.recipients': recipients })).toMatchObject({
      ok: true,
    });
    const [outcome] = await shop.tell(placed(`a-${sku}`, [[sku, 1]]));
    expect(outcome).toMatchObject({ status: 'accepted' });
    expect((await shop.mails(sku)).map(({ recipient }) => recipient)).toEqual([
      'a+b@example.org',
      'a-b@example.org',
      'store-managers',
    ]);
  });

  test('a refused order causes none', async () => {
    const sku = await shop.product(2, { 'notify.threshold': 2 });
    const [outcome] = await shop.tell(placed(`a-${sku}`, [[sku, 3]]));
    expect(outcome).toMatchObject({ status: 'rejected' });
    expect(await templates(sku)).toEqual([]);
  });

  test('a reason longer than a mail shows is cut, not fatal', async () => {
    const sku = await shop.product(1);
    await shop.tell(stock('adjust', sku, { by: -1, reason: 'r'.repeat(500), at: nextMinute() }));
    const cut = { data: { cause: { reference: `${'r'.repeat(299)}…` } } };
    // One for each store that sells it.
    expect(await shop.mails(sku)).toMatchObject([cut, cut]);
  });
});

test('each store promises from its own pool and ships from its own locations', async () => {
  await shop.globally({});
  const sku = await shop.product(5);
  await shop.tell(stock('transfer', sku, { from: 'main', to: 'back', quantity: 3 }));
  const order = placed(`second-${sku}`, [[sku, 4]], { store: 'second' });
  await shop.tell(order, said('shipped', order.order, { store: 'second' }));
  expect(await shop.levels(sku, 'back')).toMatchObject({ onHand: 0 });
  expect(await shop.levels(sku, 'main')).toMatchObject({ onHand: 1 });
});
