// API keys: shown once when made, kept as a hash only.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Database } from '../connect.ts';
import { ApiKeyEntity, type ApiKeyRow } from '../entities/catalog.ts';
import { answering, type CatalogAnswer, done, notFound } from './catalog-answer.ts';

export type ApiRole = ApiKeyRow['role'];

export interface ApiKey {
  readonly keyId: number;
  readonly name: string;
  /** The part of the key that may be shown and logged. */
  readonly prefix: string;
  readonly role: ApiRole;
  /** Store codes it may speak for; null = all. */
  readonly stores: readonly string[] | null;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  readonly lastUsedAt: Date | null;
}

const keyForm = /^sk_([0-9a-f]{12})_([A-Za-z0-9_-]{43})$/;
const hashOf = (key: string) => createHash('sha256').update(key).digest();
const useNotedEveryMs = 60_000;

/** Makes a key. `key` is the only copy: it cannot be read again. To rotate, make a second one and revoke the first later. */
export async function createApiKey(
  db: Database,
  input: {
    readonly name: string;
    readonly role: ApiRole;
    readonly stores?: readonly string[] | null;
    readonly expiresAt?: Date | null;
  },
): Promise<CatalogAnswer<{ readonly key: string; readonly apiKey: ApiKey }>> {
  const prefix = randomBytes(6).toString('hex');
  // 256 random bits: guessing is hopeless, so a plain hash is enough and no password hash is needed.
  const key = `sk_${prefix}_${randomBytes(32).toString('base64url')}`;
  return answering(async () => {
    const em = db.orm.em.fork();
    const row = em.create(ApiKeyEntity, {
      name: input.name,
      prefix,
      hash: hashOf(key),
      role: input.role,
      stores: input.stores === undefined || input.stores === null ? null : [...input.stores],
      createdAt: new Date(),
      expiresAt: input.expiresAt ?? null,
    });
    await em.flush();
    return done({ key, apiKey: apiKeyFrom(row) });
  });
}

/**
 * The key that a caller presents, if it is known and neither revoked nor expired. Notes its use at most once a minute.
 * @throws EngineError
 */
export async function findApiKey(db: Database, presented: string, now = new Date()): Promise<ApiKey | null> {
  const prefix = keyForm.exec(presented)?.[1];
  if (prefix === undefined) return null;
  const answer = await answering(async () => {
    const em = db.orm.em.fork();
    const row = await em.findOne(ApiKeyEntity, { prefix });
    if (row === null || !timingSafeEqual(hashOf(presented), row.hash)) return done(null);
    if (row.revokedAt || (row.expiresAt && row.expiresAt <= now)) return done(null);
    if (!row.lastUsedAt || now.getTime() - row.lastUsedAt.getTime() >= useNotedEveryMs) {
      await em.nativeUpdate(ApiKeyEntity, { id: row.id }, { lastUsedAt: now });
      row.lastUsedAt = now;
    }
    return done(apiKeyFrom(row));
  });
  return answer.ok ? answer.value : null;
}

/** From now on the key is refused. A repeat keeps the first time. */
export function revokeApiKey(db: Database, prefix: string, now = new Date()): Promise<CatalogAnswer<ApiKey>> {
  return answering(async () => {
    const em = db.orm.em.fork();
    const row = await em.findOne(ApiKeyEntity, { prefix });
    if (row === null) return notFound('prefix', 'API key', prefix);
    row.revokedAt ??= now;
    await em.flush();
    return done(apiKeyFrom(row));
  });
}

/** Newest first. */
export async function listApiKeys(
  db: Database,
  page: { readonly before?: number; readonly limit?: number } = {},
): Promise<readonly ApiKey[]> {
  const rows = await db.orm.em
    .fork()
    .find(ApiKeyEntity, page.before === undefined ? {} : { id: { $lt: page.before } }, {
      orderBy: { id: 'desc' },
      limit: Math.min(page.limit ?? 100, 1000),
    });
  return rows.map(apiKeyFrom);
}

function apiKeyFrom(row: ApiKeyRow): ApiKey {
  return {
    keyId: row.id,
    name: row.name,
    prefix: row.prefix,
    role: row.role,
    stores: row.stores ?? null,
    createdAt: row.createdAt,
    expiresAt: row.expiresAt ?? null,
    revokedAt: row.revokedAt ?? null,
    lastUsedAt: row.lastUsedAt ?? null,
  };
}
