// Laws of the batcher under generated items, sizes, poison and timing.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createBatcher } from '../src/batcher.ts';

const runs = fc.record({
  items: fc.array(fc.record({ poison: fc.boolean(), pause: fc.boolean() }), { maxLength: 60 }),
  maxItems: fc.integer({ min: 1, max: 20 }),
  maxConcurrentFlushes: fc.integer({ min: 1, max: 3 }),
  turns: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 10 }),
});

test('each good item gets its own answer from exactly one flush, each poison item its own error, in order', async () => {
  await fc.assert(
    fc.asyncProperty(runs, async ({ items, maxItems, maxConcurrentFlushes, turns }) => {
      const succeeded: number[] = [];
      let calls = 0;
      const batcher = createBatcher<number, string>({
        maxItems,
        maxConcurrentFlushes,
        flush: async (ids) => {
          for (let turn = turns[calls++ % turns.length] ?? 0; turn > 0; turn -= 1)
            await new Promise(setImmediate);
          const bad = ids.find((id) => items[id]?.poison);
          if (bad !== undefined) throw new Error(`poison ${bad}`);
          succeeded.push(...ids);
          return ids.map((id) => `answer ${id}`);
        },
      });
      const ends: Promise<PromiseSettledResult<string>[]>[] = [];
      for (const [id, item] of items.entries()) {
        ends.push(Promise.allSettled([batcher.add(id)]));
        if (item.pause) await new Promise(setImmediate);
      }
      const settled = (await Promise.all(ends)).flat();
      for (const [id, end] of settled.entries()) {
        if (items[id]?.poison)
          expect(end).toMatchObject({ status: 'rejected', reason: { message: `poison ${id}` } });
        else expect(end).toEqual({ status: 'fulfilled', value: `answer ${id}` });
      }
      const good = items.flatMap((item, id) => (item.poison ? [] : [id]));
      expect([...succeeded].sort((a, b) => a - b)).toEqual(good);
      if (maxConcurrentFlushes === 1) expect(succeeded).toEqual(good);
      // Isolation ends: a poison item costs at most two flushes per halving.
      const poison = items.length - good.length;
      expect(calls).toBeLessThanOrEqual(items.length + poison * 2 * (Math.ceil(Math.log2(maxItems)) + 1));
      expect(batcher.size).toBe(0);
    }),
    { numRuns: 300 },
  );
});
