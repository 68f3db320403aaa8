// Every example is run as its first lines say, against the real API and a real worker, on both queue backends.
import { fileURLToPath } from 'node:url';
import {
  type AvailableBackend,
  createDatabase,
  describeOnBackends,
  spawnNode,
  type TestDatabase,
  uniqueId,
} from '@stockroom/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));

describeOnBackends('the examples', (backend: AvailableBackend) => {
  let database: TestDatabase;
  let url: string;
  let key: string;
  const prefix = uniqueId('q').replaceAll('-', '_');
  const env = () => ({
    DATABASE_URL: database.url,
    REDIS_URL: backend.name === 'redis' ? backend.redisUrl : undefined,
    QUEUE_BACKEND: backend.name,
    QUEUE_PREFIX: prefix,
    LOG_LEVEL: 'info',
    POOL_MAX: '5',
  });

  /** Runs a script to its end. @returns what it printed. */
  async function run(path: string, args: string[]): Promise<string> {
    const child = spawnNode(file(path), { args, env: env() });
    const { exitCode } = await child.ended;
    const text = child.lines.join('\n');
    expect(exitCode, text).toBe(0);
    return text;
  }

  const servers: ReturnType<typeof spawnNode>[] = [];
  beforeAll(async () => {
    database = await createDatabase();
    const made = await run('../apps/cli/src/main.ts', [
      'keys',
      'create',
      '--name',
      'examples',
      '--role',
      'admin',
      '--json',
    ]);
    key = /sk_[0-9a-f]{12}_[A-Za-z0-9_-]{43}/.exec(made)?.[0] ?? '';
    const api = spawnNode(file('../apps/api/src/main.ts'), { env: { ...env(), PORT: '0' } });
    servers.push(api);
    const worker = spawnNode(file('../apps/worker/src/main.ts'), {
      env: { ...env(), WORKER_PORT: '0', WORKER_ROLES: 'receive,stock,sweep' },
    });
    servers.push(worker);
    const line = await api.waitForLine(/API listens/);
    url = (JSON.parse(line) as { url: string }).url;
    await worker.waitForLine(/worker started/);
  });
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop()));
    await database.drop();
  });

  const withApi = (...more: string[]) => ['--url', url, '--key', key, ...more];

  test('admin-stock.ts makes a product, receives goods, and is told of a conflict', async () => {
    const text = await run('admin-stock.ts', withApi());
    expect(text).toContain('received: applied, on hand 24');
    expect(text).toContain('corrected: applied, on hand 23');
    expect(text).toContain('too late: rejected, conflict, it is 23 now');
    expect(text).toMatch(/availability: .*"salable":23/);
    expect(text).toMatch(/ledger: main on_hand -1 -> 23, set/);
  });

  test('place-order.ts is answered with the outcome of its order', async () => {
    const sku = uniqueId('sku');
    await run('admin-stock.ts', withApi('--sku', sku));
    const taken = JSON.parse(
      await run('place-order.ts', withApi('--sku', sku, '--quantity', '20')),
    ) as object;
    expect(taken).toMatchObject({ status: 'accepted', lines: [{ sku, requested: 20, fromStock: 20 }] });
    const refused = JSON.parse(
      await run('place-order.ts', withApi('--sku', sku, '--quantity', '4')),
    ) as object;
    expect(refused).toMatchObject({
      status: 'rejected',
      lines: [{ sku, rejection: { code: 'insufficient_stock', available: 3 } }],
    });
  });

  test('bare-producer.ts, which knows only the contract, gets its order settled and its outcome back', async () => {
    const sku = uniqueId('sku');
    await run('admin-stock.ts', withApi('--sku', sku));
    const address = backend.name === 'redis' ? ['--redis', backend.redisUrl] : ['--postgres', database.url];
    const settled = await run('bare-producer.ts', [
      ...address,
      '--prefix',
      prefix,
      '--sku',
      sku,
      '--quantity',
      '2',
    ]);
    expect(JSON.parse(settled)).toMatchObject({
      type: 'order.placed',
      status: 'accepted',
      lines: [{ sku, fromStock: 2 }],
    });
    // What is refused is answered too.
    const refused = await run('bare-producer.ts', [
      ...address,
      '--prefix',
      prefix,
      '--sku',
      sku,
      '--quantity=-2',
    ]);
    expect(JSON.parse(refused)).toMatchObject({
      status: 'refused',
      rejection: { code: 'invalid_input', field: 'lines.0.quantity' },
    });
  });
});
