// Prepares the folder of a cluster: password, initdb into a side folder that is renamed when whole, version check.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { EmbeddedError } from './embedded-error.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import { chooseRunAs, ownFiles, type RunAs } from './run-as.ts';

export const SUPERUSER = 'stockroom';
const MAJOR_VERSION = '18';

/** Files that live beside the data folder: Postgres wants the folder itself for its own. */
export const besideDataDir = (dataDir: string) => ({
  password: `${dataDir}.password`,
  owner: `${dataDir}.owner`,
  unfinished: `${dataDir}.unfinished`,
});

/**
 * Makes `dataDir` a cluster of the right version, once; a repeat finds it and changes nothing but file owners.
 * @throws EmbeddedError `data_dir_unusable` or `init_failed`
 */
export async function prepareDataDir(
  binaries: PostgresBinaries,
  dataDir: string,
  durable: boolean,
): Promise<{ runAs: RunAs; password: string }> {
  // Parents keep the mode the umask gives: a 0700 parent would lock the other user out.
  mkdirSync(dirname(dataDir), { recursive: true });
  if (!existsSync(dataDir)) mkdirSync(dataDir);
  const entries = readdirSync(dataDir);
  if (entries.length > 0 && !existsSync(`${dataDir}/PG_VERSION`)) {
    throw new EmbeddedError(
      'data_dir_unusable',
      `${dataDir} holds files but no Postgres cluster; name an empty folder or delete it.`,
    );
  }
  if (entries.length === 0) {
    const password = keepPassword(dataDir);
    return { runAs: await initCluster(binaries, dataDir, password, durable), password };
  }
  const version = readFileSync(`${dataDir}/PG_VERSION`, 'utf8').trim();
  if (version !== MAJOR_VERSION) {
    throw new EmbeddedError(
      'data_dir_unusable',
      `${dataDir} was made by Postgres ${version}; this version runs Postgres ${MAJOR_VERSION}. Move the folder away, or set DATABASE_URL.`,
    );
  }
  const { password: passwordFile } = besideDataDir(dataDir);
  if (!existsSync(passwordFile)) {
    throw new EmbeddedError(
      'data_dir_unusable',
      `The password file ${passwordFile} of ${dataDir} is gone; restore it, or delete the folder to start anew.`,
    );
  }
  const runAs = chooseRunAsFor(binaries, dataDir);
  ownFiles(runAs, dataDir);
  return { runAs, password: readFileSync(passwordFile, 'utf8').trim() };
}

async function initCluster(
  binaries: PostgresBinaries,
  dataDir: string,
  password: string,
  durable: boolean,
): Promise<RunAs> {
  const { unfinished } = besideDataDir(dataDir);
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished);
  const runAs = chooseRunAsFor(binaries, unfinished);
  const passwordCopy = `${unfinished}.password`;
  writeFileSync(passwordCopy, password, { mode: 0o600 });
  try {
    ownFiles(runAs, unfinished);
    if (runAs.ownerUid !== undefined && runAs.ownerGid !== undefined)
      chownSync(passwordCopy, runAs.ownerUid, runAs.ownerGid);
    await runInitdb(binaries, runAs, unfinished, passwordCopy, durable);
  } finally {
    rmSync(passwordCopy, { force: true });
  }
  rmdirSync(dataDir);
  renameSync(unfinished, dataDir);
  return runAs;
}

// The folder is closed to others once it is a cluster, so ask about it through a name that the other user owns.
function chooseRunAsFor(binaries: PostgresBinaries, dir: string): RunAs {
  return chooseRunAs(binaries, dirname(dir));
}

function keepPassword(dataDir: string): string {
  const { password: file } = besideDataDir(dataDir);
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  const password = randomBytes(24).toString('base64url');
  writeFileSync(file, `${password}\n`, { mode: 0o600 });
  return password;
}

function runInitdb(
  binaries: PostgresBinaries,
  runAs: RunAs,
  dir: string,
  passwordFile: string,
  durable: boolean,
): Promise<void> {
  const args = [
    '--pgdata', dir, '--username', SUPERUSER, '--pwfile', passwordFile, '--auth', 'scram-sha-256',
    '--encoding', 'UTF8', '--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8', '--locale', 'C',
    ...(durable ? ['--data-checksums'] : ['--no-sync']),
  ]; // biome-ignore format: one line per group of options reads better
  const [command = binaries.initdb, ...rest] = [...runAs.prefix, binaries.initdb, ...args];
  return new Promise((resolve, reject) => {
    const child = spawn(command, rest, { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'], ...switchUser(runAs) });
    let output = '';
    child.stdout.on('data', (chunk) => (output += String(chunk)));
    child.stderr.on('data', (chunk) => (output += String(chunk)));
    child.on('error', (cause) =>
      reject(new EmbeddedError('init_failed', `initdb could not be started: ${cause.message}`, { cause })),
    );
    child.on('close', (exitCode) => {
      if (exitCode === 0) resolve();
      else reject(new EmbeddedError('init_failed', `initdb ended with ${exitCode}:\n${output.trim()}`));
    });
  });
}

/** The options of `spawn` that switch to the user of Postgres. */
export function switchUser(runAs: RunAs): { uid?: number; gid?: number } {
  return runAs.uid === undefined || runAs.gid === undefined ? {} : { uid: runAs.uid, gid: runAs.gid };
}
