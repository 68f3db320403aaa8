// The files the house rules look at: everything git tracks or would track, read once.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** One file of the repository: its path from the root with forward slashes, and its text. */
export type SourceFile = { path: string; text: string };

/** What a rule has to say about one place. An empty list of findings means that the rule holds. */
export type Finding = { path: string; problem: string };

export const repositoryRoot = join(import.meta.dirname, '..');

const neverOurs = new Set(['node_modules', '.git', 'dist', '.turbo', '.stockroom', 'coverage']);
const notText = /\.(png|jpe?g|gif|ico|woff2?|gz|zip|pdf)$/;

/** All text files below `root`. Uses git where there is a repository, and walks the folders where there is none (a container). */
export function readSourceFiles(root: string = repositoryRoot): SourceFile[] {
  const paths = existsSync(join(root, '.git')) ? pathsFromGit(root) : pathsFromFolders(root);
  return paths
    .filter((path) => !notText.test(path) && existsSync(join(root, path)))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

// New files count before their first commit: a rule that only sees them afterwards comes too late.
function pathsFromGit(root: string): string[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return [...new Set(listed.split('\0').filter((path) => path !== ''))];
}

function pathsFromFolders(root: string, folder: string = root): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (neverOurs.has(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return pathsFromFolders(root, path);
    return entry.isFile() ? [relative(root, path).split(sep).join('/')] : [];
  });
}

export const isTypeScript = (file: SourceFile): boolean => /\.tsx?$/.test(file.path);
export const isTest = (file: SourceFile): boolean =>
  /\.test\.tsx?$/.test(file.path) || /(^|\/)test\//.test(file.path);
export const isMigration = (file: SourceFile): boolean => /(^|\/)migrations\//.test(file.path);

/** Code that ships: TypeScript below a package's or an app's `src`, without tests, migrations and the test kit. */
export const isProduct = (file: SourceFile): boolean =>
  /^(packages|apps)\/[^/]+\/src\//.test(file.path) &&
  isTypeScript(file) &&
  !isTest(file) &&
  !isMigration(file) &&
  !file.path.startsWith('packages/testkit/');
