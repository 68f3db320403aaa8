// Proves that every promise holds: what the database can be asked about (I1 to I7), and each order replayed through the core (I5).

import type { Database, Difference, OrderHistory, Verified, VerifyOptions } from '@stockroom/db';
import { readOrderHistories, verifyDatabase } from '@stockroom/db';
import type { ReplayDifference } from './replay-order.ts';
import { replayChecks, replayOrder } from './replay-order.ts';

/** Orders in memory at once; a few thousand rows, however many orders there are. */
const ordersPerPage = 500;

/**
 * Checks every invariant on a live database. Each order is seen at one moment, so nothing has to stand still.
 * @param options.limit most differences named per check
 * @returns what was checked, over how many rows, and what broke it. Changes nothing; a repeat looks again.
 * @throws EngineError when the database failed.
 */
export async function verify(db: Database, options: VerifyOptions = {}): Promise<Verified> {
  const verified = await verifyDatabase(db, options);
  const replayed = await replayAll(db, options.limit ?? 20);
  const differences = [...verified.differences, ...replayed.differences];
  return {
    ok: differences.length === 0,
    settledOrders: verified.settledOrders,
    checked: [...verified.checked, ...replayed.checked],
    differences,
  };
}

async function replayAll(db: Database, limit: number): Promise<Pick<Verified, 'checked' | 'differences'>> {
  const found = new Map<ReplayDifference['check'], Difference[]>();
  let orders = 0;
  let lines = 0;
  for await (const order of allOrders(db)) {
    orders += 1;
    lines += order.lines.length;
    for (const { check, facts } of replayOrder(order)) {
      const known = found.get(check) ?? [];
      found.set(check, known);
      if (known.length < limit) known.push({ id: 'I5', name: replayChecks[check], facts });
    }
  }
  const checks = Object.keys(replayChecks) as ReplayDifference['check'][];
  return {
    checked: checks.map((check) => ({
      id: 'I5',
      name: replayChecks[check],
      rows: check === 'state' ? orders : lines,
    })),
    differences: checks.flatMap((check) => found.get(check) ?? []),
  };
}

/** Every placed order, page by page; the rows of one page are of one moment. */
async function* allOrders(db: Database): AsyncGenerator<OrderHistory> {
  let after = 0;
  for (;;) {
    const from = after;
    const page = await db.transaction((sql) => readOrderHistories(sql, from, ordersPerPage), {
      mode: 'snapshot_read_only',
    });
    yield* page;
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.orderId;
  }
}
