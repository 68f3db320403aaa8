// How mails say numbers, times and causes.
import type { MailData } from '@stockroom/contracts';

const numbers = new Intl.NumberFormat('en', { maximumFractionDigits: 4 });
const times = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });
const days = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });

/** `1234.5` -> `1,234.5`; null is what has no limit. */
export function sayQuantity(value: number | null): string {
  return value === null ? 'unlimited' : numbers.format(value);
}

/** An instant -> `22 Nov 2026, 17:04 UTC`. */
export function sayTime(instant: string): string {
  return `${times.format(new Date(instant))} UTC`;
}

/** `2026-05-04` -> `4 May 2026`. */
export function sayDay(day: string): string {
  return days.format(new Date(day));
}

type Cause = MailData<'low-stock'>['cause'];

const CAUSE_WORDS: Record<Cause['kind'], (reference: string | null) => string> = {
  order: (reference) => withNumber('Order', reference),
  cancellation: (reference) =>
    reference === null ? 'A cancellation' : `The cancellation of order ${reference}`,
  return: (reference) => (reference === null ? 'A return' : `A return from order ${reference}`),
  receipt: (reference) => withNumber('Receipt', reference),
  transfer: (reference) => withNumber('Transfer', reference),
  adjustment: (reference) => withReason('An adjustment', reference),
  count: (reference) => withReason('A stock count', reference),
  import: (reference) => withReason('An import', reference),
  hold: (reference) => withReason('A checkout', reference),
  other: (reference) => withReason('A change', reference),
};

/** `Order 1042 took 6`, `An adjustment (broken in transit) took 2`, `Receipt PO-7 added 40`. */
export function describeCause({ kind, reference, change }: Cause): string {
  const subject = CAUSE_WORDS[kind](reference);
  if (change === null || change === 0) return subject;
  return `${subject} ${change < 0 ? 'took' : 'added'} ${sayQuantity(Math.abs(change))}`;
}

function withNumber(noun: string, reference: string | null): string {
  return reference === null ? `${noun} without a number` : `${noun} ${reference}`;
}

function withReason(noun: string, reference: string | null): string {
  return reference === null ? noun : `${noun} (${reference})`;
}
