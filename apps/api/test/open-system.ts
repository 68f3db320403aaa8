// The API over a whole corridor in one process: a database of its own, queues on a backend, doors, a settler, and keys.
import { QUEUES } from '@stockroom/contracts';
import { type ApiRole, createApiKey, createProduct, type Database, openDatabase } from '@stockroom/db';
import { createAnnouncer, createDoors, createSettler, openOutcomeWatch } from '@stockroom/engine';
import { createOps, createRinger, openFeed, openQueues, type Queues } from '@stockroom/queues';
import { type AvailableBackend, createDatabase, uniqueId } from '@stockroom/testkit';
import type { Logger } from 'pino';
import { type ApiServer, createApiMetrics, createLog, startApi } from '../src/index.ts';
import type { Parts } from '../src/trpc.ts';

export type System = {
  readonly url: string;
  readonly db: Database;
  readonly queues: Queues;
  readonly api: ApiServer;
  /** What procedures get, to call them without HTTP. */
  readonly parts: Parts;
  /** Everything the server has logged. */
  readonly logged: string[];
  readonly log: Logger;
  key(role: ApiRole, stores?: readonly string[]): Promise<string>;
  product(settings?: Record<string, unknown>): Promise<string>;
  close(): Promise<void>;
};

export async function openSystem(
  backend: AvailableBackend,
  more: { readonly rateLimits?: { perKey: number; perAddress: number }; readonly settles?: boolean } = {},
): Promise<System> {
  const database = await createDatabase();
  const logged: string[] = [];
  const log = createLog('debug', { write: (line: string) => void logged.push(line) });
  const db = await openDatabase({ url: database.url, poolMax: 6 });
  const quiet = { info: () => {}, warn: () => {}, error: () => {} };
  const queues = await openQueues({
    backend: backend.name,
    prefix: uniqueId('q').replaceAll('-', '_'),
    databaseUrl: database.url,
    ...(backend.name === 'redis' ? { redisUrl: backend.redisUrl } : {}),
    log: quiet,
  });
  const feed = await openFeed(queues);
  const watch = await openOutcomeWatch(db, feed);
  const ring = createRinger(queues);
  const metrics = createApiMetrics();
  const bells = 64;
  const doors = createDoors({ db, bells, ring, onBatch: metrics.receiveBatch });
  const announcer = createAnnouncer({ db, queues, feed, log: () => {} });
  const settler = createSettler({ db, bells, ring, announcer });
  if (more.settles !== false) {
    queues.worker<{ bell: string }>(QUEUES.stock, (job) => settler.answerBell(job.data.bell), {
      concurrency: 64,
    });
  }
  const api = await startApi({
    db,
    queues,
    doors,
    watch,
    bells,
    metrics,
    log,
    host: '127.0.0.1',
    port: 0,
    ...(more.rateLimits === undefined ? {} : { rateLimits: more.rateLimits }),
  });
  return {
    url: api.url,
    db,
    queues,
    api,
    parts: { db, queues, ops: createOps(queues), doors, watch, bells, ring, metrics },
    logged,
    log,
    async key(role, stores) {
      const made = await createApiKey(db, { name: uniqueId(role), role, stores: stores ?? null });
      if (!made.ok) throw new Error(made.problem.message);
      return made.value.key;
    },
    async product(settings) {
      const sku = uniqueId('sku');
      const made = await createProduct(db, {
        sku,
        name: `Product ${sku}`,
        ...(settings ? { settings } : {}),
      });
      if (!made.ok) throw new Error(made.problem.message);
      return sku;
    },
    async close() {
      await api.close({ timeoutMs: 2_000 });
      await doors.close();
      await watch.close();
      await queues.close({ timeoutMs: 2_000 });
      await settler.close();
      await db.close();
      await database.drop();
    },
  };
}
