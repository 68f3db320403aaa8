// The command line of `stockroom bench` and how its report reads.

import { type Command, InvalidArgumentError, Option } from 'commander';
import { childEnvironment, readCliEnv } from '../env.ts';
import { type BenchReport, runBench } from './bench.ts';
import type { BenchBackend } from './servers.ts';
import type { ProfileName } from './workload.ts';

const profileNames: readonly ProfileName[] = ['uniform', 'lines3', 'hot', 'zipf', 'wide'];

interface Flags {
  readonly backend: BenchBackend;
  readonly profile: readonly ProfileName[];
  readonly orders: number;
  readonly bells: string;
  readonly competitors: boolean;
  readonly rate: number;
  readonly seconds: number;
  readonly cpuProfile?: string;
  readonly statements?: boolean;
  readonly json?: boolean;
}

export function registerBench(program: Command): void {
  program
    .command('bench')
    .description(
      'measure orders per second beside a yardstick, the naive design and the strongest fair opponent',
    )
    .addOption(
      new Option('--backend <name>', 'queue backend').choices(['redis', 'postgres']).default('redis'),
    )
    .option('--profile <names>', `comma-separated: ${profileNames.join(', ')}`, parseProfiles, [
      ...profileNames,
    ])
    .option('--orders <n>', 'orders per profile', parseCount, 20_000)
    .option('--bells <n|product>', 'how many bells share the stock work', '64')
    .option('--no-competitors', 'measure only the engine and the yardstick')
    .option('--rate <n>', 'orders per second for the latency', parseCount, 500)
    .option('--seconds <n>', 'length of the latency run', parseCount, 10)
    .option('--cpu-profile <folder>', 'write a CPU profile of each worker')
    .option('--statements', 'log what each SQL statement cost per order')
    .option('--json', 'print the report as JSON')
    .action(async (flags: Flags) => {
      const report = await runBench({
        backend: flags.backend,
        profiles: flags.profile,
        orders: flags.orders,
        bells: flags.bells,
        competitors: flags.competitors,
        latencyPerSecond: flags.rate,
        latencySeconds: flags.seconds,
        redisUrl: readCliEnv().redisUrl,
        environment: childEnvironment(),
        profileDir: flags.cpuProfile,
        statements: flags.statements ?? false,
        log: (line) => process.stderr.write(`${line}\n`),
      });
      process.stdout.write(flags.json ? `${JSON.stringify(report, null, 2)}\n` : readable(report));
    });
}

function parseProfiles(value: string): ProfileName[] {
  return value.split(',').map((name) => {
    const known = profileNames.find((profile) => profile === name.trim());
    if (known === undefined)
      throw new InvalidArgumentError(`"${name}" is not one of ${profileNames.join(', ')}`);
    return known;
  });
}

function parseCount(value: string): number {
  const count = Number(value);
  if (!Number.isInteger(count) || count < 1)
    throw new InvalidArgumentError('must be a whole number of at least 1');
  return count;
}

function readable(report: BenchReport): string {
  const durable = Object.entries(report.durability)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
  const lines = [
    `queue backend ${report.backend}, ${report.bells} bells, Postgres with ${durable}`,
    `yardstick: ${report.yardstick.jobsPerSecond} empty jobs/s (${report.yardstick.runs.join(', ')})`,
    '',
  ];
  for (const [name, profile] of Object.entries(report.profiles)) {
    const latency =
      profile.p50Ms === undefined
        ? ''
        : `  p50 ${profile.p50Ms} p95 ${profile.p95Ms} p99 ${profile.p99Ms} ms`;
    lines.push(
      `${name.padEnd(8)} ${String(profile.ordersPerSecond).padStart(6)} orders/s  ${profile.ratio.toFixed(3)} of the yardstick  worker ${profile.workerMemoryMb ?? '?'} MB${latency}`,
    );
  }
  for (const [who, results] of [
    ['naive', report.naive],
    ['opponent', report.opponent],
  ] as const) {
    for (const [name, result] of Object.entries(results)) {
      lines.push(
        `${who} ${name}: ${result.ordersPerSecond} orders/s; the engine does ${result.engineIsFasterBy} times that`,
      );
    }
  }
  if (report.wideOverUniform !== null)
    lines.push(`a million products cost ${report.wideOverUniform} times twenty thousand`);
  return `${lines.join('\n')}\n`;
}
