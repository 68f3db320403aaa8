// What `npm test` runs: the unit, int and race projects one after another, and one line at the end that counts them all.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Counts, countTests, lastLine, type VitestReport } from './count-tests.ts';
import { runCommand } from './run-command.ts';

const projects = ['unit', 'int', 'race'];
const inCi = process.env.CI === 'true' || process.env.CI === '1';
// The one way to let suites be skipped in CI: somebody says in so many words that this machine has no Redis.
const skipsAllowed = !inCi || process.env.STOCKROOM_ALLOW_NO_REDIS === '1';

const folder = mkdtempSync(join(tmpdir(), 'stockroom-test-'));

async function runProject(project: string): Promise<Counts> {
  const reportPath = join(folder, `${project}.json`);
  console.log(`\n== ${project} ==`);
  const { code } = await runCommand(
    [
      'vitest',
      'run',
      '--project',
      project,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${reportPath}`,
    ],
    { output: 'show' },
  );
  return countTests(project, code, readReport(reportPath));
}

function readReport(path: string): VitestReport | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as VitestReport;
  } catch {
    return undefined;
  }
}

const total: Counts = { passed: 0, failed: 0, skipped: 0, problems: [] };
try {
  for (const project of projects) {
    const counts = await runProject(project);
    total.passed += counts.passed;
    total.failed += counts.failed;
    total.skipped += counts.skipped;
    total.problems.push(...counts.problems);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

if (!skipsAllowed && total.skipped > 0) {
  total.problems.push(`${total.skipped} tests were skipped, and in CI none may be: they count as failed`);
  total.failed += total.skipped;
  total.skipped = 0;
}
console.log('');
for (const problem of total.problems) console.log(problem);
console.log(lastLine(total));
if (total.failed > 0) process.exitCode = 1;
