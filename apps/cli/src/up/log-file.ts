// Where everything that runs inside `up` writes its log, so that the screen stays readable.
import { appendFileSync, existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

const bytesMax = 10_000_000;

export type LogFile = { readonly path: string; write(line: string): void };

/** Appends; a file that has grown large is kept as `.old` and begun anew. */
export function openLogFile(path: string): LogFile {
  mkdirSync(dirname(path), { recursive: true });
  if (existsSync(path) && statSync(path).size > bytesMax) renameSync(path, `${path}.old`);
  return {
    path,
    write: (line) => appendFileSync(path, line.endsWith('\n') ? line : `${line}\n`),
  };
}
