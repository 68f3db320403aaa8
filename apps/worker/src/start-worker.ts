// Starts a worker: the chosen roles in one process, with health, and an end in the right order.
import { assert } from '@stockroom/core';
import { type Announcer, createAnnouncer } from '@stockroom/engine';
import { checkBellMode, createRinger } from '@stockroom/queues';
import { closedWithin } from './closed-within.ts';
import { startHealthServer } from './health-server.ts';
import { createMetrics, type WorkerMetrics } from './metrics.ts';
import { startMail } from './roles/mail.ts';
import { startReceiving } from './roles/receive.ts';
import { startStock } from './roles/stock.ts';
import { startSweeping } from './roles/sweep.ts';
import type { RoleParts, RunningRole, WorkerOptions, WorkerRole } from './worker-options.ts';
import { workerRoles } from './worker-options.ts';

export type RunningWorker = {
  readonly roles: readonly WorkerRole[];
  /** Of the health endpoint; null without one. */
  readonly url: string | null;
  /**
   * Ends in the order in which work flows, so that what was begun is finished: receive, stock, mail, sweep. Never longer than `timeoutMs` and
   * a few seconds; what is left is taken over by another worker or the next start. The database and the queues stay open. A repeat waits for the first.
   */
  close(options: { timeoutMs: number }): Promise<{ drained: boolean }>;
};

/**
 * Starts at once and returns when every role fetches jobs. The database and the queues are the caller's, and must outlive the worker.
 * @throws AssertionError for options that contradict each other, EngineError when the queues do not answer, and the system's error for a
 * health port that is taken.
 */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const { db, queues, feed, log } = options;
  checkBellMode(options.bells);
  const roles = workerRoles.filter((role) => options.roles.includes(role));
  assert(roles.length > 0, 'a worker needs at least one role');
  assert(!roles.includes('mail') || options.smtp !== undefined, 'role mail needs smtp');
  const metrics = createMetrics(db);
  const announcer = createAnnouncer({
    db,
    queues,
    feed,
    log: (problem) => log.warn({ problem }, 'not announced'),
  });
  const parts: RoleParts = {
    db,
    queues,
    bells: options.bells,
    ring: createRinger(queues),
    announcer: counting(announcer, metrics),
    metrics,
    log,
    smtp: options.smtp,
    tuning: options.tuning ?? {},
  };
  const health =
    options.port === undefined
      ? null
      : await startHealthServer({
          db,
          queues,
          metrics,
          roles,
          host: options.host ?? '127.0.0.1',
          port: options.port,
        });
  const running = roles.map((role) => start(role, parts));
  await Promise.all(running.map((role) => role.ready()));
  log.info({ roles, bells: options.bells, health: health?.url ?? null }, 'worker started');

  let closing: Promise<{ drained: boolean }> | undefined;
  return {
    roles,
    url: health?.url ?? null,
    close({ timeoutMs }) {
      closing ??= closeInOrder(running, timeoutMs).then(async (drained) => {
        if (health !== null) await closedWithin(health.close(), 1_000);
        log.info({ drained }, 'worker stopped');
        return { drained };
      });
      return closing;
    },
  };
}

function start(role: WorkerRole, parts: RoleParts): RunningRole {
  switch (role) {
    case 'receive':
      return startReceiving(parts);
    case 'stock':
      return startStock(parts);
    case 'mail':
      assert(parts.smtp !== undefined, 'role mail needs smtp');
      return startMail(parts, parts.smtp);
    case 'sweep':
      return startSweeping(parts);
  }
}

async function closeInOrder(running: readonly RunningRole[], timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  let drained = true;
  for (const role of running) {
    if (!(await role.close(() => Math.max(0, deadline - Date.now())))) drained = false;
  }
  return drained;
}

function counting(announcer: Announcer, metrics: WorkerMetrics): Announcer {
  return {
    announceDue: () => announcer.announceDue(),
    announce(news) {
      for (const { outcome } of news.replies) metrics.outcomes.inc({ status: outcome.status });
      for (const { status } of news.watched) metrics.outcomes.inc({ status });
      return announcer.announce(news);
    },
  };
}
