// The command line: which commands there are. A command loads only what it needs, so that a short one starts quickly.
import { Command, CommanderError } from 'commander';
import { exitCodes } from './exit-codes.ts';

type Register = (program: Command) => void;

const commands: Readonly<Record<string, () => Promise<Register>>> = {
  up: async () => (await import('./commands/up.ts')).registerUp,
  migrate: async () => (await import('./commands/migrate.ts')).registerMigrate,
  seed: async () => (await import('./commands/seed.ts')).registerSeed,
  demo: async () => (await import('./commands/demo.ts')).registerDemo,
  verify: async () => (await import('./commands/verify.ts')).registerVerify,
  doctor: async () => (await import('./commands/doctor.ts')).registerDoctor,
  keys: async () => (await import('./commands/keys.ts')).registerKeys,
  replay: async () => (await import('./commands/replay.ts')).registerReplay,
  bench: async () => (await import('./bench/register.ts')).registerBench,
};

/** @param only the one command that is wanted; any other word, or none, brings all of them, for the help. */
export async function buildProgram(only?: string): Promise<Command> {
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
  const one = only !== undefined && Object.hasOwn(commands, only) ? commands[only] : undefined;
  for (const load of one === undefined ? Object.values(commands) : [one]) (await load())(program);
  return program;
}

/** Runs one command line; the exit code ends up in `process.exitCode`. */
export async function runProgram(argv: readonly string[]): Promise<void> {
  try {
    await (await buildProgram(argv[0])).parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      // Help that was asked for is no mistake.
      process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
      return;
    }
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = exitCodes.failed;
  }
}
