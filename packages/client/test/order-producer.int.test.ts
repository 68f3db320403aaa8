// The producer against real queues: a worker of the same contract takes what it sends, and it hears what a worker answers.
import { QUEUES } from '@stockroom/contracts';
import { openQueues, type Queues } from '@stockroom/queues';
import {
  createDatabase,
  describeOnBackends,
  eventually,
  type TestDatabase,
  uniqueId,
} from '@stockroom/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createOrderProducer, type OrderProducer } from '../src/index.ts';

const quiet = { info: () => {}, warn: () => {}, error: () => {} };

describeOnBackends('the order producer', (backend) => {
  let database: TestDatabase;
  let queues: Queues;
  let producer: OrderProducer;
  const taken: { name: string; data: unknown }[] = [];

  beforeAll(async () => {
    database = await createDatabase({ template: 'empty' });
    const prefix = uniqueId('q').replaceAll('-', '_');
    queues = await openQueues({
      backend: backend.name,
      prefix,
      databaseUrl: database.url,
      ...(backend.name === 'redis' ? { redisUrl: backend.redisUrl } : {}),
      log: quiet,
    });
    queues.worker(QUEUES.orderEvents, async (job) => void taken.push({ name: job.name, data: job.data }));
    producer = await createOrderProducer(
      backend.name === 'redis'
        ? { backend: 'redis', redisUrl: backend.redisUrl, prefix }
        : { backend: 'postgres', databaseUrl: database.url, prefix },
    );
  });
  afterAll(async () => {
    await producer.close();
    await queues.close({ timeoutMs: 2_000 });
    await database.drop();
  });

  const paid = () => ({
    type: 'order.paid' as const,
    id: uniqueId('event'),
    order: uniqueId('order'),
    at: new Date().toISOString(),
  });

  test('what it sends arrives under the name of the event type, as it was given', async () => {
    const [one, two, three] = [paid(), paid(), paid()];
    await producer.send(one);
    await producer.sendMany([two, three]);
    await eventually(() => {
      for (const event of [one, two, three])
        expect(taken).toContainEqual({ name: 'order.paid', data: event });
    });
  });

  test('an event that is not valid is refused with its field, and none of its batch is sent', async () => {
    const good = paid();
    await expect(producer.sendMany([good, { ...paid(), at: 'yesterday' }])).rejects.toMatchObject({
      code: 'invalid_input',
      field: 'at',
    });
    const mark = paid();
    await producer.send(mark);
    await eventually(() => expect(taken).toContainEqual({ name: 'order.paid', data: mark }));
    expect(taken).not.toContainEqual({ name: 'order.paid', data: good });
  });

  test('outcomes come to the handler, and come again when it throws', async () => {
    const eventId = uniqueId('event');
    const calls: string[][] = [];
    const end = producer.outcomes((outcomes) => {
      calls.push(outcomes.map((outcome) => outcome.eventId));
      if (calls.length === 1) throw new Error('not now');
    });
    const outcome = {
      eventId,
      type: 'order.paid',
      status: 'applied',
      lines: [],
      settledAt: new Date().toISOString(),
    };
    await queues.add(QUEUES.orderOutcomes, {
      name: 'outcomes',
      data: { outcomes: [outcome] },
      options: { attempts: 3, backoff: { type: 'fixed', delay: 10 } },
    });
    await eventually(() => expect(calls).toEqual([[eventId], [eventId]]));
    await end();
  });
});
