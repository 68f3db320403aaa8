// Finds who calls, by the API key in the authorization header.

import type { Database } from '@stockroom/db';
import { findApiKey } from '@stockroom/db';
import type { Caller } from './rule.ts';

/** A revoked key works at most this long. */
const rememberedMs = 5_000;
const rememberedMax = 1_000;

export type FindCaller = (presented: string | null) => Promise<Caller | null>;

/**
 * @returns null when there is no key, or it is unknown, revoked or expired.
 * @throws EngineError when the database failed.
 */
export function createCallerFinder(db: Database): FindCaller {
  const remembered = new Map<string, { readonly caller: Caller; readonly untilMs: number }>();
  return async (presented) => {
    if (presented === null) return null;
    const known = remembered.get(presented);
    if (known !== undefined && known.untilMs > Date.now()) return known.caller;
    remembered.delete(presented);
    const found = await findApiKey(db, presented);
    if (found === null) return null;
    const caller: Caller = {
      name: found.name,
      prefix: found.prefix,
      role: found.role,
      stores: found.stores,
    };
    if (remembered.size >= rememberedMax) remembered.clear();
    const expiresMs = found.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
    remembered.set(presented, { caller, untilMs: Math.min(Date.now() + rememberedMs, expiresMs) });
    return caller;
  };
}

/** `Bearer sk_...`; null for anything else. */
export function bearerKey(authorization: string | undefined): string | null {
  return /^Bearer ([\x21-\x7e]{1,200})$/i.exec(authorization ?? '')?.[1] ?? null;
}

/** The password of `Basic ...`, whatever the user name: browsers ask for it on the ops board. */
export function basicKey(authorization: string | undefined): string | null {
  const encoded = /^Basic ([A-Za-z0-9+/=]{1,600})$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return null;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon === -1 ? null : text.slice(colon + 1);
}
