// `stockroom up` as a newcomer runs it: a fresh folder, a first order, Ctrl-C, and the same data again.
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createAdminClient } from '@stockroom/client';
import { eventually, uniqueId } from '@stockroom/testkit';
import { expect, test } from 'vitest';
import { dataFolder, runCommand, runJson, startCommand } from './command.ts';

const quiet = ['--no-demo', '--port', '0', '--inbox-port', '0'];
type Up = { apiUrl: string; inboxUrl: string; key: string };

async function startUp(
  data: string,
  options: string[] = quiet,
): Promise<{ up: Up; stop(): Promise<number | null>; child: ReturnType<typeof startCommand> }> {
  const child = startCommand(['up', '--data', data, '--json', ...options]);
  await child.waitForLine(/^\}$/, { timeoutMs: 60_000 });
  const up = JSON.parse(/^\{$[\s\S]*?^\}$/m.exec(child.lines.join('\n'))?.[0] ?? '{}') as Up;
  return {
    up,
    child,
    async stop() {
      child.kill('SIGINT');
      return (await child.ended).exitCode;
    },
  };
}

const order = (sku: string, quantity: number) => ({
  type: 'order.placed' as const,
  id: uniqueId('event'),
  order: uniqueId('order'),
  at: new Date().toISOString(),
  lines: [{ sku, quantity }],
});

test('a fresh folder takes an order and mails; Ctrl-C is clean; the data and the key survive a restart; --reset forgets them', async () => {
  const data = dataFolder();
  const first = await startUp(data);
  const client = createAdminClient({ url: first.up.apiUrl, key: first.up.key });
  const outcome = await client.placeOrder(order('TEA-MATCHA-40', 3));
  expect(outcome).toMatchObject({ status: 'accepted', lines: [{ fromStock: 3 }] });
  await eventually(async () => {
    const mails = (await (await fetch(`${first.up.inboxUrl}/messages`)).json()) as unknown;
    return JSON.stringify(mails).includes('TEA-MATCHA-40');
  });
  expect(statSync(join(data, 'api-key')).mode & 0o777).toBe(0o600);

  const second = await runCommand(['up', '--data', data, ...quiet]);
  expect([second.code, second.text]).toEqual([3, expect.stringContaining('already running')]);
  expect(second.text).toContain(first.up.apiUrl);
  const verified = await runJson<{ ok: boolean; settledOrders: number }>(['verify', '--data', data]);
  expect(verified.result).toMatchObject({ ok: true, settledOrders: 1 });

  const stoppingAt = Date.now();
  expect(await first.stop()).toBe(0);
  expect(Date.now() - stoppingAt).toBeLessThan(10_000);
  expect(existsSync(join(data, 'postgres', 'postmaster.pid'))).toBe(false);

  const again = await startUp(data);
  expect(again.up.key).toBe(first.up.key);
  const stock = await createAdminClient({ url: again.up.apiUrl, key: again.up.key }).availability.get.query({
    skus: ['TEA-MATCHA-40'],
  });
  expect(stock.items[0]).toMatchObject({ onHand: 12, committed: 3, salable: 9 });
  expect(await again.stop()).toBe(0);
  // Its database is stopped now: started for the command, and stopped again.
  expect((await runJson<{ settledOrders: number }>(['verify', '--data', data])).result.settledOrders).toBe(1);

  const anew = await startUp(data, [...quiet, '--reset']);
  expect(anew.up.key).not.toBe(first.up.key);
  expect(await anew.stop()).toBe(0);
  expect((await runJson<{ settledOrders: number }>(['verify', '--data', data])).result.settledOrders).toBe(0);
}, 120_000);

test('a killed system starts again on the same data', async () => {
  const data = dataFolder();
  const first = await startUp(data);
  const client = createAdminClient({ url: first.up.apiUrl, key: first.up.key });
  await client.placeOrder(order('TEA-ASSAM-250', 1));
  first.child.kill('SIGKILL');
  await first.child.ended;
  const again = await startUp(data);
  expect(await again.stop()).toBe(0);
  expect(
    (await runJson<{ ok: boolean; settledOrders: number }>(['verify', '--data', data])).result,
  ).toMatchObject({
    ok: true,
    settledOrders: 1,
  });
}, 120_000);

test('with the demo shop orders settle, are told of, and all adds up; demo adds more from another process', async () => {
  const data = dataFolder();
  const child = startCommand(['up', '--data', data, '--rate', '20', '--port', '0', '--inbox-port', '0']);
  await child.waitForLine(/First orders settled/, { timeoutMs: 60_000 });
  await child.waitForLine(/^mail {2}Low stock/, { timeoutMs: 60_000 });
  const more = startCommand(['demo', '--data', data, '--rate', '50', '--count', '20', '--json']);
  await more.waitForLine(/"placed": 20/, { timeoutMs: 90_000 });
  child.kill('SIGINT');
  expect((await child.ended).exitCode).toBe(0);
  const verified = await runJson<{ ok: boolean; differences: unknown[]; settledOrders: number }>([
    'verify',
    '--data',
    data,
  ]);
  expect(verified.result.differences).toEqual([]);
  expect(verified.result.settledOrders).toBeGreaterThan(20);
}, 180_000);
