// Runs a command to its end and says how it went; a signal to us reaches the command too.
import { type SpawnOptions, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export const repositoryRoot = join(import.meta.dirname, '..');

/** How a command ended: its exit code (1 when a signal or a failed start ended it), what it printed, and how long it took. */
export type CommandEnd = { code: number; output: string; seconds: number };

/**
 * Runs `command` at the root, with the tools of node_modules first on the PATH.
 * `output` is `capture` (returned) or `show` (goes straight to the console, and the returned output is empty).
 */
export async function runCommand(
  command: readonly [string, ...string[]],
  { output, env = {} }: { output: 'capture' | 'show'; env?: Record<string, string> },
): Promise<CommandEnd> {
  const startedAt = performance.now();
  const options: SpawnOptions = {
    cwd: repositoryRoot,
    env: { ...process.env, ...env, PATH: toolsFirst(process.env.PATH ?? '') },
    stdio: output === 'show' ? 'inherit' : ['ignore', 'pipe', 'pipe'],
  };
  const [name, ...args] = command;
  const child = spawn(name, args, options);
  let printed = '';
  const collect = (chunk: Buffer): void => {
    printed += chunk.toString('utf8');
  };
  child.stdout?.on('data', collect);
  child.stderr?.on('data', collect);
  const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
  process.on('SIGTERM', forward).on('SIGINT', forward);
  const code = await new Promise<number>((resolve) => {
    child.on('error', (error) => {
      printed += `${name} did not start: ${error.message}\n`;
      resolve(1);
    });
    child.on('close', (exitCode) => resolve(exitCode ?? 1));
  });
  process.off('SIGTERM', forward).off('SIGINT', forward);
  return { code, output: printed, seconds: (performance.now() - startedAt) / 1000 };
}

/** The pinned package manager as package.json names it, for example `pnpm@12.21.0`. */
export function pinnedPackageManager(): string {
  const { packageManager } = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8')) as {
    packageManager?: string;
  };
  if (packageManager === undefined)
    throw new Error('package.json names no packageManager; expected pnpm@<version>');
  return packageManager;
}

const toolsFirst = (path: string): string =>
  [join(repositoryRoot, 'node_modules', '.bin'), path].join(delimiter);
