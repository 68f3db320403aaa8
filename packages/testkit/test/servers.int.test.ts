// The servers and helpers that suites get: databases, Redis, child processes.
import { Redis } from 'ioredis';
import pg from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  backends,
  createDatabase,
  describeOnBackends,
  findRedisServer,
  spawnNode,
  startTestPostgres,
  startTestRedis,
} from '../src/index.ts';

async function query<Row extends pg.QueryResultRow>(url: string, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

test('databases made at the same time are separate, and gone after drop', async () => {
  const databases = await Promise.all(Array.from({ length: 6 }, () => createDatabase({ template: 'empty' })));
  expect(new Set(databases.map(({ name }) => name)).size).toBe(6);
  const [first, second] = databases;
  await query(first!.url, 'create table only_here (id int)');
  const found = await query(second!.url, `select 1 from pg_tables where tablename = 'only_here'`);
  expect(found).toEqual([]);
  await Promise.all(databases.map((database) => database.drop()));
  await expect(query(first!.url, 'select 1')).rejects.toThrow('does not exist');
});

test('a template that somebody is connected to is copied as soon as they leave', async () => {
  const template = await createDatabase({ template: 'empty' });
  onTestFinished(() => template.drop());
  const guest = new pg.Client({ connectionString: template.url });
  await guest.connect();
  const copying = createDatabase({ template: template.name });
  await query(template.url, 'select pg_sleep(0.2)');
  await guest.end();
  const copy = await copying;
  expect(await query(copy.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  await copy.drop();
});

test('the default database has the migrated schema', async () => {
  const database = await createDatabase();
  onTestFinished(() => database.drop());
  const [row] = await query<{ tables: string }>(
    database.url,
    `select count(*) as tables from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`,
  );
  expect(Number(row?.tables)).toBeGreaterThan(3);
});

test('a Postgres of its own can be killed and comes back with its committed rows', async () => {
  const postgres = await startTestPostgres({ durable: true });
  onTestFinished(() => postgres.stop());
  await query(postgres.url, 'create table kept as select 42 as answer');
  const before = postgres.pid;
  await postgres.kill('SIGKILL');
  await expect(query(postgres.url, 'select 1')).rejects.toThrow();
  await postgres.restart();
  expect(postgres.pid).not.toBe(before);
  expect(await query(postgres.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
});

describe.skipIf(findRedisServer() === undefined)('a Redis of its own', () => {
  test('refuses to evict, can be wiped, killed and brought back on the same port', async () => {
    const server = await startTestRedis({ persist: true });
    onTestFinished(() => server.stop());
    const redis = new Redis(server.url, { retryStrategy: () => 20, maxRetriesPerRequest: null });
    onTestFinished(() => redis.disconnect());
    redis.on('error', () => {});
    expect(await redis.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
    await redis.set('a', '1');
    await server.wipe();
    expect(await redis.get('a')).toBeNull();
    await redis.set('b', '2');
    await redis.config('SET', 'appendfsync', 'always');
    await redis.set('c', '3');
    await server.kill('SIGKILL');
    await server.restart();
    expect(await redis.get('c')).toBe('3');
  });
});

test('both backends are named, whether or not Redis is at hand', () => {
  expect(backends().map(({ name }) => name)).toEqual(['postgres', 'redis']);
});

describeOnBackends('a suite on both backends', (backend) => {
  test('knows which backend it runs on', async () => {
    expect(backend.available).toBe(true);
    if (backend.name === 'redis') {
      const redis = new Redis(backend.redisUrl);
      expect(await redis.ping()).toBe('PONG');
      redis.disconnect();
    }
  });
});

describe('a child process', () => {
  const script = new URL('./fixtures/tick.ts', import.meta.url);
  let pid = 0;

  test('gets its arguments and environment, and shows what it writes', async () => {
    const child = spawnNode(script, { args: ['hello'], env: { TZ: 'Asia/Tokyo' } });
    pid = child.pid;
    expect(await child.waitForLine(/^ready/)).toBe('ready hello Asia/Tokyo');
  });

  test('ends with the test that started it', () => {
    expect(pid).toBeGreaterThan(0);
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  test('that ends before the line comes is reported with what it said', async () => {
    const child = spawnNode(script);
    await child.waitForLine(/ready/);
    const waiting = child.waitForLine(/never/);
    child.kill('SIGTERM');
    await expect(waiting).rejects.toThrow(/ended \(SIGTERM\).*ready/s);
    expect(await child.ended).toEqual({ exitCode: null, signal: 'SIGTERM' });
  });
});
