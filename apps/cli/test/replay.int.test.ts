// A replay end to end: a small file with every peculiarity, on both queue backends, and files that will not do.
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createDatabase, describeOnBackends, queuePrefix, uniqueId } from '@stockroom/testkit';
import { expect, test } from 'vitest';
import type { Comparison } from '../src/replay/compare-totals.ts';
import { runCommand, runJson } from './command.ts';

const file = fileURLToPath(new URL('fixtures/retail.csv', import.meta.url));
type Result = {
  ok: boolean;
  sent: number;
  events: number;
  progress: { settled: number; refused: number; parked: number; early: number };
  comparisons: Comparison[];
  leftOver: unknown[];
};

describeOnBackends('replay', (backend) => {
  test('everything settles and every total agrees with the file; a second time is refused', async () => {
    const database = await createDatabase();
    const env = {
      DATABASE_URL: database.url,
      ...(backend.name === 'redis' ? { REDIS_URL: backend.redisUrl, QUEUE_PREFIX: queuePrefix() } : {}),
    };
    try {
      const { code, result } = await runJson<Result>(['replay', file], env);
      expect(result.comparisons.filter(({ ok }) => !ok)).toEqual([]);
      expect(result.comparisons.length).toBeGreaterThan(15);
      expect(result.progress).toMatchObject({ settled: result.events, refused: 0, parked: 0, early: 0 });
      expect([code, result.ok, result.leftOver.length]).toEqual([0, true, 6]);
      const again = await runCommand(['replay', file], env);
      expect([again.code, again.text]).toEqual([1, expect.stringContaining('already has SKUs')]);
    } finally {
      await database.drop();
    }
  }, 60_000);

  test('with too little stock orders are rejected and the sums still hold', async () => {
    const database = await createDatabase();
    const env = {
      DATABASE_URL: database.url,
      ...(backend.name === 'redis' ? { REDIS_URL: backend.redisUrl, QUEUE_PREFIX: queuePrefix() } : {}),
    };
    try {
      const { code, result } = await runJson<Result & { system: { linesRejected: number } }>(
        ['replay', file, '--stock-factor', '0.5'],
        env,
      );
      expect(result.comparisons.filter(({ ok }) => !ok)).toEqual([]);
      expect(result.system.linesRejected).toBeGreaterThan(0);
      expect([code, result.ok]).toEqual([0, true]);
    } finally {
      await database.drop();
    }
  }, 60_000);
});

const header = 'invoice,time,sku,description,quantity,unit_price,customer,country';
test.each([
  ['another header', 'a,b,c\n1,2,3\n', /header must be/],
  ['half a unit', `${header}\n1,2024-01-01T00:00:00Z,A,x,1.5,1,C,N\n`, /Row 1, quantity/],
  ['no time', `${header}\n1,yesterday,A,x,1,1,C,N\n`, /Row 1, time/],
  ['no SKU', `${header}\n1,2024-01-01T00:00:00Z,,x,1,1,C,N\n`, /Row 1, sku/],
  ['an unclosed quote', `${header}\n1,2024-01-01T00:00:00Z,A,"x,1,1,C,N\n`, /[Qq]uote/],
  ['nothing in it', `${header}\n`, /no order lines/],
])('a file with %s is refused before anything happens', async (_, text, message) => {
  const path = join(tmpdir(), `${uniqueId('retail')}.csv`);
  writeFileSync(path, text);
  const database = await createDatabase();
  try {
    const { code, text: said } = await runCommand(['replay', path], { DATABASE_URL: database.url });
    expect([code, said]).toEqual([2, expect.stringMatching(message)]);
  } finally {
    await database.drop();
  }
});
