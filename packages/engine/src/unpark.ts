// A person has dealt with what poisoned a command: it goes back into its mailbox.

import type { Database } from '@stockroom/db';
import { unparkCommands } from '@stockroom/db';
import type { BellMode } from '@stockroom/queues';
import { bellOf } from '@stockroom/queues';

/**
 * Puts parked commands back and rings their bells. Ids that are not parked (any more) are passed over, so a repeat does nothing.
 * @returns how many went back. @throws EngineError when the database failed; they are still parked then.
 */
export async function unpark(
  parts: {
    readonly db: Database;
    readonly bells: BellMode;
    /** Rings bells; never throws. */
    readonly ring: (bells: Iterable<string>) => Promise<unknown>;
  },
  commandIds: readonly number[],
): Promise<number> {
  const productIds = await parts.db.transaction((sql) => unparkCommands(sql, commandIds));
  await parts.ring(new Set(productIds.map((productId) => bellOf(productId, parts.bells))));
  return productIds.length;
}
