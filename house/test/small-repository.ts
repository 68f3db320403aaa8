// Builds a small repository in a temporary folder, so that a rule can be shown a mistake.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { SourceFile } from '../source-files.ts';

/** A file in memory, for rules that only read text. */
export const file = (path: string, text: string): SourceFile => ({ path, text });

/**
 * Writes `files` (path to text) below a new folder and gives each package or app among them a package.json and a link
 * in `node_modules/@stockroom`, as an install would. The folder goes when the `using` block ends.
 */
export function smallRepository(
  files: Record<string, string>,
): { root: string; files: SourceFile[] } & Disposable {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'stockroom-house-')));
  const places = new Set(Object.keys(files).flatMap((path) => path.match(/^(?:packages|apps)\/[^/]+/) ?? []));
  for (const place of places) {
    const name = place.split('/')[1] ?? '';
    write(root, join(place, 'package.json'), packageJson(name));
    const link = join(root, 'node_modules', '@stockroom', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(root, place), link, 'dir');
  }
  for (const [path, text] of Object.entries(files)) write(root, path, text);
  return {
    root,
    files: Object.entries(files).map(([path, text]) => file(path, text)),
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}

function packageJson(name: string): string {
  return JSON.stringify({
    name: `@stockroom/${name}`,
    type: 'module',
    exports: { '.': './src/index.ts', './router': './src/router.ts' },
  });
}

function write(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}
