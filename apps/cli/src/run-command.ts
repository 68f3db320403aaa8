// Runs the body of a command: gives it its surroundings and turns however it ends into an exit code.
import { EngineError } from '@stockroom/contracts';
import { EmbeddedError } from '@stockroom/embedded';
import type { Command } from 'commander';
import { type CliEnv, readCliEnv } from './env.ts';
import { CliError, exitCodes } from './exit-codes.ts';
import { createOutput, type Output } from './output.ts';

export type CommandContext<Options> = {
  options: Options;
  args: readonly string[];
  env: CliEnv;
  output: Output;
  /** Aborted by the first Ctrl-C or SIGTERM; a second one ends the process at once. */
  signal: AbortSignal;
};

/** Options every command has. */
export type CommonOptions = { json?: boolean; data: string };

/** Declares what all commands share. */
export function withCommonOptions(command: Command): Command {
  return command
    .option('--json', 'print the result as JSON')
    .option(
      '--data <folder>',
      'where the embedded database lives when DATABASE_URL is not set',
      '.stockroom',
    );
}

/** @param body returns the exit code. */
export function action<Options extends CommonOptions>(
  command: Command,
  body: (context: CommandContext<Options>) => Promise<number>,
): Command {
  return withCommonOptions(command).action(async () => {
    const options = command.opts<Options>();
    const output = createOutput(options.json === true);
    process.exitCode = await codeOf(output, async () => {
      const env = readCliEnv();
      return body({ options, args: command.args, env, output, signal: interruption() });
    });
    // Something that still holds the process open must not keep a script waiting.
    setTimeout(() => process.exit(), 3_000).unref();
  });
}

async function codeOf(output: Output, body: () => Promise<number>): Promise<number> {
  try {
    return await body();
  } catch (error) {
    const { exitCode, message } = readFailure(error);
    output.json({ ok: false, error: message, exitCode });
    output.news(message);
    return exitCode;
  }
}

function readFailure(error: unknown): { exitCode: number; message: string } {
  if (error instanceof CliError) return { exitCode: error.exitCode, message: error.message };
  if (error instanceof EmbeddedError) return { exitCode: exitCodes.environment, message: error.message };
  if (error instanceof EngineError) {
    return { exitCode: exitCodes.environment, message: `${error.message} (${error.code})` };
  }
  return {
    exitCode: exitCodes.failed,
    message: error instanceof Error ? (error.stack ?? error.message) : String(error),
  };
}

function interruption(): AbortSignal {
  const controller = new AbortController();
  const interrupt = (signal: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(signal === 'SIGINT' ? 130 : 143);
    controller.abort();
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt).on('SIGHUP', interrupt);
  return controller.signal;
}

/** A whole number from the command line. @throws CliError (usage) */
export function wholeNumber(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new CliError(
    exitCodes.usage,
    `${name} must be a whole number from ${min} to ${max}; found "${text}".`,
  );
}
