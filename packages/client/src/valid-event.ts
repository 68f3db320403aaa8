// Checks an order event before it is sent, with the very schema that receives it.

import { type OrderEvent, orderEvent } from '@stockroom/contracts';
import { ClientError } from './client-error.ts';

/** @returns the event with defaults filled in. @throws ClientError `invalid_input` that names the field. */
export function validOrderEvent(event: unknown): OrderEvent {
  const parsed = orderEvent.safeParse(event);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue === undefined || issue.path.length === 0 ? 'event' : issue.path.map(String).join('.');
  throw new ClientError('invalid_input', `${field}: ${issue?.message ?? 'is not an order event'}`, field);
}
