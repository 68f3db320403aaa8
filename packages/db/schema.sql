-- The schema after all migrations. Made from the system catalogs by a test; never edited by hand.

create schema stockroom;

CREATE OR REPLACE FUNCTION stockroom.refuse_ledger_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'the ledger is append-only: % on stockroom.movement is refused; book a movement that corrects it', tg_op
    using errcode = 'SR001';
end
$function$;

create table stockroom.api_key (
  id integer generated always as identity not null,
  name text not null,
  prefix text not null,
  hash bytea not null,
  role text not null,
  stores text[],
  created_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone,
  revoked_at timestamp with time zone,
  last_used_at timestamp with time zone,
  constraint api_key_pkey PRIMARY KEY (id),
  constraint api_key_prefix_unique UNIQUE (prefix),
  constraint api_key_role_known CHECK ((role = ANY (ARRAY['admin'::text, 'ops'::text, 'editor'::text, 'service'::text, 'reader'::text])))
);

create table stockroom.contact (
  id integer generated always as identity not null,
  group_code text not null,
  email text not null,
  name text,
  constraint contact_pkey PRIMARY KEY (id),
  constraint contact_group_code_email_unique UNIQUE (group_code, email),
  constraint contact_group_code_foreign FOREIGN KEY (group_code) REFERENCES stockroom.contact_group(code)
);

create table stockroom.contact_group (
  code text not null,
  name text not null,
  constraint contact_group_pkey PRIMARY KEY (code)
);

create table stockroom.event (
  seq bigint generated always as identity not null,
  id text not null,
  type text not null,
  store_id integer,
  order_id bigint,
  body jsonb not null,
  body_hash bytea not null,
  at timestamp with time zone not null,
  source text not null,
  actor text,
  state smallint not null default 0,
  reply boolean not null default false,
  received_at timestamp with time zone not null default now(),
  constraint event_pkey PRIMARY KEY (seq),
  constraint event_id UNIQUE (id)
);
CREATE INDEX event_early ON stockroom.event USING btree (order_id) WHERE (state = 1);
CREATE INDEX event_order ON stockroom.event USING btree (order_id) WHERE (order_id IS NOT NULL);

create table stockroom.location (
  id integer generated always as identity not null,
  code text not null,
  name text not null,
  kind text not null default 'location'::text,
  enabled boolean not null default true,
  in_stock boolean not null default true,
  created_at timestamp with time zone not null default now(),
  constraint location_pkey PRIMARY KEY (id),
  constraint location_code_unique UNIQUE (code),
  constraint location_kind_known CHECK ((kind = ANY (ARRAY['location'::text, 'pool'::text])))
);

create table stockroom.movement (
  stock_item_id bigint not null,
  location_id integer not null,
  sequence bigint not null,
  bucket text not null,
  delta numeric(18,4) not null,
  balance_after numeric(18,4) not null,
  kind text not null,
  event_seq bigint not null,
  order_id bigint,
  line_no integer,
  below_floor boolean not null default false,
  at timestamp with time zone not null default now(),
  constraint movement_pkey PRIMARY KEY (stock_item_id, location_id, sequence)
);
CREATE INDEX movement_order ON stockroom.movement USING btree (order_id) WHERE (order_id IS NOT NULL);
CREATE TRIGGER movement_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON stockroom.movement FOR EACH STATEMENT EXECUTE FUNCTION stockroom.refuse_ledger_change(); -- always

create table stockroom.notification (
  id bigint generated always as identity not null,
  template text not null,
  recipient_kind text not null,
  recipient text not null,
  data jsonb not null,
  event_seq bigint not null,
  stock_item_id bigint,
  state text not null default 'pending'::text,
  attempts integer not null default 0,
  next_attempt_at timestamp with time zone not null default now(),
  last_error text,
  response text,
  message_id text not null,
  created_at timestamp with time zone not null default now(),
  sent_at timestamp with time zone,
  constraint notification_pkey PRIMARY KEY (id),
  constraint notification_message_id_unique UNIQUE (message_id),
  constraint notification_recipient_kind_known CHECK ((recipient_kind = ANY (ARRAY['group'::text, 'address'::text]))),
  constraint notification_state_known CHECK ((state = ANY (ARRAY['pending'::text, 'sent'::text, 'dead'::text, 'suppressed'::text])))
) with (
  autovacuum_vacuum_scale_factor=0.01,
  autovacuum_vacuum_threshold=1000,
  autovacuum_vacuum_cost_delay=0,
  autovacuum_analyze_scale_factor=0.05
);
CREATE INDEX notification_dead ON stockroom.notification USING btree (id) WHERE (state = 'dead'::text);
CREATE INDEX notification_due ON stockroom.notification USING btree (next_attempt_at) WHERE (state = 'pending'::text);

create table stockroom.order_line (
  order_id bigint not null,
  line_no integer not null,
  line_ref text not null,
  sku text not null,
  product_id bigint not null,
  stock_item_id bigint,
  store_id integer not null,
  status text not null,
  reason text,
  requested numeric(18,4) not null,
  from_stock numeric(18,4) not null default 0,
  backordered numeric(18,4) not null default 0,
  committed numeric(18,4) not null default 0,
  shipped numeric(18,4) not null default 0,
  released numeric(18,4) not null default 0,
  returned numeric(18,4) not null default 0,
  deducted jsonb,
  facts jsonb,
  placed_at timestamp with time zone not null,
  constraint order_line_pkey PRIMARY KEY (order_id, line_no)
) with (
  fillfactor=80,
  autovacuum_vacuum_scale_factor=0.01,
  autovacuum_vacuum_threshold=5000,
  autovacuum_vacuum_cost_delay=0,
  autovacuum_analyze_scale_factor=0.05
);
CREATE INDEX order_line_waiting ON stockroom.order_line USING btree (stock_item_id, placed_at, order_id, line_no) WHERE (backordered > (0)::numeric);

create table stockroom.outcome (
  event_seq bigint not null,
  order_id bigint,
  parts_open smallint not null,
  body jsonb not null,
  reply_due boolean not null default false,
  settled_at timestamp with time zone not null default now(),
  constraint outcome_pkey PRIMARY KEY (event_seq)
) with (
  autovacuum_vacuum_scale_factor=0.01,
  autovacuum_vacuum_threshold=5000,
  autovacuum_vacuum_cost_delay=0,
  autovacuum_analyze_scale_factor=0.05
);
CREATE INDEX outcome_reply ON stockroom.outcome USING btree (event_seq) WHERE reply_due;

create table stockroom.parked_command (
  id bigint not null,
  slot smallint not null,
  product_id bigint not null,
  event_seq bigint not null,
  order_id bigint,
  parts smallint not null,
  payload jsonb not null,
  created_at timestamp with time zone not null,
  error text not null,
  error_code text not null,
  parked_at timestamp with time zone not null default now(),
  constraint parked_command_pkey PRIMARY KEY (id)
);

create table stockroom.product (
  id bigint generated always as identity not null,
  sku text not null,
  name text not null,
  published boolean not null default true,
  discontinued boolean not null default false,
  decimals smallint not null default 0,
  settings jsonb,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint product_pkey PRIMARY KEY (id),
  constraint product_decimals_range CHECK (((decimals >= 0) AND (decimals <= 4))),
  constraint product_sku_unique UNIQUE (sku)
);

create table stockroom.refused_event (
  id bigint generated always as identity not null,
  event_id text,
  code text not null,
  field text,
  message text not null,
  body jsonb not null,
  source text not null,
  at timestamp with time zone not null default now(),
  constraint refused_event_pkey PRIMARY KEY (id)
);
CREATE INDEX refused_event_event ON stockroom.refused_event USING btree (event_id) WHERE (event_id IS NOT NULL);

create table stockroom.setting (
  scope text not null,
  value jsonb not null default '{}'::jsonb,
  updated_at timestamp with time zone not null default now(),
  constraint setting_pkey PRIMARY KEY (scope)
);

create table stockroom.shop_order (
  id bigint generated always as identity not null,
  store_id integer not null,
  reference text not null,
  placed boolean not null,
  state text not null,
  product_ids bigint[] not null default '{}'::bigint[],
  customer_email text,
  customer_name text,
  placed_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  constraint shop_order_pkey PRIMARY KEY (id),
  constraint shop_order_reference UNIQUE (store_id, reference)
) with (
  fillfactor=70,
  autovacuum_vacuum_scale_factor=0.01,
  autovacuum_vacuum_threshold=5000,
  autovacuum_vacuum_cost_delay=0,
  autovacuum_analyze_scale_factor=0.05
);

create table stockroom.stock_command (
  id bigint generated always as identity not null,
  slot smallint not null,
  product_id bigint not null,
  event_seq bigint not null,
  order_id bigint,
  parts smallint not null,
  payload jsonb not null,
  created_at timestamp with time zone not null default now(),
  constraint stock_command_pkey PRIMARY KEY (id)
) with (
  autovacuum_vacuum_scale_factor=0.01,
  autovacuum_vacuum_threshold=1000,
  autovacuum_vacuum_cost_delay=0,
  autovacuum_analyze_scale_factor=0.05
);
CREATE INDEX stock_command_slot ON stockroom.stock_command USING btree (slot, id);

create table stockroom.stock_hold (
  hold_ref text not null,
  stock_item_id bigint not null,
  store_id integer not null,
  quantity numeric(18,4) not null,
  expires_at timestamp with time zone not null,
  constraint stock_hold_pkey PRIMARY KEY (stock_item_id, store_id, hold_ref)
) with (
  autovacuum_vacuum_scale_factor=0.01,
  autovacuum_vacuum_threshold=1000,
  autovacuum_vacuum_cost_delay=0,
  autovacuum_analyze_scale_factor=0.05
);

create table stockroom.stock_item (
  id bigint generated always as identity not null,
  product_id bigint not null,
  sku text not null,
  is_variant boolean not null default false,
  settings jsonb,
  constraint stock_item_pkey PRIMARY KEY (id),
  constraint stock_item_product_id_foreign FOREIGN KEY (product_id) REFERENCES stockroom.product(id),
  constraint stock_item_sku_unique UNIQUE (sku)
);
CREATE INDEX stock_item_product_id_index ON stockroom.stock_item USING btree (product_id);

create table stockroom.stock_level (
  stock_item_id bigint not null,
  location_id integer not null,
  kind text not null,
  on_hand numeric(18,4) not null default 0,
  unavailable numeric(18,4) not null default 0,
  committed numeric(18,4) not null default 0,
  held numeric(18,4) not null default 0,
  incoming numeric(18,4) not null default 0,
  sequence bigint not null default 0,
  low_fired boolean not null default false,
  constraint stock_level_pkey PRIMARY KEY (stock_item_id, location_id),
  constraint stock_level_not_negative CHECK (((committed >= (0)::numeric) AND (held >= (0)::numeric) AND (incoming >= (0)::numeric) AND (unavailable >= (0)::numeric)))
) with (
  fillfactor=60,
  autovacuum_vacuum_scale_factor=0.01,
  autovacuum_vacuum_threshold=1000,
  autovacuum_vacuum_cost_delay=0,
  autovacuum_analyze_scale_factor=0.05
);

create table stockroom.store (
  id integer generated always as identity not null,
  code text not null,
  name text not null,
  pool_id integer not null,
  settings jsonb not null default '{}'::jsonb,
  created_at timestamp with time zone not null default now(),
  constraint store_pkey PRIMARY KEY (id),
  constraint store_code_unique UNIQUE (code),
  constraint store_pool_id_foreign FOREIGN KEY (pool_id) REFERENCES stockroom.location(id)
);

create table stockroom.store_location (
  store_id integer not null,
  location_id integer not null,
  priority integer not null,
  constraint store_location_pkey PRIMARY KEY (store_id, location_id),
  constraint store_location_location_id_foreign FOREIGN KEY (location_id) REFERENCES stockroom.location(id),
  constraint store_location_store_id_foreign FOREIGN KEY (store_id) REFERENCES stockroom.store(id)
);

