// Who may call a procedure: every procedure carries one of these rules, and what has no rule is refused.

import type { ApiRole } from '@stockroom/db';

/** Store codes an input or a result speaks of; `all` when it speaks of every store. */
export type SpokenStores = readonly string[] | 'all';

export interface Rule<Input = never, Output = never> {
  readonly roles: readonly ApiRole[];
  /**
   * `any`: what every store shares, open to keys of single stores. `all`: concerns every store, so only keys of all stores.
   * Otherwise the stores named by the input, or by what was found.
   */
  readonly stores:
    | 'any'
    | 'all'
    | { readonly ofInput: (input: Input) => SpokenStores }
    | { readonly ofResult: (output: Output) => SpokenStores };
}

export const everyone: readonly ApiRole[] = ['admin', 'ops', 'editor', 'service', 'reader'];

/** The caller as proved by its key. */
export interface Caller {
  readonly name: string;
  /** The part of the key that may be shown and logged. */
  readonly prefix: string;
  readonly role: ApiRole;
  /** null = all stores. */
  readonly stores: readonly string[] | null;
}

/** May a key with these stores speak of those? */
export function coversStores(caller: Caller, spoken: SpokenStores): boolean {
  if (caller.stores === null) return true;
  if (spoken === 'all') return false;
  const own = new Set(caller.stores);
  return spoken.every((store) => own.has(store));
}
