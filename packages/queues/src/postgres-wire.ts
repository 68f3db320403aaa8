// Messages between processes over LISTEN and NOTIFY, on one connection of its own that comes back after a loss.
import { Client } from 'pg';
import type { Wire } from './backend.ts';

const RETRY_MS = 500;
/** Postgres takes 8,000 bytes with the final zero. */
const PAYLOAD_MAX_BYTES = 7_990;

export async function openPostgresWire(
  url: string,
  schema: string,
  onError: (source: string, error: unknown) => void,
  onPayload: (topic: string, payload: string) => void,
): Promise<Wire> {
  const head = `${schema}_feed_`;
  const topics = new Set<string>();
  let client: Client | null = null;
  let opening: Promise<void> | null = null;
  let retry: NodeJS.Timeout | undefined;
  let closed = false;
  let counter = 0;

  const lose = (lost: Client, error: unknown) => {
    if (client === lost) client = null;
    lost.removeAllListeners();
    // A dying connection may report twice; an 'error' without a listener would end the process.
    lost.on('error', () => undefined);
    lost.end().catch(() => undefined);
    if (closed) return;
    onError('postgres feed', error);
    clearTimeout(retry);
    retry = setTimeout(() => void open().catch(() => undefined), RETRY_MS);
  };

  const open = (): Promise<void> => {
    opening ??= (async () => {
      const fresh = new Client({ connectionString: url, keepAlive: true, connectionTimeoutMillis: 5_000 });
      try {
        fresh.on('error', (error) => lose(fresh, error));
        await fresh.connect();
        fresh.on('notification', ({ channel, payload }) => {
          // In front of the message stands a counter: equal payloads of one transaction would be sent once.
          if (payload) onPayload(channel.slice(head.length), payload.slice(payload.indexOf(':') + 1));
        });
        for (const topic of topics) await fresh.query(`listen ${quoted(head + topic)}`);
        if (closed) await fresh.end();
        else client = fresh;
      } catch (error) {
        lose(fresh, error);
        throw error;
      } finally {
        opening = null;
      }
    })();
    return opening;
  };

  await open();
  return {
    async send(topic, payloads) {
      if (!client) return false;
      const numbered = payloads.map((payload) => `${counter++}:${payload}`);
      const fitting = numbered.filter((payload) => Buffer.byteLength(payload) <= PAYLOAD_MAX_BYTES);
      await client.query('select pg_notify($1, payload) from unnest($2::text[]) as payload', [
        head + topic,
        fitting,
      ]);
      return fitting.length === payloads.length;
    },
    async hear(topic) {
      topics.add(topic);
      await client?.query(`listen ${quoted(head + topic)}`);
    },
    async hearNoMore(topic) {
      topics.delete(topic);
      await client?.query(`unlisten ${quoted(head + topic)}`);
    },
    async close() {
      closed = true;
      clearTimeout(retry);
      await opening?.catch(() => undefined);
      const last = client;
      client = null;
      await last?.end();
    },
  };
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
