// Mails that must go out. A row is written in the transaction that causes it and carries all it shows.

import { Migration } from '@mikro-orm/migrations';

export class Migration20261122000400_announcements extends Migration {
  override up(): void {
    this.addSql(`create table stockroom.notification (
      id bigint generated always as identity primary key,
      template text not null,
      recipient_kind text not null
        constraint notification_recipient_kind_known check (recipient_kind in ('group', 'address')),
      recipient text not null,
      data jsonb not null,
      event_seq bigint not null,
      stock_item_id bigint,
      state text not null default 'pending'
        constraint notification_state_known check (state in ('pending', 'sent', 'dead', 'suppressed')),
      attempts int not null default 0,
      next_attempt_at timestamptz not null default now(),
      last_error text,
      response text,
      message_id text not null constraint notification_message_id_unique unique,
      created_at timestamptz not null default now(),
      sent_at timestamptz)`);
    this.addSql(
      `create index notification_due on stockroom.notification (next_attempt_at) where state = 'pending'`,
    );
    // Rare, and what a person looks for first.
    this.addSql(`create index notification_dead on stockroom.notification (id) where state = 'dead'`);
  }
}
