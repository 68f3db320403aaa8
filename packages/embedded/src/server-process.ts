// Runs the server process of one cluster: launch, wait for the first real connection, signal, stop.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { SUPERUSER, switchUser } from './data-dir.ts';
import { EmbeddedError } from './embedded-error.ts';
import { findFreePort } from './free-port.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import { claimDataDir } from './postmaster.ts';
import type { RunAs } from './run-as.ts';

export type Cluster = {
  binaries: PostgresBinaries;
  dataDir: string;
  runAs: RunAs;
  password: string;
  settings: Record<string, string>;
  log: (line: string) => void;
};
export type Running = { child: ChildProcess; pid: number; port: number; ended: Promise<void> };

const STOP_LIMIT_MS = 30_000;
const START_LIMIT_MS = 60_000;
const START_ATTEMPTS = 100;

// A free port can be taken between asking and binding, and the backends of a killed postmaster need a moment to notice: both are tried again.
export async function startPostmaster(cluster: Cluster, wantedPort: number): Promise<Running> {
  for (let attempt = 1; ; attempt++) {
    const port = wantedPort === 0 ? await findFreePort() : wantedPort;
    const tail: string[] = [];
    const running = launch(cluster, port, tail);
    try {
      await waitUntilReady(cluster, running);
      return running;
    } catch (cause) {
      const said = tail.join('\n');
      const portTaken = /Address already in use/i.test(said);
      const passing = (portTaken && wantedPort === 0) || /pre-existing shared memory block/i.test(said);
      if (passing && attempt < START_ATTEMPTS) {
        await wait(100);
        continue;
      }
      const advice = portTaken ? `Port ${port} is taken: free it or choose another. ` : '';
      throw new EmbeddedError(
        'start_failed',
        `${advice}Postgres did not start on ${cluster.dataDir}: ${(cause as Error).message}\n${said}`.trim(),
        { cause },
      );
    }
  }
}

function launch(cluster: Cluster, port: number, tail: string[]): Running {
  const settings = { ...cluster.settings, port: String(port) };
  const args = [
    '-D',
    cluster.dataDir,
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
  const [command = '', ...rest] = [...cluster.runAs.prefix, cluster.binaries.postgres, ...args];
  claimDataDir(cluster.dataDir);
  // Detached: Ctrl-C in a terminal reaches the app first, and the app stops its database last.
  const child = spawn(command, rest, {
    cwd: cluster.dataDir,
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    ...switchUser(cluster.runAs),
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', (error) => {
      tail.push(error.message);
      resolve();
    });
  });
  if (child.stderr) {
    createInterface({ input: child.stderr }).on('line', (line) => {
      tail.push(line);
      if (tail.length > 40) tail.shift();
      cluster.log(line);
    });
  }
  return { child, pid: child.pid ?? 0, port, ended };
}

async function waitUntilReady(cluster: Cluster, running: Running): Promise<void> {
  const startedAt = Date.now();
  let over = false;
  const ended = running.ended.then(() => {
    over = true;
  });
  for (;;) {
    if (over) {
      // The last lines arrive a moment after the exit.
      await wait(50);
      throw new Error(`it ended at once (exit code ${running.child.exitCode}).`);
    }
    const refusal = await tryConnect(cluster, running.port);
    if (refusal === undefined) return;
    // 57P03 says that the server lives and recovers from a crash, which may take minutes on a big cluster.
    const limitMs = refusal.code === '57P03' ? 10 * START_LIMIT_MS : START_LIMIT_MS;
    if (Date.now() - startedAt > limitMs) {
      await stopPostmaster(cluster, running, 'immediate');
      throw new Error(`no connection within ${limitMs} ms (${refusal.message}).`, { cause: refusal });
    }
    if (refusal.code === '28P01' || refusal.code === 'other_server') {
      // Another server may have the port, which ours will notice at once.
      await Promise.race([wait(1_000), ended]);
      if (over) continue;
      await stopPostmaster(cluster, running, 'fast');
      throw new Error(
        'the password kept beside the data folder is not the one of this cluster, or another server owns the port.',
        { cause: refusal },
      );
    }
    await Promise.race([wait(20), ended]);
  }
}

async function tryConnect(cluster: Cluster, port: number): Promise<(Error & { code?: string }) | undefined> {
  const client = new pg.Client({
    connectionString: urlOf(cluster, port, 'postgres'),
    connectionTimeoutMillis: 5_000,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ data_directory: string }>('show data_directory');
    if (rows[0]?.data_directory === cluster.dataDir.replaceAll('\\', '/')) return undefined;
    return Object.assign(new Error(`the server on the port serves ${rows[0]?.data_directory}`), {
      code: 'other_server',
    });
  } catch (error) {
    return error as Error & { code?: string };
  } finally {
    await client.end().catch(() => {});
  }
}

export async function stopPostmaster(
  cluster: Cluster,
  running: Running,
  mode: 'fast' | 'immediate',
): Promise<void> {
  if (running.child.exitCode !== null || running.child.signalCode !== null || running.pid === 0) return;
  if (process.platform === 'win32') {
    // Windows knows no signals; pg_ctl asks through a named pipe.
    await promisify(execFile)(cluster.binaries.pgCtl, ['stop', '-D', cluster.dataDir, '-m', mode]).catch(() =>
      running.child.kill(),
    );
  }
  for (const signal of [mode === 'fast' ? 'SIGINT' : 'SIGQUIT', 'SIGQUIT', 'SIGKILL'] as const) {
    signalQuietly(running, signal);
    const outcome = await Promise.race([
      running.ended.then(() => 'ended'),
      wait(STOP_LIMIT_MS, 'late', { ref: false }),
    ]);
    if (outcome === 'ended') return;
  }
  throw new EmbeddedError('stop_failed', `Postgres ${running.pid} does not end; end it by hand.`, {
    retry: 'soon',
  });
}

export function signalQuietly(running: Running, signal: NodeJS.Signals): void {
  try {
    running.child.kill(signal);
  } catch {
    // It has ended already.
  }
}

export function urlOf(cluster: Cluster, port: number, database: string): string {
  return `postgres://${SUPERUSER}:${cluster.password}@127.0.0.1:${port}/${encodeURIComponent(database)}`;
}
