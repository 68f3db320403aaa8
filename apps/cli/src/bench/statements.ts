// Where the database's time goes: what each statement cost, from pg_stat_statements.

import type { Database } from '@stockroom/db';

export async function resetStatements(db: Database): Promise<void> {
  await db.read.query({ name: '', text: 'create extension if not exists pg_stat_statements' }, []);
  await db.read.query({ name: '', text: 'select pg_stat_statements_reset()' }, []);
}

/** The dearest statements since the reset, one line each. */
export async function costliestStatements(db: Database, orders: number): Promise<readonly string[]> {
  const rows = await db.read.query<{ query: string; calls: string; total: number; wal: string }>(
    {
      name: '',
      text: `select left(regexp_replace(query, '\\s+', ' ', 'g'), 90) as query, calls, total_exec_time as total, wal_bytes as wal
               from pg_stat_statements where dbid = (select oid from pg_database where datname = current_database())
              order by total_exec_time desc limit 24`,
    },
    [],
  );
  return rows.map((row) => {
    const microseconds = ((row.total * 1_000) / orders).toFixed(1).padStart(7);
    const wal = (Number(row.wal) / orders).toFixed(0).padStart(5);
    return `${microseconds} us/order ${wal} WAL bytes/order ${row.calls.padStart(6)} calls  ${row.query}`;
  });
}
