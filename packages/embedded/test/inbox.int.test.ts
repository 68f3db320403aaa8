// The inbox's SMTP, spoken by hand, and its page.
import { createConnection } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { type InboxOptions, startInbox } from '../src/inbox.ts';

async function openInbox(options: InboxOptions = {}) {
  const inbox = await startInbox({ httpPort: 0, ...options });
  onTestFinished(() => inbox.stop());
  return inbox;
}

/** Says each line when the server has answered the one before; the last reply is the verdict on the message. */
function deliver(
  port: number,
  { to = 'a@shop.test', subject = 'Hello', body = 'text', type = 'text/plain' } = {},
): Promise<string> {
  const say = [
    'EHLO here',
    'MAIL FROM:<from@shop.test>',
    `RCPT TO:<${to}>`,
    'DATA',
    `From: Shop <from@shop.test>\r\nSubject: ${subject}\r\nMessage-ID: <1@shop.test>\r\nContent-Type: ${type}\r\n\r\n${body}\r\n.`,
  ];
  return new Promise((resolve, reject) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    let last = '';
    socket.on('data', (chunk) => {
      const replies = String(chunk).trim().split('\r\n');
      last = replies.at(-1) ?? '';
      if (/^\d{3}-/.test(last)) return;
      const next = say.shift();
      if (next === undefined || last.startsWith('5') || last.startsWith('4')) socket.end('QUIT\r\n');
      else socket.write(`${next}\r\n`);
      if (next === undefined || /^[45]/.test(last)) resolve(last);
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`closed after: ${last}`)));
  });
}

test('a message is there, parsed, as soon as the server has said so', async () => {
  const inbox = await openInbox();
  expect(await deliver(inbox.port, { subject: '=?UTF-8?Q?Gr=C3=BC=C3=9Fe?=' })).toMatch(/^250/);
  expect(inbox.messages()).toMatchObject([
    {
      id: 1,
      messageId: '<1@shop.test>',
      from: 'Shop <from@shop.test>',
      to: ['a@shop.test'],
      subject: 'Grüße',
      text: 'text\n',
      html: '',
    },
  ]);
});

test('only the newest messages are kept, their numbers go on, and clear empties the list', async () => {
  const inbox = await openInbox({ keep: 2 });
  for (const subject of ['one', 'two', 'three']) await deliver(inbox.port, { subject });
  expect(inbox.messages().map(({ id, subject }) => `${id} ${subject}`)).toEqual(['2 two', '3 three']);
  inbox.clear();
  await deliver(inbox.port, { subject: 'four' });
  expect(inbox.messages().map(({ id }) => id)).toEqual([4]);
});

test('failNext fails as often as it says and then takes mail again', async () => {
  const inbox = await openInbox();
  inbox.failNext({ code: 451, times: 2 });
  expect(await deliver(inbox.port)).toMatch(/^451/);
  expect(await deliver(inbox.port)).toMatch(/^451/);
  expect(await deliver(inbox.port)).toMatch(/^250/);
  inbox.failNext({ code: 550, stage: 'recipient' });
  expect(await deliver(inbox.port)).toMatch(/^550/);
  expect(inbox.messages()).toHaveLength(1);
});

test('stop refuses connections, start brings the same ports and messages back, and both may be repeated', async () => {
  const inbox = await openInbox();
  await deliver(inbox.port);
  const { port, httpUrl } = inbox;
  await inbox.stop();
  await inbox.stop();
  await expect(deliver(port)).rejects.toThrow('ECONNREFUSED');
  await expect(fetch(`${httpUrl}/messages`)).rejects.toThrow();
  await inbox.start();
  await inbox.start();
  expect(inbox.port).toBe(port);
  expect(await deliver(port)).toMatch(/^250/);
  expect(await (await fetch(`${httpUrl}/messages`)).json()).toHaveLength(2);
});

test('a taken page port leaves no SMTP server behind', async () => {
  const first = await openInbox();
  const gone = await openInbox();
  await gone.stop();
  const second = startInbox({ port: gone.port, httpPort: Number(new URL(first.httpUrl ?? '').port) });
  await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await expect(deliver(gone.port)).rejects.toThrow('ECONNREFUSED');
});

test('the list is newest first, filtered and limited, and answers 304 while nothing is new', async () => {
  const inbox = await openInbox();
  await deliver(inbox.port, { to: 'a@shop.test', subject: 'Low stock: Tea' });
  await deliver(inbox.port, { to: 'b@shop.test', subject: 'Low stock: Mug' });
  await deliver(inbox.port, { to: 'b@shop.test', subject: 'Out of stock: Mug' });
  const subjects = async (query: string) =>
    ((await (await fetch(`${inbox.httpUrl}/messages${query}`)).json()) as { subject: string }[]).map(
      ({ subject }) => subject,
    );
  expect(await subjects('')).toEqual(['Out of stock: Mug', 'Low stock: Mug', 'Low stock: Tea']);
  expect(await subjects('?to=B@&subject=low')).toEqual(['Low stock: Mug']);
  expect(await subjects('?limit=1')).toEqual(['Out of stock: Mug']);
  expect(await subjects('?limit=nonsense')).toHaveLength(3);
  const etag = (await fetch(`${inbox.httpUrl}/messages`)).headers.get('etag') ?? '';
  const ifNew = () => fetch(`${inbox.httpUrl}/messages`, { headers: { 'if-none-match': etag } });
  expect((await ifNew()).status).toBe(304);
  await deliver(inbox.port);
  expect((await ifNew()).status).toBe(200);
});

test('one message is served as JSON and as a page that can neither run nor load anything', async () => {
  const inbox = await openInbox();
  await deliver(inbox.port, {
    body: '<html><head></head><script>alert(1)</script><a href="https://x.test">x</a></html>',
    type: 'text/html',
  });
  const json = (await (await fetch(`${inbox.httpUrl}/messages/1`)).json()) as {
    html: string;
    headers: object;
  };
  expect(json.html).toContain('<script>');
  expect(json.headers).toMatchObject({ 'message-id': '<1@shop.test>' });
  const page = await fetch(`${inbox.httpUrl}/messages/1/html`);
  expect(page.headers.get('content-security-policy')).toMatch(
    /^sandbox (?!.*allow-scripts).*default-src 'none'/,
  );
  expect(await page.text()).toContain('<base target="_blank">');
});

test('a mail of text only is shown as text, never as markup', async () => {
  const inbox = await openInbox();
  await deliver(inbox.port, { body: '<b>not bold</b>' });
  expect(await (await fetch(`${inbox.httpUrl}/messages/1/html`)).text()).toContain('&#60;b&#62;not bold');
});

test('the page and its files are there; what is not, says so', async () => {
  const inbox = await openInbox();
  for (const [path, type] of [
    ['/', 'text/html'],
    ['/inbox.css', 'text/css'],
    ['/inbox.js', 'text/javascript'],
  ] as const) {
    const response = await fetch(`${inbox.httpUrl}${path}`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain(type);
  }
  for (const path of ['/messages/99', '/messages/x', '/../package.json', '/src/inbox.ts']) {
    expect((await fetch(`${inbox.httpUrl}${path}`)).status).toBe(404);
  }
  expect((await fetch(`${inbox.httpUrl}/messages`, { method: 'POST' })).status).toBe(405);
  await deliver(inbox.port);
  expect((await fetch(`${inbox.httpUrl}/messages`, { method: 'DELETE' })).status).toBe(204);
  expect(inbox.messages()).toEqual([]);
});
