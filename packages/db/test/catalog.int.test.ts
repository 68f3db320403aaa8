// The catalog: what people create, change and look up, and what they are told when it cannot be.

import { units } from '@stockroom/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApiKey, findApiKey, listApiKeys, revokeApiKey } from '../src/catalog/api-keys.ts';
import {
  createContact,
  createContactGroup,
  deleteContact,
  listContactGroups,
  listContacts,
} from '../src/catalog/contacts.ts';
import {
  createLocation,
  createStore,
  listLocations,
  listStores,
  updateLocation,
  updateStore,
} from '../src/catalog/places.ts';
import { createProduct, findProduct, updateProduct } from '../src/catalog/products.ts';
import { seedCatalog } from '../src/catalog/seed-catalog.ts';
import {
  getGlobalSettings,
  getProductSettings,
  setGlobalSettings,
  setProductSettings,
} from '../src/catalog/settings.ts';
import type { Database } from '../src/connect.ts';
import { readStock } from '../src/reads/stock.ts';
import { verifyDatabase } from '../src/verify/verify-database.ts';
import { openTestDatabase } from './support/scene.ts';

let opened: Awaited<ReturnType<typeof openTestDatabase>>;
let db: Database;

beforeAll(async () => {
  opened = await openTestDatabase();
  db = opened.db;
});
afterAll(() => opened?.end());

function accepted<T>(answer: { ok: true; value: T } | { ok: false; problem: unknown }): T {
  if (!answer.ok) throw new Error(`refused: ${JSON.stringify(answer.problem)}`);
  return answer.value;
}

describe('products', () => {
  test('a new one can be counted at once, at every place of every store, and stands at zero', async () => {
    const product = accepted(await createProduct(db, { sku: 'P-1', name: 'First', decimals: 2 }));
    expect(product).toMatchObject({
      sku: 'P-1',
      published: true,
      discontinued: false,
      decimals: 2,
      settings: {},
    });
    const stock = await readStock(db.read, 'P-1');
    expect(stock?.places.map(({ code, onHand, sequence }) => [code, onHand, sequence])).toEqual([
      ['main', 0, 0],
      ['main-pool', 0, 0],
    ]);
  });

  test('a SKU that is taken is refused, and nothing of the second product stays', async () => {
    accepted(await createProduct(db, { sku: 'P-2', name: 'Once' }));
    expect(await createProduct(db, { sku: 'P-2', name: 'Twice' })).toMatchObject({
      ok: false,
      problem: { code: 'already_exists', field: 'sku' },
    });
    expect((await findProduct(db, 'P-2'))?.name).toBe('Once');
  });

  test('a change touches what it names and nothing else', async () => {
    accepted(await createProduct(db, { sku: 'P-3', name: 'Old', settings: { 'notify.threshold': 5 } }));
    const changed = accepted(await updateProduct(db, 'P-3', { name: 'New', published: false }));
    expect(changed).toMatchObject({ name: 'New', published: false, settings: { 'notify.threshold': 5 } });
    expect(await findProduct(db, 'P-3')).toEqual(changed);
  });

  test('two changes of different settings at once both survive', async () => {
    accepted(await createProduct(db, { sku: 'P-4', name: 'Settings' }));
    await Promise.all([
      setProductSettings(db, 'P-4', { 'notify.threshold': 5 }),
      setProductSettings(db, 'P-4', { 'backorder.mode': 'allow' }),
      setProductSettings(db, 'P-4', { 'hold.ttl': 30 }),
    ]);
    expect(await getProductSettings(db, 'P-4')).toEqual({
      'notify.threshold': 5,
      'backorder.mode': 'allow',
      'hold.ttl': 30,
    });
  });

  test('a setting is taken out by "inherit", while null is a value; what the rule book does not know is refused', async () => {
    accepted(
      await createProduct(db, {
        sku: 'P-5',
        name: 'Settings',
        settings: { 'notify.threshold': 5, 'hold.ttl': 30 },
      }),
    );
    expect(
      accepted(await setProductSettings(db, 'P-5', { 'notify.threshold': null, 'hold.ttl': 'inherit' })),
    ).toEqual({
      'notify.threshold': null,
    });
    for (const [changes, field] of [
      [{ 'backorder.mode': 'perhaps' }, 'backorder.mode'],
      [{ 'no.such': 1 }, 'no.such'],
    ] as const) {
      const answer = await setProductSettings(db, 'P-5', changes);
      expect(answer).toMatchObject({ ok: false, problem: { code: 'invalid_input', field } });
    }
    expect(await getProductSettings(db, 'P-5')).toEqual({ 'notify.threshold': null });
  });

  test('the product of unknown SKUs is nobody’s to see or change', async () => {
    expect(await findProduct(db, '')).toBeNull();
    expect(await updateProduct(db, '', { name: 'x' })).toMatchObject({
      ok: false,
      problem: { code: 'not_found' },
    });
    expect(await getProductSettings(db, 'nobody')).toBeNull();
  });
});

describe('global settings', () => {
  test('are changed key by key, also by two at once', async () => {
    await Promise.all([
      setGlobalSettings(db, { 'order.policy': 'partial' }),
      setGlobalSettings(db, { 'hold.ttl': 20 }),
    ]);
    expect(await getGlobalSettings(db)).toEqual({ 'order.policy': 'partial', 'hold.ttl': 20 });
    expect(await setGlobalSettings(db, { 'hold.ttl': -1 })).toMatchObject({
      ok: false,
      problem: { field: 'hold.ttl' },
    });
    expect(
      accepted(await setGlobalSettings(db, { 'order.policy': 'inherit', 'hold.ttl': 'inherit' })),
    ).toEqual({});
  });
});

describe('places', () => {
  test('a store gets a pool of its own and its locations in the order given', async () => {
    for (const code of ['north', 'south']) accepted(await createLocation(db, { code, name: code }));
    const store = accepted(
      await createStore(db, { code: 'shop', name: 'Shop', locations: ['south', 'north'] }),
    );
    expect(store).toMatchObject({ code: 'shop', locations: ['south', 'north'], settings: {} });
    const changed = accepted(
      await updateStore(db, 'shop', { locations: ['north', 'main'], settings: { 'hold.ttl': 5 } }),
    );
    expect(changed).toMatchObject({
      name: 'Shop',
      locations: ['north', 'main'],
      settings: { 'hold.ttl': 5 },
    });
    expect(changed.poolId).toBe(store.poolId);
    expect((await listStores(db)).map(({ code }) => code)).toEqual(['main', 'shop']);
    expect((await listLocations(db)).map(({ code }) => code)).toEqual(['main', 'north', 'south']);
    expect((await listLocations(db, { after: 'main', limit: 1 })).map(({ code }) => code)).toEqual(['north']);
  });

  test('an unknown location refuses the whole store', async () => {
    expect(
      await createStore(db, { code: 'half', name: 'Half', locations: ['main', 'nowhere'] }),
    ).toMatchObject({
      ok: false,
      problem: { code: 'not_found', field: 'locations', message: expect.stringContaining('nowhere') },
    });
    expect((await listStores(db)).map(({ code }) => code)).not.toContain('half');
    const { rows } = await db.pool.query(`select 1 from stockroom.location where code = 'half-pool'`);
    expect(rows).toEqual([]);
  });

  test('a location can be closed, a pool is no location, and codes are taken once', async () => {
    accepted(await createLocation(db, { code: 'east', name: 'East' }));
    expect(accepted(await updateLocation(db, 'east', { enabled: false }))).toMatchObject({
      enabled: false,
      inStock: true,
    });
    expect(await updateLocation(db, 'main-pool', { enabled: false })).toMatchObject({ ok: false });
    expect(await createLocation(db, { code: 'east', name: 'x' })).toMatchObject({
      ok: false,
      problem: { code: 'already_exists', field: 'code' },
    });
  });
});

describe('contacts', () => {
  test('belong to groups, once per address', async () => {
    accepted(await createContactGroup(db, { code: 'buyers', name: 'Buyers' }));
    const contact = accepted(
      await createContact(db, { group: 'buyers', email: 'a@example.org', name: 'Ann' }),
    );
    accepted(await createContact(db, { group: 'store-managers', email: 'a@example.org' }));
    expect(await createContact(db, { group: 'buyers', email: 'a@example.org' })).toMatchObject({
      ok: false,
      problem: { code: 'already_exists', field: 'email' },
    });
    expect(await createContact(db, { group: 'nobody', email: 'a@example.org' })).toMatchObject({
      ok: false,
      problem: { code: 'not_found', field: 'group' },
    });
    expect(await listContacts(db, { group: 'buyers' })).toEqual([contact]);
    expect((await listContactGroups(db)).map(({ code }) => code)).toEqual(['buyers', 'store-managers']);
    accepted(await deleteContact(db, contact.contactId));
    expect(await deleteContact(db, contact.contactId)).toMatchObject({
      ok: false,
      problem: { code: 'not_found' },
    });
  });
});

describe('API keys', () => {
  const make = async (input: Partial<Parameters<typeof createApiKey>[1]> = {}) =>
    accepted(await createApiKey(db, { name: 'a key', role: 'service', ...input }));

  test('a key opens with all of it and nothing less, and only its hash is stored', async () => {
    const { key, apiKey } = await make({ role: 'reader', stores: ['main'] });
    expect(await findApiKey(db, key)).toMatchObject({
      keyId: apiKey.keyId,
      role: 'reader',
      stores: ['main'],
    });
    const other = await make();
    const mixed = `sk_${apiKey.prefix}_${other.key.split('_').slice(2).join('_')}`;
    for (const wrong of [mixed, key.slice(0, -1), `${key}x`, apiKey.prefix, '', 'sk__', key.toUpperCase()]) {
      expect(await findApiKey(db, wrong), wrong).toBeNull();
    }
    const { rows } = await db.pool.query<{ row: string }>('select k::text as row from stockroom.api_key k');
    expect(rows.map(({ row }) => row).join()).not.toContain(key.split('_').slice(2).join('_'));
  });

  test('a key ends when it expires or is revoked', async () => {
    const { key } = await make({ expiresAt: new Date('2030-01-01T00:00:00Z') });
    expect(await findApiKey(db, key, new Date('2029-12-31T23:59:59Z'))).not.toBeNull();
    expect(await findApiKey(db, key, new Date('2030-01-01T00:00:00Z'))).toBeNull();
    const second = await make();
    const revoked = accepted(await revokeApiKey(db, second.apiKey.prefix, new Date('2026-01-01T00:00:00Z')));
    expect(await findApiKey(db, second.key)).toBeNull();
    expect(accepted(await revokeApiKey(db, second.apiKey.prefix)).revokedAt).toEqual(revoked.revokedAt);
    expect(await revokeApiKey(db, 'nobody')).toMatchObject({ ok: false, problem: { code: 'not_found' } });
  });

  test('its use is noted at most once a minute', async () => {
    const { key, apiKey } = await make();
    const stored = async () =>
      (await listApiKeys(db)).find(({ keyId }) => keyId === apiKey.keyId)?.lastUsedAt;
    const first = new Date('2026-05-01T10:00:00.000Z');
    await findApiKey(db, key, first);
    await findApiKey(db, key, new Date('2026-05-01T10:00:59.999Z'));
    expect(await stored()).toEqual(first);
    await findApiKey(db, key, new Date('2026-05-01T10:01:00.000Z'));
    expect(await stored()).toEqual(new Date('2026-05-01T10:01:00.000Z'));
  });

  test('are listed newest first, page by page', async () => {
    const keys = [await make(), await make(), await make()].map(({ apiKey }) => apiKey.keyId);
    const [newest, next] = await listApiKeys(db, { limit: 2 });
    expect([newest?.keyId, next?.keyId]).toEqual([keys[2], keys[1]]);
    expect((await listApiKeys(db, { before: keys[1] as number, limit: 1 }))[0]?.keyId).toBe(keys[0]);
  });
});

describe('seedCatalog', () => {
  const product = (index: number) => ({ sku: `S-${index}`, name: `Seed ${index}`, onHand: units(index % 7) });
  const many = (count: number) => Array.from({ length: count }, (_, index) => product(index));

  test('creates thousands of products with opening stock that the ledger explains', async () => {
    const log: string[] = [];
    expect(
      await seedCatalog(db, { products: many(12_000), actor: 'a test', log: (line) => log.push(line) }),
    ).toEqual({
      created: 12_000,
      skipped: 0,
    });
    expect(log).toHaveLength(2);
    expect(log[1]).toBe('12000 products seeded');
    expect((await readStock(db.read, 'S-5'))?.places).toMatchObject([
      { code: 'main', onHand: units(5), sequence: 1 },
      { code: 'north', onHand: 0, sequence: 0 },
      { code: 'main-pool', committed: 0 },
      { code: 'shop-pool', committed: 0 },
    ]);
    expect((await verifyDatabase(db)).differences).toEqual([]);
  });

  test('a repeat skips what is there, also what is doubled in the input, and changes nothing', async () => {
    const products = [product(1), { ...product(2), onHand: units(99) }, product(90_000), product(90_000)];
    expect(await seedCatalog(db, { products })).toEqual({ created: 1, skipped: 3 });
    expect((await readStock(db.read, 'S-2'))?.places[0]).toMatchObject({ onHand: units(2), sequence: 1 });
    expect((await verifyDatabase(db)).differences).toEqual([]);
  });

  test('two seeds of the same products at once create each product once', async () => {
    const products = Array.from({ length: 3000 }, (_, index) => product(100_000 + index));
    const both = await Promise.all([
      seedCatalog(db, { products }),
      seedCatalog(db, { products: products.toReversed() }),
    ]);
    expect(both.map(({ created }) => created).sort((a, b) => a - b)).toEqual([0, 3000]);
    expect((await verifyDatabase(db)).differences).toEqual([]);
  });

  test('keeps settings and decimals, and goes to the location named', async () => {
    const settings = { 'notify.threshold': 1.5 };
    await seedCatalog(db, {
      products: [{ sku: 'D-1', name: 'Rope', onHand: units(2.5), decimals: 1, settings }],
      location: 'south',
    });
    expect(await findProduct(db, 'D-1')).toMatchObject({ decimals: 1, settings });
    const places = (await readStock(db.read, 'D-1'))?.places ?? [];
    expect(places.find(({ code }) => code === 'south')?.onHand).toBe(units(2.5));
  });

  test('an unknown location, bad settings or a negative opening stock seed nothing', async () => {
    const one = { sku: 'X-1', name: 'x', onHand: units(1) };
    await expect(seedCatalog(db, { products: [one], location: 'main-pool' })).rejects.toMatchObject({
      code: 'unknown_location',
    });
    for (const bad of [
      { ...one, onHand: units(-1) },
      { ...one, settings: { 'no.such': 1 } },
    ]) {
      await expect(seedCatalog(db, { products: [bad] })).rejects.toMatchObject({ code: 'invalid_input' });
    }
    expect(await findProduct(db, 'X-1')).toBeNull();
    expect((await verifyDatabase(db)).ok).toBe(true);
  });
});
