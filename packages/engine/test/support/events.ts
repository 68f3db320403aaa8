// Builders of events as a producer writes them; each call makes a new event with an id of its own.

import { uniqueId } from '@stockroom/testkit';

const start = Date.parse('2026-05-04T10:00:00Z');
let minutes = 0;

/** The next minute: events happen in the order in which they are built, unless they say otherwise. */
export function nextMinute(): string {
  minutes += 1;
  return new Date(start + minutes * 60_000).toISOString();
}

export interface EventFields {
  readonly id: string;
  readonly type: string;
  readonly at: string;
}

function event<Fields extends object>(type: string, fields: Fields): EventFields & Fields {
  return { id: uniqueId('event'), type, at: nextMinute(), ...fields };
}

/** `[sku, quantity]` or `[sku, quantity, line id]`. */
export type Asked = readonly [sku: string, quantity: number | string, line?: string];

export function placed(order: string, asked: readonly Asked[], more: object = {}) {
  const lines = asked.map(([sku, quantity, line]) => ({
    sku,
    quantity,
    ...(line === undefined ? {} : { line }),
  }));
  return event('order.placed', { order, lines, ...more });
}

type Verb = 'paid' | 'shipped' | 'cancelled' | 'deleted' | 'refunded' | 'returned' | 'amended' | 'restocked';

/** Any later event of an order. */
export function said(verb: Verb, order: string, more: object = {}) {
  return event(`order.${verb}`, { order, ...more });
}

type StockVerb = 'adjust' | 'set' | 'count' | 'receive' | 'incoming' | 'transfer' | 'hold' | 'release';

/** Any command about stock itself. */
export function stock(verb: StockVerb, sku: string, more: object = {}) {
  return event(`stock.${verb}`, { sku, ...more });
}
