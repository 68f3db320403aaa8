// Why a mail did not go out, and what to do about it: one reading of everything SMTP and the network can answer.
import { EngineError } from '@stockroom/contracts';

/**
 * `temporary`: the same mail may go through later. `permanent`: it never will. `auth`: the server does not know us, which no
 * mail can help; stop sending until somebody has looked, and count no attempt.
 */
export type MailErrorKind = 'temporary' | 'permanent' | 'auth';

export type MailErrorCode =
  | 'smtp_unreachable'
  | 'smtp_timeout'
  | 'smtp_deferred'
  | 'smtp_refused'
  | 'smtp_auth_failed'
  | 'smtp_tls_failed'
  | 'mail_invalid'
  | 'mailer_closed';

export class MailError extends EngineError {
  readonly kind: MailErrorKind;
  declare readonly code: MailErrorCode;
  /** The SMTP reply code, where the server gave one. */
  readonly replyCode: number | undefined;

  constructor(
    code: MailErrorCode,
    message: string,
    options: {
      kind: MailErrorKind;
      retry: 'soon' | 'later' | 'never';
      replyCode?: number | undefined;
      cause?: unknown;
    },
  ) {
    super(code, message, { retry: options.retry, cause: options.cause });
    this.kind = options.kind;
    this.replyCode = options.replyCode;
  }
}

type SendFailure = Error & { code?: string; responseCode?: number; command?: string };

const AUTH_REPLIES = new Set([530, 534, 535, 538]);
const INVALID = new Set(['EENVELOPE', 'EMESSAGE', 'EMAXRECIPIENTS', 'EFILEACCESS', 'EURLACCESS', 'ESTREAM']);

/** Reads a failure of nodemailer. Anything unknown is temporary: an attempt limit ends it, and a good mail is never lost by a guess. */
export function toMailError(failure: unknown): MailError {
  const cause = (failure instanceof Error ? failure : new Error(String(failure))) as SendFailure;
  const { code, message, responseCode: replyCode } = cause;
  const isAuth = code === 'EAUTH' || code === 'ENOAUTH' || code === 'EOAUTH2';
  const reply = replyCode ?? 0;
  const make = (ours: MailErrorCode, kind: MailErrorKind, retry: 'soon' | 'later' | 'never', say: string) =>
    new MailError(ours, `${say} (${message})`, { kind, retry, replyCode, cause });

  if (isAuth && reply >= 400 && reply < 500) {
    return make('smtp_deferred', 'temporary', 'later', 'The mail server cannot check the login now');
  }
  if (isAuth || AUTH_REPLIES.has(reply)) {
    return make(
      'smtp_auth_failed',
      'auth',
      'later',
      'The mail server refuses the login; check user and password of the SMTP URL',
    );
  }
  if (code === 'ETLS' || code === 'EREQUIRETLS') {
    return make('smtp_tls_failed', 'temporary', 'later', 'No safe connection to the mail server');
  }
  // A server that turns everybody away at the door says nothing about this mail.
  if (cause.command === 'CONN' && reply >= 500) {
    return make('smtp_unreachable', 'temporary', 'later', 'The mail server turns connections away');
  }
  // 503 is about the order of commands in this session, not about the mail.
  if ((reply >= 400 && reply < 500) || reply === 503) {
    return make('smtp_deferred', 'temporary', 'later', 'The mail server asks to try again later');
  }
  if (reply >= 500)
    return make('smtp_refused', 'permanent', 'never', 'The mail server refuses this mail for good');
  if (code !== undefined && INVALID.has(code)) {
    return make('mail_invalid', 'permanent', 'never', 'This mail cannot be sent as it is');
  }
  if (code === 'ETIMEDOUT')
    return make('smtp_timeout', 'temporary', 'soon', 'The mail server did not answer in time');
  return make('smtp_unreachable', 'temporary', 'soon', 'The connection to the mail server failed');
}
