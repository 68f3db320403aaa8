// The server around the procedures: what it refuses, what it hides, what it shows to machines, and how it ends.
import { createAdminClient } from '@stockroom/client';
import { statement } from '@stockroom/db';
import { backends, describeOnBackends, eventually, uniqueId } from '@stockroom/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSystem, type System } from './open-system.ts';

const json = { 'content-type': 'application/json' };
const at = '2026-05-04T10:00:00Z';

async function openOnFirst(more: Parameters<typeof openSystem>[1] = {}): Promise<System> {
  const [backend] = backends();
  if (backend?.available !== true) throw new Error('there is no backend to test on');
  return openSystem(backend, more);
}

describe('the HTTP server', () => {
  let system: System;
  let admin: string;
  const call = (path: string, init: RequestInit & { key?: string | null } = {}) => {
    const { key = admin, ...rest } = init;
    const headers = {
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      ...(init.headers as object),
    };
    return fetch(`${system.url}${path}`, { ...rest, headers });
  };

  beforeAll(async () => {
    system = await openOnFirst();
    admin = await system.key('admin');
  });
  afterAll(() => system.close());

  test.each(['multipart/form-data; boundary=x', 'text/plain', 'application/x-www-form-urlencoded'])(
    'a body of type %s is refused, so a form of a foreign page is never a call',
    async (type) => {
      const answer = await call('/trpc/queues.pause', {
        method: 'POST',
        headers: { 'content-type': type },
        body: JSON.stringify({ queue: 'mail' }),
      });
      expect(answer.status).toBe(415);
    },
  );

  test('an input that is wrong is answered with the name of its field', async () => {
    const event = { type: 'order.placed', id: 'e', order: 'o', at, lines: [{ sku: 'A', quantity: -1 }] };
    const answer = await call('/trpc/orders.submit', {
      method: 'POST',
      headers: json,
      body: JSON.stringify({ event }),
    });
    expect(answer.status).toBe(400);
    const { error } = (await answer.json()) as { error: { message: string; data: Record<string, unknown> } };
    expect(error.message).toBe('event.lines.0.quantity: must be more than 0');
    expect(error.data).toMatchObject({
      reason: 'invalid_input',
      field: 'event.lines.0.quantity',
      requestId: answer.headers.get('x-request-id'),
    });
  });

  test('a key that is revoked, made up or of another form is refused', async () => {
    const path = '/trpc/system.whoami';
    expect((await call(path, { key: `sk_${'0'.repeat(12)}_${'A'.repeat(43)}` })).status).toBe(401);
    expect((await call(path, { key: 'secret' })).status).toBe(401);
    expect((await call(path, { key: null })).status).toBe(401);
    const basic = Buffer.from(`me:${admin}`).toString('base64');
    // A browser sends Basic by itself, so it is no proof of intent for a call.
    expect((await call(path, { key: null, headers: { authorization: `Basic ${basic}` } })).status).toBe(401);
  });

  test('what fails unexpectedly reaches the client as a request id only, and the log in full', async () => {
    const sku = await system.product();
    await system.db.transaction((sql) =>
      sql.affected(
        statement('t_spoil', `update stockroom.product set settings = '{"no.such": 1}' where sku = $1`),
        [sku],
      ),
    );
    const input = encodeURIComponent(JSON.stringify({ store: 'main', skus: [sku] }));
    const answer = await call(`/trpc/availability.get?input=${input}`, {
      headers: { 'x-request-id': 'my-request-1' },
    });
    expect(answer.status).toBe(500);
    const text = await answer.text();
    expect(text).toContain('my-request-1');
    expect(text).not.toMatch(/no\.such|stored settings|stack/);
    await eventually(() => expect(system.logged.join('')).toContain('no.such'));
  });

  test('more than fifty calls in one batch are refused', async () => {
    const paths = Array.from({ length: 51 }, () => 'system.whoami').join(',');
    expect((await call(`/trpc/${paths}?batch=1&input=%7B%7D`)).status).toBe(400);
    const fewer = Array.from({ length: 50 }, () => 'system.whoami').join(',');
    expect((await call(`/trpc/${fewer}?batch=1&input=%7B%7D`)).status).toBe(200);
  });

  test('a body above eight megabytes is refused', async () => {
    const answer = await call('/trpc/orders.submit', {
      method: 'POST',
      headers: json,
      body: ' '.repeat(8_388_609),
    });
    expect(answer.status).toBe(413);
  });

  test('liveness, readiness and metrics need no key', async () => {
    expect(await (await call('/livez', { key: null })).json()).toEqual({ ok: true });
    const ready = await call('/readyz', { key: null });
    expect(ready.status).toBe(200);
    expect(await ready.json()).toMatchObject({
      ok: true,
      database: { ok: true },
      schema: { ok: true },
      queue: { ok: true },
    });
    await call('/trpc/system.whoami');
    const metrics = await (await call('/metrics', { key: null })).text();
    expect(metrics).toMatch(/^stockroom_database_up 1$/m);
    expect(metrics).toMatch(/^stockroom_mailbox_commands \d+$/m);
    expect(metrics).toMatch(/^stockroom_queue_jobs\{queue="order-events",state="waiting"\} 0$/m);
    expect(metrics).toMatch(/stockroom_api_call_seconds_count\{procedure="system.whoami",code="OK"\} \d+/);
  });

  test('neither keys nor mail addresses get into the log', async () => {
    const sku = await system.product();
    const event = {
      type: 'order.placed',
      id: uniqueId('event'),
      order: uniqueId('order'),
      at,
      customer: { email: 'anna@example.com' },
      lines: [{ sku, quantity: 1 }],
    };
    const secret = await system.key('service');
    await call('/trpc/orders.submit', {
      method: 'POST',
      key: secret,
      headers: json,
      body: JSON.stringify({ event }),
    });
    await call(`/trpc/products.list?input=${encodeURIComponent('{"search":"bert@example.com"}')}`);
    system.log.error(
      { authorization: `Bearer ${secret}`, err: new Error(`mail to cleo@example.com with ${secret}`) },
      'x',
    );
    const text = system.logged.join('');
    expect(text).toContain('"path":"/trpc/orders.submit"');
    expect(text).not.toContain('@example.com');
    expect(text).not.toContain(secret);
    expect(text).toContain('[mail address]');
  });

  describe('the board', () => {
    const basic = (key: string) => `Basic ${Buffer.from(`ops:${key}`).toString('base64')}`;
    const board = (headers: Record<string, string>, init: RequestInit = {}) =>
      call(init.method === undefined ? '/ops/board/' : '/ops/board/api/queues/mail/pause', {
        ...init,
        key: null,
        headers,
      });

    test('asks for a key, and opens for operators only', async () => {
      const asked = await board({});
      expect(asked.status).toBe(401);
      expect(asked.headers.get('www-authenticate')).toMatch(/^Basic/);
      expect((await board({ authorization: basic(await system.key('editor')) })).status).toBe(403);
      expect((await board({ authorization: basic(await system.key('ops', ['main'])) })).status).toBe(403);
      const ops = await system.key('ops');
      expect((await board({ authorization: `Bearer ${ops}` })).status).toBe(200);
      const page = await board({ authorization: basic(ops) });
      expect(page.status).toBe(200);
      expect(await page.text()).toContain('Stockroom queues');
      expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
    });

    test('lets nobody act from another site on a password that the browser sends by itself', async () => {
      const authorization = basic(await system.key('ops'));
      const put = { method: 'PUT' };
      expect((await board({ authorization }, put)).status).toBe(403);
      expect((await board({ authorization, 'sec-fetch-site': 'cross-site' }, put)).status).toBe(403);
      expect((await board({ authorization, origin: 'https://evil.example' }, put)).status).toBe(403);
      expect(await system.parts.ops.counts('mail')).toMatchObject({ paused: false });
      expect((await board({ authorization, origin: system.url }, put)).status).toBe(200);
      expect(await system.parts.ops.counts('mail')).toMatchObject({ paused: true });
      await system.parts.ops.resume('mail');
    });
  });
});

describe('limits of the HTTP server', () => {
  test('calls beyond the limit of a key are refused, and other keys go on', async () => {
    const system = await openOnFirst({ rateLimits: { perKey: 3, perAddress: 2 } });
    try {
      const [one, two] = [await system.key('reader'), await system.key('reader')];
      const ask = async (key: string) =>
        (await fetch(`${system.url}/trpc/system.whoami`, { headers: { authorization: `Bearer ${key}` } }))
          .status;
      expect([await ask(one), await ask(one), await ask(one), await ask(one)]).toEqual([200, 200, 200, 429]);
      expect(await ask(two)).toBe(200);
      expect([await ask('none'), await ask('none'), await ask('none')]).toEqual([401, 401, 429]);
      expect((await fetch(`${system.url}/livez`)).status).toBe(200);
    } finally {
      await system.close();
    }
  });

  test('closing waits for the call under way, and cuts it off when time is up', async () => {
    const system = await openOnFirst({ settles: false });
    try {
      const client = createAdminClient({ url: system.url, key: await system.key('service') });
      const event = { type: 'order.paid' as const, id: uniqueId('event'), order: uniqueId('order'), at };
      // Nothing settles here, so this call waits for its whole time.
      const waiting = client.orders.submit
        .mutate({ event, wait: true, timeoutMs: 30_000 })
        .catch((error: unknown) => error);
      await eventually(async () =>
        expect((await client.orders.outcome.query({ eventId: event.id })).progress).toBe('early'),
      );
      const startedAt = performance.now();
      await system.api.close({ timeoutMs: 300 });
      expect(performance.now() - startedAt).toBeLessThan(3_000);
      expect(await waiting).toBeInstanceOf(Error);
      await expect(fetch(`${system.url}/livez`)).rejects.toThrow();
    } finally {
      await system.close();
    }
  });
});

describeOnBackends('readiness', (backend) => {
  test('names the backend and, on Redis, the policy that keeps jobs from being thrown away', async () => {
    const system = await openSystem(backend, { settles: false });
    try {
      const answer = (await (await fetch(`${system.url}/readyz`)).json()) as { queue: object };
      expect(answer.queue).toMatchObject(
        backend.name === 'redis'
          ? { ok: true, backend: 'redis', evictionPolicy: 'noeviction' }
          : { ok: true, backend: 'postgres' },
      );
    } finally {
      await system.close();
    }
  });
});
