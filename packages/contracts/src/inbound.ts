// Everything room 1 receives: order events and stock commands, one union, one validation.

import { z } from 'zod';
import { orderEvent } from './order-event.ts';
import { stockEvent } from './stock-event.ts';

export const inboundEvent = z.discriminatedUnion('type', [...orderEvent.options, ...stockEvent.options]);
export type InboundEvent = z.output<typeof inboundEvent>;
export type InboundEventInput = z.input<typeof inboundEvent>;

/** What is wrong with an input, and where. */
export interface InputProblem {
  readonly field: string;
  readonly message: string;
}

export type ParsedInbound =
  | { readonly ok: true; readonly event: InboundEvent }
  | { readonly ok: false; readonly eventId: string | null; readonly problem: InputProblem };

/**
 * Validates one inbound event of any source.
 * @returns the event with defaults filled in, or the first problem with the path of its field. Never throws; a repeat gives the same answer.
 */
export function parseInbound(value: unknown): ParsedInbound {
  const parsed = inboundEvent.safeParse(value);
  if (parsed.success) return { ok: true, event: parsed.data };
  const issue = parsed.error.issues[0];
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : null;
  return {
    ok: false,
    eventId: typeof id === 'string' ? id.slice(0, 200) : null,
    problem: {
      field: issue === undefined || issue.path.length === 0 ? 'event' : issue.path.map(String).join('.'),
      message: issue?.message ?? 'is not a known event',
    },
  };
}
