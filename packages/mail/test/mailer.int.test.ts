// Sending to a real SMTP server that behaves, misbehaves, and goes away.
import { type Inbox, type InboxFault, startInbox } from '@stockroom/testkit';
import { describe, expect, onTestFinished, test } from 'vitest';
import { MailError } from '../src/mail-error.ts';
import { createMailer, type Mailer, type MailerOptions } from '../src/mailer.ts';
import { createRenderer } from '../src/renderer.ts';
import { samples } from './samples.ts';

const mail = {
  messageId: '<notification-1@stockroom.test>',
  to: 'manager@shop.test',
  subject: 'Low stock',
  html: '<p>Low</p>',
  text: 'Low',
};

async function openInbox(options: Parameters<typeof startInbox>[0] = {}): Promise<Inbox> {
  const inbox = await startInbox(options);
  onTestFinished(() => inbox.stop());
  return inbox;
}

function openMailer(url: string, options: Partial<MailerOptions> = {}): Mailer {
  const mailer = createMailer({ url, from: 'Stockroom <stock@shop.test>', ...options });
  onTestFinished(() => mailer.close());
  return mailer;
}

async function failureOf(sending: Promise<unknown>): Promise<MailError> {
  const error = await sending.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(MailError);
  return error as MailError;
}

test('every mail arrives whole: subject in any script, both parts, the stable Message-ID', async () => {
  const inbox = await openInbox();
  const mailer = openMailer(inbox.url);
  const renderer = createRenderer({ baseUrl: 'https://admin.example.com' });
  for (const template of Object.keys(samples) as (keyof typeof samples)[]) {
    const rendered = renderer.render({ template, data: samples[template] });
    const subject = `${rendered.subject} – Grüße ✓ 茶`;
    const { response, rejected } = await mailer.send({
      ...rendered,
      subject,
      to: 'manager@shop.test',
      messageId: `${template}-7@stockroom.test`,
    });
    expect(response).toMatch(/^250 /);
    expect(rejected).toEqual([]);
    const received = inbox.messages().at(-1);
    expect(received).toMatchObject({
      subject,
      from: 'Stockroom <stock@shop.test>',
      to: ['manager@shop.test'],
      messageId: `<${template}-7@stockroom.test>`,
    });
    expect(received?.html.trim()).toBe(rendered.html.trim());
    expect(received?.text.trim()).toBe(rendered.text.trim());
    expect(received?.headers['auto-submitted']).toBe('auto-generated');
  }
  expect(inbox.messages()).toHaveLength(5);
});

test('a temporary refusal is told as such, and the same mail goes through afterwards under the same Message-ID', async () => {
  const inbox = await openInbox();
  const mailer = openMailer(inbox.url);
  inbox.failNext({ code: 451 });
  expect(await failureOf(mailer.send(mail))).toMatchObject({
    kind: 'temporary',
    retry: 'later',
    code: 'smtp_deferred',
    replyCode: 451,
  });
  expect(inbox.messages()).toEqual([]);
  await mailer.send(mail);
  expect(inbox.messages().map(({ messageId }) => messageId)).toEqual([mail.messageId]);
});

test.each(['recipient', 'data'] as const)(
  'a refusal for good at stage %s is permanent, and the next mail is not hurt by it',
  async (stage) => {
    const inbox = await openInbox();
    const mailer = openMailer(inbox.url);
    inbox.failNext({ code: 550, stage });
    expect(await failureOf(mailer.send(mail))).toMatchObject({
      kind: 'permanent',
      retry: 'never',
      code: 'smtp_refused',
      replyCode: 550,
    });
    await mailer.send({ ...mail, messageId: '<2@stockroom.test>' });
    expect(inbox.messages()).toHaveLength(1);
  },
);

test('a refused recipient beside an accepted one is named, and no error', async () => {
  const inbox = await openInbox();
  const mailer = openMailer(inbox.url);
  inbox.failNext({ code: 550, stage: 'recipient' });
  const { rejected } = await mailer.send({ ...mail, to: ['gone@shop.test', 'here@shop.test'] });
  expect(rejected).toEqual(['gone@shop.test']);
  expect(inbox.messages({ to: 'here@shop.test' })).toHaveLength(1);
});

describe('a server that does not behave', () => {
  async function sendTo(
    fault: InboxFault,
    stage: 'connect' | 'data',
  ): Promise<{ error: MailError; inbox: Inbox; mailer: Mailer }> {
    const inbox = await openInbox();
    const timeouts = { connectionMs: 300, greetingMs: 300, socketMs: 300 };
    const mailer = openMailer(inbox.url, { timeouts });
    inbox.setFault((moment) => (moment.stage === stage ? fault : undefined));
    return { error: await failureOf(mailer.send(mail)), inbox, mailer };
  }

  test('a tarpit at the greeting ends in a timeout that is temporary', async () => {
    const { error } = await sendTo({ waitMs: 60_000 }, 'connect');
    expect(error).toMatchObject({ code: 'smtp_timeout', kind: 'temporary', retry: 'soon' });
  });

  test('a tarpit after the message ends in a timeout that is temporary', async () => {
    const { error } = await sendTo({ waitMs: 60_000 }, 'data');
    expect(error).toMatchObject({ code: 'smtp_timeout', kind: 'temporary', retry: 'soon' });
  });

  test('a connection cut after DATA is temporary, is tried once, and the second send is the only copy', async () => {
    const { error, inbox, mailer } = await sendTo({ drop: 'before_keeping' }, 'data');
    expect(error).toMatchObject({ code: 'smtp_unreachable', kind: 'temporary', retry: 'soon' });
    inbox.setFault(undefined);
    await mailer.send(mail);
    expect(inbox.messages()).toHaveLength(1);
  });

  test('a server that dies after taking the mail gets it twice, under one Message-ID', async () => {
    const { inbox, mailer } = await sendTo({ drop: 'after_keeping' }, 'data');
    expect(inbox.messages()).toHaveLength(1);
    inbox.setFault(undefined);
    await mailer.send(mail);
    expect(new Set(inbox.messages().map(({ messageId }) => messageId))).toEqual(new Set([mail.messageId]));
    expect(inbox.messages()).toHaveLength(2);
  });

  test('a server that turns everybody away is no reason to give up a mail', async () => {
    const { error } = await sendTo({ reply: 554 }, 'connect');
    expect(error).toMatchObject({ kind: 'temporary', code: 'smtp_unreachable' });
  });
});

test('a server that is down, then back, is found again by the same mailer', async () => {
  const inbox = await openInbox();
  const mailer = openMailer(inbox.url);
  await mailer.send(mail);
  await inbox.stop();
  for (const attempt of [1, 2]) {
    const error = await failureOf(mailer.send({ ...mail, messageId: `<down-${attempt}@stockroom.test>` }));
    expect(error).toMatchObject({ kind: 'temporary', code: 'smtp_unreachable', retry: 'soon' });
  }
  await inbox.start();
  await mailer.send({ ...mail, messageId: '<back@stockroom.test>' });
  expect(inbox.messages().map(({ messageId }) => messageId)).toEqual([
    mail.messageId,
    '<back@stockroom.test>',
  ]);
});

describe('logging in', () => {
  const auth = { user: 'stock@shop.test', pass: 'p@ss:/wörd' };
  const withLogin = (inbox: Inbox, pass: string) =>
    `smtp://${encodeURIComponent(auth.user)}:${encodeURIComponent(pass)}@127.0.0.1:${inbox.port}`;

  test('works with characters that a URL must encode', async () => {
    const inbox = await openInbox({ auth });
    const mailer = openMailer(withLogin(inbox, auth.pass));
    await mailer.verify();
    await mailer.send(mail);
    expect(inbox.messages()).toHaveLength(1);
  });

  test('with a wrong password, or none, fails as auth and never shows the password', async () => {
    const inbox = await openInbox({ auth });
    for (const url of [withLogin(inbox, 'sesame-open'), inbox.url]) {
      const error = await failureOf(openMailer(url).send(mail));
      expect(error).toMatchObject({ kind: 'auth', code: 'smtp_auth_failed', retry: 'later' });
      expect(`${error.message}${error.stack}`).not.toContain('sesame-open');
    }
    expect(await failureOf(openMailer(withLogin(inbox, 'wrong')).verify())).toMatchObject({ kind: 'auth' });
    expect(inbox.messages()).toEqual([]);
  });
});

test('with requireTls nothing is sent over a plain connection', async () => {
  const inbox = await openInbox();
  const error = await failureOf(openMailer(inbox.url, { requireTls: true }).send(mail));
  expect(error.kind).toBe('temporary');
  expect(inbox.messages()).toEqual([]);
});

describe('a mail that could reach more people or files than it says is refused before it is sent', () => {
  const refused: [string, object][] = [
    ['two addresses in one', { to: 'a@shop.test, b@shop.test' }],
    ['a line break in the address', { to: 'a@shop.test\r\nBcc: b@shop.test' }],
    ['no address', { to: [] }],
    ['a Message-ID with a line break', { messageId: '<a@b>\r\nBcc: <b@shop.test>' }],
    ['a header that steers the delivery', { headers: { Bcc: 'b@shop.test' } }],
    ['a header name with a line break', { headers: { 'X-A\r\nBcc': 'b@shop.test' } }],
  ];
  test.each(refused)('%s', async (_what, changes) => {
    const inbox = await openInbox();
    const error = await failureOf(openMailer(inbox.url).send({ ...mail, ...changes }));
    expect(error).toMatchObject({ code: 'mail_invalid', kind: 'permanent', retry: 'never' });
    expect(inbox.messages()).toEqual([]);
  });

  test('and line breaks in subject and header values are taken out', async () => {
    const inbox = await openInbox();
    const mailer = openMailer(inbox.url);
    await mailer.send({
      ...mail,
      subject: 'Low\r\nBcc: b@shop.test',
      headers: { 'X-Store': 'one\r\nBcc: c@shop.test' },
    });
    const [received] = inbox.messages();
    expect(received).toMatchObject({ subject: 'Low Bcc: b@shop.test', to: ['manager@shop.test'] });
    expect(received?.headers['x-store']).toBe('one Bcc: c@shop.test');
    expect(received?.headers.bcc).toBeUndefined();
  });
});

test('close lets the mail on its way finish, then refuses further ones', async () => {
  const inbox = await openInbox();
  inbox.setFault(({ stage }) => (stage === 'data' ? { waitMs: 200 } : undefined));
  const mailer = openMailer(inbox.url);
  const sending = mailer.send(mail);
  await mailer.close();
  await expect(sending).resolves.toMatchObject({ response: expect.stringMatching(/^250/) });
  expect(inbox.messages()).toHaveLength(1);
  expect(await failureOf(mailer.send(mail))).toMatchObject({ code: 'mailer_closed', retry: 'soon' });
  await mailer.close();
});

test('two hundred mails share the connections of the pool and all arrive once', async () => {
  let connections = 0;
  const inbox = await openInbox({
    faults: ({ stage }) => {
      if (stage === 'connect') connections += 1;
      return undefined;
    },
  });
  const mailer = openMailer(inbox.url, { pool: { maxConnections: 3, maxMessages: 100 } });
  await Promise.all(
    Array.from({ length: 200 }, (_, index) =>
      mailer.send({ ...mail, messageId: `<many-${index}@stockroom.test>` }),
    ),
  );
  expect(new Set(inbox.messages().map(({ messageId }) => messageId)).size).toBe(200);
  expect(inbox.messages()).toHaveLength(200);
  expect(connections).toBeLessThanOrEqual(6);
});

test.each(['', 'shop.test', 'http://shop.test', 'smtp://'])(
  'the URL %j is refused at once with what was expected',
  (url) => {
    expect(() => createMailer({ url, from: 'a@b.test' })).toThrow(
      /expected smtp:\/\/user:password@host:port/,
    );
  },
);
