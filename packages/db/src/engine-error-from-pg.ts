// Translates whatever pg throws into the one engine error, with when it makes sense to try again. Total: nothing falls through.

import { EngineError } from '@stockroom/contracts';

type Retry = EngineError['retry'];

interface PgLike {
  readonly message?: string;
  readonly code?: string;
  readonly constraint?: string;
}

type Verdict = readonly [code: string, retry: Retry];

const bySqlState: Readonly<Record<string, Verdict>> = {
  '40P01': ['deadlock', 'soon'],
  '40001': ['serialization_failure', 'soon'],
  '55P03': ['lock_timeout', 'soon'],
  '57014': ['statement_timeout', 'soon'],
  '25P03': ['connection_lost', 'soon'],
  '57P01': ['connection_lost', 'soon'],
  '57P02': ['connection_lost', 'soon'],
  '57P03': ['database_unavailable', 'soon'],
  '57P05': ['connection_lost', 'soon'],
  // A replica was promoted or demoted under us: another connection may reach the right server.
  '25006': ['database_read_only', 'soon'],
  // A statement prepared before a migration, or behind a pooler that switched servers.
  '26000': ['stale_statement', 'soon'],
  '42P05': ['stale_statement', 'soon'],
  '53100': ['disk_full', 'later'],
  '53200': ['out_of_memory', 'soon'],
  '53300': ['too_many_connections', 'soon'],
  '53400': ['limit_exceeded', 'later'],
  '3D000': ['database_missing', 'later'],
  '42P01': ['schema_mismatch', 'later'],
  '3F000': ['schema_mismatch', 'later'],
  '42703': ['schema_mismatch', 'later'],
  '23505': ['unique_violation', 'never'],
  '23503': ['foreign_key_violation', 'never'],
  '23514': ['check_violation', 'never'],
  '23502': ['not_null_violation', 'never'],
  // Raised by the ledger's own trigger.
  SR001: ['ledger_is_append_only', 'never'],
};

const byClass: Readonly<Record<string, Verdict>> = {
  '08': ['connection_lost', 'soon'],
  '22': ['data_refused', 'never'],
  '23': ['integrity_violation', 'never'],
  '25': ['transaction_state', 'never'],
  '28': ['not_authorized', 'later'],
  '40': ['serialization_failure', 'soon'],
  '42': ['statement_refused', 'never'],
  '53': ['out_of_resources', 'later'],
  '55': ['object_in_use', 'later'],
  '57': ['connection_lost', 'soon'],
  '58': ['database_system_error', 'later'],
  XX: ['database_internal_error', 'later'],
};

const bySystemCode: Readonly<Record<string, Verdict>> = {
  ECONNREFUSED: ['database_unavailable', 'soon'],
  ECONNRESET: ['connection_lost', 'soon'],
  EPIPE: ['connection_lost', 'soon'],
  ETIMEDOUT: ['connection_lost', 'soon'],
  EHOSTUNREACH: ['database_unavailable', 'soon'],
  ENETUNREACH: ['database_unavailable', 'soon'],
  ENOENT: ['database_unavailable', 'soon'],
  EAI_AGAIN: ['database_unavailable', 'soon'],
  ENOTFOUND: ['database_unavailable', 'later'],
};

// Errors of pg and its pool that carry no code.
const byMessage: readonly (readonly [RegExp, Verdict])[] = [
  [/Cannot use a pool after calling end/i, ['database_closed', 'never']],
  [/timeout exceeded when trying to connect/i, ['pool_exhausted', 'soon']],
  [
    /connection timeout|terminated|not queryable|connection error|socket|Client was closed/i,
    ['connection_lost', 'soon'],
  ],
];

/** Codes after which the connection itself is of no more use. */
const connectionEnders = new Set([
  'connection_lost',
  'database_unavailable',
  'database_read_only',
  'stale_statement',
  'unknown_database_error',
]);

/** True when the connection the error came from must be thrown away instead of going back to the pool. */
export function endsConnection(error: unknown): boolean {
  return error instanceof EngineError && connectionEnders.has(error.code);
}

/** True for what Postgres, its driver or the network said; false for a defect of a caller. */
export function isFromPg(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  return verdictOf(error as PgLike)[0] !== 'unknown_database_error';
}

/**
 * @param during what was being done: the statement's name, `connect`, `begin` or `commit`.
 * @returns the error itself when it is an EngineError already.
 */
export function engineErrorFromPg(error: unknown, during: string): EngineError {
  if (error instanceof EngineError) return error;
  const found = (typeof error === 'object' && error !== null ? error : {}) as PgLike;
  const [code, retry] = verdictOf(found);
  const about = [found.code, found.constraint].filter((word) => word !== undefined && word !== '').join(', ');
  const said =
    found.message === undefined || found.message === '' ? String(found.code ?? error) : found.message;
  return new EngineError(code, `Postgres, ${during}: ${said}${about === '' ? '' : ` (${about})`}`, {
    retry,
    cause: error,
  });
}

function verdictOf(error: PgLike): Verdict {
  const { code, message = '' } = error;
  if (code !== undefined) {
    if (code === '0A000' && /cached plan/i.test(message)) return ['stale_statement', 'soon'];
    const exact = bySqlState[code] ?? bySystemCode[code];
    if (exact !== undefined) return exact;
    if (/^[0-9A-Z]{5}$/.test(code)) return byClass[code.slice(0, 2)] ?? ['statement_refused', 'never'];
  }
  for (const [pattern, verdict] of byMessage) if (pattern.test(message)) return verdict;
  return ['unknown_database_error', 'later'];
}
