// Runs the command line as a child process, the way a person does.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type NodeChild, spawnNode } from '@stockroom/testkit';
import { onTestFinished } from 'vitest';

const main = new URL('../src/main.ts', import.meta.url);
/** Nothing of the machine's own settings may reach the command. */
const bare = {
  DATABASE_URL: '',
  REDIS_URL: '',
  QUEUE_BACKEND: '',
  QUEUE_PREFIX: '',
  SMTP_URL: '',
  STOCK_BELLS: '',
  MAIL_FROM: '',
};

export type Env = Record<string, string | undefined>;

export function startCommand(args: string[], env: Env = {}, cwd?: string): NodeChild {
  return spawnNode(main, { args, env: { ...bare, ...env }, ...(cwd === undefined ? {} : { cwd }) });
}

export async function runCommand(
  args: string[],
  env: Env = {},
): Promise<{ code: number | null; text: string }> {
  const child = startCommand(args, env);
  const { exitCode } = await child.ended;
  return { code: exitCode, text: child.lines.join('\n') };
}

/** Adds --json and reads the document; news on stderr stands before or after it. */
export async function runJson<Result>(
  args: string[],
  env: Env = {},
): Promise<{ code: number | null; result: Result }> {
  const { code, text } = await runCommand([...args, '--json'], env);
  const document = /^\{$[\s\S]*?^\}$/m.exec(text)?.[0];
  if (document === undefined) throw new Error(`${args.join(' ')} printed no JSON:\n${text}`);
  return { code, result: JSON.parse(document) as Result };
}

/** A data folder that goes with the test. As root, Postgres runs as another user who must be able to pass through. */
export function dataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'stockroom-cli-'));
  chmodSync(folder, 0o755);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'data');
}
