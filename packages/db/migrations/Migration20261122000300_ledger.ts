// What is counted: levels, holds, and the ledger that explains every level. The ledger refuses to be changed, by anybody.

import { Migration } from '@mikro-orm/migrations';

export class Migration20261122000300_ledger extends Migration {
  override up(): void {
    // on_hand may be negative where settings allow it; a promise never is.
    this.addSql(`create table stockroom.stock_level (
      stock_item_id bigint not null,
      location_id int not null,
      kind text not null,
      on_hand numeric(18, 4) not null default 0,
      unavailable numeric(18, 4) not null default 0,
      committed numeric(18, 4) not null default 0,
      held numeric(18, 4) not null default 0,
      incoming numeric(18, 4) not null default 0,
      sequence bigint not null default 0,
      low_fired boolean not null default false,
      primary key (stock_item_id, location_id),
      constraint stock_level_not_negative check (committed >= 0 and held >= 0 and incoming >= 0 and unavailable >= 0))
      with (fillfactor = 60)`);

    this.addSql(`create table stockroom.stock_hold (
      hold_ref text not null,
      stock_item_id bigint not null,
      store_id int not null,
      quantity numeric(18, 4) not null,
      expires_at timestamptz not null,
      primary key (stock_item_id, store_id, hold_ref))`);

    this.addSql(`create table stockroom.movement (
      stock_item_id bigint not null,
      location_id int not null,
      sequence bigint not null,
      bucket text not null,
      delta numeric(18, 4) not null,
      balance_after numeric(18, 4) not null,
      kind text not null,
      event_seq bigint not null,
      order_id bigint,
      line_no int,
      below_floor boolean not null default false,
      at timestamptz not null default now(),
      primary key (stock_item_id, location_id, sequence))`);
    this.addSql('create index movement_order on stockroom.movement (order_id) where order_id is not null');

    this.addSql(`create function stockroom.refuse_ledger_change() returns trigger language plpgsql as $body$
begin
  raise exception 'the ledger is append-only: % on stockroom.movement is refused; book a movement that corrects it', tg_op
    using errcode = 'SR001';
end
$body$`);
    // Statement triggers: they cost inserts nothing and fire even when no row matches.
    this.addSql(`create trigger movement_append_only before update or delete or truncate on stockroom.movement
      for each statement execute function stockroom.refuse_ledger_change()`);
    // ALWAYS: not even session_replication_role = replica switches it off.
    this.addSql('alter table stockroom.movement enable always trigger movement_append_only');
  }
}
