// The count at the end of `npm test` can be trusted: nothing that went wrong is missing in it.
import { expect, test } from 'vitest';
import { countTests, lastLine } from '../../scripts/count-tests.ts';

const file = (status: string, ...tests: string[]) => ({
  name: 'some.test.ts',
  status,
  assertionResults: tests.map((each) => ({ status: each })),
});
const run = (exitCode: number, ...testResults: ReturnType<typeof file>[]) =>
  lastLine(countTests('unit', exitCode, { testResults }));

test('tests are counted over all files, and skipped ones are named only where there are some', () => {
  expect(run(0, file('passed', 'passed', 'passed'), file('passed', 'passed'))).toBe('3 passed, 0 failed');
  expect(run(0, file('passed', 'passed', 'pending', 'skipped', 'todo'))).toBe(
    '1 passed, 0 failed, 3 skipped',
  );
  expect(run(1, file('failed', 'passed', 'failed'))).toBe('1 passed, 1 failed');
});

test('a file that fails outside its tests is a failure', () => {
  expect(run(1, file('failed'), file('passed', 'passed'))).toBe('1 passed, 1 failed');
  expect(run(1, file('failed', 'passed'), file('failed', 'failed'))).toBe('1 passed, 2 failed');
});

test('a run that finds no test is a failure', () => {
  expect(run(0)).toBe('0 passed, 1 failed');
});

test('a run that fails though each test passed is a failure', () => {
  expect(run(1, file('passed', 'passed'))).toBe('1 passed, 1 failed');
});

test('a run that leaves no report is a failure, whatever its exit code', () => {
  expect(countTests('int', 0, undefined)).toMatchObject({ failed: 1 });
  expect(countTests('int', 137, undefined)).toMatchObject({ failed: 1 });
});
