// Gathers items while one flush is under way and hands them to the next: batches without a timer.
import assert from 'node:assert';
import { EngineError } from '@stockroom/contracts';

export type BatcherOptions<In, Out> = {
  /** Items in one flush at most. */
  maxItems: number;
  /** Flushes at the same time, default 1. */
  maxConcurrentFlushes?: number;
  /** Does the work for all items at once: all of it or none. Returns one result per item, in the order of the items. */
  flush: (items: readonly In[]) => Promise<readonly Out[]>;
  /** Whether one of the items may be to blame. Default: every error but those of the world (`retry` soon or later). */
  shouldSplit?: (error: unknown) => boolean;
  /** Sees every error of a flush, with the number of its items. */
  onError?: (error: unknown, items: number) => void;
};

export type Batcher<In, Out> = {
  /** Resolves with this item's own result; rejects with its own error, or with the flush's when the world failed. */
  add(item: In): Promise<Out>;
  /** Results in the order of the items; rejects with the first error, after all have ended. */
  addMany(items: readonly In[]): Promise<Out[]>;
  /** Items that wait or are being flushed. */
  readonly size: number;
  /** Resolves when nothing waits and nothing is being flushed. */
  idle(): Promise<void>;
  /** Takes no more items and resolves when the last has ended. */
  close(): Promise<void>;
};

type Waiting<In, Out> = { item: In; resolve: (out: Out) => void; reject: (error: unknown) => void };

/** Adds of one turn of the event loop go into one flush; a flush starts as soon as one has ended. The order of items is kept. */
export function createBatcher<In, Out>(options: BatcherOptions<In, Out>): Batcher<In, Out> {
  const { maxItems, maxConcurrentFlushes = 1, shouldSplit = isNotTheWorld } = options;
  assert(maxItems >= 1 && maxConcurrentFlushes >= 1, 'maxItems and maxConcurrentFlushes must be at least 1');
  let waiting: Waiting<In, Out>[] = [];
  let inFlight = 0;
  let flushes = 0;
  let started = false;
  let closed = false;
  let idlers: (() => void)[] = [];

  const wake = () => {
    if (started || waiting.length === 0 || flushes >= maxConcurrentFlushes) return;
    started = true;
    setImmediate(start);
  };

  const start = () => {
    started = false;
    while (waiting.length > 0 && flushes < maxConcurrentFlushes) {
      const batch = waiting.length <= maxItems ? waiting : waiting.slice(0, maxItems);
      waiting = batch === waiting ? [] : waiting.slice(maxItems);
      flushes += 1;
      inFlight += batch.length;
      void run(batch).then(() => {
        flushes -= 1;
        if (waiting.length > 0) start();
        else if (flushes === 0) becomeIdle();
      });
    }
  };

  /** Never rejects. Halves run one after the other, so that the order is kept and no more flushes run than allowed. */
  const run = async (batch: readonly Waiting<In, Out>[]): Promise<void> => {
    let results: readonly Out[];
    try {
      results = await options.flush(batch.map(({ item }) => item));
      assert(
        results.length === batch.length,
        `flush returned ${results.length} results for ${batch.length} items`,
      );
    } catch (error) {
      options.onError?.(error, batch.length);
      if (batch.length > 1 && shouldSplit(error)) {
        const middle = Math.ceil(batch.length / 2);
        await run(batch.slice(0, middle));
        await run(batch.slice(middle));
      } else {
        inFlight -= batch.length;
        for (const { reject } of batch) reject(error);
      }
      return;
    }
    inFlight -= batch.length;
    for (let i = 0; i < batch.length; i += 1) (batch[i] as Waiting<In, Out>).resolve(results[i] as Out);
  };

  const becomeIdle = () => {
    const done = idlers;
    idlers = [];
    for (const resolve of done) resolve();
  };

  const idle = (): Promise<void> =>
    waiting.length === 0 && flushes === 0
      ? Promise.resolve()
      : new Promise((resolve) => {
          idlers.push(resolve);
        });

  const add = (item: In): Promise<Out> => {
    if (closed) {
      return Promise.reject(
        new EngineError('shutting_down', 'This process is ending and takes no more work. Try again soon.', {
          retry: 'soon',
        }),
      );
    }
    return new Promise<Out>((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      wake();
    });
  };

  return {
    add,
    async addMany(items) {
      const ends = await Promise.allSettled(items.map(add));
      return ends.map((end) => {
        if (end.status === 'rejected') throw end.reason;
        return end.value;
      });
    },
    get size() {
      return waiting.length + inFlight;
    },
    idle,
    close() {
      closed = true;
      return idle();
    },
  };
}

function isNotTheWorld(error: unknown): boolean {
  const retry = (error as { retry?: unknown } | null)?.retry;
  return retry !== 'soon' && retry !== 'later';
}
