// What the doctor asks the queue: whether it answers, may lose jobs, has workers, and how much lies in it.
import { createOps, type Queues, queueNames } from '@stockroom/queues';
import type { CliEnv } from '../env.ts';
import type { FoundDatabase } from '../find-database.ts';
import { openSystemQueues } from '../open-system.ts';
import type { Finding } from './examine.ts';

export async function examineQueue(env: CliEnv, found: FoundDatabase): Promise<Finding[]> {
  let queues: Queues;
  try {
    ({ queues } = await openSystemQueues(env, found));
  } catch (error) {
    return [
      {
        subject: 'queue',
        state: 'bad',
        found: error instanceof Error ? error.message : String(error),
        todo:
          (error as { code?: string }).code === 'queue_unsafe'
            ? 'set maxmemory-policy noeviction in Redis: anything else forgets jobs when memory is short'
            : 'start the queue server, or correct REDIS_URL',
        isWorld: true,
      },
    ];
  }
  try {
    return [await healthFinding(queues), ...(await contentFindings(queues))];
  } finally {
    await queues.close({ timeoutMs: 2_000 });
  }
}

async function healthFinding(queues: Queues): Promise<Finding> {
  const { ok, backend, latencyMs, evictionPolicy, clockSkewMs, problem } = await queues.health();
  const facts = [
    `${backend} answers in ${Math.round(latencyMs ?? 0)} ms`,
    ...(evictionPolicy === undefined ? [] : [`policy ${evictionPolicy}`]),
    ...(clockSkewMs === undefined ? [] : [`clock skew ${clockSkewMs} ms`]),
  ];
  if (ok) return { subject: 'queue', state: 'good', found: facts.join(', ') };
  return {
    subject: 'queue',
    state: 'bad',
    found: problem ?? facts.join(', '),
    todo: 'see docs/operations for the queue server',
    isWorld: true,
  };
}

async function contentFindings(queues: Queues): Promise<Finding[]> {
  const ops = createOps(queues);
  const findings: Finding[] = [];
  let workers = 0;
  for (const name of queueNames) {
    const counts = await ops.counts(name);
    workers += await ops.workers(name);
    const { waiting, active, delayed, failed, paused } = counts;
    const subject = `queue ${name}`;
    const found = `${waiting} waiting, ${active} active, ${delayed} delayed, ${failed} failed`;
    if (paused) {
      findings.push({
        subject,
        state: 'bad',
        found: `paused; ${found}`,
        todo: 'find out who paused it (a refused SMTP login does), then resume it',
      });
    } else if (failed > 0) {
      findings.push({
        subject,
        state: 'bad',
        found,
        todo: 'look at the failed jobs on the board, then retry or remove them',
      });
    } else if (waiting + active + delayed > 0) findings.push({ subject, state: 'good', found });
  }
  const subject = 'workers';
  if (workers > 0) findings.push({ subject, state: 'good', found: `${workers} queue workers are connected` });
  else
    findings.push({
      subject,
      state: 'note',
      found: 'none is connected',
      todo: 'nothing will be settled until one runs: stockroom up, or apps/worker',
    });
  return findings;
}
