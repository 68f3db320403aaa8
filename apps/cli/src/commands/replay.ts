// `stockroom replay`: a retailer's order lines as a year of real work, with every total checked against the file.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { migrateDatabase } from '@stockroom/db';
import { createOps, QUEUES } from '@stockroom/queues';
import { type RunningWorker, startWorker } from '@stockroom/worker';
import type { Command } from 'commander';
import type { CliEnv } from '../env.ts';
import { CliError, exitCodes } from '../exit-codes.ts';
import { findDatabase } from '../find-database.ts';
import { createLog } from '../log.ts';
import { type OpenedQueues, type OpenSystem, openSystem, openSystemQueues } from '../open-system.ts';
import { type Output, table } from '../output.ts';
import type { LeftOver } from '../replay/plan-replay.ts';
import { type ReplayResult, runReplay } from '../replay/run-replay.ts';
import type { Speed } from '../replay/send-events.ts';
import { action, type CommonOptions, wholeNumber } from '../run-command.ts';

type Options = CommonOptions & { speed: string; stockFactor: string; shipAfter: string; patience: string };

export function registerReplay(program: Command): void {
  const command = program
    .command('replay')
    .description(
      'send the order lines of a CSV file as events, and check every total at the end; exit 1 when one differs',
    )
    .argument('<csv>', 'columns invoice,time,sku,description,quantity,unit_price,customer,country')
    .option('--speed <max|factor>', 'as fast as it goes, or so many times faster than it was', 'max')
    .option('--stock-factor <n>', 'opening stock over what is needed to sell everything', '1')
    .option('--ship-after <hours>', 'how long after it was placed an order is shipped', '24')
    .option('--patience <seconds>', 'give up when nothing moves for so long', '60');
  action<Options>(command, async ({ options, args, env, output, signal }) => {
    const csvPath = resolve(args[0] ?? '');
    if (!existsSync(csvPath)) throw new CliError(exitCodes.usage, `There is no file ${csvPath}.`);
    const numbers = {
      speed: speedOf(options.speed),
      stockFactor: decimal('--stock-factor', options.stockFactor),
      shipAfterMs: decimal('--ship-after', options.shipAfter) * 3_600_000,
      patienceMs: wholeNumber('--patience', options.patience, 1, 86_400) * 1_000,
    };
    return withSystem(env, options.data, output, async (system, opened) => {
      const result = await runReplay(
        { db: system.db, queues: opened.queues },
        { csvPath, databaseUrl: system.found.url, ...numbers, signal, news: (text) => output.news(text) },
      );
      output.json(forPrograms(result));
      if (!output.isJson) say(output, result);
      return result.ok ? exitCodes.ok : exitCodes.failed;
    });
  });
}

function speedOf(text: string): Speed {
  return text === 'max' ? 'max' : decimal('--speed', text);
}

function decimal(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value > 0) return value;
  throw new CliError(exitCodes.usage, `${name} must be a number above 0; found "${text}".`);
}

/** The running system with its workers; or, where none is at work, a worker of our own for as long as it takes. */
async function withSystem(
  env: CliEnv,
  dataFolder: string,
  output: Output,
  body: (system: OpenSystem, opened: OpenedQueues) => Promise<number>,
): Promise<number> {
  await migrateEmbedded(env, dataFolder);
  const system = await openSystem(env, dataFolder, { create: true, poolMax: 12 });
  try {
    const opened = await openSystemQueues(env, system.found);
    let worker: RunningWorker | undefined;
    try {
      if ((await createOps(opened.queues).workers(QUEUES.stock)) === 0) {
        output.news('No worker is at work: one runs here until the end.');
        worker = await startWorker({
          db: system.db,
          ...opened,
          roles: ['receive', 'stock', 'sweep'],
          bells: env.bells,
          log: createLog(env.logLevel),
        });
      }
      return await body(system, opened);
    } finally {
      await worker?.close({ timeoutMs: 5_000 });
      await opened.queues.close({ timeoutMs: 2_000 });
    }
  } finally {
    await system.close();
  }
}

/** A data folder of our own is brought up to date without asking; somebody's database is not. */
async function migrateEmbedded(env: CliEnv, dataFolder: string): Promise<void> {
  if (env.databaseUrl !== undefined) return;
  const found = await findDatabase(env, dataFolder, { create: true });
  if (found.kind === 'started') await migrateDatabase({ url: found.url });
  await found.close();
}

function forPrograms({ plan, expected, actual, ...rest }: ReplayResult) {
  const { changeBySku: _changes, ...file } = expected;
  const { onHandBySku: _levels, ...system } = actual;
  const { products, events, ...counts } = plan;
  return { ...rest, ...counts, products: products.length, events: events.length, file, system };
}

function say(
  output: Output,
  { ok, plan, sent, seconds, progress, comparisons, invariants }: ReplayResult,
): void {
  const { invoices, cancellationRows, leftOver, events } = plan;
  const perSecond = Math.round(progress.settled / Math.max(0.1, seconds));
  output.line(
    `${invoices.total} invoices: ${invoices.orders} orders, ${invoices.cancellations} cancellations, ${invoices.corrections} stock corrections.`,
  );
  output.line(
    `${sent} of ${events.length} events sent, ${progress.settled} settled in ${seconds} s (${perSecond} per second).`,
  );
  const statuses = Object.entries(progress.statuses).map(([status, count]) => `${count} ${status}`);
  output.line(
    `Outcomes: ${statuses.join(', ')}; ${progress.refused} refused, ${progress.parked} parked, ${progress.early} waiting for their order.`,
  );
  const { total, matched, partly, unmatched } = cancellationRows;
  output.line(
    `Cancelled rows: ${total}, of which ${matched} matched a sale, ${partly} in part, ${unmatched} not at all.`,
  );
  for (const line of leftOverLines(leftOver)) output.line(line);
  output.line();
  const rows = comparisons.map((comparison) => [
    comparison.ok ? 'ok' : 'NO',
    comparison.file,
    comparison.system,
    comparison.what,
  ]);
  for (const line of table([['', 'file', 'system', ''], ...rows])) output.line(line);
  output.line();
  output.line(
    invariants.ok
      ? 'All invariants hold.'
      : `${invariants.differences} invariants do not hold: run "stockroom verify".`,
  );
  output.line(ok ? 'Everything adds up.' : 'This does not add up.');
}

const reasons: Record<LeftOver['reason'], string> = {
  no_earlier_sale: 'the customer bought no such thing before',
  fewer_left_than_cancelled: 'more cancelled than bought',
  guest_cancels: 'a guest cannot be found again',
  zero_quantity: 'no units',
  unknown_invoice_kind: 'neither a sale nor a cancellation',
};

function leftOverLines(leftOver: readonly LeftOver[]): string[] {
  const found = Object.keys(reasons) as LeftOver['reason'][];
  return found.flatMap((reason) => {
    const rows = leftOver.filter((left) => left.reason === reason);
    if (rows.length === 0) return [];
    const units = rows.reduce((sum, row) => sum + row.units, 0);
    return [
      `  parked: ${rows.length} rows, ${units} units: ${reasons[reason]} (${reason}; each row with --json)`,
    ];
  });
}
