// Every command as a person or a script runs it: what it prints, and how it ends.
import { units } from '@stockroom/core';
import { openDatabase, seedCatalog } from '@stockroom/db';
import { createDatabase, type TestDatabase } from '@stockroom/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dataFolder, runCommand, runJson } from './command.ts';

let database: TestDatabase;
let env: { DATABASE_URL: string };
beforeAll(async () => {
  database = await createDatabase();
  env = { DATABASE_URL: database.url };
});
afterAll(() => database.drop());

test('wrong usage ends with 2 and says what was expected', async () => {
  for (const args of [
    ['frobnicate'],
    ['verify', '--limit', 'many'],
    ['keys', 'create', '--name', 'x', '--role', 'king'],
    ['replay'],
  ]) {
    expect([args, (await runCommand(args, env)).code]).toEqual([args, 2]);
  }
  const wrong = await runCommand(['verify'], { DATABASE_URL: 'mysql://nowhere', REDIS_URL: 'http://x' });
  expect(wrong.code).toBe(2);
  expect(wrong.text).toMatch(/DATABASE_URL[\s\S]*REDIS_URL/);
});

test('a database that is not there ends with 3 and says what to do', async () => {
  const away = await runJson<{ ok: boolean; error: string }>(['verify'], {
    DATABASE_URL: 'postgres://a:b@127.0.0.1:9/none',
  });
  expect([away.code, away.result.ok]).toEqual([3, false]);
  const none = await runCommand(['verify', '--data', dataFolder()]);
  expect(none.code).toBe(3);
  expect(none.text).toContain('stockroom up');
});

test('migrate brings an empty database up to date once; before that, commands refuse it', async () => {
  const empty = await createDatabase({ template: 'empty' });
  try {
    const own = { DATABASE_URL: empty.url };
    const before = await runCommand(['verify'], own);
    expect([before.code, before.text]).toEqual([3, expect.stringContaining('stockroom migrate')]);
    const first = await runJson<{ applied: string[] }>(['migrate'], own);
    expect(first.code).toBe(0);
    expect(first.result.applied.length).toBeGreaterThan(3);
    expect((await runJson<{ applied: string[] }>(['migrate'], own)).result.applied).toEqual([]);
  } finally {
    await empty.drop();
  }
});

test('seed creates the demo catalog once, or as many products as asked for', async () => {
  const first = await runJson<{ created: number; skipped: number }>(['seed'], env);
  expect(first.result.created).toBeGreaterThanOrEqual(40);
  expect((await runJson<{ created: number; skipped: number }>(['seed'], env)).result).toMatchObject({
    created: 0,
    skipped: first.result.created,
  });
  expect((await runJson<{ created: number }>(['seed', '--products', '250'], env)).result.created).toBe(250);
});

test('verify says ok over what it checked, and ends with 1 on the first difference', async () => {
  const own = await createDatabase();
  const db = await openDatabase({ url: own.url, poolMax: 2 });
  try {
    await seedCatalog(db, { products: [{ sku: 'TEA-1', name: 'Tea', onHand: units(5) }] });
    const good = await runJson<{
      ok: boolean;
      settledOrders: number;
      checked: unknown[];
      differences: unknown[];
    }>(['verify'], {
      DATABASE_URL: own.url,
    });
    expect([good.code, good.result.ok, good.result.settledOrders, good.result.differences]).toEqual([
      0,
      true,
      0,
      [],
    ]);
    expect(good.result.checked.length).toBeGreaterThan(10);
    await db.pool.query('update stockroom.stock_level set on_hand = on_hand + 1 where on_hand > 0');
    const bad = await runJson<{ ok: boolean; differences: { id: string }[] }>(['verify'], {
      DATABASE_URL: own.url,
    });
    expect([bad.code, bad.result.ok]).toEqual([1, false]);
    expect(bad.result.differences.map(({ id }) => id)).toContain('I1');
    expect((await runCommand(['verify'], { DATABASE_URL: own.url })).text).toMatch(/NO\s+I1/);
  } finally {
    await db.close();
    await own.drop();
  }
});

test('keys are made, listed and revoked; the key itself is shown once', async () => {
  const made = await runJson<{ key: string; prefix: string }>(
    ['keys', 'create', '--name', 'till', '--role', 'service', '--days', '30'],
    env,
  );
  expect(made.result.key).toMatch(/^sk_[0-9a-f]{12}_/);
  const listed = await runCommand(['keys', 'list', '--json'], env);
  expect(listed.text).toContain(made.result.prefix);
  expect(listed.text).not.toContain(made.result.key);
  const revoked = await runJson<{ state: string }>(['keys', 'revoke', made.result.prefix], env);
  expect([revoked.code, revoked.result.state]).toEqual([0, 'revoked']);
  expect((await runCommand(['keys', 'revoke', 'ffffffffffff'], env)).code).toBe(1);
});

type Findings = { ok: boolean; findings: { subject: string; state: string; todo?: string }[] };

test('doctor names what is wrong and what to do', async () => {
  const own = await createDatabase();
  try {
    // Test servers run without fsync: that is a finding.
    const sick = await runJson<Findings>(['doctor'], {
      DATABASE_URL: own.url,
      SMTP_URL: 'smtp://127.0.0.1:9',
    });
    expect(sick.code).not.toBe(0);
    const bad = sick.result.findings.filter(({ state }) => state === 'bad');
    expect(bad.map(({ subject }) => subject).toSorted()).toEqual(['durability', 'mail server']);
    expect(bad.every(({ todo }) => todo !== undefined)).toBe(true);
    const away = await runJson<Findings>(['doctor'], { DATABASE_URL: 'postgres://a:b@127.0.0.1:9/none' });
    expect(away.code).toBe(3);
  } finally {
    await own.drop();
  }
});
