// Decides under which user Postgres runs, because it refuses to run as root.
import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, lstatSync, readdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { EmbeddedError } from './embedded-error.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';

/** How to start a program of Postgres: a command in front of it, a user to switch to, and who owns the files. */
export type RunAs = {
  kind: 'direct' | 'other_user' | 'user_namespace';
  prefix: string[];
  uid?: number;
  gid?: number;
  ownerUid?: number;
  ownerGid?: number;
};

/**
 * A normal user runs Postgres as is; one without a name in the password file does so in a user namespace. Root runs it as `nobody` where that user can reach both the programs and `dataDir`,
 * and otherwise (a folder below a 0700 home) in a user namespace in which root itself is called `nobody`.
 */
export function chooseRunAs(binaries: PostgresBinaries, dataDir: string): RunAs {
  const isRoot = process.getuid?.() === 0;
  if (!isRoot && hasName()) return { kind: 'direct', prefix: [] };
  const uid = idOfNobody('-u');
  const gid = idOfNobody('-g');
  if (isRoot && canReach(uid, gid, binaries, dataDir))
    return { kind: 'other_user', prefix: [], uid, gid, ownerUid: uid, ownerGid: gid };
  const prefix = ['unshare', '--user', `--map-user=${uid}`, `--map-group=${gid}`];
  const trial = spawnSync('unshare', [...prefix.slice(1), binaries.postgres, '--version'], {
    encoding: 'utf8',
  });
  if (trial.status === 0)
    return { kind: 'user_namespace', prefix, ...(isRoot ? { ownerUid: 0, ownerGid: 0 } : {}) };
  if (!isRoot) {
    throw new EmbeddedError(
      'data_dir_unusable',
      `Postgres needs a user with a name, and user ${process.getuid?.()} has none in /etc/passwd; run as a user that has one, or set DATABASE_URL.`,
    );
  }
  throw new EmbeddedError(
    'data_dir_unusable',
    `Postgres refuses to run as root; the user nobody cannot reach ${dataDir} or ${binaries.postgres}, and a user namespace is not allowed here ` +
      `(${(trial.stderr || trial.error?.message || 'no reason given').trim()}). ` +
      'Run as a normal user, move the folder to a place that other users can enter, or set DATABASE_URL to a Postgres of your own.',
  );
}

/** Gives every file of the cluster to the user that will run it; a folder may come from a run that chose another way. */
export function ownFiles(runAs: RunAs, path: string): void {
  if (runAs.ownerUid === undefined || runAs.ownerGid === undefined) return;
  const found = lstatSync(path);
  if (found.uid !== runAs.ownerUid || found.gid !== runAs.ownerGid)
    chownSync(path, runAs.ownerUid, runAs.ownerGid);
  if (!found.isDirectory()) return;
  for (const name of readdirSync(path)) {
    const child = join(path, name);
    if (!lstatSync(child).isSymbolicLink()) ownFiles(runAs, child);
  }
}

// Containers may run as a number that no password file knows; initdb refuses that.
function hasName(): boolean {
  try {
    return userInfo().username !== '';
  } catch {
    return false;
  }
}

function idOfNobody(flag: '-u' | '-g'): number {
  try {
    return Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
  } catch {
    return 65534;
  }
}

// Asked of the system itself, not guessed from mode bits: access lists and mount options count too.
function canReach(uid: number, gid: number, binaries: PostgresBinaries, dataDir: string): boolean {
  const canRun =
    spawnSync(binaries.postgres, ['--version'], { uid, gid, cwd: '/', stdio: 'ignore' }).status === 0;
  return (
    canRun && spawnSync('test', ['-d', `${dataDir}/.`], { uid, gid, cwd: '/', stdio: 'ignore' }).status === 0
  );
}
