// Settings above the product, and the sparse settings of one product: read and change.

import { raw } from '@mikro-orm/postgresql';
import type { Database } from '../connect.ts';
import { SettingEntity } from '../entities/catalog.ts';
import { type SettingValues, withChanges } from '../settings-values.ts';
import { answering, type CatalogAnswer, done, notFound, refused } from './catalog-answer.ts';
import { findProduct, updateProduct } from './products.ts';

/** Only what somebody has set; everything else has the engine's default. */
export async function getGlobalSettings(db: Database): Promise<SettingValues> {
  const row = await db.orm.em.fork().findOne(SettingEntity, { scope: 'global' });
  return row?.value ?? {};
}

/** Changes the keys named; a key with "inherit" has the engine's default again. @returns all global settings as they are now. */
export function setGlobalSettings(
  db: Database,
  changes: SettingValues,
): Promise<CatalogAnswer<SettingValues>> {
  return answering(() =>
    db.orm.em.fork().transactional(async (em) => {
      // Locked by an update of its own: two people's changes of different keys must both survive.
      await em.nativeUpdate(SettingEntity, { scope: 'global' }, { updatedAt: raw<Date>('now()') });
      const row = await em.findOneOrFail(SettingEntity, { scope: 'global' });
      const settings = withChanges(row.value, changes);
      if (!settings.ok) return refused('invalid_input', settings.field, settings.message);
      row.value = settings.value ?? {};
      await em.flush();
      return done(row.value);
    }),
  );
}

/** null when there is no such product. */
export async function getProductSettings(db: Database, sku: string): Promise<SettingValues | null> {
  return (await findProduct(db, sku))?.settings ?? null;
}

/** Changes the keys named; a key with "inherit" inherits again. @returns the product's own settings as they are now. */
export async function setProductSettings(
  db: Database,
  sku: string,
  changes: SettingValues,
): Promise<CatalogAnswer<SettingValues>> {
  const answer = await updateProduct(db, sku, { settings: changes });
  if (!answer.ok) return answer.problem.code === 'not_found' ? notFound('sku', 'product', sku) : answer;
  return done(answer.value.settings);
}
