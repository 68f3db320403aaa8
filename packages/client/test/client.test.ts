// What the client refuses by itself, without a server.
import { expect, test } from 'vitest';
import { createAdminClient, createOrderProducer } from '../src/index.ts';

const placed = {
  type: 'order.placed' as const,
  id: 'e-1',
  order: 'o-1',
  at: '2026-05-04T10:00:00Z',
  lines: [{ sku: 'TEA', quantity: 0 }],
};

test('placeOrder names the field of an event that is not valid, and asks nobody', async () => {
  let asked = 0;
  const client = createAdminClient({
    url: 'http://127.0.0.1:9',
    key: 'sk_',
    fetch: async () => {
      asked += 1;
      throw new Error('asked');
    },
  });
  await expect(client.placeOrder(placed)).rejects.toMatchObject({
    name: 'ClientError',
    code: 'invalid_input',
    field: 'lines.0.quantity',
  });
  expect(asked).toBe(0);
});

test.each([
  ['http://127.0.0.1:3000', 'http://127.0.0.1:3000/trpc/system.whoami'],
  ['http://127.0.0.1:3000/', 'http://127.0.0.1:3000/trpc/system.whoami'],
  ['https://shop.example/stock/trpc', 'https://shop.example/stock/trpc/system.whoami'],
])('the address %s is asked at /trpc with the key', async (url, expected) => {
  const calls: { url: string; authorization: unknown }[] = [];
  const client = createAdminClient({
    url,
    key: 'sk_test',
    fetch: async (input, init) => {
      const authorization = new Headers(init?.headers).get('authorization');
      calls.push({ url: String(input).split('?')[0] ?? '', authorization });
      return Response.json([{ result: { data: { name: 'me', role: 'reader', stores: null } } }]);
    },
  });
  await expect(client.system.whoami.query()).resolves.toEqual({ name: 'me', role: 'reader', stores: null });
  expect(calls).toEqual([{ url: expected, authorization: 'Bearer sk_test' }]);
});

test.each([
  { backend: 'redis' as const, redisUrl: 'redis://127.0.0.1:1' },
  { backend: 'postgres' as const, databaseUrl: 'postgres://nobody:x@127.0.0.1:1/none' },
])('a producer without a queue server fails in time and says so ($backend)', async (address) => {
  await expect(createOrderProducer({ ...address, connectTimeoutMs: 300 })).rejects.toMatchObject({
    code: 'queue_unavailable',
  });
});
