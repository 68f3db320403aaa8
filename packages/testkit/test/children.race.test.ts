// Child processes that outlive one test end with the file.
import { beforeAll, expect, test } from 'vitest';
import { type NodeChild, spawnNode } from '../src/index.ts';

let child: NodeChild;

beforeAll(async () => {
  child = spawnNode(new URL('./fixtures/tick.ts', import.meta.url), { args: ['shared'] });
  await child.waitForLine(/ready shared/);
});

test('a child started for the whole file lives through its first test', () => {
  expect(() => process.kill(child.pid, 0)).not.toThrow();
});

test('and can be killed and replaced in the second', async () => {
  child.kill('SIGKILL');
  expect(await child.ended).toEqual({ exitCode: null, signal: 'SIGKILL' });
  child = spawnNode(new URL('./fixtures/tick.ts', import.meta.url));
  await child.waitForLine(/ready/);
});
