// The live feed between processes: quick news that may be lost; whoever needs certainty reads the database as well.
import { randomBytes } from 'node:crypto';
import { reasonOf } from './log.ts';
import type { Queues } from './queues.ts';

export type FeedHandler = (messages: readonly unknown[]) => void;

export type Feed = {
  /** Sends messages (JSON) to all subscribers in all processes, in one round trip. False when some may not have gone out; never throws. */
  publish(topic: string, messages: readonly unknown[]): Promise<boolean>;
  /** Hears what is published from now on, this process included. Returns the function that ends it. Handlers must not throw. */
  subscribe(topic: string, handler: FeedHandler): Promise<() => Promise<void>>;
  close(): Promise<void>;
};

const TOPIC = /^[a-z][a-z0-9_.-]{0,39}$/;
/** Postgres takes 8,000 bytes in one notification, a counter included. */
const CHUNK_MAX_BYTES = 7_900;

/** Opens one connection for listening. It comes back by itself after a loss; what was sent meanwhile is gone. */
export async function openFeed(queues: Queues): Promise<Feed> {
  const handlers = new Map<string, Set<FeedHandler>>();
  const wire = await queues.internals.openWire((topic, payload) => {
    const found = handlers.get(topic);
    if (!found?.size) return;
    try {
      const messages = JSON.parse(payload) as unknown[];
      for (const handler of [...found]) handler(messages);
    } catch (error) {
      queues.log.error({ topic, reason: reasonOf(error) }, 'feed handler failed');
    }
  });
  const feed: Feed = {
    async publish(topic, messages) {
      checkTopic(topic);
      if (messages.length === 0) return true;
      try {
        return await wire.send(topic, chunks(messages));
      } catch (error) {
        queues.log.warn({ topic, reason: reasonOf(error) }, 'feed message not sent');
        return false;
      }
    },
    async subscribe(topic, handler) {
      checkTopic(topic);
      const own: FeedHandler = (messages) => handler(messages);
      const all = handlers.get(topic) ?? new Set();
      handlers.set(topic, all);
      all.add(own);
      if (all.size === 1) await wire.hear(topic);
      return async () => {
        if (all.delete(own) && all.size === 0) await wire.hearNoMore(topic).catch(() => undefined);
      };
    },
    close: () => wire.close(),
  };
  queues.onClose(() => feed.close());
  return feed;
}

function checkTopic(topic: string): void {
  if (!TOPIC.test(topic))
    throw new RangeError(`A feed topic is small letters, digits and "_.-"; found "${topic}".`);
}

/** JSON arrays of as many messages as fit. A single message that is too long gets a chunk of its own, which Postgres will not carry. */
export function chunks(messages: readonly unknown[]): string[] {
  const all: string[] = [];
  let parts: string[] = [];
  let bytes = 2;
  for (const message of messages) {
    const text = JSON.stringify(message) ?? 'null';
    const length = Buffer.byteLength(text) + 1;
    if (parts.length > 0 && bytes + length > CHUNK_MAX_BYTES) {
      all.push(`[${parts.join(',')}]`);
      parts = [];
      bytes = 2;
    }
    parts.push(text);
    bytes += length;
  }
  if (parts.length > 0) all.push(`[${parts.join(',')}]`);
  return all;
}

/** A name for something that exists once per process, for example its own topic of answers. */
export function processTopic(kind: string): string {
  return `${kind}.${randomBytes(8).toString('hex')}`;
}
