// A real Postgres that needs nothing installed: data kept, orphans ended, every kind of user and folder.
import { spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { type EmbeddedPostgresOptions, startEmbeddedPostgres } from '../src/postgres.ts';

const script = fileURLToPath(new URL('./fixtures/run-postgres.ts', import.meta.url));
const isRoot = process.getuid?.() === 0;

function newFolder(mode = 0o711): string {
  const folder = mkdtempSync(join(tmpdir(), 'embedded-postgres-test-'));
  chmodSync(folder, mode);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function start(dataDir: string, options: Partial<EmbeddedPostgresOptions> = {}) {
  const postgres = await startEmbeddedPostgres({ dataDir, durable: false, ...options });
  onTestFinished(() => postgres.stop({ mode: 'immediate' }));
  return postgres;
}

async function ask(url: string, sql: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query({ text: sql, rowMode: 'array' });
    return rows[0]?.[0];
  } finally {
    await client.end().catch(() => {});
  }
}

function runChild(
  dataDir: string,
  { next = 'stay', uid }: { next?: 'stay' | 'stop' | 'crash'; uid?: number } = {},
) {
  const child = spawn(process.execPath, [script, dataDir, next], {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    output += String(chunk);
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const report = () =>
    vi.waitFor(
      () => JSON.parse(/\{.*\}/.exec(output)?.[0] ?? output) as { url: string; pid: number; uid: number },
      20_000,
    );
  return { child, ended, report };
}

const isRunning = (pid: number) => existsSync(`/proc/${pid}/exe`) || statusOf(pid);
function statusOf(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux';
  } catch {
    return false;
  }
}

test('a first start makes a database stockroom with a password of its own; a later one keeps data and password', async () => {
  const dataDir = join(newFolder(), 'deep', 'data');
  const first = await start(dataDir, { durable: true });
  expect(await ask(first.url, 'select current_database()')).toBe('stockroom');
  expect(await ask(first.url, 'show fsync')).toBe('on');
  await ask(first.url, 'create table kept as select 42 as answer');
  await first.stop();
  await first.stop();
  expect(statSync(`${dataDir}.password`).mode & 0o777).toBe(0o600);

  const second = await start(dataDir, { settings: { work_mem: '7MB' } });
  expect(await ask(second.url, 'select answer from kept')).toBe(42);
  expect(await ask(second.url, 'show fsync')).toBe('off');
  expect(await ask(second.url, 'show work_mem')).toBe('7MB');
  expect(new URL(second.url).password).toBe(new URL(first.url).password);
  await expect(ask(second.url.replace(/:[^:@]+@/, ':wrong@'), 'select 1')).rejects.toMatchObject({
    code: '28P01',
  });
  expect(await ask(second.url, 'show listen_addresses')).toBe('127.0.0.1');
});

test('a restart and a kill keep port and committed rows', async () => {
  const postgres = await start(join(newFolder(), 'data'), { durable: true });
  const { port, url, pid } = postgres;
  await ask(url, 'create table kept as select 1 as n');
  await postgres.restart();
  await ask(url, 'insert into kept values (2)');
  await postgres.kill('SIGKILL');
  await expect(ask(url, 'select 1')).rejects.toThrow();
  await postgres.restart();
  expect(postgres.port).toBe(port);
  expect(postgres.pid).not.toBe(pid);
  expect(await ask(url, 'select count(*)::int from kept')).toBe(2);
});

test('a postmaster whose app was killed is ended by the next start, and its rows are there', async () => {
  const dataDir = join(newFolder(), 'data');
  const { child, ended, report } = runChild(dataDir);
  const orphan = await report();
  await ask(orphan.url, 'create table kept as select 7 as n');
  child.kill('SIGKILL');
  await ended;
  expect(isRunning(orphan.pid)).toBe(true);
  const lines: string[] = [];
  const postgres = await start(dataDir, { log: (line) => lines.push(line) });
  expect(lines.join('\n')).toContain(`stopping the postmaster ${orphan.pid}`);
  expect(isRunning(orphan.pid)).toBe(false);
  expect(await ask(postgres.url, 'select n from kept')).toBe(7);
});

test('an app that ends by an exception takes its postmaster with it', async () => {
  const { ended, report } = runChild(join(newFolder(), 'data'), { next: 'crash' });
  const { pid } = await report();
  await ended;
  await vi.waitFor(() => expect(isRunning(pid)).toBe(false), 10_000);
});

test('a folder in use by a living app is refused with the number of that process', async () => {
  const dataDir = join(newFolder(), 'data');
  const postgres = await start(dataDir);
  await expect(startEmbeddedPostgres({ dataDir })).rejects.toMatchObject({
    code: 'data_dir_in_use',
    message: expect.stringContaining(`process ${process.pid}`),
  });
  expect(await ask(postgres.url, 'select 1')).toBe(1);
});

test('a pid file that names a stranger is stale and no reason to stay down', async () => {
  const dataDir = join(newFolder(), 'data');
  const first = await start(dataDir);
  await first.kill('SIGKILL');
  // Process 1 lives everywhere and is no Postgres.
  writeFileSync(`${dataDir}/postmaster.pid`, `1\n${dataDir}\n0\n5432\n`);
  const second = await start(dataDir);
  expect(await ask(second.url, 'select 1')).toBe(1);
});

test('a taken port is named, and a free one is found when none is asked for', async () => {
  const folder = newFolder();
  const first = await start(join(folder, 'one'));
  await expect(
    startEmbeddedPostgres({ dataDir: join(folder, 'two'), durable: false, port: first.port }),
  ).rejects.toMatchObject({
    code: 'start_failed',
    message: expect.stringContaining(`Port ${first.port} is taken`),
  });
  const second = await start(join(folder, 'two'));
  expect(second.port).not.toBe(first.port);
});

test('a folder with other files, another version or no password is refused and left as it is', async () => {
  const folder = newFolder();
  const reasons = {
    files: /no Postgres cluster/,
    version: /made by Postgres 16/,
    password: /password file .* is gone/,
  };
  for (const [name, reason] of Object.entries(reasons)) {
    const dataDir = join(folder, name);
    mkdirSync(dataDir);
    writeFileSync(
      join(dataDir, name === 'files' ? 'letter.txt' : 'PG_VERSION'),
      name === 'password' ? '18\n' : '16\n',
    );
    await expect(startEmbeddedPostgres({ dataDir })).rejects.toMatchObject({
      code: 'data_dir_unusable',
      message: expect.stringMatching(reason),
    });
    expect(existsSync(join(dataDir, name === 'files' ? 'letter.txt' : 'PG_VERSION'))).toBe(true);
  }
});

test('an initdb that was killed half way leaves nothing in the way', async () => {
  const dataDir = join(newFolder(), 'data');
  mkdirSync(`${dataDir}.unfinished`);
  writeFileSync(`${dataDir}.unfinished/PG_VERSION`, '18\n');
  const postgres = await start(dataDir);
  expect(await ask(postgres.url, 'select 1')).toBe(1);
  expect(existsSync(`${dataDir}.unfinished`)).toBe(false);
});

test('a wrong setting is reported in the words of the server', async () => {
  const starting = startEmbeddedPostgres({
    dataDir: join(newFolder(), 'data'),
    durable: false,
    settings: { work_mem: 'lots' },
  });
  await expect(starting).rejects.toMatchObject({
    code: 'start_failed',
    message: expect.stringMatching(/work_mem.*lots/s),
  });
});

describe.runIf(isRoot && process.platform === 'linux')('started by root', () => {
  test('it runs as another user where that user can reach the folder', async () => {
    const dataDir = join(newFolder(0o711), 'data');
    const postgres = await start(dataDir);
    expect(statSync(dataDir).uid).not.toBe(0);
    expect(statSync(`/proc/${postgres.pid}`).uid).not.toBe(0);
  });

  test('it runs in a closed folder too, whose files stay with root', async () => {
    const dataDir = join(newFolder(0o700), 'data');
    const postgres = await start(dataDir);
    expect(await ask(postgres.url, 'select 1')).toBe(1);
    expect(statSync(dataDir).uid).toBe(0);
  });

  test('a folder that is closed later still opens', async () => {
    const folder = newFolder(0o711);
    const first = await start(join(folder, 'data'));
    await ask(first.url, 'create table kept as select 3 as n');
    await first.stop();
    chmodSync(folder, 0o700);
    const second = await start(join(folder, 'data'));
    expect(await ask(second.url, 'select n from kept')).toBe(3);
  });

  test.each([
    ['with a name', 65534],
    ['that no password file knows', 54321],
  ])('a plain user %s runs it in a home closed to others', async (_who, uid) => {
    const folder = newFolder(0o700);
    chownSync(folder, uid, uid);
    const { ended, report } = runChild(join(folder, 'data'), { next: 'stop', uid });
    const { uid: found, pid } = await report();
    expect(found).toBe(uid);
    await ended;
    expect(isRunning(pid)).toBe(false);
  });
});
