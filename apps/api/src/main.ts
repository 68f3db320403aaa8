// The API as a process of its own.

import { assertSchemaIsKnown, openDatabase } from '@stockroom/db';
import { createDoors, openOutcomeWatch } from '@stockroom/engine';
import { createRinger, openFeed, openQueues } from '@stockroom/queues';
import closeWithGrace from 'close-with-grace';
import { readEnv } from './env.ts';
import { createLog } from './http/log.ts';
import { createApiMetrics } from './http/metrics.ts';
import { startApi } from './start-api.ts';

const closeMs = 30_000;

const read = readEnv();
if (!read.ok) {
  process.stderr.write(`${read.problems}\n`);
  process.exit(2);
}
const { env } = read;
const log = createLog(env.LOG_LEVEL);

/** What has been opened, last first. */
const endings: (() => Promise<unknown>)[] = [];
async function endAll(): Promise<void> {
  for (const end of endings.splice(0)) await end();
}

async function start(): Promise<void> {
  const db = await openDatabase({
    url: env.DATABASE_URL,
    poolMax: env.POOL_MAX,
    applicationName: 'stockroom api',
    log: (line) => log.warn(line),
  });
  endings.unshift(() => db.close());
  await assertSchemaIsKnown(db);
  const queues = await openQueues({
    backend: env.QUEUE_BACKEND,
    prefix: env.QUEUE_PREFIX,
    databaseUrl: env.DATABASE_URL,
    ...(env.REDIS_URL === undefined ? {} : { redisUrl: env.REDIS_URL }),
    log,
  });
  endings.unshift(() => queues.close({ timeoutMs: 5_000 }));
  const watch = await openOutcomeWatch(db, await openFeed(queues));
  endings.unshift(() => watch.close());
  const metrics = createApiMetrics();
  const doors = createDoors({
    db,
    bells: env.STOCK_BELLS,
    ring: createRinger(queues),
    onBatch: metrics.receiveBatch,
  });
  endings.unshift(() => doors.close());
  const api = await startApi({
    db,
    queues,
    doors,
    watch,
    bells: env.STOCK_BELLS,
    host: env.HOST,
    port: env.PORT,
    log,
    metrics,
    trustProxy: env.TRUST_PROXY === 'true',
    rateLimits: { perKey: env.RATE_LIMIT_PER_KEY, perAddress: env.RATE_LIMIT_PER_ADDRESS },
    ...(env.PUBLIC_URL === undefined ? {} : { publicUrl: env.PUBLIC_URL }),
  });
  endings.unshift(() => api.close({ timeoutMs: 20_000 }));
}

closeWithGrace(
  { delay: closeMs, logger: { error: (text: unknown) => log.error(String(text)) } },
  async ({ err, signal }) => {
    if (err === undefined) log.info({ signal }, 'API ends');
    else log.fatal({ err }, 'API ends after an error nobody caught');
    await endAll();
  },
);

try {
  await start();
} catch (error) {
  log.fatal({ err: error }, 'API cannot start');
  await endAll();
  // Not exitCode: the graceful end that follows an empty event loop would make it 0.
  process.exit(1);
}
