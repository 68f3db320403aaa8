// The error of an embedded server: the world around it failed, and the message says what to do next.

export type EmbeddedErrorCode =
  | 'platform_unsupported'
  | 'data_dir_in_use'
  | 'data_dir_unusable'
  | 'init_failed'
  | 'start_failed'
  | 'stop_failed';

export class EmbeddedError extends Error {
  override readonly name = 'EmbeddedError';
  readonly code: EmbeddedErrorCode;
  readonly retry: 'soon' | 'never';

  constructor(
    code: EmbeddedErrorCode,
    message: string,
    options: { retry?: 'soon' | 'never'; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.retry = options.retry ?? 'never';
  }
}
