// Does what a newcomer does in a fresh clone: `npm start`, watch orders settle and a mail arrive, Ctrl-C. Ends with 0 when all of it came true.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';

const folder = resolve(process.argv[2] ?? '.');
const startWithinMs = 180_000;
const stopWithinMs = 20_000;
if (!existsSync(join(folder, 'package.json')))
  throw new Error(`usage: node scripts/smoke-start.ts <folder of a clone>; ${folder} is none`);

const startedAt = performance.now();
const saw = (text: string): void =>
  console.log(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${text}`);
const lines: string[] = [];
// A group of its own, so that Ctrl-C can reach all of it as a terminal would do.
const npm = spawn('npm', ['start'], { cwd: folder, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
const ended = new Promise<number | null>((done) => npm.once('close', (code) => done(code)));
for (const input of [npm.stdout, npm.stderr])
  createInterface({ input }).on('line', (line) => lines.push(line));
const signalAll = (signal: NodeJS.Signals): void => {
  try {
    process.kill(-(npm.pid ?? 0), signal);
  } catch {
    // Nobody is left.
  }
};
process.once('exit', () => signalAll('SIGKILL'));

async function line(what: string, pattern: RegExp, withinMs: number): Promise<string> {
  const until = performance.now() + withinMs;
  for (;;) {
    const found = lines.find((text) => pattern.test(text));
    if (found !== undefined) {
      saw(`${what}: ${found.trim()}`);
      return found;
    }
    if (npm.exitCode !== null) throw new Error(`npm start ended with ${npm.exitCode} before ${what}`);
    if (performance.now() > until) throw new Error(`${what} did not come within ${withinMs / 1000} s`);
    await wait(50);
  }
}

const urlIn = (text: string): string => {
  const url = /https?:\/\/\S+/.exec(text)?.[0];
  if (url === undefined) throw new Error(`no address in "${text}"`);
  return url;
};

async function run(): Promise<void> {
  await line('it runs', /Stockroom is running/, startWithinMs);
  const api = urlIn(await line('the API', /^ {2}API {2,}http/, 5_000));
  const inbox = urlIn(await line('the inbox', /^ {2}Inbox {2,}http/, 5_000));
  await line('orders settle', /First orders settled/, 60_000);
  await line('a mail arrives', /(^|\s)mail {2}\S/, 60_000);
  const ready = await fetch(`${api}/readyz`);
  if (!ready.ok) throw new Error(`/readyz answered ${ready.status}`);
  const mails = (await (await fetch(`${inbox}/messages`)).json()) as unknown;
  const count = Array.isArray(mails)
    ? mails.length
    : ((mails as { messages?: unknown[] }).messages?.length ?? 0);
  if (count === 0) throw new Error('the inbox page shows no mail');
  saw(`the API is ready, and the inbox page shows ${count} mails`);
  const key = readFileSync(join(folder, '.stockroom', 'api-key'), 'utf8').trim();
  const board = await fetch(`${api}/ops/board`, { headers: { authorization: `Bearer ${key}` } });
  if (!board.ok) throw new Error(`the board answered ${board.status}`);
  saw('the queue board opens with the key');

  const stoppingAt = performance.now();
  signalAll('SIGINT');
  const code = await Promise.race([ended, wait(stopWithinMs, 'late' as const)]);
  if (code === 'late') throw new Error(`Ctrl-C did not end it within ${stopWithinMs / 1000} s`);
  await line('the summary', /^In [\d.]+ minutes: orders/, 5_000);
  await line('the end', /^Stopped\./, 5_000);
  if (existsSync(join(folder, '.stockroom', 'postgres', 'postmaster.pid')))
    throw new Error('Postgres is still running');
  saw(
    `Ctrl-C ended everything in ${((performance.now() - stoppingAt) / 1000).toFixed(1)} s (npm ended with ${code})`,
  );
}

try {
  await run();
} catch (error) {
  console.error(
    `\n${error instanceof Error ? error.message : String(error)}\nIts last lines:\n${lines.slice(-40).join('\n')}`,
  );
  process.exitCode = 1;
  signalAll('SIGINT');
  await Promise.race([ended, wait(stopWithinMs, undefined, { ref: false })]);
}
