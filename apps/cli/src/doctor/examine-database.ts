// What the doctor asks the database: its version, whether it keeps what it promised, its schema, and what waits in it.
import { type Database, readCounts, schemaVersion, statement } from '@stockroom/db';
import type { FoundDatabase } from '../find-database.ts';
import type { Finding } from './examine.ts';

const serverFacts = statement(
  '',
  `select current_setting('server_version_num')::int as version, current_setting('server_version') as version_text,
          current_setting('fsync') as fsync, current_setting('synchronous_commit') as synchronous_commit,
          current_setting('full_page_writes') as full_page_writes, extract(epoch from clock_timestamp())::float8 * 1000 as now_ms,
          current_setting('max_connections')::int as max_connections, (select count(*)::int from pg_stat_activity) as connections`,
);

type ServerFacts = {
  version: number;
  version_text: string;
  fsync: string;
  synchronous_commit: string;
  full_page_writes: string;
  now_ms: number;
  max_connections: number;
  connections: number;
};

const oldestVersion = 160_000;
const skewMaxMs = 1_000;

/** @throws EngineError when it does not answer. */
export async function examineDatabase(db: Database, found: FoundDatabase): Promise<Finding[]> {
  const beforeMs = Date.now();
  const [facts] = await db.read.query<ServerFacts>(serverFacts, []);
  const nowMs = (beforeMs + Date.now()) / 2;
  if (facts === undefined) throw new Error('the database answered nothing');
  const { host } = new URL(found.url);
  return [
    {
      subject: 'database',
      state: 'good',
      found: `${host} answers in ${Date.now() - beforeMs} ms (${kinds[found.kind]})`,
    },
    versionFinding(facts),
    durabilityFinding(facts),
    connectionsFinding(facts),
    clockFinding(Math.round(facts.now_ms - nowMs)),
  ];
}

const kinds = {
  given: 'DATABASE_URL',
  running: 'embedded, running',
  started: 'embedded, started for this check',
} as const;

function versionFinding({ version, version_text }: ServerFacts): Finding {
  const subject = 'Postgres version';
  if (version >= oldestVersion) return { subject, state: 'good', found: version_text };
  return { subject, state: 'bad', found: version_text, todo: 'upgrade to PostgreSQL 16 or newer' };
}

function durabilityFinding(facts: ServerFacts): Finding {
  const subject = 'durability';
  const settings = (['fsync', 'synchronous_commit', 'full_page_writes'] as const).map(
    (name) => [name, facts[name]] as const,
  );
  const unsafe = settings.filter(([, value]) => value === 'off');
  if (unsafe.length === 0)
    return { subject, state: 'good', found: settings.map((pair) => pair.join('=')).join(' ') };
  const names = unsafe.map(([name]) => name);
  return {
    subject,
    state: 'bad',
    found: `${names.join(', ')} off: an accepted order can be lost in a crash`,
    todo: names.map((name) => `alter system set ${name} = on`).join('; '),
  };
}

function connectionsFinding({ connections, max_connections }: ServerFacts): Finding {
  const subject = 'connections';
  const found = `${connections} of ${max_connections}`;
  if (connections < max_connections * 0.8) return { subject, state: 'good', found };
  return { subject, state: 'bad', found, todo: 'raise max_connections, or lower POOL_MAX of the workers' };
}

function clockFinding(skewMs: number): Finding {
  const subject = 'clock';
  const found = `${Math.abs(skewMs)} ms ${skewMs < 0 ? 'behind' : 'ahead of'} this machine`;
  if (Math.abs(skewMs) <= skewMaxMs) return { subject, state: 'good', found };
  return {
    subject,
    state: 'bad',
    found,
    todo: 'set both clocks by NTP: job locks and mail times depend on them',
  };
}

export async function examineSchema(db: Database): Promise<Finding> {
  const { current, missing, unknown } = await schemaVersion(db);
  const subject = 'schema';
  if (unknown.length > 0) {
    return {
      subject,
      state: 'bad',
      found: `newer than this version (${unknown.join(', ')})`,
      todo: 'run the newer version',
    };
  }
  if (missing.length > 0) {
    return {
      subject,
      state: 'bad',
      found: `${missing.length} migrations are missing`,
      todo: 'stockroom migrate',
    };
  }
  return { subject, state: 'good', found: current ?? 'empty' };
}

const waitingTooLongMs = 60_000;

export async function examineBacklog(db: Database): Promise<Finding[]> {
  const counts = await readCounts(db.read);
  const findings: Finding[] = [];
  const waiting = `${counts.pendingCommands} stock commands wait, the oldest for ${Math.round(counts.oldestPendingMs / 1000)} s`;
  findings.push(
    counts.oldestPendingMs > waitingTooLongMs
      ? {
          subject: 'backlog',
          state: 'bad',
          found: waiting,
          todo: 'start a worker with roles stock and sweep, or more of them',
        }
      : {
          subject: 'backlog',
          state: 'good',
          found: counts.pendingCommands === 0 ? 'nothing waits' : waiting,
        },
  );
  if (counts.parkedCommands > 0) {
    findings.push({
      subject: 'parked',
      state: 'bad',
      found: `${counts.parkedCommands} commands could not be settled`,
      todo: 'read why: queues.parked of the API, or table stockroom.parked_command',
    });
  }
  if (counts.earlyEvents > 0) {
    findings.push({
      subject: 'early events',
      state: 'note',
      found: `${counts.earlyEvents} events wait for their order to be placed`,
    });
  }
  findings.push(
    mailFinding(counts.pendingNotifications, counts.oldestDueNotificationMs, counts.deadNotifications),
  );
  return findings;
}

function mailFinding(pending: number, oldestMs: number, dead: number): Finding {
  const subject = 'mails';
  if (dead > 0) {
    return {
      subject,
      state: 'bad',
      found: `${dead} given up, ${pending} to be sent`,
      todo: 'read why: column last_error of stockroom.notification',
    };
  }
  if (oldestMs > waitingTooLongMs) {
    return {
      subject,
      state: 'bad',
      found: `${pending} to be sent, one overdue for ${Math.round(oldestMs / 1000)} s`,
      todo: 'start a worker with role mail, and check the mail server',
    };
  }
  return { subject, state: 'good', found: pending === 0 ? 'all sent' : `${pending} to be sent` };
}
