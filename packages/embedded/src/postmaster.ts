// Knows about postmasters that other processes left on a data folder: whose they are, and how to end one.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { besideDataDir } from './data-dir.ts';
import { EmbeddedError } from './embedded-error.ts';

/**
 * Makes the folder free for a new postmaster. A postmaster whose app was killed is stopped; a stale pid file is removed.
 * @throws EmbeddedError `data_dir_in_use` when the app that started the running postmaster is alive.
 */
export async function clearDataDir(dataDir: string, log: (line: string) => void): Promise<void> {
  const pidFile = `${dataDir}/postmaster.pid`;
  if (!existsSync(pidFile)) return;
  const [pidLine = '', , , port = '?'] = readFileSync(pidFile, 'utf8').split('\n');
  const pid = Number(pidLine);
  if (!Number.isInteger(pid) || pid <= 0 || !isPostmasterOf(pid, dataDir)) {
    // After a kill the number may belong to any other program by now, and Postgres would refuse to start.
    log(`removing the stale ${pidFile} (process ${pidLine} is not a postmaster of this folder)`);
    rmSync(pidFile, { force: true });
    return;
  }
  const owner = readOwner(dataDir);
  if (owner !== undefined && isAlive(owner.pid) && startTimeOf(owner.pid) === owner.startTime) {
    throw new EmbeddedError(
      'data_dir_in_use',
      `The database in ${dataDir} is already running for process ${owner.pid} (Postgres ${pid}, port ${port}). Stop that one first, or use another folder.`,
    );
  }
  log(`stopping the postmaster ${pid} that a killed process left running on ${dataDir}`);
  await endPostmaster(pid, dataDir, 30_000);
}

/**
 * Ends the postmaster that a killed process left on `dataDir`, if there is one, so that the folder can be deleted.
 * @throws EmbeddedError `data_dir_in_use` when its process is alive.
 */
export async function stopLeftoverPostgres(dataDir: string): Promise<void> {
  await clearDataDir(dataDir, () => {});
}

/** Notes which process the postmaster of `dataDir` belongs to, so that a later start can tell an orphan. */
export function claimDataDir(dataDir: string): void {
  const owner = { pid: process.pid, startTime: startTimeOf(process.pid) };
  writeFileSync(besideDataDir(dataDir).owner, JSON.stringify(owner), { mode: 0o600 });
}

export function releaseDataDir(dataDir: string): void {
  rmSync(besideDataDir(dataDir).owner, { force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function endPostmaster(pid: number, dataDir: string, limitMs: number): Promise<void> {
  const signals = [
    { signal: 'SIGINT', untilMs: limitMs },
    { signal: 'SIGQUIT', untilMs: 5_000 },
    { signal: 'SIGKILL', untilMs: 5_000 },
  ] as const;
  for (const { signal, untilMs } of signals) {
    try {
      process.kill(pid, signal);
    } catch {
      return;
    }
    const deadline = Date.now() + untilMs;
    while (Date.now() < deadline) {
      // Not by its number alone: in a container nobody may collect it, and a zombie keeps its number.
      if (!isPostmasterOf(pid, dataDir)) return;
      await wait(20);
    }
  }
  throw new EmbeddedError('stop_failed', `Process ${pid} does not end, even by SIGKILL; end it by hand.`, {
    retry: 'soon',
  });
}

function readOwner(dataDir: string): { pid: number; startTime: string | null } | undefined {
  try {
    const read = JSON.parse(readFileSync(besideDataDir(dataDir).owner, 'utf8')) as {
      pid?: unknown;
      startTime?: unknown;
    };
    if (typeof read.pid !== 'number') return undefined;
    return { pid: read.pid, startTime: typeof read.startTime === 'string' ? read.startTime : null };
  } catch {
    return undefined;
  }
}

// Process numbers are reused; with the time it started, a number is unique. Only Linux tells it cheaply.
function startTimeOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

function isPostmasterOf(pid: number, dataDir: string): boolean {
  if (!isAlive(pid)) return false;
  try {
    if (existsSync('/proc/self/cmdline')) {
      // A zombie has an empty command line and counts as gone.
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(dataDir);
    }
    if (process.platform === 'win32') return true;
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).includes(dataDir);
  } catch {
    return false;
  }
}
