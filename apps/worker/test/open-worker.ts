// A worker with a database, queues and an inbox of its own, for the tests of one file.
import { type Database, openDatabase } from '@stockroom/db';
import { type Feed, openFeed, openQueues, type Queues } from '@stockroom/queues';
import {
  type AvailableBackend,
  createDatabase,
  type Inbox,
  queuePrefix,
  startInbox,
} from '@stockroom/testkit';
import { type RunningWorker, startWorker } from '../src/start-worker.ts';
import type { WorkerOptions } from '../src/worker-options.ts';

export type OpenWorld = {
  readonly db: Database;
  readonly url: string;
  readonly queues: Queues;
  readonly prefix: string;
  readonly feed: Feed;
  readonly inbox: Inbox;
  readonly logged: readonly string[];
  start(options?: Partial<WorkerOptions>): Promise<RunningWorker>;
  close(): Promise<void>;
};

export async function openWorld(backend: AvailableBackend): Promise<OpenWorld> {
  const database = await createDatabase();
  const prefix = queuePrefix().replaceAll('-', '_');
  const db = await openDatabase({ url: database.url, poolMax: 6 });
  const logged: string[] = [];
  const log = (facts: Record<string, unknown>, message: string) =>
    void logged.push(`${message} ${JSON.stringify(facts)}`);
  const queues = await openQueues({
    backend: backend.name,
    databaseUrl: database.url,
    ...(backend.name === 'redis' ? { redisUrl: backend.redisUrl } : {}),
    prefix,
    log: { info: log, warn: log, error: log },
  });
  const feed = await openFeed(queues);
  const inbox = await startInbox();
  const workers = new Set<RunningWorker>();
  return {
    db,
    url: database.url,
    queues,
    prefix,
    feed,
    inbox,
    logged,
    async start(options = {}) {
      const worker = await startWorker({
        db,
        queues,
        feed,
        roles: ['receive', 'stock', 'mail', 'sweep'],
        bells: 64,
        smtp: { url: inbox.url, from: 'Stockroom <stock@shop.test>' },
        log: { info: log, warn: log, error: log },
        ...options,
      });
      workers.add(worker);
      return worker;
    },
    async close() {
      for (const worker of workers) await worker.close({ timeoutMs: 5_000 });
      await queues.close({ timeoutMs: 2_000 });
      await inbox.stop();
      await db.close();
      await database.drop();
    },
  };
}
