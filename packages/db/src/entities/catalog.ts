// Entities of the catalog: places, stores, products, settings, contacts and API keys. Changed by people, through the ORM.

import { defineEntity, type InferEntity, p } from '@mikro-orm/core';

const createdAt = () => p.datetime().columnType('timestamptz').defaultRaw('now()');

/** Every place where quantities live: goods locations, and the pools of the stores' promises. */
export const LocationEntity = defineEntity({
  name: 'Location',
  tableName: 'location',
  checks: [{ name: 'location_kind_known', expression: "kind in ('location', 'pool')" }],
  properties: {
    id: p.integer().primary().generated('identity'),
    code: p.text().unique(),
    name: p.text(),
    kind: p.text().$type<'location' | 'pool'>().default('location'),
    enabled: p.boolean().default(true),
    inStock: p.boolean().default(true),
    createdAt: createdAt(),
  },
});

export const StoreEntity = defineEntity({
  name: 'Store',
  tableName: 'store',
  properties: {
    id: p.integer().primary().generated('identity'),
    code: p.text().unique(),
    name: p.text(),
    pool: () => p.manyToOne(LocationEntity).updateRule('no action').deleteRule('no action'),
    settings: p.json().$type<Record<string, unknown>>().defaultRaw("'{}'"),
    createdAt: createdAt(),
  },
});

export const StoreLocationEntity = defineEntity({
  name: 'StoreLocation',
  tableName: 'store_location',
  properties: {
    store: () => p.manyToOne(StoreEntity).primary().updateRule('no action').deleteRule('no action'),
    location: () => p.manyToOne(LocationEntity).primary().updateRule('no action').deleteRule('no action'),
    priority: p.integer(),
  },
});

/** Sparse settings above the product. */
export const SettingEntity = defineEntity({
  name: 'Setting',
  tableName: 'setting',
  properties: {
    scope: p.text().primary(),
    value: p.json().$type<Record<string, unknown>>().defaultRaw("'{}'"),
    updatedAt: createdAt(),
  },
});

export const ProductEntity = defineEntity({
  name: 'Product',
  tableName: 'product',
  checks: [{ name: 'product_decimals_range', expression: 'decimals >= 0 and decimals <= 4' }],
  properties: {
    id: p.bigint('number').primary().generated('identity'),
    sku: p.text().unique(),
    name: p.text(),
    published: p.boolean().default(true),
    discontinued: p.boolean().default(false),
    decimals: p.smallint().default(0),
    settings: p.json().$type<Record<string, unknown>>().nullable(),
    createdAt: createdAt(),
    updatedAt: createdAt(),
  },
});

/** The thing counted: a product, or a variant with stock of its own. */
export const StockItemEntity = defineEntity({
  name: 'StockItem',
  tableName: 'stock_item',
  properties: {
    id: p.bigint('number').primary().generated('identity'),
    product: () => p.manyToOne(ProductEntity).index().updateRule('no action').deleteRule('no action'),
    sku: p.text().unique(),
    isVariant: p.boolean().default(false),
    settings: p.json().$type<Record<string, unknown>>().nullable(),
  },
});

export const ContactGroupEntity = defineEntity({
  name: 'ContactGroup',
  tableName: 'contact_group',
  properties: { code: p.text().primary(), name: p.text() },
});

export const ContactEntity = defineEntity({
  name: 'Contact',
  tableName: 'contact',
  uniques: [{ properties: ['group', 'email'] }],
  properties: {
    id: p.integer().primary().generated('identity'),
    group: () => p.manyToOne(ContactGroupEntity).updateRule('no action').deleteRule('no action'),
    email: p.text(),
    name: p.text().nullable(),
  },
});

export const ApiKeyEntity = defineEntity({
  name: 'ApiKey',
  tableName: 'api_key',
  checks: [
    { name: 'api_key_role_known', expression: "role in ('admin', 'ops', 'editor', 'service', 'reader')" },
  ],
  properties: {
    id: p.integer().primary().generated('identity'),
    name: p.text(),
    prefix: p.text().unique(),
    hash: p.blob(),
    role: p.text().$type<'admin' | 'ops' | 'editor' | 'service' | 'reader'>(),
    stores: p.array().columnType('text[]').nullable(),
    createdAt: createdAt(),
    expiresAt: p.datetime().columnType('timestamptz').nullable(),
    revokedAt: p.datetime().columnType('timestamptz').nullable(),
    lastUsedAt: p.datetime().columnType('timestamptz').nullable(),
  },
});

export type LocationRow = InferEntity<typeof LocationEntity>;
export type ProductRow = InferEntity<typeof ProductEntity>;
export type ApiKeyRow = InferEntity<typeof ApiKeyEntity>;

export const catalogEntities = [
  LocationEntity,
  StoreEntity,
  StoreLocationEntity,
  SettingEntity,
  ProductEntity,
  StockItemEntity,
  ContactGroupEntity,
  ContactEntity,
  ApiKeyEntity,
];
