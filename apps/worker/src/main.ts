// A worker as a process of its own: reads the environment, opens the world, works until told to stop.
import { assertSchemaIsKnown, openDatabase } from '@stockroom/db';
import { openFeed, openQueues } from '@stockroom/queues';
import closeWithGrace from 'close-with-grace';
import { pino } from 'pino';
import { readWorkerEnv, type WorkerEnv } from './env.ts';
import { startWorker } from './start-worker.ts';

async function main(env: WorkerEnv): Promise<void> {
  const log = pino({ name: 'stockroom-worker', level: env.LOG_LEVEL });
  const db = await openDatabase({
    url: env.DATABASE_URL,
    poolMax: env.POOL_MAX,
    applicationName: 'stockroom worker',
    // A worker that hangs inside a transaction holds its products: the others must not wait longer for them than for its jobs.
    idleInTransactionTimeoutMs: 10_000,
    log: (line) => log.warn({ line }, 'database'),
  });
  await assertSchemaIsKnown(db);
  const queues = await openQueues({
    backend: env.QUEUE_BACKEND,
    databaseUrl: env.DATABASE_URL,
    ...(env.REDIS_URL === undefined ? {} : { redisUrl: env.REDIS_URL }),
    ...(env.QUEUE_PREFIX === undefined ? {} : { prefix: env.QUEUE_PREFIX }),
    log,
  });
  const feed = await openFeed(queues);
  const worker = await startWorker({
    db,
    queues,
    feed,
    roles: env.WORKER_ROLES,
    bells: env.STOCK_BELLS,
    log,
    host: env.HOST,
    port: env.WORKER_PORT,
    ...(env.SMTP_URL === undefined || env.MAIL_FROM === undefined
      ? {}
      : {
          smtp: {
            url: env.SMTP_URL,
            from: env.MAIL_FROM,
            ...(env.PUBLIC_URL === undefined ? {} : { publicUrl: env.PUBLIC_URL }),
          },
        }),
  });
  // The bound of the worker's own end, and a little for connections.
  closeWithGrace({ delay: env.SHUTDOWN_MS + 10_000, logger: log }, async ({ signal, err }) => {
    if (err === undefined) log.info({ signal }, 'stopping');
    else log.error({ err }, 'stopping after an error nobody caught');
    await worker.close({ timeoutMs: env.SHUTDOWN_MS });
    await queues.close({ timeoutMs: 2_000 });
    await db.close();
  });
}

try {
  await main(readWorkerEnv());
} catch (error) {
  process.stderr.write(
    `The worker did not start. ${error instanceof Error ? error.message : String(error)}\n`,
  );
  process.exit(1);
}
