// A worker process for tests: takes jobs of one queue, says so, and never ends any. It waits to be killed.
import { openQueues, type QueueName, type QueueOptions } from '../src/index.ts';

const [options, name] = JSON.parse(String(process.argv[2])) as [QueueOptions, QueueName];
const log = { info: () => {}, warn: () => {}, error: () => {} };
const queues = await openQueues({ ...options, log });
queues.worker(
  name,
  async (job) => {
    process.stdout.write(`took ${JSON.stringify(job.data)}\n`);
    await new Promise(() => setInterval(() => {}, 1_000));
  },
  { lockDurationMs: 1_000, stalledIntervalMs: 300 },
);
