// Starts a whole Stockroom in this process, and ends it in the opposite order.
import { type ApiServer, createLog as createApiLog, createApiMetrics, startApi } from '@stockroom/api';
import { type Database, migrateDatabase, openDatabase } from '@stockroom/db';
import { type Inbox, startInbox } from '@stockroom/embedded';
import { createDoors, openOutcomeWatch } from '@stockroom/engine';
import { createRinger, type Feed, type Log, openFeed, openQueues, type Queues } from '@stockroom/queues';
import { startWorker } from '@stockroom/worker';
import { isCatalogEmpty, seedDemoCatalog } from '../demo/demo-catalog.ts';
import type { CliEnv } from '../env.ts';
import { CliError, exitCodes } from '../exit-codes.ts';
import { type FoundDatabase, findDatabase } from '../find-database.ts';
import { createLog } from '../log.ts';
import { developmentKey } from './development-key.ts';
import { findPort } from './free-port.ts';
import type { LogFile } from './log-file.ts';

export type SystemOptions = {
  env: CliEnv;
  dataFolder: string;
  host: string;
  /** Absent: the usual port, or the next that is free. */
  port?: number;
  inboxPort?: number;
  logFile: LogFile;
  /** What is being done, for a person who waits. */
  step(text: string): void;
  /** A warning or an error that a person should see. */
  trouble(line: string): void;
};

export type RunningParts = {
  found: FoundDatabase;
  db: Database;
  queues: Queues;
  feed: Feed;
  api: ApiServer;
  key: string;
  /** Absent when SMTP_URL says where mail goes. */
  inbox: Inbox | undefined;
  wasEmpty: boolean;
  close(): Promise<void>;
};

const workerCloseMs = 4_000;

/** @throws CliError, EmbeddedError or EngineError; what had been started by then is ended. */
export async function startSystem(options: SystemOptions): Promise<RunningParts> {
  const endings: (() => Promise<unknown>)[] = [];
  let ending: Promise<void> | undefined;
  const close = () => {
    ending ??= (async () => {
      // One end that fails must not keep the others from happening.
      for (const end of endings.reverse())
        await end().catch((error: unknown) => options.trouble(String(error)));
    })();
    return ending;
  };
  try {
    return { ...(await startParts(options, (end) => void endings.push(end))), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startParts(
  options: SystemOptions,
  onEnd: (end: () => Promise<unknown>) => void,
): Promise<Omit<RunningParts, 'close'>> {
  const { env, host, logFile, step } = options;
  const log = splitLog(options);
  step(env.databaseUrl === undefined ? 'starting Postgres' : 'connecting to Postgres');
  const found = await findDatabase(env, options.dataFolder, {
    create: true,
    log: (line) => logFile.write(`postgres: ${line}`),
  });
  onEnd(() => found.close());
  if (found.kind === 'running') throw alreadyRunning(found);

  step('bringing the schema up to date');
  await migrateDatabase({ url: found.url, log: (line) => logFile.write(line) });
  const db = await openDatabase({
    url: found.url,
    poolMax: 16,
    applicationName: 'stockroom up',
    log: (line) => log.warn({}, line),
  });
  onEnd(() => db.close());
  const wasEmpty = await isCatalogEmpty(db);
  if (wasEmpty) {
    step('filling the catalog of the demo shop');
    await seedDemoCatalog(db);
  }
  const key = await developmentKey(db, found.folder);

  step('opening the queues');
  const queues = await openQueues({
    backend: env.queueBackend,
    databaseUrl: found.url,
    ...(env.redisUrl === undefined ? {} : { redisUrl: env.redisUrl }),
    ...(env.queuePrefix === undefined ? {} : { prefix: env.queuePrefix }),
    log,
  });
  onEnd(() => queues.close({ timeoutMs: 1_000 }));
  const feed = await openFeed(queues);

  const inbox = env.smtpUrl === undefined ? await openInbox(host, options.inboxPort) : undefined;
  if (inbox !== undefined) onEnd(() => inbox.stop());

  step('starting worker and API');
  const worker = await startWorker({
    db,
    queues,
    feed,
    roles: ['receive', 'stock', 'mail', 'sweep'],
    bells: env.bells,
    smtp: { url: env.smtpUrl ?? inbox?.url ?? '', from: env.mailFrom },
    log,
  });
  onEnd(() => worker.close({ timeoutMs: workerCloseMs }));
  const api = await openApi(options, { db, queues, feed }, onEnd);
  found.folder.setRunning({
    pid: process.pid,
    databaseUrl: found.url,
    redisUrl: env.queueBackend === 'redis' ? env.redisUrl : undefined,
    apiUrl: api.url,
    inboxUrl: inbox?.httpUrl,
    smtpUrl: env.smtpUrl ?? inbox?.url,
  });
  onEnd(async () => found.folder.clearRunning());
  return { found, db, queues, feed, api, key, inbox, wasEmpty };
}

function alreadyRunning({ folder, system }: FoundDatabase): CliError {
  const where =
    system?.apiUrl === undefined ? '' : ` (API ${system.apiUrl}, inbox ${system.inboxUrl ?? 'none'})`;
  return new CliError(
    exitCodes.environment,
    `Stockroom is already running on ${folder.path}: process ${system?.pid}${where}.\nStop it there with Ctrl-C, or use another folder: --data <folder>.`,
  );
}

async function openInbox(host: string, httpPort: number | undefined): Promise<Inbox> {
  return startInbox({
    host,
    port: await findPort(host, { usual: 1025 }),
    httpPort: await findPort(host, httpPort === undefined ? { usual: 8025 } : { chosen: httpPort }),
  });
}

async function openApi(
  { env, host, port, logFile }: SystemOptions,
  { db, queues, feed }: { db: Database; queues: Queues; feed: Feed },
  onEnd: (end: () => Promise<unknown>) => void,
): Promise<ApiServer> {
  const watch = await openOutcomeWatch(db, feed);
  onEnd(() => watch.close());
  const metrics = createApiMetrics();
  const doors = createDoors({
    db,
    bells: env.bells,
    ring: createRinger(queues),
    onBatch: metrics.receiveBatch,
  });
  onEnd(() => doors.close());
  const api = await startApi({
    db,
    queues,
    doors,
    watch,
    bells: env.bells,
    host,
    port: await findPort(host, port === undefined ? { usual: 3000 } : { chosen: port }),
    log: createApiLog('warn', { write: (line) => logFile.write(line) }),
    metrics,
  });
  onEnd(() => api.close({ timeoutMs: 1_000 }));
  return api;
}

/** Everything into the file; what a person should see on the screen as well. */
function splitLog({ logFile, trouble, env }: SystemOptions): Log {
  const file = createLog('info', (line) => logFile.write(`${new Date().toISOString()} ${line}`));
  const screen = createLog(env.logLevel, trouble);
  return {
    info: (facts, message) => file.info(facts, message),
    warn: (facts, message) => file.warn(facts, message),
    error(facts, message) {
      file.error(facts, message);
      screen.error(facts, message);
    },
  };
}
