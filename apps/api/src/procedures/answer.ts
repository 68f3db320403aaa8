// Submitting an event and, if asked, waiting for what became of it: the same for orders and for stock.

import type { Acceptance, Outcome } from '@stockroom/contracts';
import { acceptance, EngineError, outcome } from '@stockroom/contracts';
import { z } from 'zod';
import type { Context } from '../trpc.ts';

export const waitMsMax = 30_000;

export const waiting = {
  /** Longest wait for the outcome; the event is settled all the same when it takes longer. */
  timeoutMs: z.number().int().min(1).max(waitMsMax).default(10_000),
};

/** `outcome` is null when nobody waited, when the event was refused, and when it is not settled yet. */
export const answered = z.object({ acceptance, outcome: outcome.nullable() });
export type Answered = z.output<typeof answered>;

/**
 * @returns the acceptance once the event is committed, and its outcome if it was settled in time.
 * @throws EngineError when the database failed; nothing is recorded then, send the same again.
 */
export async function submit(
  { parts }: Pick<Context, 'parts'>,
  body: unknown,
  { wait, timeoutMs }: { readonly wait: boolean; readonly timeoutMs: number },
): Promise<Answered> {
  const answer = await parts.doors.submit({ body, source: 'api', watch: wait });
  parts.metrics.answers([answer]);
  return { acceptance: answer, outcome: wait ? await outcomeOf(parts, answer, timeoutMs) : null };
}

/** As `submit`, for many: one answer per event, in order. */
export async function submitMany(
  { parts }: Pick<Context, 'parts'>,
  bodies: readonly unknown[],
  { wait, timeoutMs }: { readonly wait: boolean; readonly timeoutMs: number },
): Promise<Answered[]> {
  const answers = await parts.doors.submitMany(
    bodies.map((body) => ({ body, source: 'api' as const, watch: wait })),
  );
  parts.metrics.answers(answers);
  const outcomes = wait
    ? await Promise.all(answers.map((answer) => outcomeOf(parts, answer, timeoutMs)))
    : answers.map(() => null);
  return answers.map((answer, index) => ({ acceptance: answer, outcome: outcomes[index] ?? null }));
}

async function outcomeOf(
  parts: Context['parts'],
  answer: Acceptance,
  timeoutMs: number,
): Promise<Outcome | null> {
  if (answer.status === 'refused') return null;
  try {
    return await parts.watch.outcomeOf(answer.eventId, { timeoutMs });
  } catch (error) {
    if (error instanceof EngineError && error.code === 'outcome_pending') return null;
    throw error;
  }
}
