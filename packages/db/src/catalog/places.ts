// Locations and stores: where goods lie, and the sales channels that sell from them.

import type { EntityManager } from '@mikro-orm/postgresql';
import type { Database } from '../connect.ts';
import { LocationEntity, type LocationRow, StoreEntity, StoreLocationEntity } from '../entities/catalog.ts';
import { type SettingValues, withChanges } from '../settings-values.ts';
import { answering, type CatalogAnswer, done, notFound, refused } from './catalog-answer.ts';

export interface Location {
  readonly locationId: number;
  readonly code: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly inStock: boolean;
}

export interface Store {
  readonly storeId: number;
  readonly code: string;
  readonly name: string;
  readonly poolId: number;
  /** Codes, first choice first. */
  readonly locations: readonly string[];
  readonly settings: SettingValues;
}

function locationFrom(row: LocationRow): Location {
  return { locationId: row.id, code: row.code, name: row.name, enabled: row.enabled, inStock: row.inStock };
}

export function createLocation(
  db: Database,
  input: {
    readonly code: string;
    readonly name: string;
    readonly enabled?: boolean;
    readonly inStock?: boolean;
  },
): Promise<CatalogAnswer<Location>> {
  return answering(async () => {
    const em = db.orm.em.fork();
    const row = em.create(LocationEntity, {
      code: input.code,
      name: input.name,
      kind: 'location',
      enabled: input.enabled ?? true,
      inStock: input.inStock ?? true,
      createdAt: new Date(),
    });
    await em.flush();
    return done(locationFrom(row));
  });
}

export function updateLocation(
  db: Database,
  code: string,
  changes: { readonly name?: string; readonly enabled?: boolean; readonly inStock?: boolean },
): Promise<CatalogAnswer<Location>> {
  return answering(async () => {
    const em = db.orm.em.fork();
    const row = await em.findOne(LocationEntity, { code, kind: 'location' });
    if (row === null) return notFound('code', 'location', code);
    if (changes.name !== undefined) row.name = changes.name;
    if (changes.enabled !== undefined) row.enabled = changes.enabled;
    if (changes.inStock !== undefined) row.inStock = changes.inStock;
    await em.flush();
    return done(locationFrom(row));
  });
}

/** Goods locations by code; the pools of the stores are not among them. */
export async function listLocations(
  db: Database,
  page: { readonly after?: string; readonly limit?: number } = {},
): Promise<readonly Location[]> {
  const rows = await db.orm.em
    .fork()
    .find(
      LocationEntity,
      { kind: 'location', ...(page.after === undefined ? {} : { code: { $gt: page.after } }) },
      { orderBy: { code: 'asc' }, limit: Math.min(page.limit ?? 100, 1000) },
    );
  return rows.map(locationFrom);
}

/** Creates a store with a pool of its own, `<code>-pool`, in which its promises are counted. */
export function createStore(
  db: Database,
  input: {
    readonly code: string;
    readonly name: string;
    /** Codes, first choice first. */
    readonly locations: readonly string[];
    readonly settings?: SettingValues;
  },
): Promise<CatalogAnswer<Store>> {
  return answering(() =>
    db.orm.em.fork().transactional(async (em) => {
      const settings = withChanges(null, input.settings ?? {});
      if (!settings.ok) return refused('invalid_input', settings.field, settings.message);
      const locations = await resolveLocations(em, input.locations);
      if (typeof locations === 'string') return notFound('locations', 'location', locations);
      const pool = em.create(LocationEntity, {
        code: `${input.code}-pool`,
        name: `Promises of ${input.name}`,
        kind: 'pool',
        enabled: true,
        inStock: true,
        createdAt: new Date(),
      });
      const store = em.create(StoreEntity, {
        code: input.code,
        name: input.name,
        pool,
        settings: settings.value ?? {},
        createdAt: new Date(),
      });
      await em.flush();
      await linkLocations(em, store.id, locations);
      return done(await readStore(em, input.code));
    }),
  );
}

export function updateStore(
  db: Database,
  code: string,
  changes: {
    readonly name?: string;
    /** Replaces them all: codes, first choice first. */
    readonly locations?: readonly string[];
    /** Keys to change; a key with "inherit" inherits again. */
    readonly settings?: SettingValues;
  },
): Promise<CatalogAnswer<Store>> {
  return answering(() =>
    db.orm.em.fork().transactional(async (em) => {
      const store = await em.findOne(StoreEntity, { code });
      if (store === null) return notFound('code', 'store', code);
      const settings = withChanges(store.settings, changes.settings ?? {});
      if (!settings.ok) return refused('invalid_input', settings.field, settings.message);
      if (changes.locations !== undefined) {
        const locations = await resolveLocations(em, changes.locations);
        if (typeof locations === 'string') return notFound('locations', 'location', locations);
        await linkLocations(em, store.id, locations);
      }
      if (changes.name !== undefined) store.name = changes.name;
      store.settings = settings.value ?? {};
      await em.flush();
      return done(await readStore(em, code));
    }),
  );
}

export async function listStores(
  db: Database,
  page: { readonly after?: string; readonly limit?: number } = {},
): Promise<readonly Store[]> {
  const em = db.orm.em.fork();
  const stores = await em.find(StoreEntity, page.after === undefined ? {} : { code: { $gt: page.after } }, {
    orderBy: { code: 'asc' },
    limit: Math.min(page.limit ?? 100, 1000),
  });
  return Promise.all(stores.map(({ code }) => readStore(em, code)));
}

async function readStore(em: EntityManager, code: string): Promise<Store> {
  const store = await em.findOneOrFail(StoreEntity, { code });
  const links = await em.find(
    StoreLocationEntity,
    { store: store.id },
    { populate: ['location'], orderBy: { priority: 'asc', location: 'asc' } },
  );
  return {
    storeId: store.id,
    code: store.code,
    name: store.name,
    poolId: store.pool.id,
    locations: links.map((link) => link.location.code),
    settings: store.settings,
  };
}

/** @returns ids in the order given, or the first code that names no location. */
async function resolveLocations(
  em: EntityManager,
  codes: readonly string[],
): Promise<readonly number[] | string> {
  const wanted = [...new Set(codes)];
  const found = await em.find(LocationEntity, { code: { $in: wanted }, kind: 'location' });
  const ids = new Map(found.map((row) => [row.code, row.id]));
  const known = wanted.map((code) => ids.get(code) ?? code);
  return known.find((entry) => typeof entry === 'string') ?? (known as number[]);
}

async function linkLocations(
  em: EntityManager,
  storeId: number,
  locationIds: readonly number[],
): Promise<void> {
  await em.nativeDelete(StoreLocationEntity, { store: storeId });
  if (locationIds.length === 0) return;
  await em.insertMany(
    StoreLocationEntity,
    locationIds.map((location, index) => ({ store: storeId, location, priority: index + 1 })),
  );
}
