// One line per answer of a mail server or a network: what we make of it.
import { EngineError } from '@stockroom/contracts';
import { expect, test } from 'vitest';
import { toMailError } from '../src/mail-error.ts';

type Row = [
  what: string,
  failure: { code?: string; responseCode?: number; command?: string },
  code: string,
  kind: string,
  retry: string,
];

const rows: Row[] = [
  ['connection refused', { code: 'ESOCKET' }, 'smtp_unreachable', 'temporary', 'soon'],
  ['connection cut', { code: 'ECONNECTION' }, 'smtp_unreachable', 'temporary', 'soon'],
  ['unknown host', { code: 'EDNS' }, 'smtp_unreachable', 'temporary', 'soon'],
  ['silence', { code: 'ETIMEDOUT' }, 'smtp_timeout', 'temporary', 'soon'],
  ['greylisting', { code: 'EENVELOPE', responseCode: 450 }, 'smtp_deferred', 'temporary', 'later'],
  ['local error', { code: 'EMESSAGE', responseCode: 451 }, 'smtp_deferred', 'temporary', 'later'],
  ['shutting down', { code: 'ECONNECTION', responseCode: 421 }, 'smtp_deferred', 'temporary', 'later'],
  ['bad sequence', { code: 'EENVELOPE', responseCode: 503 }, 'smtp_deferred', 'temporary', 'later'],
  ['no such mailbox', { code: 'EENVELOPE', responseCode: 550 }, 'smtp_refused', 'permanent', 'never'],
  ['content refused', { code: 'EMESSAGE', responseCode: 554 }, 'smtp_refused', 'permanent', 'never'],
  [
    'turned away at the door',
    { code: 'EPROTOCOL', responseCode: 554, command: 'CONN' },
    'smtp_unreachable',
    'temporary',
    'later',
  ],
  ['no recipients', { code: 'EENVELOPE' }, 'mail_invalid', 'permanent', 'never'],
  ['wrong password', { code: 'EAUTH', responseCode: 535 }, 'smtp_auth_failed', 'auth', 'later'],
  ['login needed', { code: 'EENVELOPE', responseCode: 530 }, 'smtp_auth_failed', 'auth', 'later'],
  ['login service down', { code: 'EAUTH', responseCode: 454 }, 'smtp_deferred', 'temporary', 'later'],
  ['no TLS on offer', { code: 'ETLS' }, 'smtp_tls_failed', 'temporary', 'later'],
  ['anything unknown', { code: 'EWHATEVER' }, 'smtp_unreachable', 'temporary', 'soon'],
];

test.each(rows)('%s', (_what, failure, code, kind, retry) => {
  const cause = Object.assign(new Error('as the server said'), failure);
  const error = toMailError(cause);
  expect(error).toBeInstanceOf(EngineError);
  expect({ code: error.code, kind: error.kind, retry: error.retry }).toEqual({ code, kind, retry });
  expect(error.cause).toBe(cause);
  expect(error.message).toContain('as the server said');
});
