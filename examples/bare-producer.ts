// Sends an order with nothing but BullMQ and the contract of docs/contract.md, and reads its outcome from the queue.
// node examples/bare-producer.ts --redis redis://127.0.0.1:6379 --sku TEA-1
// node examples/bare-producer.ts --postgres postgres://user:password@127.0.0.1:5432/stockroom --sku TEA-1
import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { createPostgresBackend, type Job, Queue, Worker, withBackend } from 'bullmq';

const { values: flags } = parseArgs({
  options: {
    redis: { type: 'string' },
    postgres: { type: 'string' },
    prefix: { type: 'string', default: 'bullmq' },
    sku: { type: 'string' },
    quantity: { type: 'string', default: '1' },
    'timeout-ms': { type: 'string', default: '20000' },
  },
});
const { prefix, sku, quantity } = flags;
if (sku === undefined) throw new Error('say --sku');

const event = {
  id: `example:${randomUUID()}`,
  order: `example-${randomUUID().slice(0, 8)}`,
  at: new Date().toISOString(),
  reply: true,
  lines: [{ sku, quantity }],
};

/** Resolves with our outcome. Where several services listen, each outcome goes to one of them: keep what is not yours, or share a service. */
const answer = Promise.withResolvers<unknown>();
async function takeOutcomes(job: Job): Promise<void> {
  const { outcomes } = job.data as { outcomes: { eventId: string }[] };
  for (const outcome of outcomes) if (outcome.eventId === event.id) answer.resolve(outcome);
}

function open(): { orders: Pick<Queue, 'add' | 'close'>; outcomes: Pick<Worker, 'close'> } {
  if (flags.redis !== undefined) {
    const connection = { url: flags.redis, maxRetriesPerRequest: null };
    return {
      orders: new Queue('order-events', { connection, prefix }),
      outcomes: new Worker('order-outcomes', takeOutcomes, { connection, prefix, stalledInterval: 5_000 }),
    };
  }
  if (flags.postgres === undefined) throw new Error('say --redis or --postgres');
  // On Postgres the prefix is a schema.
  const connection = { connectionString: flags.postgres, schema: prefix, max: 3 };
  const bull = withBackend(createPostgresBackend);
  return {
    orders: new bull.Queue('order-events', { connection }) as unknown as Queue,
    outcomes: new bull.Worker('order-outcomes', takeOutcomes as never, { connection }) as unknown as Worker,
  };
}

const { orders, outcomes } = open();
const timer = setTimeout(
  () => answer.reject(new Error('no outcome came in time')),
  Number(flags['timeout-ms']),
);
try {
  // The job's name is the type of the event; its data are the event.
  await orders.add('order.placed', event, {
    attempts: 12,
    backoff: { type: 'exponential', delay: 500 },
    removeOnComplete: true,
  });
  console.log(JSON.stringify(await answer.promise, null, 2));
} finally {
  clearTimeout(timer);
  await outcomes.close();
  await orders.close();
}
