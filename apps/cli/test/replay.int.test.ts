// A replay end to end: a small file with every peculiarity, on both queue backends.
import { fileURLToPath } from 'node:url';
import { createDatabase, describeOnBackends, queuePrefix } from '@stockroom/testkit';
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
