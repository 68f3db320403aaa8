// Waits until everything that was sent has been answered, and tells apart what never will be.
import { setTimeout as wait } from 'node:timers/promises';
import { type Database, statement } from '@stockroom/db';

export type Progress = {
  /** Events with a final outcome, by its status. */
  settled: number;
  statuses: Record<string, number>;
  /** Refused at the door. */
  refused: number;
  parked: number;
  /** Waiting for their order to be placed. */
  early: number;
};

const progressStatement = statement(
  'replay_progress',
  `select c.body ->> 'status' as status, count(*)::int as events
     from stockroom.event e join stockroom.outcome c on c.event_seq = e.seq and c.parts_open = 0
    where e.seq > $1 and e.id like 'replay-%' group by 1`,
);
const troubleStatement = statement(
  'replay_trouble',
  `select (select count(*) from stockroom.refused_event where id > $2 and event_id like 'replay-%')::int as refused,
          (select count(*) from stockroom.event where seq > $1 and state = 1 and id like 'replay-%')::int as early,
          (select count(distinct k.event_seq) from stockroom.parked_command k where k.event_seq > $1)::int as parked`,
);
const marksStatement = statement(
  'replay_marks',
  `select (select coalesce(max(seq), 0) from stockroom.event)::text as event,
          (select coalesce(max(id), 0) from stockroom.refused_event)::text as refused`,
);

/** Where the tables end before the replay begins. */
export type Marks = { event: string; refused: string };

export async function readMarks(db: Database): Promise<Marks> {
  const [marks] = await db.read.query<Marks>(marksStatement, []);
  if (marks === undefined) throw new Error('a statement of aggregates returned no row');
  return marks;
}

export async function readProgress(db: Database, marks: Marks): Promise<Progress> {
  const rows = await db.read.query<{ status: string; events: number }>(progressStatement, [marks.event]);
  const [trouble] = await db.read.query<Omit<Progress, 'settled' | 'statuses'>>(troubleStatement, [
    marks.event,
    marks.refused,
  ]);
  return {
    statuses: Object.fromEntries(rows.map(({ status, events }) => [status, events])),
    settled: rows.reduce((sum, { events }) => sum + events, 0),
    refused: trouble?.refused ?? 0,
    early: trouble?.early ?? 0,
    parked: trouble?.parked ?? 0,
  };
}

/** Returns when all are answered, when nothing has moved for `patienceMs`, or when told to stop. */
export async function awaitSettled(
  db: Database,
  marks: Marks,
  events: number,
  options: { patienceMs: number; signal: AbortSignal; onProgress: (progress: Progress) => void },
): Promise<Progress> {
  let last = await readProgress(db, marks);
  let movedAt = Date.now();
  // Counting must not slow down what it counts.
  let tookMs = 0;
  for (;;) {
    const answered = last.settled + last.refused + last.parked;
    if (answered >= events || options.signal.aborted || Date.now() - movedAt > options.patienceMs)
      return last;
    await wait(Math.max(500, tookMs * 10));
    const askedAt = performance.now();
    const next = await readProgress(db, marks);
    tookMs = performance.now() - askedAt;
    if (next.settled + next.refused + next.parked > answered) movedAt = Date.now();
    last = next;
    options.onProgress(last);
  }
}
