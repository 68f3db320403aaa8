// Checks every invariant that the database can be asked about, in one snapshot, so that the answer is right on a live system.

import type { Database } from '../connect.ts';
import { type Sql, statement } from '../sql.ts';
import type { Check } from './check.ts';
import { corridorChecks } from './checks-corridor.ts';
import { ledgerChecks } from './checks-ledger.ts';

export interface Difference {
  readonly id: string;
  readonly name: string;
  /** The row that breaks the invariant, by the names of the columns. */
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface Verified {
  readonly ok: boolean;
  /** Orders that are placed and decided. */
  readonly settledOrders: number;
  /** What was checked, and how many rows that looked at. */
  readonly checked: readonly { readonly id: string; readonly name: string; readonly rows: number }[];
  /** At most `limit` per check. */
  readonly differences: readonly Difference[];
}

export interface VerifyOptions {
  /** Most differences named per check. */
  readonly limit?: number;
  /** From when on something that is due counts as forgotten. */
  readonly overdueMs?: number;
}

const checks: readonly Check[] = [...ledgerChecks, ...corridorChecks];

/** I5 (replaying orders through the rules) is not asked here: the database does not know the rules. */
export function verifyDatabase(db: Database, options: VerifyOptions = {}): Promise<Verified> {
  return db.transaction((sql) => verifyIn(sql, options), { mode: 'snapshot_read_only' });
}

async function verifyIn(sql: Sql, { limit = 20, overdueMs = 600_000 }: VerifyOptions): Promise<Verified> {
  // Looking at everything takes as long as there is of it.
  await sql.query(statement('verify_patience', `select set_config('statement_timeout', '0', true)`), []);
  const checked: { id: string; name: string; rows: number }[] = [];
  const differences: Difference[] = [];
  const rowsOf = new Map<string, number>();
  for (const [index, check] of checks.entries()) {
    const rows = rowsOf.get(check.examines) ?? (await countRows(sql, check.examines));
    rowsOf.set(check.examines, rows);
    checked.push({ id: check.id, name: check.name, rows });
    for (const facts of await differencesOf(sql, check, index, limit, overdueMs)) {
      differences.push({ id: check.id, name: check.name, facts });
    }
  }
  return { ok: differences.length === 0, settledOrders: await countSettled(sql), checked, differences };
}

function differencesOf(
  sql: Sql,
  check: Check,
  index: number,
  limit: number,
  overdueMs: number,
): Promise<readonly Record<string, unknown>[]> {
  // Every query mentions both parameters, so that all of them are run the same way.
  const text = `select * from (${check.text}) difference where $1::double precision is not null limit $2`;
  return sql.query(statement(`verify_${index}`, text), [overdueMs / 1000, limit]);
}

async function countRows(sql: Sql, table: string): Promise<number> {
  const [row] = await sql.query<{ count: string }>(
    statement(`verify_count_${table}`, `select count(*) as count from stockroom.${table}`),
    [],
  );
  return Number(row?.count);
}

async function countSettled(sql: Sql): Promise<number> {
  const [row] = await sql.query<{ count: string }>(
    statement(
      'verify_settled_orders',
      `select count(*) as count from stockroom.shop_order where placed and state <> 'pending'`,
    ),
    [],
  );
  return Number(row?.count);
}
