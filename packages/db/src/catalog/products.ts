// Products: create, change and look up, one at a time, through the ORM. Many at once: seed-catalog.ts.

import { raw } from '@mikro-orm/postgresql';
import { zero } from '@stockroom/core';
import type { Database } from '../connect.ts';
import { ProductEntity, type ProductRow, StockItemEntity } from '../entities/catalog.ts';
import { openLevels } from '../hot/levels.ts';
import { type SettingValues, withChanges } from '../settings-values.ts';
import { sqlInside } from '../sql.ts';
import { answering, type CatalogAnswer, done, notFound, refused } from './catalog-answer.ts';

export interface Product {
  readonly productId: number;
  readonly sku: string;
  readonly name: string;
  readonly published: boolean;
  readonly discontinued: boolean;
  /** How many decimal places its quantities may have. */
  readonly decimals: number;
  /** Sparse: only what differs from the levels above. */
  readonly settings: SettingValues;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface ProductInput {
  readonly sku: string;
  readonly name: string;
  readonly published?: boolean;
  readonly discontinued?: boolean;
  readonly decimals?: number;
  readonly settings?: SettingValues;
}

/** Creates a product, its stock item and its levels, all at zero. @returns `already_exists` for a SKU that is taken. */
export function createProduct(db: Database, input: ProductInput): Promise<CatalogAnswer<Product>> {
  return answering(() =>
    db.orm.em.fork().transactional(async (em) => {
      const settings = withChanges(null, input.settings ?? {});
      if (!settings.ok) return refused('invalid_input', settings.field, settings.message);
      const product = em.create(ProductEntity, {
        sku: input.sku,
        name: input.name,
        published: input.published ?? true,
        discontinued: input.discontinued ?? false,
        decimals: input.decimals ?? 0,
        settings: settings.value,
        createdAt: new Date(),
        updatedAt: new Date(),
      });
      await em.flush();
      const item = em.create(StockItemEntity, { product, sku: input.sku, isVariant: false });
      await em.flush();
      await openLevels(sqlInside(em), [{ itemId: item.id, onHand: zero }], null);
      return done(productFrom(product));
    }),
  );
}

export interface ProductChanges {
  readonly name?: string;
  readonly published?: boolean;
  readonly discontinued?: boolean;
  readonly decimals?: number;
  /** Keys to change; a key with "inherit" inherits again. */
  readonly settings?: SettingValues;
}

/** Changes what is named and leaves the rest. A repeat changes nothing more. */
export function updateProduct(
  db: Database,
  sku: string,
  changes: ProductChanges,
): Promise<CatalogAnswer<Product>> {
  return answering(() =>
    db.orm.em.fork().transactional(async (em) => {
      // Locked by an update of its own: two people's changes of different settings must both survive.
      const found =
        sku !== '' && (await em.nativeUpdate(ProductEntity, { sku }, { updatedAt: raw<Date>('now()') }));
      if (!found) return notFound('sku', 'product', sku);
      const product = await em.findOneOrFail(ProductEntity, { sku });
      const settings = withChanges(product.settings ?? null, changes.settings ?? {});
      if (!settings.ok) return refused('invalid_input', settings.field, settings.message);
      if (changes.name !== undefined) product.name = changes.name;
      if (changes.published !== undefined) product.published = changes.published;
      if (changes.discontinued !== undefined) product.discontinued = changes.discontinued;
      if (changes.decimals !== undefined) product.decimals = changes.decimals;
      product.settings = settings.value;
      await em.flush();
      return done(productFrom(product));
    }),
  );
}

export async function findProduct(db: Database, sku: string): Promise<Product | null> {
  const answer = await answering(async () => {
    const row = sku === '' ? null : await db.orm.em.fork().findOne(ProductEntity, { sku });
    return done(row === null ? null : productFrom(row));
  });
  return answer.ok ? answer.value : null;
}

function productFrom(row: ProductRow): Product {
  return {
    productId: row.id,
    sku: row.sku,
    name: row.name,
    published: row.published,
    discontinued: row.discontinued,
    decimals: row.decimals,
    settings: row.settings ?? {},
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  };
}
