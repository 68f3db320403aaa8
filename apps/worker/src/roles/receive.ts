// Role `receive`: order events from the queue go through the door, and what is refused is answered where an answer was asked for.
import { type Acceptance, type Outcome, type OutcomesJob, printable } from '@stockroom/contracts';
import { insertRefused } from '@stockroom/db';
import { createDoors, type Doors, keptBody } from '@stockroom/engine';
import { type Job, QUEUES } from '@stockroom/queues';
import { closedWithin } from '../closed-within.ts';
import { lockOptions, type RoleParts, type RunningRole } from '../worker-options.ts';

type Refusal = Extract<Acceptance, { status: 'refused' }>;

export function startReceiving(parts: RoleParts): RunningRole {
  const { db, bells, ring, metrics, queues, tuning } = parts;
  const concurrency = tuning.receiveConcurrency ?? 500;
  const doors = createDoors({
    db,
    bells,
    ring,
    batchMax: concurrency,
    onBatch: (events) => metrics.receiveBatch.observe(events),
  });
  const worker = queues.worker(QUEUES.orderEvents, (job) => receiveJob(parts, doors, job), {
    concurrency,
    ...lockOptions(tuning),
  });
  return {
    ready: () => worker.ready(),
    async close(timeLeftMs) {
      const { drained } = await worker.close({ timeoutMs: timeLeftMs() });
      return (await closedWithin(doors.close(), timeLeftMs())) && drained;
    },
  };
}

/** The acceptance becomes the job's return value: a business "no" completes the job, only a failing world puts it off. */
async function receiveJob(parts: RoleParts, doors: Doors, job: Job): Promise<Acceptance> {
  const body = bodyOf(job);
  const answer =
    misnamed(job) === null
      ? await doors.submit({ body, source: 'queue', watch: false })
      : await refuseMisnamed(parts, job);
  parts.metrics.events.inc({ status: answer.status });
  if (answer.status === 'refused' && asksReply(job.data)) await replyRefusal(parts, job, answer);
  return answer;
}

/** Job name = event type; whatever is no object is left as it is, for the validation to refuse. */
function bodyOf(job: Job): unknown {
  return isObject(job.data) ? { ...job.data, type: job.name } : job.data;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const asksReply = (data: unknown): boolean => isObject(data) && data.reply === true;

/** The type that the data claims, when it is another than the job's name. */
function misnamed(job: Job): string | null {
  if (!isObject(job.data) || job.data.type === undefined || job.data.type === job.name) return null;
  return JSON.stringify(job.data.type);
}

async function refuseMisnamed({ db }: RoleParts, job: Job): Promise<Refusal> {
  const { id } = job.data as { id?: unknown };
  const eventId = typeof id === 'string' ? printable(id, 200) : null;
  const message = printable(
    `type: the data say ${misnamed(job)}, the job is named "${job.name}"; leave the type out, or name the job like it`,
    500,
  );
  const row = { eventId, code: 'invalid_input', field: 'type', message, source: 'queue' };
  await db.transaction((sql) => insertRefused(sql, [{ ...row, body: keptBody(job.data) }]));
  return { status: 'refused', eventId, code: 'invalid_input', field: 'type', message };
}

async function replyRefusal(parts: RoleParts, job: Job, refusal: Refusal): Promise<void> {
  const data = job.data as { store?: unknown; order?: unknown };
  const outcome: Outcome = {
    eventId: refusal.eventId ?? '',
    type: job.name,
    ...(typeof data.store === 'string' ? { store: data.store } : {}),
    ...(typeof data.order === 'string' ? { order: data.order } : {}),
    status: 'refused',
    lines: [],
    rejection: { code: refusal.code, ...(refusal.field === undefined ? {} : { field: refusal.field }) },
    message: refusal.message,
    settledAt: new Date().toISOString(),
  };
  await parts.queues.add(QUEUES.orderOutcomes, {
    name: 'outcomes',
    data: { outcomes: [outcome] } satisfies OutcomesJob,
  });
}
