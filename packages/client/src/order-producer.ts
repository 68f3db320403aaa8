// Sends order events over the queue and hears their outcomes: BullMQ with the contract's names and a check before sending.

import type { OrderEventInput, Outcome } from '@stockroom/contracts';
import { outcomesJob, QUEUES } from '@stockroom/contracts';
import { ClientError } from './client-error.ts';
import type { ProducerConnection, QueueAddress } from './producer-connection.ts';
import { openProducerConnection } from './producer-connection.ts';
import { validOrderEvent } from './valid-event.ts';

export type OrderProducerOptions = QueueAddress & {
  /** Hears of lost connections; they come back by themselves. Default: nobody. */
  readonly onError?: (error: Error) => void;
  /** How long the first connection may take in milliseconds, default 10,000. */
  readonly connectTimeoutMs?: number;
};

/** Gets outcomes oldest first, at least once each. When it throws, the same outcomes come again. */
export type OutcomesHandler = (outcomes: readonly Outcome[]) => Promise<void> | void;

export interface OrderProducer {
  /**
   * Sends one event. It is accepted a moment later, by a worker; with `reply: true` its outcome, or why it was refused, comes to `outcomes`.
   * Send the same event again after any failure: it has one effect.
   * @throws ClientError `invalid_input` with the field before anything is sent, `queue_unavailable` when the queue did not take it.
   */
  send(event: OrderEventInput): Promise<void>;
  /** As `send`, in one round trip. All events are checked before the first is sent; when it throws later, some may have been sent. */
  sendMany(events: readonly OrderEventInput[]): Promise<void>;
  /**
   * Starts to hear outcomes of events sent with `reply: true`. Each outcome goes to one listener in the whole fleet, whoever asked for it.
   * @returns the function that ends it, after the outcomes in work.
   */
  outcomes(handler: OutcomesHandler): () => Promise<void>;
  /** Ends listeners, then connections. A repeat does nothing. */
  close(): Promise<void>;
}

const jobOptions = {
  attempts: 12,
  backoff: { type: 'exponential', delay: 500 },
  removeOnComplete: { count: 200, age: 3_600 },
  removeOnFail: { count: 10_000 },
};

/** @throws ClientError `queue_unavailable` when the queue does not answer in time. */
export async function createOrderProducer(options: OrderProducerOptions): Promise<OrderProducer> {
  const onError = options.onError ?? (() => undefined);
  const connection = await openProducerConnection(options, onError, options.connectTimeoutMs ?? 10_000);
  const queue = connection.queue(QUEUES.orderEvents);
  const listeners = new Set<() => Promise<void>>();
  let closing: Promise<void> | undefined;

  async function add(events: readonly OrderEventInput[]): Promise<void> {
    const jobs = events.map((event) => {
      validOrderEvent(event);
      return { name: event.type, data: event, opts: jobOptions };
    });
    try {
      await queue.addBulk(jobs);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new ClientError(
        'queue_unavailable',
        `the queue did not take it (${reason}); send it again`,
        undefined,
        cause,
      );
    }
  }

  return {
    send: (event) => add([event]),
    async sendMany(events) {
      if (events.length > 0) await add(events);
    },
    outcomes(handler) {
      const end = listen(connection, handler, onError);
      listeners.add(end);
      return async () => {
        listeners.delete(end);
        await end();
      };
    },
    close() {
      closing ??= (async () => {
        await Promise.all([...listeners].map((end) => end()));
        await queue.close();
        await connection.close();
      })();
      return closing;
    },
  };
}

function listen(
  connection: ProducerConnection,
  handler: OutcomesHandler,
  onError: (error: Error) => void,
): () => Promise<void> {
  const worker = connection.worker(QUEUES.orderOutcomes, async (job) => {
    await handler(outcomesJob.parse(job.data).outcomes);
  });
  worker.on('error', onError);
  let ending: Promise<void> | undefined;
  return () => {
    ending ??= worker.close();
    return ending;
  };
}
