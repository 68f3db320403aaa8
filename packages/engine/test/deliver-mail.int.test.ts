// Delivering mails over real SMTP: what goes out, what is tried again, what is given up, and that nothing goes out twice at a time.

import { setTimeout as wait } from 'node:timers/promises';
import { createContact, type Database, listNotifications, type NotificationRow } from '@stockroom/db';
import { createMailer, createRenderer, type Mailer } from '@stockroom/mail';
import { eventually, type Inbox, startInbox, uniqueId } from '@stockroom/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { deliverMail, deliveryLimits } from '../src/index.ts';
import { placed } from './support/events.ts';
import { openShop, type Shop } from './support/shop.ts';

let shop: Shop;
let inbox: Inbox;
let mailer: Mailer;
const renderer = createRenderer({ baseUrl: 'https://admin.example.org' });
const limits = { ...deliveryLimits, attemptsMax: 3, backoffMs: 1, backoffMaxMs: 4 };

beforeAll(async () => {
  shop = await openShop();
  inbox = await startInbox();
  mailer = createMailer({ url: inbox.url, from: 'Stockroom <stock@example.org>' });
  await createContact(shop.db, { group: 'store-managers', email: 'ann@example.org', name: 'Ann' });
  await createContact(shop.db, { group: 'store-managers', email: 'ben@example.org', name: 'Ben' });
});
beforeEach(() => {
  inbox.setFault(undefined);
  inbox.clear();
});
afterEach(() => shop.provesClean());
afterAll(async () => {
  await mailer.close();
  await inbox.stop();
  await shop.end();
});

/** An out-of-stock mail that is due. */
async function dueMail(recipients = ['group:store-managers']): Promise<NotificationRow> {
  const sku = await shop.product(1, { 'notify.recipients': recipients });
  await shop.tell(placed(uniqueId('order'), [[sku, 1]]));
  const [mail] = await shop.mails(sku);
  if (mail === undefined) throw new Error('no mail was written');
  return mail;
}

const deliver = (mail: NotificationRow, parts: { db?: Database; mailer?: Mailer } = {}) =>
  deliverMail({ db: shop.db, renderer, mailer, limits, ...parts }, mail.notificationId);

async function rowOf(mail: NotificationRow): Promise<NotificationRow | undefined> {
  const { rows } = await listNotifications(shop.db.read, { limit: 500 });
  return rows.find((row) => row.notificationId === mail.notificationId);
}

test('a mail goes to every member of its group, once, with its stable id', async () => {
  const mail = await dueMail();
  expect(await deliver(mail)).toEqual({ delivery: 'sent', retryInMs: null, error: null });
  expect(inbox.messages()).toMatchObject([
    {
      to: ['ann@example.org', 'ben@example.org'],
      messageId: mail.messageId,
      subject: expect.stringContaining('tea-'),
    },
  ]);
  expect(await rowOf(mail)).toMatchObject({
    state: 'sent',
    attempts: 1,
    response: expect.stringMatching(/^250/),
  });
  expect(await deliver(mail)).toMatchObject({ delivery: 'not_due' });
  expect(inbox.messages()).toHaveLength(1);
});

test('a mail to an address goes to that address', async () => {
  const mail = await dueMail(['cleo@example.org']);
  await deliver(mail);
  expect(inbox.messages()).toMatchObject([{ to: ['cleo@example.org'] }]);
});

test('a group without members suppresses the mail and says why', async () => {
  await shop.db.pool.query(
    `insert into stockroom.contact_group (code, name) values ('empty', 'Nobody') on conflict do nothing`,
  );
  const mail = await dueMail(['group:empty']);
  expect(await deliver(mail)).toMatchObject({
    delivery: 'suppressed',
    error: expect.stringContaining('"empty"'),
  });
  expect(await rowOf(mail)).toMatchObject({
    state: 'suppressed',
    lastError: expect.stringContaining('no members'),
  });
  expect(inbox.messages()).toEqual([]);
});

test('a temporary failure is tried again later, and then arrives once', async () => {
  const mail = await dueMail();
  inbox.failNext({ code: 451 });
  const first = await deliver(mail);
  expect(first).toMatchObject({ delivery: 'postponed', error: expect.stringContaining('451') });
  expect(first.retryInMs).toBeGreaterThan(0);
  expect(await rowOf(mail)).toMatchObject({ state: 'pending', attempts: 1 });
  await eventually(async () => expect(await deliver(mail)).toMatchObject({ delivery: 'sent' }));
  expect(inbox.messages()).toMatchObject([{ messageId: mail.messageId }]);
});

test('a mail put off is not due before its time', async () => {
  const mail = await dueMail();
  inbox.failNext({ code: 451 });
  const slow = { ...limits, backoffMs: 60_000, backoffMaxMs: 60_000 };
  await deliverMail({ db: shop.db, renderer, mailer, limits: slow }, mail.notificationId);
  expect(await deliver(mail)).toMatchObject({ delivery: 'not_due' });
  expect(inbox.messages()).toEqual([]);
});

test('after the last attempt a mail is dead and keeps its error', async () => {
  const mail = await dueMail();
  inbox.failNext({ code: 451, times: 9 });
  const deliveries: string[] = [];
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    await eventually(async () => {
      const { delivery } = await deliver(mail);
      expect(delivery).not.toBe('not_due');
      deliveries.push(delivery);
    });
  }
  expect(deliveries).toEqual(['postponed', 'postponed', 'dead']);
  expect(await rowOf(mail)).toMatchObject({
    state: 'dead',
    attempts: 3,
    lastError: expect.stringContaining('451'),
  });
  expect(await deliver(mail)).toMatchObject({ delivery: 'not_due' });
});

test('a permanent refusal is the end at once', async () => {
  const mail = await dueMail();
  inbox.failNext({ code: 554 });
  expect(await deliver(mail)).toMatchObject({ delivery: 'dead', retryInMs: null });
  expect(await rowOf(mail)).toMatchObject({ state: 'dead', attempts: 1 });
});

test('a mail whose data cannot be rendered is dead with the field that is wrong', async () => {
  const mail = await dueMail();
  await shop.db.pool.query(`update stockroom.notification set data = data - 'sku' where id = $1`, [
    mail.notificationId,
  ]);
  expect(await deliver(mail)).toMatchObject({ delivery: 'dead', error: expect.stringContaining('sku') });
});

test('a refused login costs the mail no attempt', async () => {
  const guarded = await startInbox({ auth: { user: 'stock', pass: 'right' } });
  const url = guarded.url.replace('smtp://', 'smtp://stock:wrong@');
  const stranger = createMailer({ url, from: 'stock@example.org' });
  try {
    const mail = await dueMail();
    expect(await deliver(mail, { mailer: stranger })).toMatchObject({ delivery: 'auth_failed' });
    expect(await rowOf(mail)).toMatchObject({ state: 'pending', attempts: 0 });
    await eventually(async () => expect(await deliver(mail)).toMatchObject({ delivery: 'sent' }));
  } finally {
    await stranger.close();
    await guarded.stop();
  }
});

test('a server that is away puts the mail off', async () => {
  const mail = await dueMail();
  const gone = await startInbox();
  await gone.stop();
  const nowhere = createMailer({ url: gone.url, from: 'stock@example.org' });
  expect(await deliver(mail, { mailer: nowhere })).toMatchObject({ delivery: 'postponed' });
  await nowhere.close();
});

test('ten senders of one mail send it once', async () => {
  const mail = await dueMail();
  const deliveries = await Promise.all(Array.from({ length: 10 }, () => deliver(mail)));
  expect(deliveries.map(({ delivery }) => delivery).sort()).toEqual([...Array(9).fill('not_due'), 'sent']);
  expect(inbox.messages()).toHaveLength(1);
});

test('the claim of a sender that died ends by itself', async () => {
  const mail = await dueMail();
  const dying: Mailer = { ...mailer, send: () => new Promise(() => {}) };
  void deliverMail(
    { db: shop.db, renderer, mailer: dying, limits: { ...limits, claimMs: 100 } },
    mail.notificationId,
  );
  const deliveries: string[] = [];
  while (deliveries.at(-1) !== 'sent' && deliveries.length < 200) {
    deliveries.push((await deliver(mail)).delivery);
    await wait(10);
  }
  expect(deliveries.at(-1)).toBe('sent');
  expect(inbox.messages()).toHaveLength(1);
});

test('a mail that went out while the database failed is not called dead: it stays due', async () => {
  const mail = await dueMail();
  let transactions = 0;
  const failing: Database = {
    ...shop.db,
    transaction: (work, options) => {
      transactions += 1;
      if (transactions > 1) return Promise.reject(new Error('the database is away'));
      return shop.db.transaction(work, options);
    },
  };
  const limitsNow = { ...limits, claimMs: 1 };
  await expect(
    deliverMail({ db: failing, renderer, mailer, limits: limitsNow }, mail.notificationId),
  ).rejects.toThrow('the database is away');
  expect(await rowOf(mail)).toMatchObject({ state: 'pending' });
  await eventually(async () => expect(await deliver(mail)).toMatchObject({ delivery: 'sent' }));
  expect(new Set(inbox.messages().map(({ messageId }) => messageId))).toEqual(new Set([mail.messageId]));
});
