// The waiting that every other test leans on.
import { expect, test } from 'vitest';
import { eventually } from '../src/eventually.ts';

test('returns what the check returns as soon as it stops throwing or returning false', async () => {
  let calls = 0;
  const result = await eventually(
    () => {
      calls += 1;
      if (calls === 1) throw new Error('not yet');
      return calls === 2 ? false : 'done';
    },
    { intervalMs: 1 },
  );
  expect(result).toBe('done');
  expect(calls).toBe(3);
});

test('fails with the last failure and the time it waited', async () => {
  const waiting = eventually(() => expect(1).toBe(2), { timeoutMs: 20, intervalMs: 1 });
  await expect(waiting).rejects.toThrow(/Still so after \d+ ms: .*1.*2/s);
});

test('zero, null and undefined are answers, only false is not', async () => {
  expect(await eventually(() => 0)).toBe(0);
  expect(await eventually(() => null)).toBe(null);
  await expect(eventually(() => false, { timeoutMs: 5, intervalMs: 1 })).rejects.toThrow('returned false');
});
