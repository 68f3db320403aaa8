// What a worker is given to start with, and what its roles share.
import type { Database } from '@stockroom/db';
import type { Announcer, DeliveryLimits } from '@stockroom/engine';
import type { BellMode, Feed, Log, Queues } from '@stockroom/queues';
import type { WorkerMetrics } from './metrics.ts';

export const workerRoles = ['receive', 'stock', 'mail', 'sweep'] as const;
export type WorkerRole = (typeof workerRoles)[number];

export type WorkerOptions = {
  db: Database;
  queues: Queues;
  feed: Feed;
  /** At least one. Roles may be spread over any number of processes, each as often as wanted. */
  roles: readonly WorkerRole[];
  bells: BellMode;
  /** Needed by role `mail`. */
  smtp?: SmtpOptions;
  log: Log;
  /** Of the health endpoint, default 127.0.0.1. */
  host?: string;
  /** Of the health endpoint; 0: a free port; absent: none. */
  port?: number;
  tuning?: WorkerTuning;
};

export type SmtpOptions = {
  /** `smtp://user:password@host:port` or `smtps://...`. */
  url: string;
  /** `Name <address>`. */
  from: string;
  /** Where links in mails begin; without it mails carry no links. */
  publicUrl?: string;
};

/** Numbers that only tests and benchmarks change. */
export type WorkerTuning = {
  /** Events in work at the same time (default 500): each waits in a batch, so this bounds how large a batch can grow. */
  receiveConcurrency?: number;
  /** Default: one for each bell, at most 256. */
  stockConcurrency?: number;
  /** Mails being sent at the same time, and connections to the mail server (default 5). */
  mailConcurrency?: number;
  mailLimits?: DeliveryLimits;
  /** Default 2,000. */
  sweepEveryMs?: number;
  /** See queues; shortened by tests of takeovers. */
  lockDurationMs?: number;
  stalledIntervalMs?: number;
};

/** What every role gets. */
export type RoleParts = {
  db: Database;
  queues: Queues;
  bells: BellMode;
  ring: (bells: Iterable<string>) => Promise<unknown>;
  announcer: Announcer;
  metrics: WorkerMetrics;
  log: Log;
  smtp: SmtpOptions | undefined;
  tuning: WorkerTuning;
};

/** A role at work. */
export type RunningRole = {
  /** Resolves when jobs are being fetched. */
  ready(): Promise<unknown>;
  /** Its steps one after another, each given the milliseconds that are left. False when work was left to another worker. */
  close(timeLeftMs: () => number): Promise<boolean>;
};

/** The lock settings of every queue worker of this process. */
export function lockOptions({ lockDurationMs, stalledIntervalMs }: WorkerTuning) {
  return {
    ...(lockDurationMs === undefined ? {} : { lockDurationMs }),
    ...(stalledIntervalMs === undefined ? {} : { stalledIntervalMs }),
  };
}
