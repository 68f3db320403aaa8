// Waiting for the outcome of an event: the live feed is quick, reading the database is certain, so both are asked.

import type { Outcome } from '@stockroom/contracts';
import { EngineError } from '@stockroom/contracts';
import type { Database, EventOutcome } from '@stockroom/db';
import { readOutcomes } from '@stockroom/db';
import type { Feed } from '@stockroom/queues';
import { outcomesTopic } from './announce.ts';

export interface OutcomeWatch {
  /**
   * Call it before the event is submitted, or after: an outcome that is there already is found by reading.
   * @throws EngineError `outcome_pending` (soon) when it is not settled in time; it will be, ask again by the event id.
   */
  outcomeOf(eventId: string, options: { readonly timeoutMs: number }): Promise<Outcome>;
  close(): Promise<void>;
}

/** How often missing outcomes are read; all waiters share one query. */
const readEveryMs = 200;

export async function openOutcomeWatch(db: Database, feed: Feed): Promise<OutcomeWatch> {
  const waiters = new Map<string, Set<(outcome: Outcome) => void>>();
  let closed = false;
  let reading: NodeJS.Timeout | null = null;

  function deliver(outcome: Outcome): void {
    const waiting = waiters.get(outcome.eventId);
    if (waiting === undefined) return;
    waiters.delete(outcome.eventId);
    for (const resolve of waiting) resolve(outcome);
  }

  const unsubscribe = await feed.subscribe(outcomesTopic, (messages) => {
    for (const message of messages) deliver(message as Outcome);
  });

  function readSoon(delayMs: number): void {
    if (reading !== null || closed || waiters.size === 0) return;
    reading = setTimeout(() => {
      reading = null;
      readOutcomes(db.read, [...waiters.keys()].slice(0, 1_000))
        .then((found) => {
          for (const event of found) {
            const outcome = finalOutcome(event);
            if (outcome !== null) deliver(outcome);
          }
        })
        // The database is away: the next reading, or the waiter's own time limit, ends it.
        .catch(() => undefined)
        .finally(() => readSoon(readEveryMs));
    }, delayMs);
    reading.unref();
  }

  return {
    outcomeOf(eventId, { timeoutMs }) {
      return new Promise<Outcome>((resolve, reject) => {
        const waiting = waiters.get(eventId) ?? new Set();
        waiters.set(eventId, waiting);
        const done = (outcome: Outcome) => {
          clearTimeout(timer);
          resolve(outcome);
        };
        const timer = setTimeout(() => {
          waiting.delete(done);
          if (waiting.size === 0 && waiters.get(eventId) === waiting) waiters.delete(eventId);
          reject(
            new EngineError(
              'outcome_pending',
              `event "${eventId}" is accepted but not settled after ${timeoutMs} ms; ask for its outcome later`,
              {
                retry: 'soon',
              },
            ),
          );
        }, timeoutMs);
        waiting.add(done);
        readSoon(readEveryMs);
      });
    },
    async close() {
      closed = true;
      if (reading !== null) clearTimeout(reading);
      await unsubscribe();
    },
  };
}

/** What a waiter is told of an event as it stands in the database; null while it is on its way. */
export function finalOutcome(event: EventOutcome): Outcome | null {
  if (event.progress === 'settled') return event.outcome as Outcome;
  if (event.progress !== 'parked') return null;
  return {
    eventId: event.eventId,
    type: event.type ?? '',
    ...(event.store === null ? {} : { store: event.store }),
    ...(event.order === null ? {} : { order: event.order }),
    status: 'parked',
    lines: [],
    message: 'a person has to look at it; it is in the list of parked commands',
    settledAt: new Date().toISOString(),
  };
}
