// A worker as it runs in production: a process of its own, watched for its memory and its end.

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { findFreePort } from '@stockroom/embedded';
import { workerNodeFlags } from '@stockroom/worker';

export interface WorkerProcess {
  /** Most memory the process has had resident, in MB. null where the system does not tell. */
  memoryMb(): number | null;
  /** @throws when the process has ended. */
  check(): void;
  stop(): Promise<void>;
}

export async function startWorkerProcess(options: {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly profileDir: string | undefined;
  readonly log: (line: string) => void;
}): Promise<WorkerProcess> {
  const port = await findFreePort();
  const script = fileURLToPath(new URL('../../../worker/src/main.ts', import.meta.url));
  const profiling =
    options.profileDir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.profileDir}`];
  const child = spawn(process.execPath, [...workerNodeFlags, ...profiling, script], {
    env: { ...options.env, WORKER_PORT: String(port), LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  createInterface({ input: child.stdout }).on('line', options.log);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const readyBy = Date.now() + 30_000;
  while (!(await isReady(port))) {
    if (child.exitCode !== null || Date.now() > readyBy) throw new Error('the worker did not become ready');
    await wait(50);
  }
  return {
    memoryMb: () => peakMemoryMb(child.pid),
    check() {
      if (child.exitCode !== null) throw new Error(`the worker ended with ${child.exitCode}`);
    },
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function peakMemoryMb(pid: number | undefined): number | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(status)?.[1];
    return kilobytes === undefined ? null : Math.round(Number(kilobytes) / 1024);
  } catch {
    return null;
  }
}

function isReady(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/readyz`)
    .then((response) => response.ok)
    .catch(() => false);
}
