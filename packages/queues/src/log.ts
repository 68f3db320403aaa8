// The log that queues write to, and a limiter that keeps a lost connection from writing thousands of lines.

/** The part of a pino logger that is used here: facts first, then the message. */
export type Log = {
  info(facts: Record<string, unknown>, message: string): void;
  warn(facts: Record<string, unknown>, message: string): void;
  error(facts: Record<string, unknown>, message: string): void;
};

const QUIET_MS = 10_000;

/** One line per source and message in ten seconds; the next line tells how many were left out. Never the whole error object. */
export function limitErrors(log: Log): (source: string, error: unknown) => void {
  const seen = new Map<string, { atMs: number; leftOut: number }>();
  return (source, error) => {
    const reason = reasonOf(error);
    const key = `${source} ${reason.slice(0, 200)}`;
    const before = seen.get(key);
    const nowMs = Date.now();
    if (before && nowMs - before.atMs < QUIET_MS) {
      before.leftOut += 1;
      return;
    }
    if (seen.size > 200) seen.clear();
    seen.set(key, { atMs: nowMs, leftOut: 0 });
    const leftOut = before?.leftOut ?? 0;
    log.warn({ source, reason, ...(leftOut > 0 ? { leftOut } : {}) }, 'queue connection trouble');
  };
}

/** The text of an error in one line; an AggregateError (a refused connection to two addresses) has an empty message. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(reasonOf).join('; ');
  const text = error instanceof Error ? error.message || error.name : String(error);
  return text.replace(/\s+/g, ' ').slice(0, 300);
}
