// The doors into the corridor: single events gather into batches, the batch is received, the bells of its products ring.

import type { Acceptance } from '@stockroom/contracts';
import type { Database } from '@stockroom/db';
import type { Batcher, BellMode } from '@stockroom/queues';
import { bellOf, createBatcher } from '@stockroom/queues';
import type { Arrival } from './receive.ts';
import { receive } from './receive.ts';

export interface Doors {
  /** @returns the answer once the event is committed. @throws EngineError when the database failed; send it again then. */
  submit(arrival: Arrival): Promise<Acceptance>;
  submitMany(arrivals: readonly Arrival[]): Promise<readonly Acceptance[]>;
  /** Waits for what has been submitted. */
  close(): Promise<void>;
}

export interface DoorsOptions {
  readonly db: Database;
  readonly bells: BellMode;
  /** Rings bells; never throws. */
  readonly ring: (bells: Iterable<string>) => Promise<unknown>;
  /** Events in one transaction at most. */
  readonly batchMax?: number;
  readonly concurrentBatches?: number;
  readonly onBatch?: (events: number) => void;
}

export function createDoors(options: DoorsOptions): Doors {
  const { db, bells, ring, onBatch } = options;
  const ringing = new Set<Promise<unknown>>();
  const batcher: Batcher<Arrival, Acceptance> = createBatcher({
    maxItems: options.batchMax ?? 500,
    maxConcurrentFlushes: options.concurrentBatches ?? 1,
    async flush(arrivals) {
      const { answers, productIds } = await receive(db, arrivals);
      onBatch?.(arrivals.length);
      // The answer does not wait for the bells: the events are committed, and the sweep rings where a bell was lost.
      const rung = ring(new Set(productIds.map((productId) => bellOf(productId, bells)))).finally(() =>
        ringing.delete(rung),
      );
      ringing.add(rung);
      return answers;
    },
  });
  return {
    submit: (arrival) => batcher.add(arrival),
    submitMany: (arrivals) => batcher.addMany(arrivals),
    async close() {
      await batcher.close();
      await Promise.all(ringing);
    },
  };
}
