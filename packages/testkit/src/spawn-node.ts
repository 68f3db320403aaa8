// Child processes for race tests: real worker processes that can be watched, stopped and killed.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, onTestFinished } from 'vitest';
import { childEnv } from './env.ts';

export type NodeChild = {
  readonly pid: number;
  /** Everything it wrote so far to stdout and stderr, line by line. */
  readonly lines: readonly string[];
  /** The first line, past or future, that matches; rejects when the process ends or `timeoutMs` (default 30,000) pass without one. */
  waitForLine(pattern: RegExp, options?: { timeoutMs?: number }): Promise<string>;
  /** Sends a signal (default SIGKILL). */
  kill(signal?: NodeJS.Signals): void;
  /** Resolves at the end of the process, however it ends. */
  readonly ended: Promise<{ exitCode: number | null; signal: NodeJS.Signals | null }>;
  /** SIGKILL if need be, and wait. */
  stop(): Promise<void>;
};

export type SpawnNodeOptions = { args?: string[]; env?: Record<string, string | undefined>; cwd?: string };

const alive = new Set<NodeChild>();

// For children that were started outside a test, in beforeAll for instance.
afterAll(async () => {
  await Promise.all([...alive].map((child) => child.stop()));
});
process.once('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

/** Starts `node <script>`; the process ends with the test, or with the file when started outside a test. */
export function spawnNode(
  script: string | URL,
  { args = [], env = {}, cwd }: SpawnNodeOptions = {},
): NodeChild {
  const file = script instanceof URL ? fileURLToPath(script) : script;
  const spawned = spawn(process.execPath, [file, ...args], {
    env: childEnv(env),
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
  });
  const lines: string[] = [];
  const listeners = new Set<() => void>();
  const notify = () => {
    for (const listener of [...listeners]) listener();
  };
  for (const input of [spawned.stdout, spawned.stderr]) {
    createInterface({ input }).on('line', (line) => {
      lines.push(line);
      notify();
    });
  }
  let isOver = false;
  const ended = new Promise<{ exitCode: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    const end = (exitCode: number | null, signal: NodeJS.Signals | null) => {
      isOver = true;
      alive.delete(child);
      resolve({ exitCode, signal });
      notify();
    };
    // `close` comes after the last line of output.
    spawned.once('close', end);
    spawned.once('error', (error) => {
      lines.push(error.message);
      end(null, null);
    });
  });

  function waitForLine(pattern: RegExp, { timeoutMs = 30_000 } = {}): Promise<string> {
    return new Promise((resolve, reject) => {
      const report = (problem: string) => {
        done();
        reject(
          new Error(
            `${problem} while waiting for ${pattern}. Its last lines:\n${lines.slice(-30).join('\n')}`,
          ),
        );
      };
      const look = () => {
        const found = lines.find((line) => pattern.test(line));
        if (found !== undefined) {
          done();
          resolve(found);
        } else if (isOver) report(`${file} ended (${spawned.exitCode ?? spawned.signalCode})`);
      };
      const timer = setTimeout(() => report(`${timeoutMs} ms passed`), timeoutMs);
      const done = () => {
        clearTimeout(timer);
        listeners.delete(look);
      };
      listeners.add(look);
      look();
    });
  }

  const child: NodeChild = {
    pid: spawned.pid ?? 0,
    lines,
    waitForLine,
    kill: (signal = 'SIGKILL') => {
      spawned.kill(signal);
    },
    ended,
    async stop() {
      if (!isOver) {
        spawned.kill('SIGKILL');
        await ended;
      }
    },
  };
  alive.add(child);
  try {
    onTestFinished(() => child.stop());
  } catch {
    // Outside a test the end of the file stops it.
  }
  return child;
}
