// Readiness: can this process do its work now? Says which part cannot, and nothing of where that part is.

import { setTimeout as wait } from 'node:timers/promises';
import { EngineError } from '@stockroom/contracts';
import type { Database } from '@stockroom/db';
import { schemaVersion } from '@stockroom/db';
import type { Queues } from '@stockroom/queues';
import { z } from 'zod';

const checkMs = 3_000;

const check = z.object({
  ok: z.boolean(),
  latencyMs: z.number().optional(),
  /** A stable word for what is wrong. */
  problem: z.string().optional(),
});

export const health = z.object({
  ok: z.boolean(),
  database: check,
  schema: check.extend({ version: z.string().nullable().optional() }),
  queue: check.extend({
    backend: z.enum(['redis', 'postgres']),
    evictionPolicy: z.string().optional(),
    clockSkewMs: z.number().optional(),
  }),
});
export type Health = z.output<typeof health>;

interface HealthParts {
  readonly db: Database;
  readonly queues: Queues;
}

/** Never throws; a server that does not answer in 3 s is not well. */
export async function checkHealth(parts: HealthParts): Promise<Health> {
  const [ofDatabase, queue] = await Promise.all([databaseHealth(parts.db), queueHealth(parts.queues)]);
  const ok = ofDatabase.database.ok && ofDatabase.schema.ok && queue.ok;
  return { ok, ...ofDatabase, queue };
}

async function databaseHealth(db: Database): Promise<Pick<Health, 'database' | 'schema'>> {
  const startedAt = performance.now();
  try {
    const version = await inTime(schemaVersion(db));
    const database = { ok: true, latencyMs: Math.round(performance.now() - startedAt) };
    const problem =
      version.unknown.length > 0 ? 'schema_newer' : version.missing.length > 0 ? 'schema_older' : null;
    const schema = {
      ok: problem === null,
      version: version.current,
      ...(problem === null ? {} : { problem }),
    };
    return { database, schema };
  } catch (error) {
    return { database: { ok: false, problem: wordOf(error) }, schema: { ok: false, problem: 'unknown' } };
  }
}

async function queueHealth(queues: Queues): Promise<Health['queue']> {
  const { backend } = queues;
  try {
    const found = await inTime(queues.health());
    return {
      ok: found.ok,
      backend,
      ...(found.latencyMs === undefined ? {} : { latencyMs: Math.round(found.latencyMs) }),
      ...(found.evictionPolicy === undefined ? {} : { evictionPolicy: found.evictionPolicy }),
      ...(found.clockSkewMs === undefined ? {} : { clockSkewMs: Math.round(found.clockSkewMs) }),
      ...(found.ok ? {} : { problem: found.latencyMs === undefined ? 'queue_unavailable' : 'queue_unsafe' }),
    };
  } catch (error) {
    return { ok: false, backend, problem: wordOf(error) };
  }
}

function inTime<T>(asked: Promise<T>): Promise<T> {
  asked.catch(() => undefined);
  const late = wait(checkMs, undefined, { ref: false }).then(() => {
    throw new EngineError('no_answer', `no answer in ${checkMs} ms`, { retry: 'soon' });
  });
  return Promise.race([asked, late]);
}

function wordOf(error: unknown): string {
  return error instanceof EngineError ? error.code : 'unexpected';
}
