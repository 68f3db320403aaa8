// A Redis server of a test's own, which it may kill, wipe and bring back.
import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { findFreePort } from '@stockroom/embedded';
import { Redis } from 'ioredis';
import { readTestEnv } from './env.ts';

export type TestRedis = {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Removes every key, as an operator's mistake would. */
  wipe(): Promise<void>;
  /** Waits for the end, unless the signal is SIGSTOP or SIGCONT. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** The same port again; without `persist` it comes back empty. */
  restart(): Promise<void>;
  stop(): Promise<void>;
};

export type TestRedisOptions = {
  port?: number;
  /** Keeps an append-only file, so that data survive `restart` (default false). */
  persist?: boolean;
  /** Server settings by name, such as `{ maxmemory: '20mb' }`. */
  settings?: Record<string, string>;
};

/** The path of `redis-server`, or undefined where it is not installed. */
export function findRedisServer(): string | undefined {
  return readTestEnv()
    .path.map((folder) => join(folder, 'redis-server'))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** Starts a Redis on a free port. Stop it in `afterAll`; when the test process ends, the server ends with it. */
export async function startTestRedis(options: TestRedisOptions = {}): Promise<TestRedis> {
  const program = findRedisServer();
  if (program === undefined)
    throw new Error('redis-server is not installed; install it, or guard the suite with backends().');
  const folder = mkdtempSync(join(tmpdir(), `stockroom-redis-${process.pid}-`));
  let running = await launch(program, folder, options, options.port ?? 0);
  const endWithProcess = () => running.child.kill('SIGKILL');
  process.once('exit', endWithProcess);
  const url = () => `redis://127.0.0.1:${running.port}`;

  async function kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    running.child.kill(signal);
    if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') await running.ended;
  }

  return {
    get url() {
      return url();
    },
    get port() {
      return running.port;
    },
    get pid() {
      return running.child.pid ?? 0;
    },
    async wipe() {
      await ask(url(), (redis) => redis.flushall());
    },
    kill,
    async restart() {
      if (running.child.exitCode === null && running.child.signalCode === null) await kill('SIGTERM');
      running = await launch(program, folder, options, running.port);
    },
    async stop() {
      process.removeListener('exit', endWithProcess);
      running.child.kill('SIGCONT');
      if (running.child.exitCode === null && running.child.signalCode === null) await kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

type Running = { child: ChildProcess; port: number; ended: Promise<void> };

async function launch(
  program: string,
  folder: string,
  options: TestRedisOptions,
  wantedPort: number,
): Promise<Running> {
  const settings = {
    bind: '127.0.0.1',
    dir: folder,
    save: '',
    appendonly: options.persist ? 'yes' : 'no',
    'maxmemory-policy': 'noeviction',
    ...options.settings,
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  for (let attempt = 1; ; attempt++) {
    const port = wantedPort || (await findFreePort());
    // A group of its own: Ctrl-C lets the tests clean up first.
    const child = spawn(program, ['--port', String(port), ...args], {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    child.stdout.on('data', (chunk) => {
      said = (said + String(chunk)).slice(-4_000);
    });
    child.stderr.resume();
    const ended = new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
      child.once('error', () => resolve());
    });
    if (await answers(`redis://127.0.0.1:${port}`, child)) return { child, port, ended };
    child.kill('SIGKILL');
    await ended;
    if (attempt >= 5) throw new Error(`redis-server did not start on port ${port}:\n${said}`);
  }
}

async function answers(url: string, child: ChildProcess): Promise<boolean> {
  const deadline = Date.now() + 10_000;
  while (Date.now() < deadline && child.exitCode === null && child.signalCode === null) {
    const info = await ask(url, (redis) => redis.info('server')).catch(() => '');
    // Another server may have taken the port in the meantime.
    if (info.includes(`process_id:${child.pid}\r`)) return true;
    await wait(20);
  }
  return false;
}

async function ask<T>(url: string, question: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: null, maxRetriesPerRequest: 0 });
  redis.on('error', () => {});
  try {
    await redis.connect();
    return await question(redis);
  } finally {
    redis.disconnect();
  }
}
