// What this package throws by itself.

export class ClientError extends Error {
  override readonly name = 'ClientError';
  /** A stable word: `invalid_input`, the code of a refusal, `outcome_pending`, `queue_unavailable`. */
  readonly code: string;
  /** The field of the event, where it is about one. */
  readonly field: string | undefined;

  constructor(code: string, message: string, field?: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
    this.field = field;
  }
}
