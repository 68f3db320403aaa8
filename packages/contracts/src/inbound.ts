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
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : null;
  return {
    ok: false,
    eventId: typeof id === 'string' ? printable(id, 200) : null,
    problem: problemOf(parsed.error.issues[0]),
  };
}

function problemOf(issue: z.core.$ZodIssue | undefined): InputProblem {
  const path = (issue?.path ?? []).map(String);
  // A key nobody knows is reported for the object around it; the field that is wrong is the key.
  if (issue?.code === 'unrecognized_keys') {
    const field = [...path, issue.keys[0] ?? ''].join('.');
    return { field: printable(field, 200), message: 'is not a known field' };
  }
  const field = path.length === 0 ? 'event' : path.join('.');
  return { field: printable(field, 200), message: printable(issue?.message ?? 'is not a known event', 500) };
}

/** Control characters: never stored, never shown. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is meant here.
const controls = /[\u0000-\u001f\u007f-\u009f]/g;

/** What came in may hold anything: here it is to be shown and stored. */
export function printable(text: string, max: number): string {
  return text.slice(0, max).toWellFormed().replaceAll(controls, '\ufffd');
}
