// `stockroom doctor`: looks at everything a system stands on, and says of each trouble what to do.
import type { Command } from 'commander';
import { examine, type Finding } from '../doctor/examine.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Output } from '../output.ts';
import { action } from '../run-command.ts';

export function registerDoctor(program: Command): void {
  const command = program
    .command('doctor')
    .description(
      'check Node, database, queue, mail server and backlog; exit 1 when something needs a person',
    );
  action(command, async ({ options, env, output }) => {
    const findings = await examine(env, options.data);
    const ok = findings.every(({ state }) => state !== 'bad');
    output.json({ ok, findings });
    if (!output.isJson) say(output, findings);
    if (ok) return exitCodes.ok;
    return findings.some(({ state, isWorld }) => state === 'bad' && isWorld)
      ? exitCodes.environment
      : exitCodes.failed;
  });
}

const marks = { good: 'ok  ', note: 'note', bad: 'BAD ' } as const;

function say(output: Output, findings: readonly Finding[]): void {
  for (const { subject, state, found, todo } of findings) {
    output.line(`  ${marks[state]}  ${subject.padEnd(18)} ${found}`);
    if (todo !== undefined) output.line(`        ${''.padEnd(18)} -> ${todo}`);
  }
}
