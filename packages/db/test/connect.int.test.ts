// The connection: transactions that collide are tried again, everything else is told apart, and a lost server comes back by itself.

import { EngineError } from '@stockroom/contracts';
import { eventually, startTestPostgres } from '@stockroom/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Database, openDatabase } from '../src/connect.ts';
import { statement } from '../src/sql.ts';

// A server of its own: it is restarted here.
let server: Awaited<ReturnType<typeof startTestPostgres>>;
let db: Database;
const lines: string[] = [];

beforeAll(async () => {
  server = await startTestPostgres();
  db = await openDatabase({
    url: server.url,
    poolMax: 4,
    lockTimeoutMs: 200,
    statementTimeoutMs: 2_000,
    log: (line) => lines.push(line),
  });
  await db.pool.query(
    'create schema t; create table t.n (id int primary key, v int not null check (v >= 0))',
  );
});
beforeEach(async () => {
  await db.pool.query('truncate t.n; insert into t.n values (1, 0), (2, 0)');
});
afterAll(async () => {
  await db?.close();
  await server?.stop();
});

const one = statement('test_one', 'select 1 as one');
const add = statement('test_add', 'update t.n set v = v + $2 where id = $1');
const values = statement('test_values', 'select v from t.n order by id');
const fail = statement('test_fail', 'select 1 / 0');
const sleep = statement('test_sleep', 'select pg_sleep(10)');

const currentValues = async () => (await db.read.query<{ v: number }>(values, [])).map(({ v }) => v);

describe('a transaction', () => {
  test('commits what it did and returns what its work returned', async () => {
    expect(await db.transaction((sql) => sql.affected(add, [1, 5]))).toBe(1);
    expect(await currentValues()).toEqual([5, 0]);
  });

  test('rolls back and passes on what its work throws, unchanged', async () => {
    const defect = new TypeError('mine');
    const run = db.transaction(async (sql) => {
      await sql.affected(add, [1, 5]);
      throw defect;
    });
    await expect(run).rejects.toBe(defect);
    expect(await currentValues()).toEqual([0, 0]);
  });

  test('runs statements in the order asked, also when they are not awaited one by one', async () => {
    const seen = await db.transaction(async (sql) => {
      const [, rows] = await Promise.all([
        sql.affected(add, [1, 5]),
        sql.query(values, []),
        sql.affected(add, [2, 1]),
      ]);
      return rows;
    });
    expect(seen).toEqual([{ v: 5 }, { v: 0 }]);
  });

  test('is tried again after a deadlock until both of two opposite ones are done', async () => {
    let runs = 0;
    let arrived = 0;
    let meet = () => {};
    const bothHoldOne = new Promise<void>((resolve) => {
      meet = resolve;
    });
    // lock_timeout is shorter than deadlock_timeout in this file; here the deadlock must be found.
    const patient = await openDatabase({ url: server.url, lockTimeoutMs: 0 });
    const opposite = (first: number, second: number) =>
      patient.transaction(async (sql) => {
        runs += 1;
        await sql.affected(add, [first, 1]);
        arrived += 1;
        if (arrived === 2) meet();
        await bothHoldOne;
        await sql.affected(add, [second, 1]);
      });
    await Promise.all([opposite(1, 2), opposite(2, 1)]);
    await patient.close();
    expect(await currentValues()).toEqual([2, 2]);
    expect(runs).toBe(3);
  });

  test('gives up after the retries it was given', async () => {
    let runs = 0;
    const run = db.transaction(
      async () => {
        runs += 1;
        throw new EngineError('deadlock', 'again', { retry: 'soon' });
      },
      { retries: 2 },
    );
    await expect(run).rejects.toMatchObject({ code: 'deadlock' });
    expect(runs).toBe(3);
  });

  test('says so when an error inside it was swallowed, instead of pretending to have committed', async () => {
    const run = db.transaction(async (sql) => {
      await sql.affected(add, [1, 5]);
      await sql.query(fail, []).catch(() => {});
    });
    await expect(run).rejects.toMatchObject({ code: 'transaction_aborted', retry: 'never' });
    expect(await currentValues()).toEqual([0, 0]);
  });

  test('with mode snapshot_read_only sees one state and cannot write', async () => {
    await db.transaction(
      async (sql) => {
        expect(await sql.query(values, [])).toEqual([{ v: 0 }, { v: 0 }]);
        await db.transaction((other) => other.affected(add, [1, 5]));
        expect(await sql.query(values, [])).toEqual([{ v: 0 }, { v: 0 }]);
      },
      { mode: 'snapshot_read_only' },
    );
    await expect(
      db.transaction((sql) => sql.affected(add, [1, 5]), { mode: 'snapshot_read_only' }),
    ).rejects.toBeInstanceOf(EngineError);
  });
});

describe('errors of Postgres', () => {
  test('a violated check is never worth a retry', async () => {
    await expect(db.transaction((sql) => sql.affected(add, [1, -1]))).rejects.toMatchObject({
      code: 'check_violation',
      retry: 'never',
      message: expect.stringContaining('n_v_check'),
    });
  });

  test('a lock that is not given in time is worth a retry soon', async () => {
    await db.transaction(async (sql) => {
      await sql.affected(add, [1, 1]);
      await expect(db.transaction((other) => other.affected(add, [1, 1]))).rejects.toMatchObject({
        code: 'lock_timeout',
        retry: 'soon',
      });
    });
  });

  test('a statement that runs too long is ended', async () => {
    const hasty = await openDatabase({ url: server.url, statementTimeoutMs: 50 });
    await expect(hasty.read.query(sleep, [])).rejects.toMatchObject({
      code: 'statement_timeout',
      retry: 'soon',
    });
    await hasty.close();
  });

  test('an exhausted pool says so', async () => {
    const narrow = await openDatabase({ url: server.url, poolMax: 1, connectTimeoutMs: 50 });
    await narrow.transaction(async () => {
      await expect(narrow.read.query(one, [])).rejects.toMatchObject({
        code: 'pool_exhausted',
        retry: 'soon',
      });
    });
    await narrow.close();
    await expect(narrow.read.query(one, [])).rejects.toMatchObject({
      code: 'database_closed',
      retry: 'never',
    });
  });

  test('a prepared statement whose result changed under it heals with the next call', async () => {
    const star = statement('test_star', 'select * from t.star');
    const narrow = await openDatabase({ url: server.url, poolMax: 1 });
    await narrow.pool.query('create table t.star (a int)');
    await narrow.transaction((sql) => sql.query(star, []));
    await db.pool.query('alter table t.star add column b int');
    await expect(narrow.transaction((sql) => sql.query(star, []))).rejects.toMatchObject({
      code: 'stale_statement',
      retry: 'soon',
    });
    expect(await narrow.transaction((sql) => sql.query(star, []))).toEqual([]);
    await narrow.close();
  });
});

describe('a lost connection', () => {
  const killAll = `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'stockroom' and pid <> pg_backend_pid()`;

  test('ends the transaction with retry soon, and the next one works', async () => {
    await expect(
      db.transaction(async (sql) => {
        await sql.affected(add, [1, 5]);
        const killer = await openDatabase({ url: server.url, applicationName: 'killer' });
        await killer.pool.query(killAll);
        await killer.close();
        await sql.affected(add, [1, 5]);
      }),
    ).rejects.toMatchObject({ code: 'connection_lost', retry: 'soon' });
    expect(await db.transaction((sql) => sql.affected(add, [1, 1]))).toBe(1);
    expect(await currentValues()).toEqual([1, 0]);
  });

  test('that breaks before the commit is answered is in doubt', async () => {
    await expect(
      db.transaction(async (sql) => {
        await sql.affected(add, [1, 5]);
        const killer = await openDatabase({ url: server.url, applicationName: 'killer' });
        await killer.pool.query(killAll);
        await killer.close();
      }),
    ).rejects.toMatchObject({ code: 'commit_in_doubt', retry: 'soon' });
  });

  test('of every idle connection does not fail a transaction, even before the news of it has come', async () => {
    await Promise.all(Array.from({ length: 4 }, () => db.transaction((sql) => sql.query(one, []))));
    const killer = await openDatabase({ url: server.url, applicationName: 'killer' });
    await killer.pool.query(killAll);
    await killer.close();
    expect(await db.transaction((sql) => sql.query(one, []))).toEqual([{ one: 1 }]);
  });

  test('of idle connections goes unnoticed but for a line in the log', async () => {
    await Promise.all(Array.from({ length: 4 }, () => db.read.query(one, [])));
    lines.length = 0;
    const killer = await openDatabase({ url: server.url, applicationName: 'killer' });
    await killer.pool.query(killAll);
    await killer.close();
    await eventually(() => expect(lines.join()).toContain('connection lost'));
    // A connection may be handed out in the moment between its end and the news of it; only then a call fails, with retry soon.
    await eventually(async () => expect(await db.read.query(one, [])).toEqual([{ one: 1 }]));
  });

  test('by a restart of the server heals by itself; meanwhile every call says retry soon', async () => {
    expect(await db.read.query(one, [])).toHaveLength(1);
    await server.kill('SIGQUIT');
    await eventually(async () =>
      expect(await db.read.query(one, []).catch((error: unknown) => error)).toMatchObject({
        code: 'database_unavailable',
        retry: 'soon',
      }),
    );
    await server.restart();
    expect(await db.read.query(one, [])).toEqual([{ one: 1 }]);
    expect(await db.transaction((sql) => sql.query(one, []))).toEqual([{ one: 1 }]);
    expect(await db.orm.em.fork().execute('select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('may also be there from the start: opening needs no server', async () => {
    const nobody = await openDatabase({ url: 'postgres://a:b@127.0.0.1:1/none' });
    await expect(nobody.transaction(async () => {})).rejects.toMatchObject({
      code: 'database_unavailable',
      retry: 'soon',
    });
    await nobody.close();
  });
});
