// Measures what the queue itself can do: empty jobs added and processed per second, the measure for everything else.

import { createOps } from './ops.ts';
import type { Queues } from './queues.ts';
import { YARDSTICK_QUEUE } from './registry.ts';

export type YardstickOptions = {
  /** Empty jobs to add and to process, default 20,000. */
  jobs?: number;
  /** Jobs in one addMany, default 1,000. One call follows the other. */
  chunk?: number;
  /** Jobs in work at the same time, default 300. */
  concurrency?: number;
};

export type Yardstick = { jobsPerSecond: number; jobs: number; elapsedMs: number };

/** Adds and processes in this one process at the same time; the clock runs from the first add to the last completion. */
export async function measureYardstick(queues: Queues, options: YardstickOptions = {}): Promise<Yardstick> {
  const { jobs = 20_000, chunk = 1_000, concurrency = 300 } = options;
  const ops = createOps(queues);
  await ops.obliterate(YARDSTICK_QUEUE);
  await ops.resume(YARDSTICK_QUEUE);
  let done = 0;
  let allStarted = () => {};
  const started = new Promise<void>((resolve) => {
    allStarted = resolve;
  });
  const worker = queues.worker(
    YARDSTICK_QUEUE,
    async () => {
      done += 1;
      if (done === jobs) allStarted();
    },
    { concurrency },
  );
  await worker.ready();
  const startMs = performance.now();
  for (let added = 0; added < jobs; added += chunk) {
    const size = Math.min(chunk, jobs - added);
    await queues.addMany(
      YARDSTICK_QUEUE,
      Array.from({ length: size }, (_, i) => ({ name: 'empty', data: { i: added + i } })),
    );
  }
  await started;
  // Draining waits until the last completion has been written.
  await worker.close({ timeoutMs: 30_000 });
  const elapsedMs = performance.now() - startMs;
  await ops.obliterate(YARDSTICK_QUEUE);
  return { jobsPerSecond: Math.round((jobs / elapsedMs) * 1000), jobs, elapsedMs: Math.round(elapsedMs) };
}
