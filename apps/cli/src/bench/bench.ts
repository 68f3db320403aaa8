// `stockroom bench`: the engine beside a yardstick, the naive design and the strongest fair opponent, in one run on durable settings.

import { randomUUID } from 'node:crypto';
import { measureYardstick, openQueues } from '@stockroom/queues';
import type { EngineRun, LatencyRun } from './engine-run.ts';
import { openRig, runLatency, runThroughput, verifyRig } from './engine-run.ts';
import { runNaive } from './naive.ts';
import { runOpponent } from './opponent.ts';
import { type BenchBackend, type BenchServers, startBenchServers } from './servers.ts';
import { costliestStatements, resetStatements } from './statements.ts';
import { type ProfileName, profileOf } from './workload.ts';

export interface BenchOptions {
  readonly backend: BenchBackend;
  readonly profiles: readonly ProfileName[];
  /** Orders per throughput profile. */
  readonly orders: number;
  readonly bells: string;
  readonly competitors: boolean;
  readonly latencyPerSecond: number;
  readonly latencySeconds: number;
  readonly redisUrl: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly profileDir: string | undefined;
  /** Log what the statements of each throughput run cost. */
  readonly statements: boolean;
  readonly log: (line: string) => void;
}

export interface ProfileResult {
  readonly ordersPerSecond: number;
  /** Orders per second over empty jobs per second, both of this run. */
  readonly ratio: number;
  readonly orders: number;
  readonly workerMemoryMb: number | null;
  readonly p50Ms?: number;
  readonly p95Ms?: number;
  readonly p99Ms?: number;
}

export interface BenchReport {
  readonly backend: BenchBackend;
  readonly bells: string;
  readonly durability: Readonly<Record<string, string>>;
  readonly yardstick: { readonly jobsPerSecond: number; readonly runs: readonly number[] };
  readonly naive: Readonly<
    Record<string, { readonly ordersPerSecond: number; readonly engineIsFasterBy: number }>
  >;
  readonly opponent: Readonly<
    Record<string, { readonly ordersPerSecond: number; readonly engineIsFasterBy: number }>
  >;
  readonly profiles: Readonly<Record<string, ProfileResult>>;
  /** Cost of an order over a million products against twenty thousand. */
  readonly wideOverUniform: number | null;
}

/** Competitors run on these; the others differ only in the shape of the load. */
const contested: readonly ProfileName[] = ['uniform', 'hot'];

export async function runBench(options: BenchOptions): Promise<BenchReport> {
  const { log } = options;
  const servers = await startBenchServers(options);
  try {
    const yardsticks: number[] = [];
    const runs = new Map<ProfileName, EngineRun>();
    const latencies = new Map<ProfileName, LatencyRun>();
    const naive = new Map<string, number>();
    const opponent = new Map<string, number>();
    yardsticks.push(await yardstick(servers, options));
    for (const name of options.profiles) {
      const profile = profileOf(name, options.orders);
      const rig = await openRig({ ...options, servers, products: profile.products });
      try {
        // The first orders of a new process are compiled, not measured.
        await runThroughput(rig, profileOf(name, 2_000));
        if (options.statements) await resetStatements(rig.db);
        const run = await runThroughput(rig, profile);
        if (options.statements)
          for (const line of await costliestStatements(rig.db, profile.orders)) log(line);
        runs.set(name, run);
        log(`${name}: ${run.ordersPerSecond} orders/s, worker ${run.workerMemoryMb ?? '?'} MB`);
        if (name === 'uniform') {
          const orders = options.latencyPerSecond * options.latencySeconds;
          const latency = await runLatency(rig, profileOf(name, orders), options.latencyPerSecond);
          latencies.set(name, latency);
          log(
            `latency at ${latency.sentPerSecond} orders/s: p50 ${latency.p50Ms} p95 ${latency.p95Ms} p99 ${latency.p99Ms} ms`,
          );
        }
        await verifyRig(rig);
      } finally {
        await rig.close();
      }
      if (options.competitors && contested.includes(name)) {
        const fewer = profileOf(name, Math.min(options.orders, 5_000));
        naive.set(name, (await runNaive(servers, options.backend, fewer)).ordersPerSecond);
        log(`naive ${name}: ${naive.get(name)} orders/s`);
        opponent.set(name, (await runOpponent(servers, profile)).ordersPerSecond);
        log(`opponent ${name}: ${opponent.get(name)} orders/s`);
      }
      yardsticks.push(await yardstick(servers, options));
    }
    return report(options, servers, { yardsticks, runs, latencies, naive, opponent });
  } finally {
    await servers.stop();
  }
}

/** Empty jobs of the same backend on the same server, between the profiles: the machine is not equally fast all the time. */
async function yardstick(servers: BenchServers, options: BenchOptions): Promise<number> {
  const databaseUrl = await servers.createDatabase(`yardstick_${randomUUID().slice(0, 8)}`);
  const queues = await openQueues({
    backend: options.backend,
    ...(servers.redisUrl === null ? {} : { redisUrl: servers.redisUrl }),
    databaseUrl,
    prefix: options.backend === 'redis' ? `yardstick-${randomUUID().slice(0, 8)}` : 'bullmq',
    log: { info() {}, warn() {}, error() {} },
  });
  try {
    const jobs = options.backend === 'redis' ? 20_000 : 5_000;
    await measureYardstick(queues, { jobs: Math.ceil(jobs / 5) });
    const { jobsPerSecond } = await measureYardstick(queues, { jobs });
    options.log(`yardstick: ${jobsPerSecond} empty jobs/s`);
    return jobsPerSecond;
  } finally {
    await queues.close({ timeoutMs: 5_000 });
  }
}

interface Measured {
  readonly yardsticks: readonly number[];
  readonly runs: ReadonlyMap<ProfileName, EngineRun>;
  readonly latencies: ReadonlyMap<ProfileName, LatencyRun>;
  readonly naive: ReadonlyMap<string, number>;
  readonly opponent: ReadonlyMap<string, number>;
}

function report(options: BenchOptions, servers: BenchServers, measured: Measured): BenchReport {
  const jobsPerSecond = median(measured.yardsticks);
  const profiles: Record<string, ProfileResult> = {};
  for (const [name, run] of measured.runs) {
    const latency = measured.latencies.get(name);
    profiles[name] = {
      ordersPerSecond: run.ordersPerSecond,
      ratio: round(run.ordersPerSecond / jobsPerSecond),
      orders: run.orders,
      workerMemoryMb: run.workerMemoryMb,
      ...(latency === undefined ? {} : { p50Ms: latency.p50Ms, p95Ms: latency.p95Ms, p99Ms: latency.p99Ms }),
    };
  }
  const against = (others: ReadonlyMap<string, number>) =>
    Object.fromEntries(
      [...others].map(([name, ordersPerSecond]) => [
        name,
        {
          ordersPerSecond,
          engineIsFasterBy: round((profiles[name]?.ordersPerSecond ?? 0) / ordersPerSecond),
        },
      ]),
    );
  const { uniform, wide } = profiles;
  return {
    backend: options.backend,
    bells: options.bells,
    durability: servers.durability,
    yardstick: { jobsPerSecond, runs: measured.yardsticks },
    naive: against(measured.naive),
    opponent: against(measured.opponent),
    profiles,
    wideOverUniform:
      uniform === undefined || wide === undefined
        ? null
        : round(uniform.ordersPerSecond / wide.ordersPerSecond),
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

const round = (value: number) => Math.round(value * 1_000) / 1_000;
