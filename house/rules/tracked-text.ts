// Rules on texts that travel: no path of somebody's machine, one pnpm for all, and migrations that leave BullMQ's tables alone.
import { type Finding, isMigration, type SourceFile } from '../source-files.ts';
import { withoutComments } from '../strip.ts';

// Built from pieces, because this file is tracked too.
const machinePaths = [
  ['', 'work', ''],
  ['..', 'shared'],
  ['', 'home', ''],
  ['', 'Users', ''],
].map((pieces) => pieces.join('/'));

/** No tracked file names a folder of the machine it was written on. */
export function noMachinePaths(files: readonly SourceFile[]): Finding[] {
  if (files.length === 0) return [{ path: '.', problem: 'there was no file to look at' }];
  return files.flatMap((file) =>
    file.text.split('\n').flatMap((line, index) =>
      machinePaths
        .filter((path) => line.includes(path))
        .map((path) => ({
          path: `${file.path}:${index + 1}`,
          problem: `names a path of one machine (${path})`,
        })),
    ),
  );
}

/** A generated migration compares all schemas of the database; one that mentions BullMQ's would drop its tables. */
export function migrationsLeaveQueuesAlone(files: readonly SourceFile[]): Finding[] {
  const migrations = files.filter(isMigration);
  if (!migrations.some((file) => file.path.endsWith('.ts'))) {
    return [{ path: 'packages/db', problem: 'has no migrations: has the rule lost its subject?' }];
  }
  return migrations
    .filter((file) => /bullmq/i.test(file.path.endsWith('.ts') ? withoutComments(file.text) : file.text))
    .map((file) => ({
      path: file.path,
      problem: 'mentions bullmq: set schemaGenerator.ignoreSchema and generate it again',
    }));
}

/** package.json, the container and the documents start the same pnpm (`packageManager` says which), and no other manager left its files. */
export function onePackageManager(files: readonly SourceFile[]): Finding[] {
  const pinned = files
    .find((file) => file.path === 'package.json')
    ?.text.match(/"packageManager": "(pnpm@[\d.]+)"/)?.[1];
  if (pinned === undefined)
    return [{ path: 'package.json', problem: 'names no packageManager: has the rule lost its subject?' }];
  const strangers = files.filter((file) =>
    /(?:^|\/)(?:package-lock\.json|yarn\.lock|\.npmrc)$/.test(file.path),
  );
  const others = files.flatMap((file) =>
    [...file.text.matchAll(/\bpnpm@\d+(?:\.\d+)*/g)]
      .filter(([named]) => named !== pinned)
      .map(([named]) => ({ path: file.path, problem: `starts ${named}, and packageManager says ${pinned}` })),
  );
  return [
    ...others,
    ...strangers.map((file) => ({
      path: file.path,
      problem: 'belongs to another package manager or another machine',
    })),
  ];
}
