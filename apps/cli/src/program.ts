// The command line: which commands there are.
import { Command, CommanderError } from 'commander';
import { registerBench } from './bench/register.ts';
import { registerDemo } from './commands/demo.ts';
import { registerDoctor } from './commands/doctor.ts';
import { registerKeys } from './commands/keys.ts';
import { registerMigrate } from './commands/migrate.ts';
import { registerReplay } from './commands/replay.ts';
import { registerSeed } from './commands/seed.ts';
import { registerUp } from './commands/up.ts';
import { registerVerify } from './commands/verify.ts';
import { exitCodes } from './exit-codes.ts';

export function buildProgram(): Command {
  const program = new Command('stockroom')
    .description(
      'An open inventory engine for commerce: order events in; stock, ledger, answers and mail out.',
    )
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 found something or failed, 2 wrong usage, 3 database or queue not there.\nEverything in docs/cli.md.',
    )
    .showHelpAfterError('(add --help for what can be said)')
    .exitOverride();
  const registrations = [
    registerUp,
    registerMigrate,
    registerSeed,
    registerDemo,
    registerVerify,
    registerDoctor,
    registerKeys,
    registerReplay,
    registerBench,
  ];
  for (const register of registrations) register(program);
  return program;
}

/** Runs one command line; the exit code ends up in `process.exitCode`. */
export async function runProgram(argv: readonly string[]): Promise<void> {
  try {
    await buildProgram().parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) {
      process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      process.exitCode = exitCodes.failed;
      return;
    }
    // Help that was asked for is no mistake.
    process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  }
}
