// Runs a replay: seeds the catalog, sends the events, waits for the answers, and compares all totals.

import { units } from '@stockroom/core';
import { type Database, resolveSkus, seedCatalog } from '@stockroom/db';
import { verify } from '@stockroom/engine';
import type { Queues } from '@stockroom/queues';
import { CliError, exitCodes } from '../exit-codes.ts';
import { type ActualTotals, actualTotals } from './actual-totals.ts';
import { awaitSettled, type Marks, type Progress, readMarks } from './await-settled.ts';
import { type Comparison, compareTotals } from './compare-totals.ts';
import { type ExpectedTotals, expectedTotals } from './expected-totals.ts';
import { planReplay, type ReplayPlan } from './plan-replay.ts';
import { readRetailLines } from './retail-line.ts';
import { type Speed, sendEvents } from './send-events.ts';

export type ReplayOptions = {
  csvPath: string;
  databaseUrl: string;
  speed: Speed;
  stockFactor: number;
  shipAfterMs: number;
  /** How long nothing may move before the replay gives up. */
  patienceMs: number;
  signal: AbortSignal;
  news(text: string): void;
};

export type ReplayResult = {
  ok: boolean;
  plan: ReplayPlan;
  sent: number;
  seconds: number;
  progress: Progress;
  expected: ExpectedTotals;
  actual: ActualTotals;
  comparisons: Comparison[];
  invariants: { ok: boolean; differences: number };
};

/** @throws CliError when the file or the catalog will not do; nothing has been sent then. @throws EngineError */
export async function runReplay(
  { db, queues }: { db: Database; queues: Queues },
  options: ReplayOptions,
): Promise<ReplayResult> {
  const { news, signal } = options;
  const lines = await readRetailLines(options.csvPath);
  const plan = planReplay(lines, options);
  news(
    `${lines.length} rows, ${plan.invoices.total} invoices, ${plan.products.length} SKUs: ${plan.events.length} events.`,
  );
  const skus = plan.products.map(({ sku }) => sku);
  await refuseKnown(db, skus);
  const expected = await expectedTotals(options.databaseUrl, options.csvPath, options.shipAfterMs);
  await seedCatalog(db, {
    products: plan.products.map(({ sku, name, onHand }) => ({ sku, name, onHand: units(onHand) })),
    actor: 'replay',
  });
  const marks: Marks = await readMarks(db);
  const tenths = everyTenth(plan.events.length, news);
  const startedAt = performance.now();
  const sent = await sendEvents(queues, plan.events, options.speed, signal, (count) => tenths(count, 'sent'));
  const progress = await awaitSettled(db, marks, sent, {
    patienceMs: options.patienceMs,
    signal,
    onProgress: ({ settled }) => tenths(settled, 'settled'),
  });
  const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
  const actual = await actualTotals(db, marks.event, skus);
  const comparisons = compareTotals(expected, actual, plan, options.stockFactor >= 1);
  const verified = await verify(db);
  const ok =
    sent === plan.events.length &&
    progress.settled === sent &&
    comparisons.every((comparison) => comparison.ok) &&
    verified.ok;
  const invariants = { ok: verified.ok, differences: verified.differences.length };
  return { ok, plan, sent, seconds, progress, expected, actual, comparisons, invariants };
}

/** Opening stock is only ours to choose for SKUs nobody has yet. */
async function refuseKnown(db: Database, skus: readonly string[]): Promise<void> {
  const known = [...(await resolveSkus(db.read, skus)).keys()].sort().slice(0, 3);
  if (known.length === 0) return;
  throw new CliError(
    exitCodes.failed,
    `The catalog already has SKUs of this file (${known.join(', ')} ...), so totals could not be compared. Use another folder (--data) or an empty database.`,
  );
}

/** A line of news whenever another tenth has been done. */
function everyTenth(total: number, news: (text: string) => void): (count: number, verb: string) => void {
  const told = new Map<string, number>();
  return (count, verb) => {
    const tenth = Math.floor((count * 10) / total);
    if (tenth <= (told.get(verb) ?? 0)) return;
    told.set(verb, tenth);
    news(`${count} of ${total} events ${verb}`);
  };
}
