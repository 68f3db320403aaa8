// Counts the tests of one vitest run from its JSON report, and counts as failed what such a report does not show as a test.

/** The part of vitest's JSON report that is read here. */
export type VitestReport = {
  testResults: {
    name: string;
    status: string;
    message?: string;
    assertionResults: { status: string }[];
  }[];
};

export type Counts = { passed: number; failed: number; skipped: number; problems: string[] };

/**
 * Counts passed, failed and skipped (also todo) tests. A file that failed outside its tests, a run that found no test, a run without a
 * report and a run that failed for another reason (an unhandled error, a broken teardown) each count as one more failure.
 */
export function countTests(project: string, exitCode: number, report: VitestReport | undefined): Counts {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0, problems: [] };
  const fail = (problem: string): void => {
    counts.failed += 1;
    counts.problems.push(`${project}: ${problem}`);
  };
  if (report === undefined) {
    fail(`the run left no report (exit code ${exitCode}); see its output above`);
    return counts;
  }
  for (const file of report.testResults) {
    const failedBefore = counts.failed;
    for (const { status } of file.assertionResults) {
      if (status === 'passed') counts.passed += 1;
      else if (status === 'failed') counts.failed += 1;
      else counts.skipped += 1;
    }
    if (file.status === 'failed' && counts.failed === failedBefore)
      fail(`${file.name} failed outside its tests`);
  }
  if (counts.passed + counts.failed + counts.skipped === 0) fail('no test was found');
  if (exitCode !== 0 && counts.failed === 0) fail(`the run failed outside its tests (exit code ${exitCode})`);
  return counts;
}

/** `N passed, N failed`, and how many were skipped where some were. */
export const lastLine = ({ passed, failed, skipped }: Counts): string =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
