// What services get back, and what mails must be told: the shapes that other teams parse.

import { describe, expect, test } from 'vitest';
import {
  acceptance,
  EngineError,
  mailData,
  mailTemplates,
  outcome,
  outcomeStatuses,
  outcomesJob,
} from '../src/index.ts';

const answered = {
  eventId: 'e-1',
  type: 'order.placed',
  store: 'main',
  order: '1001',
  status: 'accepted',
  lines: [
    { line: 'a', sku: 'TEA-1', result: 'accepted', requested: 1, fromStock: 1, backordered: 0, moved: 0 },
    {
      line: 'b',
      sku: 'TEA-2',
      result: 'rejected',
      requested: 2,
      fromStock: 0,
      backordered: 0,
      moved: 0,
      rejection: { code: 'insufficient_stock', line: 'b', sku: 'TEA-2', requested: 2, available: 0 },
    },
  ],
  settledAt: '2026-05-04T10:00:00.000Z',
};

describe('an outcome', () => {
  test('has one of the statuses that are documented', () => {
    for (const status of outcomeStatuses)
      expect(outcome.parse({ ...answered, status })).toEqual({ ...answered, status });
    expect(outcome.safeParse({ ...answered, status: 'done' }).success).toBe(false);
  });

  test.each(['eventId', 'type', 'status', 'lines', 'settledAt'])('without %s is none', (field) => {
    expect(outcome.safeParse({ ...answered, [field]: undefined }).success).toBe(false);
  });

  test.each([{ result: 'maybe' }, { requested: '1' }, { moved: Number.NaN }])(
    'with a line of %j is none',
    (wrong) => {
      expect(outcome.safeParse({ ...answered, lines: [{ ...answered.lines[0], ...wrong }] }).success).toBe(
        false,
      );
    },
  );

  test('comes in a job with at least one', () => {
    expect(outcomesJob.parse({ outcomes: [answered] }).outcomes).toHaveLength(1);
    expect(outcomesJob.safeParse({ outcomes: [] }).success).toBe(false);
  });
});

test('an acceptance is a yes with the id, or a no with code and words', () => {
  expect(acceptance.parse({ status: 'accepted', eventId: 'e' })).toEqual({
    status: 'accepted',
    eventId: 'e',
  });
  const refused = { status: 'refused', eventId: null, code: 'invalid_input', field: 'id', message: 'no' };
  expect(acceptance.parse(refused)).toEqual(refused);
  expect(acceptance.safeParse({ status: 'refused', eventId: 'e' }).success).toBe(false);
  expect(acceptance.safeParse({ status: 'maybe', eventId: 'e' }).success).toBe(false);
});

describe('the data of a mail', () => {
  const stockMail = {
    sku: 'TEA-1',
    productName: 'Tea',
    storeName: 'Main',
    onHand: 3,
    salable: null,
    threshold: 3,
    cause: { kind: 'order', at: '2026-05-04T10:00:00Z' },
  };
  const customerMail = { storeName: 'Main', orderReference: '1001' };
  const lineOf = { sku: 'TEA-1', productName: 'Tea' };
  const good = {
    'low-stock': stockMail,
    'out-of-stock': stockMail,
    'back-in-stock': stockMail,
    'backorder-notice': { ...customerMail, lines: [{ ...lineOf, quantity: 3, backordered: 1 }] },
    'backorder-filled': { ...customerMail, lines: [{ ...lineOf, filled: 1, stillWaiting: 0 }] },
  } as const;

  test.each(mailTemplates)('%s passes with what it needs, and each of these is needed', (template) => {
    const data = good[template];
    expect(mailData[template].safeParse(data).success).toBe(true);
    for (const field of Object.keys(data)) {
      expect({ field, ok: mailData[template].safeParse({ ...data, [field]: undefined }).success }).toEqual({
        field,
        ok: false,
      });
    }
  });

  test.each(['javascript:alert(1)', '//evil.example', 'ftp://x', 'products'])(
    'takes no link such as %s',
    (adminUrl) => {
      expect(mailData['low-stock'].safeParse({ ...stockMail, adminUrl }).success).toBe(false);
    },
  );

  test('has at least one line and no number that is none', () => {
    expect(mailData['backorder-notice'].safeParse({ ...good['backorder-notice'], lines: [] }).success).toBe(
      false,
    );
    expect(mailData['low-stock'].safeParse({ ...stockMail, onHand: Number.NaN }).success).toBe(false);
  });
});

test('an engine error says when to try again and keeps its cause', () => {
  const cause = new Error('reset');
  const error = new EngineError('connection_lost', 'the server went away', { retry: 'soon', cause });
  expect(error).toMatchObject({ name: 'EngineError', code: 'connection_lost', retry: 'soon', cause });
  expect(error).toBeInstanceOf(Error);
});
