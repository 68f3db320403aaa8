// The corridor: events, orders, mailboxes and outcomes. Hot tables, written only by set-based SQL.
// They have no foreign keys: each insert would look up and lock the row it points to, and the writer has just read that row.

import { Migration } from '@mikro-orm/migrations';

export class Migration20261122000200_corridor extends Migration {
  override up(): void {
    // Every fact that came in, once. state: 0 has commands, 1 early (waits for its order to be placed).
    // body_hash: SHA-256 of the canonical body. source: queue, api or cli.
    this.addSql(`create table stockroom.event (
      seq bigint generated always as identity primary key,
      id text not null,
      type text not null,
      store_id int,
      order_id bigint,
      body jsonb not null,
      body_hash bytea not null,
      at timestamptz not null,
      source text not null,
      actor text,
      state smallint not null default 0,
      reply boolean not null default false,
      received_at timestamptz not null default now())`);
    // A constraint and not a bare index: the same thing to Postgres, and the form the ORM knows.
    this.addSql('alter table stockroom.event add constraint event_id unique (id)');
    this.addSql('create index event_early on stockroom.event (order_id) where state = 1');
    // The story of an order. New orders have the highest numbers, so this index grows at its right end only.
    this.addSql('create index event_order on stockroom.event (order_id) where order_id is not null');

    // What could not be accepted, kept for a person to look at.
    this.addSql(`create table stockroom.refused_event (
      id bigint generated always as identity primary key,
      event_id text,
      code text not null,
      field text,
      message text not null,
      body jsonb not null,
      source text not null,
      at timestamptz not null default now())`);
    this.addSql(
      'create index refused_event_event on stockroom.refused_event (event_id) where event_id is not null',
    );

    // placed: false while only early events are known.
    // state: pending, accepted, partially_accepted, rejected, partially_shipped, shipped, cancelled, returned.
    this.addSql(`create table stockroom.shop_order (
      id bigint generated always as identity primary key,
      store_id int not null,
      reference text not null,
      placed boolean not null,
      state text not null,
      product_ids bigint[] not null default '{}',
      customer_email text,
      customer_name text,
      placed_at timestamptz,
      created_at timestamptz not null default now()) with (fillfactor = 70)`);
    this.addSql(
      'alter table stockroom.shop_order add constraint shop_order_reference unique (store_id, reference)',
    );

    this.addSql(`create table stockroom.order_line (
      order_id bigint not null,
      line_no int not null,
      line_ref text not null,
      sku text not null,
      product_id bigint not null,
      stock_item_id bigint,
      store_id int not null,
      status text not null,
      reason text,
      requested numeric(18, 4) not null,
      from_stock numeric(18, 4) not null default 0,
      backordered numeric(18, 4) not null default 0,
      committed numeric(18, 4) not null default 0,
      shipped numeric(18, 4) not null default 0,
      released numeric(18, 4) not null default 0,
      returned numeric(18, 4) not null default 0,
      deducted jsonb,
      facts jsonb,
      placed_at timestamptz not null,
      primary key (order_id, line_no)) with (fillfactor = 80)`);
    // The backorder queue, first in first out.
    this.addSql(`create index order_line_waiting on stockroom.order_line (stock_item_id, placed_at, order_id, line_no)
      where backordered > 0`);

    // The mailboxes hold pending commands only: a command is deleted in the transaction that settles it.
    // slot: product_id % 1024. parts: how many products the event touches.
    this.addSql(`create table stockroom.stock_command (
      id bigint generated always as identity primary key,
      slot smallint not null,
      product_id bigint not null,
      event_seq bigint not null,
      order_id bigint,
      parts smallint not null,
      payload jsonb not null,
      created_at timestamptz not null default now())`);
    this.addSql('create index stock_command_slot on stockroom.stock_command (slot, id)');

    // Poison, with its error, for a person to look at; a retry moves it back.
    this.addSql(`create table stockroom.parked_command (
      id bigint primary key,
      slot smallint not null,
      product_id bigint not null,
      event_seq bigint not null,
      order_id bigint,
      parts smallint not null,
      payload jsonb not null,
      created_at timestamptz not null,
      error text not null,
      error_code text not null,
      parked_at timestamptz not null default now())`);

    // The answer to an event; grows part by part until parts_open = 0.
    this.addSql(`create table stockroom.outcome (
      event_seq bigint primary key,
      order_id bigint,
      parts_open smallint not null,
      body jsonb not null,
      reply_due boolean not null default false,
      settled_at timestamptz not null default now())`);
    this.addSql('create index outcome_reply on stockroom.outcome (event_seq) where reply_due');
  }
}
