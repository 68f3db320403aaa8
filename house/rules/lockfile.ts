// Rules on pnpm-lock.yaml: it names no address, and it has the binaries of every platform and not only of this one.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from '../source-files.ts';

const lockfile = 'pnpm-lock.yaml';

/** What an installed package wants where the platform fits. */
export type InstalledPackage = { name: string; version: string; optional: string[] };

/** Packages that run without their optional parts, so that an incomplete list harms nobody. */
const worksWithout = new Set(['msgpackr-extract']);

/** The lockfile holds hashes and no addresses, so that any mirror will do. */
export function lockfileHasNoAddress(text: string): Finding[] {
  if (!text.startsWith('lockfileVersion:'))
    return [{ path: lockfile, problem: 'is missing or is no lockfile' }];
  return text
    .split('\n')
    .flatMap((line, index) =>
      /\btarball:|:\/\//.test(line)
        ? [{ path: `${lockfile}:${index + 1}`, problem: `carries an address: ${line.trim()}` }]
        : [],
    );
}

/** An optional package that could not be resolved is dropped from the lockfile in silence; then other platforms lack it. */
export function lockfileHasAllPlatforms(text: string, installed: readonly InstalledPackage[]): Finding[] {
  const wanting = installed.filter((each) => each.optional.length > 0 && !worksWithout.has(each.name));
  if (wanting.length === 0) {
    return [
      {
        path: 'node_modules',
        problem: 'no installed package has optional parts: has the rule lost its subject?',
      },
    ];
  }
  const known = new Set(
    [...text.matchAll(/^ {2}'?((?:@[^@/'\s]+\/)?[^@/'\s]+)@/gm)].map((match) => match[1]),
  );
  return wanting.flatMap((each) =>
    each.optional
      .filter((name) => !known.has(name))
      .map((name) => ({
        path: lockfile,
        problem: `lacks ${name}, which ${each.name}@${each.version} wants on some platform`,
      })),
  );
}

/** Every package that lies in the store of `root`, once per version. */
export function readInstalledPackages(root: string): InstalledPackage[] {
  const store = join(root, 'node_modules', '.pnpm');
  if (!existsSync(store)) return [];
  const packages = readdirSync(store).flatMap((entry) => packagesBelow(join(store, entry, 'node_modules')));
  return [...new Map(packages.map((each) => [`${each.name}@${each.version}`, each])).values()];
}

function packagesBelow(folder: string): InstalledPackage[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(folder, name)).map((inner) => join(name, inner)) : [name],
  );
  return names.flatMap((name) => {
    const path = join(folder, name, 'package.json');
    if (!existsSync(path)) return [];
    const found = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    const optional = Object.keys((found.optionalDependencies ?? {}) as object);
    return [{ name: String(found.name), version: String(found.version), optional }];
  });
}
