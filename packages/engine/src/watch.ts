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
  /** Whoever still waits is told so at once, with `shutting_down`. */
  close(): Promise<void>;
}

/** How often missing outcomes are read; all waiters share one query. */
const readEveryMs = 200;

export async function openOutcomeWatch(db: Database, feed: Feed): Promise<OutcomeWatch> {
  const waiters = new Map<string, Set<Waiter>>();
  let closed = false;
  let reading: NodeJS.Timeout | null = null;

  function deliver(outcome: Outcome): void {
    const waiting = waiters.get(outcome.eventId);
    if (waiting === undefined) return;
    waiters.delete(outcome.eventId);
    for (const waiter of waiting) waiter.resolve(outcome);
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
        if (closed) return reject(shuttingDown(eventId));
        const waiter: Waiter = {
          resolve(outcome) {
            clearTimeout(timer);
            resolve(outcome);
          },
          reject(error) {
            clearTimeout(timer);
            reject(error);
          },
        };
        const waiting = waiters.get(eventId) ?? new Set();
        waiters.set(eventId, waiting);
        const timer = setTimeout(() => {
          waiting.delete(waiter);
          if (waiting.size === 0 && waiters.get(eventId) === waiting) waiters.delete(eventId);
          reject(pending(eventId, timeoutMs));
        }, timeoutMs);
        waiting.add(waiter);
        readSoon(readEveryMs);
      });
    },
    async close() {
      closed = true;
      if (reading !== null) clearTimeout(reading);
      for (const [eventId, waiting] of waiters)
        for (const waiter of waiting) waiter.reject(shuttingDown(eventId));
      waiters.clear();
      await unsubscribe();
    },
  };
}

interface Waiter {
  resolve(outcome: Outcome): void;
  reject(error: EngineError): void;
}

function pending(eventId: string, timeoutMs: number): EngineError {
  const found = `event "${eventId}" is accepted but not settled after ${timeoutMs} ms`;
  return new EngineError('outcome_pending', `${found}; ask for its outcome later`, { retry: 'soon' });
}

function shuttingDown(eventId: string): EngineError {
  const found = `nobody waits for event "${eventId}" here any more, this process is ending`;
  return new EngineError('shutting_down', `${found}; ask for its outcome elsewhere`, { retry: 'soon' });
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
