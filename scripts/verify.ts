// Everything that can be checked without a service, in under a minute: one line per step, then what failed.
import { filesToThinkAbout } from '../house/rules/file-shape.ts';
import { readSourceFiles } from '../house/source-files.ts';
import { type CommandEnd, pinnedPackageManager, runCommand } from './run-command.ts';

type Step = { name: string; checks: string; command: readonly [string, ...string[]] };

const steps: readonly Step[] = [
  {
    name: 'style',
    checks: 'format and lint',
    command: ['biome', 'ci', '--colors=off', '--error-on-warnings', '--reporter=concise', '.'],
  },
  {
    name: 'types',
    checks: 'tsc in each package',
    // turbo asks for the package manager on the PATH; npx puts the pinned one there.
    command: ['npx', '--yes', pinnedPackageManager(), 'run', 'typecheck'],
  },
  { name: 'direction', checks: 'who imports whom', command: ['node', 'scripts/check-direction.ts'] },
  {
    name: 'unused',
    checks: 'files, exports and dependencies nobody uses',
    command: ['knip', '--no-progress'],
  },
  { name: 'workspace', checks: 'package.json files agree', command: ['sherif'] },
  {
    name: 'unit',
    checks: 'unit and property tests, house rules',
    command: ['vitest', 'run', '--project', 'unit', '--reporter=dot'],
  },
];

const quiet = { NO_COLOR: '1', TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' };

async function runStep(step: Step): Promise<CommandEnd & { step: Step }> {
  const end = await runCommand(step.command, { output: 'capture', env: quiet });
  const verdict = end.code === 0 ? 'ok  ' : 'FAIL';
  console.log(`${verdict}  ${step.name.padEnd(10)} ${end.seconds.toFixed(1).padStart(5)} s   ${step.checks}`);
  if (end.code !== 0) console.log(indented(end.output));
  return { ...end, step };
}

const indented = (text: string): string =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => `      ${line}`)
    .join('\n');

const ends: (CommandEnd & { step: Step })[] = [];
// One after another: each of these tools uses all cores by itself.
for (const step of steps) ends.push(await runStep(step));

for (const { path, problem } of filesToThinkAbout(readSourceFiles())) console.log(`note  ${path} ${problem}`);
const failed = ends.filter((end) => end.code !== 0).map((end) => end.step.name);
const seconds = ends.reduce((sum, end) => sum + end.seconds, 0).toFixed(1);
console.log(
  failed.length === 0
    ? `verify: all ${ends.length} steps passed in ${seconds} s`
    : `verify: ${failed.length} of ${ends.length} steps failed (${failed.join(', ')}) in ${seconds} s`,
);
if (failed.length > 0) process.exitCode = 1;
