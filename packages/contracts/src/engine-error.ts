// The world failed: the one error type for broken connections, servers and limits, with what to do about it.

/** When it makes sense to try again. */
export type Retry = 'soon' | 'later' | 'never';

/** Not a business "no" (that is a value) and not a defect (that is an assertion). */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly code: string;
  readonly retry: Retry;

  constructor(code: string, message: string, options: { readonly retry: Retry; readonly cause?: unknown }) {
    super(message, { cause: options.cause });
    this.code = code;
    this.retry = options.retry;
  }
}
