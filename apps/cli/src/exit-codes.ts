// How a command ends: the exit codes that scripts can build on, and the error that carries one.

export const exitCodes = {
  ok: 0,
  /** It ran, and found something wrong or failed to do what was asked. */
  failed: 1,
  /** It was called in a way that makes no sense. */
  usage: 2,
  /** The world around it is missing: no database, no queue, no free port. */
  environment: 3,
} as const;

/** Ends the command with a code and a message for a person; no stack is shown. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: number;

  constructor(exitCode: number, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
