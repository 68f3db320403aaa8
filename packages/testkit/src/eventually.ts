// Waiting for something to become true, in place of sleeping.
import { setTimeout as wait } from 'node:timers/promises';

/**
 * Calls `check` until it neither throws nor returns false, and returns what it returned. After `timeoutMs` (default 10,000) it throws the
 * last failure of `check`, with the time it waited.
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  { timeoutMs = 10_000, intervalMs = 20 }: { timeoutMs?: number; intervalMs?: number } = {},
): Promise<Exclude<T, false>> {
  const startedAt = performance.now();
  for (;;) {
    let failure: unknown;
    try {
      const result = await check();
      if (result !== false) return result as Exclude<T, false>;
      failure = new Error('the check returned false');
    } catch (error) {
      failure = error;
    }
    const waitedMs = Math.round(performance.now() - startedAt);
    if (waitedMs >= timeoutMs) {
      if (failure instanceof Error) {
        failure.message = `Still so after ${waitedMs} ms: ${failure.message}`;
        throw failure;
      }
      throw new Error(`Still so after ${waitedMs} ms: ${String(failure)}`, { cause: failure });
    }
    await wait(intervalMs);
  }
}
