// Names that no other test, file or run uses.
import { randomBytes } from 'node:crypto';

/** `prefix-<12 hex>`: lowercase, safe as an id, a SKU, a queue prefix or part of a database name. */
export function uniqueId(prefix: string): string {
  return `${prefix}-${randomBytes(6).toString('hex')}`;
}

/** A BullMQ prefix that keeps the queues of one test file apart from all others on the same Redis. */
export function queuePrefix(): string {
  return uniqueId('t');
}
