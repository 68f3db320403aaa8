// The catalog: places, stores, products, stock items, settings, contacts and API keys.
// These tables are small and changed by people, so they have foreign keys.

import { Migration } from '@mikro-orm/migrations';

export class Migration20261122000100_catalog extends Migration {
  override up(): void {
    this.addSql('create schema if not exists stockroom');

    // Every place where quantities live: goods locations, and the pools in which stores count their promises.
    this.addSql(`create table stockroom.location (
      id int generated always as identity primary key,
      code text not null constraint location_code_unique unique,
      name text not null,
      kind text not null default 'location' constraint location_kind_known check (kind in ('location', 'pool')),
      enabled boolean not null default true,
      in_stock boolean not null default true,
      created_at timestamptz not null default now())`);

    this.addSql(`create table stockroom.store (
      id int generated always as identity primary key,
      code text not null constraint store_code_unique unique,
      name text not null,
      pool_id int not null constraint store_pool_id_foreign references stockroom.location,
      settings jsonb not null default '{}',
      created_at timestamptz not null default now())`);

    this.addSql(`create table stockroom.store_location (
      store_id int constraint store_location_store_id_foreign references stockroom.store,
      location_id int constraint store_location_location_id_foreign references stockroom.location,
      priority int not null,
      primary key (store_id, location_id))`);

    // Sparse settings above the product; only scope 'global' so far.
    this.addSql(`create table stockroom.setting (
      scope text primary key,
      value jsonb not null default '{}',
      updated_at timestamptz not null default now())`);

    // settings: sparse; null inherits everything.
    this.addSql(`create table stockroom.product (
      id bigint generated always as identity primary key,
      sku text not null constraint product_sku_unique unique,
      name text not null,
      published boolean not null default true,
      discontinued boolean not null default false,
      decimals smallint not null default 0 constraint product_decimals_range check (decimals >= 0 and decimals <= 4),
      settings jsonb,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now())`);

    // The thing counted: a product, or a variant with stock of its own.
    this.addSql(`create table stockroom.stock_item (
      id bigint generated always as identity primary key,
      product_id bigint not null constraint stock_item_product_id_foreign references stockroom.product,
      sku text not null constraint stock_item_sku_unique unique,
      is_variant boolean not null default false,
      settings jsonb)`);
    this.addSql('create index stock_item_product_id_index on stockroom.stock_item (product_id)');

    this.addSql(`create table stockroom.contact_group (
      code text primary key,
      name text not null)`);

    this.addSql(`create table stockroom.contact (
      id int generated always as identity primary key,
      group_code text not null constraint contact_group_code_foreign references stockroom.contact_group,
      email text not null,
      name text,
      constraint contact_group_code_email_unique unique (group_code, email))`);

    // Only a hash of the key is stored. stores: codes it may speak for; null = all.
    this.addSql(`create table stockroom.api_key (
      id int generated always as identity primary key,
      name text not null,
      prefix text not null constraint api_key_prefix_unique unique,
      hash bytea not null,
      role text not null constraint api_key_role_known check (role in ('admin', 'ops', 'editor', 'service', 'reader')),
      stores text[],
      created_at timestamptz not null default now(),
      expires_at timestamptz,
      revoked_at timestamptz,
      last_used_at timestamptz)`);
  }
}
