// What a change of the catalog answers: the thing as it is now, or what was wrong with the input.

import { engineErrorFromPg, isFromPg } from '../engine-error-from-pg.ts';

export interface CatalogProblem {
  readonly code: 'already_exists' | 'not_found' | 'invalid_input';
  readonly field: string;
  readonly message: string;
}

export type CatalogAnswer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: CatalogProblem };

export function done<T>(value: T): CatalogAnswer<T> {
  return { ok: true, value };
}

export function refused(
  code: CatalogProblem['code'],
  field: string,
  message: string,
): { readonly ok: false; readonly problem: CatalogProblem } {
  return { ok: false, problem: { code, field, message } };
}

export function notFound(field: string, what: string, value: string) {
  return refused('not_found', field, `there is no ${what} "${value}"`);
}

// Which input field each unique constraint speaks of.
const uniqueFields: Readonly<Record<string, string>> = {
  product_sku_unique: 'sku',
  stock_item_sku_unique: 'sku',
  location_code_unique: 'code',
  store_code_unique: 'code',
  contact_group_pkey: 'code',
  contact_group_code_email_unique: 'email',
};

/**
 * Runs a change; a doubled key becomes an answer.
 * @throws EngineError for everything else that Postgres said.
 */
export async function answering<T>(work: () => Promise<CatalogAnswer<T>>): Promise<CatalogAnswer<T>> {
  try {
    return await work();
  } catch (error) {
    const { code, constraint } = error as { code?: string; constraint?: string };
    const field = code === '23505' ? uniqueFields[constraint ?? ''] : undefined;
    if (field !== undefined) return refused('already_exists', field, `this ${field} is taken already`);
    // A defect of ours is no word of Postgres and passes as it is.
    throw isFromPg(error) ? engineErrorFromPg(error, 'catalog') : error;
  }
}
