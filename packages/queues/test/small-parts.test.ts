// Typed errors, limited logs, and chunks of the feed.
import { EngineError } from '@stockroom/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chunks } from '../src/feed.ts';
import { limitErrors, reasonOf } from '../src/log.ts';
import { worldError } from '../src/world-errors.ts';

const coded = (code: string, message = 'no') => Object.assign(new Error(message), { code });

test.each([
  [coded('ECONNREFUSED'), 'queue_unavailable', 'soon'],
  [new Error("Stream isn't writeable and enableOfflineQueue options is false"), 'queue_unavailable', 'soon'],
  [coded('57P01', 'terminating connection due to administrator command'), 'queue_unavailable', 'soon'],
  [new Error('LOADING Redis is loading the dataset in memory'), 'queue_unavailable', 'soon'],
  [new Error("OOM command not allowed when used memory > 'maxmemory'."), 'queue_full', 'later'],
  [coded('53100', 'could not extend file: No space left on device'), 'queue_full', 'later'],
  [coded('22P05', 'unsupported Unicode escape sequence'), 'queue_refused', 'never'],
])('%s becomes %s, retry %s', (error, code, retry) => {
  expect(worldError(error, 'adding')).toMatchObject({ name: 'EngineError', code, retry, cause: error });
});

test('a defect stays a defect', () => {
  const defect = new TypeError('x is not a function');
  expect(worldError(defect, 'adding')).toBe(defect);
  const typed = new EngineError('other', 'other', { retry: 'later' });
  expect(worldError(typed, 'adding')).toBe(typed);
});

test('the same trouble writes one line, another trouble its own', () => {
  const lines: unknown[] = [];
  const report = limitErrors({ info: () => {}, error: () => {}, warn: (facts) => lines.push(facts) });
  for (let i = 0; i < 1_000; i += 1) report('worker stock', new Error('gone'));
  report('worker mail', new Error('gone'));
  expect(lines).toEqual([
    { source: 'worker stock', reason: 'gone' },
    { source: 'worker mail', reason: 'gone' },
  ]);
});

test('a refused connection to two addresses tells both reasons', () => {
  const refused = Object.assign(new AggregateError([new Error('a 1'), new Error('b 2')], 'x'), {
    message: '',
  });
  expect(reasonOf(refused)).toBe('a 1; b 2');
});

test('chunks hold all messages in order, and none is too long unless one message is', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ maxLength: 3_000, unit: 'grapheme' }), { maxLength: 40 }),
      (messages) => {
        const all = chunks(messages);
        expect(all.flatMap((chunk) => JSON.parse(chunk) as unknown[])).toEqual(messages);
        for (const chunk of all) {
          const single = (JSON.parse(chunk) as unknown[]).length === 1;
          expect(single || Buffer.byteLength(chunk) <= 7_900).toBe(true);
        }
      },
    ),
  );
});
