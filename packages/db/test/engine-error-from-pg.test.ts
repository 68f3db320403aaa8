// Every error of Postgres has a word and says when to try again; nothing falls through.

import { EngineError } from '@stockroom/contracts';
import { expect, test } from 'vitest';
import { endsConnection, engineErrorFromPg, isFromPg } from '../src/engine-error-from-pg.ts';

const sqlState = (code: string, message = 'said Postgres') => Object.assign(new Error(message), { code });

test.each([
  ['40P01', 'deadlock', 'soon'],
  ['40001', 'serialization_failure', 'soon'],
  ['40003', 'serialization_failure', 'soon'],
  ['55P03', 'lock_timeout', 'soon'],
  ['57014', 'statement_timeout', 'soon'],
  ['57P01', 'connection_lost', 'soon'],
  ['57P02', 'connection_lost', 'soon'],
  ['57P03', 'database_unavailable', 'soon'],
  ['08006', 'connection_lost', 'soon'],
  ['25006', 'database_read_only', 'soon'],
  ['53300', 'too_many_connections', 'soon'],
  ['53100', 'disk_full', 'later'],
  ['58030', 'database_system_error', 'later'],
  ['28P01', 'not_authorized', 'later'],
  ['42P01', 'schema_mismatch', 'later'],
  ['42601', 'statement_refused', 'never'],
  ['22P02', 'data_refused', 'never'],
  ['23505', 'unique_violation', 'never'],
  ['23514', 'check_violation', 'never'],
  ['23P01', 'integrity_violation', 'never'],
  ['SR001', 'ledger_is_append_only', 'never'],
  ['P0001', 'statement_refused', 'never'],
  ['ECONNREFUSED', 'database_unavailable', 'soon'],
  ['ECONNRESET', 'connection_lost', 'soon'],
])('%s is %s and worth a retry %s', (code, word, retry) => {
  const error = engineErrorFromPg(sqlState(code), 'a_statement');
  expect(error).toMatchObject({ code: word, retry });
  expect(error.message).toContain('a_statement');
  expect(error.cause).toBeInstanceOf(Error);
});

test.each([
  ['Cannot use a pool after calling end on the pool', 'database_closed', 'never'],
  ['timeout exceeded when trying to connect', 'pool_exhausted', 'soon'],
  ['Connection terminated unexpectedly', 'connection_lost', 'soon'],
  ['Connection terminated due to connection timeout', 'connection_lost', 'soon'],
  ['Client has encountered a connection error and is not queryable', 'connection_lost', 'soon'],
])('"%s" is %s, although it has no code', (message, word, retry) => {
  expect(engineErrorFromPg(new Error(message), 'connect')).toMatchObject({ code: word, retry });
});

test.each([[undefined], [null], ['text'], [{}], [sqlState('', '')]])(
  'even %j becomes an error with a word',
  (thrown) => {
    expect(engineErrorFromPg(thrown, 'connect')).toMatchObject({
      code: 'unknown_database_error',
      retry: 'later',
    });
  },
);

test('an engine error stays what it is', () => {
  const error = new EngineError('lock_timeout', 'mine', { retry: 'soon' });
  expect(engineErrorFromPg(error, 'commit')).toBe(error);
});

test('a connection is thrown away after its end and after a stale statement, and kept after a refused value', () => {
  const ends = (thrown: unknown) => endsConnection(engineErrorFromPg(thrown, 'x'));
  expect(ends(sqlState('57P01'))).toBe(true);
  expect(ends(sqlState('0A000', 'cached plan must not change result type'))).toBe(true);
  expect(ends(sqlState('23514'))).toBe(false);
  expect(ends(sqlState('40P01'))).toBe(false);
});

test('a defect of a caller is not taken for a word of Postgres', () => {
  expect(isFromPg(new TypeError('x is not a function'))).toBe(false);
  expect(isFromPg(undefined)).toBe(false);
  expect(isFromPg(sqlState('23505'))).toBe(true);
});
