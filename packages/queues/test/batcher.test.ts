// The batcher's promises, one by one.
import { EngineError } from '@stockroom/contracts';
import { expect, test } from 'vitest';
import { createBatcher } from '../src/batcher.ts';
import { gate } from './open-on.ts';

test('adds of one turn go into one flush, in order', async () => {
  const flushed: number[][] = [];
  const batcher = createBatcher<number, number>({
    maxItems: 100,
    flush: async (items) => {
      flushed.push([...items]);
      return items.map((item) => item * 2);
    },
  });
  expect(await Promise.all([1, 2, 3].map(batcher.add))).toEqual([2, 4, 6]);
  expect(flushed).toEqual([[1, 2, 3]]);
});

test('what gathers during a flush goes out together as soon as it has ended', async () => {
  const flushed: number[][] = [];
  const first = gate();
  const batcher = createBatcher<number, number>({
    maxItems: 100,
    flush: async (items) => {
      flushed.push([...items]);
      if (flushed.length === 1) await first.promise;
      return items;
    },
  });
  const one = batcher.add(1);
  await new Promise(setImmediate);
  const rest = batcher.addMany([2, 3, 4]);
  expect(batcher.size).toBe(4);
  first.open();
  expect([await one, await rest]).toEqual([1, [2, 3, 4]]);
  expect(flushed).toEqual([[1], [2, 3, 4]]);
});

test('never more than maxItems in a flush nor maxConcurrentFlushes at a time', async () => {
  let running = 0;
  let top = 0;
  const sizes: number[] = [];
  const batcher = createBatcher<number, number>({
    maxItems: 7,
    maxConcurrentFlushes: 3,
    flush: async (items) => {
      running += 1;
      top = Math.max(top, running);
      sizes.push(items.length);
      await new Promise(setImmediate);
      running -= 1;
      return items;
    },
  });
  await batcher.addMany(Array.from({ length: 100 }, (_, i) => i));
  expect(top).toBe(3);
  expect(Math.max(...sizes)).toBe(7);
});

test('a poison item alone is refused; all others get their result', async () => {
  const batcher = createBatcher<number, number>({
    maxItems: 64,
    flush: async (items) => {
      if (items.includes(13)) throw new Error('thirteen');
      return items;
    },
  });
  const ends = await Promise.allSettled(Array.from({ length: 40 }, (_, i) => batcher.add(i)));
  expect(ends.filter((end) => end.status === 'rejected').length).toBe(1);
  expect(ends[13]).toMatchObject({ status: 'rejected', reason: { message: 'thirteen' } });
});

test('when the world fails, the flush is not split and every item hears of it', async () => {
  let flushes = 0;
  const seen: number[] = [];
  const batcher = createBatcher<number, number>({
    maxItems: 64,
    flush: async () => {
      flushes += 1;
      throw new EngineError('database_unavailable', 'gone', { retry: 'soon' });
    },
    onError: (_error, items) => seen.push(items),
  });
  const ends = await Promise.allSettled([1, 2, 3, 4].map(batcher.add));
  expect(ends.every((end) => end.status === 'rejected')).toBe(true);
  expect([flushes, seen]).toEqual([1, [4]]);
});

test('a flush that answers too few items is a defect, not a wrong answer', async () => {
  const batcher = createBatcher<number, number>({ maxItems: 10, flush: async () => [] });
  await expect(batcher.add(1)).rejects.toThrow(/returned 0 results for 1 items/);
});

test('a flush that throws before its first await is treated like one that rejects', async () => {
  const batcher = createBatcher<number, number>({
    maxItems: 10,
    flush: () => {
      throw new Error('at once');
    },
  });
  await expect(batcher.add(1)).rejects.toThrow('at once');
  await batcher.idle();
});

test('close ends what was taken and takes no more', async () => {
  const held = gate();
  const batcher = createBatcher<number, number>({
    maxItems: 1,
    flush: async (items) => {
      await held.promise;
      return items;
    },
  });
  const taken = batcher.addMany([1, 2, 3]);
  const closing = batcher.close();
  await expect(batcher.add(4)).rejects.toMatchObject({ code: 'shutting_down', retry: 'soon' });
  held.open();
  expect(await taken).toEqual([1, 2, 3]);
  await closing;
  expect(batcher.size).toBe(0);
});
