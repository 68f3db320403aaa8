// A stock command of a person or a service becomes a stock event; a repeat becomes the very same event.

import type { StockEvent } from '@stockroom/contracts';
import type { RecordedEvent } from '@stockroom/db';
import { readRecordedEvent } from '@stockroom/db';
import type { Caller } from '../auth/rule.ts';
import type { Context } from '../trpc.ts';
import type { Answered } from './answer.ts';
import { submit } from './answer.ts';
import { given } from './shapes.ts';

export interface CommandInput {
  readonly key: string;
  readonly actor?: string | undefined;
  readonly at?: string | undefined;
  readonly wait: boolean;
  readonly timeoutMs: number;
}

/**
 * @returns a rejection of the rules (`would_be_negative`, `conflict` with the current value) as an outcome, not as an error.
 * @throws EngineError when the database failed; send the same again.
 */
export async function commandStock(
  ctx: Pick<Context, 'parts'> & { readonly caller: Caller },
  type: StockEvent['type'],
  input: CommandInput,
): Promise<Answered> {
  const { key, wait, timeoutMs, ...fields } = input;
  const { read } = ctx.parts.db;
  // What is filled in for the caller must be the same in a repeat, or the repeat would have another body.
  const eventWith = (first: RecordedEvent | null) => ({
    actor: first?.actor ?? ctx.caller.name,
    at: first?.at ?? new Date().toISOString(),
    ...given(fields),
    type,
    id: key,
  });
  const first = await readRecordedEvent(read, key);
  const answer = await submit(ctx, eventWith(first), { wait, timeoutMs });
  if (first !== null || answer.acceptance.status === 'accepted') return answer;
  if (answer.acceptance.code !== 'event_id_reused') return answer;
  // Somebody sent the same key at the same moment: theirs was first, so its time holds for ours too.
  return submit(ctx, eventWith(await readRecordedEvent(read, key)), { wait, timeoutMs });
}
