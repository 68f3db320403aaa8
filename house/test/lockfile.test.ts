// The lockfile works on every machine: no address, and no platform left out.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lockfileHasAllPlatforms, lockfileHasNoAddress, readInstalledPackages } from '../rules/lockfile.ts';
import { repositoryRoot } from '../source-files.ts';

const lockfile = readFileSync(join(repositoryRoot, 'pnpm-lock.yaml'), 'utf8');
const small = `lockfileVersion: '9.0'
packages:

  '@esbuild/linux-x64@0.28.2':
    resolution: {integrity: sha512-abc==}

  turbo@2.11.9:
    resolution: {integrity: sha512-def==}
`;

test('the lockfile carries no address', () => {
  expect(lockfileHasNoAddress(lockfile)).toEqual([]);
});

test('the lockfile has every optional package of every installed package', () => {
  const installed = readInstalledPackages(repositoryRoot);
  expect(installed.length).toBeGreaterThan(100);
  expect(lockfileHasAllPlatforms(lockfile, installed)).toEqual([]);
});

test('an address in the lockfile is noticed, in either form, and so is a missing lockfile', () => {
  expect(lockfileHasNoAddress(small)).toEqual([]);
  expect(lockfileHasNoAddress(`${small}    resolution: {tarball: file.tgz}\n`)).toHaveLength(1);
  expect(lockfileHasNoAddress(`${small}    from: https://packages.test/a.tgz\n`)).toHaveLength(1);
  expect(lockfileHasNoAddress('')).toHaveLength(1);
});

test('a platform that the lockfile lacks is noticed', () => {
  const esbuild = {
    name: 'esbuild',
    version: '0.28.2',
    optional: ['@esbuild/linux-x64', '@esbuild/linux-x6'],
  };
  expect(lockfileHasAllPlatforms(small, [esbuild]).map((finding) => finding.problem)).toEqual([
    'lacks @esbuild/linux-x6, which esbuild@0.28.2 wants on some platform',
  ]);
});

test('a store without any optional package is noticed: the rule would look at nothing', () => {
  expect(lockfileHasAllPlatforms(small, [])).toHaveLength(1);
  expect(lockfileHasAllPlatforms(small, [{ name: 'zod', version: '4.6.7', optional: [] }])).toHaveLength(1);
});
