// Rule: the environment is read in the env files, so that one page says what can be configured.
import { type Finding, isTypeScript, type SourceFile } from '../source-files.ts';
import { codeOnly, withoutComments } from '../strip.ts';

const mayRead = /^(apps\/[^/]+\/src\/env\.ts|packages\/testkit\/src\/env\.ts|scripts\/.*)$/;
const reads =
  /\bprocess\s*(\?\.|\.)\s*env\b|\bprocess\s*\[|\bimport\.meta\.env\b|\{[^}]*\benv\b[^}]*\}\s*=\s*process\b/;
const importsEnv = /^import\s*(?:type\s*)?\{[^}]*\benv\b[^}]*\}\s*from\s*['"](?:node:)?process['"]/m;

/** `process.env` stands only in `apps/<app>/src/env.ts`, in the test kit's env file and in `scripts/`. */
export function environmentIsReadInEnvFiles(files: readonly SourceFile[]): Finding[] {
  const readers = files
    .filter(isTypeScript)
    .filter((file) => reads.test(codeOnly(file.text)) || importsEnv.test(withoutComments(file.text)));
  const findings = readers
    .filter((file) => !mayRead.test(file.path))
    .map((file) => ({
      path: file.path,
      problem: 'reads the environment: take it as an argument from the app’s env.ts',
    }));
  if (!readers.some((file) => /^apps\/[^/]+\/src\/env\.ts$/.test(file.path))) {
    findings.push({
      path: 'apps',
      problem: 'no src/env.ts reads the environment: has the rule lost its subject?',
    });
  }
  return findings;
}
