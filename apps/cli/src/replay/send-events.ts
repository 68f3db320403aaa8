// Sends planned events through the queue, as fast as it goes or as time went by.
import { setTimeout as wait } from 'node:timers/promises';
import { QUEUES, type Queues } from '@stockroom/queues';
import type { ReplayEvent } from './plan-replay.ts';

/** How many times faster than the clock; `max`: without waiting. */
export type Speed = number | 'max';

const chunkMax = 500;

/** Sends in order. @returns how many were sent before `signal` ended it. @throws EngineError when the queue does not take them. */
export async function sendEvents(
  queues: Queues,
  events: readonly ReplayEvent[],
  speed: Speed,
  signal: AbortSignal,
  onSent: (sent: number) => void,
): Promise<number> {
  const startedAt = performance.now();
  const firstAt = Date.parse(events[0]?.at ?? '');
  const dueMs = (event: ReplayEvent) => (speed === 'max' ? 0 : (Date.parse(event.at) - firstAt) / speed);
  let sent = 0;
  while (sent < events.length && !signal.aborted) {
    const elapsedMs = performance.now() - startedAt;
    let end = sent;
    for (; end < events.length && end - sent < chunkMax; end += 1) {
      const event = events[end];
      if (event !== undefined && dueMs(event) > elapsedMs) break;
    }
    if (end === sent) {
      const next = events[sent];
      const delayMs = next === undefined ? 0 : Math.min(1_000, dueMs(next) - elapsedMs);
      await wait(delayMs, undefined, { signal }).catch(() => undefined);
      continue;
    }
    await queues.addMany(
      QUEUES.orderEvents,
      events.slice(sent, end).map(({ type, ...data }) => ({ name: type, data })),
    );
    sent = end;
    onSent(sent);
  }
  return sent;
}
