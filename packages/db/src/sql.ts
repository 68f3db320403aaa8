// The narrow door to Postgres: named statements, run on one connection, with errors that say when to try again.

import type { EntityManager } from '@mikro-orm/postgresql';
import { CompiledQuery } from 'kysely';
import pg from 'pg';
import { engineErrorFromPg } from './engine-error-from-pg.ts';

/** A prepared statement. The name is unique in the whole program and at most 63 bytes, as Postgres wants it. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** Runs statements: on one transaction's connection, or each on any connection of the pool. */
export interface Sql {
  /** Rows as Postgres types say: bigint and numeric as text, timestamptz as Date, jsonb parsed. */
  query<Row>(statement: Statement, params: readonly unknown[]): Promise<readonly Row[]>;
  /** Runs a statement and tells how many rows it changed. */
  affected(statement: Statement, params: readonly unknown[]): Promise<number>;
}

export function statement(name: string, text: string): Statement {
  if (Buffer.byteLength(name) > 63) throw new Error(`the statement name ${name} is longer than 63 bytes`);
  return { name, text };
}

/**
 * Many JSON texts as one parameter: an array of texts would have every quote escaped on the way and be parsed one by one.
 * Postgres takes it apart with `jsonb_array_elements`.
 */
export function jsonArray(texts: readonly string[]): string {
  return `[${texts.join(',')}]`;
}

type Runs = Pick<pg.Pool | pg.ClientBase, 'query'>;

/**
 * On one connection statements run in the order of the calls, also when they are not awaited one by one: the connection pipelines them.
 * @throws EngineError from every method.
 */
export function sqlOver(runs: Runs): Sql {
  async function run(asked: Statement, params: readonly unknown[]): Promise<pg.QueryResult> {
    try {
      // The ORM's pool keeps times as text for its own mapping; here the parsers of pg itself are wanted.
      return await runs.query({ ...asked, values: params as unknown[], types: pg.types });
    } catch (error) {
      throw engineErrorFromPg(error, asked.name);
    }
  }

  return {
    async query<Row>(asked: Statement, params: readonly unknown[]) {
      return (await run(asked, params)).rows as Row[];
    },
    async affected(asked, params) {
      return (await run(asked, params)).rowCount ?? 0;
    },
  };
}

/** SQL inside the transaction of an entity manager: both see the same rows, and commit or roll back together. */
export function sqlInside(em: EntityManager): Sql {
  async function run(asked: Statement, params: readonly unknown[]) {
    const transaction = em.getTransactionContext();
    if (transaction === undefined) throw new Error(`${asked.name} needs a transaction of the entity manager`);
    try {
      return await transaction.executeQuery(CompiledQuery.raw(asked.text, [...params]));
    } catch (error) {
      throw engineErrorFromPg(error, asked.name);
    }
  }
  return {
    async query<Row>(asked: Statement, params: readonly unknown[]) {
      return (await run(asked, params)).rows as Row[];
    },
    async affected(asked, params) {
      return Number((await run(asked, params)).numAffectedRows ?? 0);
    },
  };
}
