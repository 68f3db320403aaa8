// What a person has to look at: parked commands and refused events.

import { type Sql, statement } from '../sql.ts';
import { decodeCursor, isNumber, type Page, type PageRequest, pageLimit, pageOf } from './page.ts';

export interface ParkedCommand {
  readonly commandId: number;
  readonly productId: number;
  /** null for lines whose SKU nobody knows. */
  readonly sku: string | null;
  readonly eventId: string;
  readonly eventType: string;
  readonly store: string | null;
  readonly order: string | null;
  readonly payload: unknown;
  readonly errorCode: string;
  readonly error: string;
  readonly createdAt: Date;
  readonly parkedAt: Date;
}

interface RawParked {
  id: string;
  product_id: string;
  sku: string | null;
  event_id: string | null;
  event_type: string | null;
  store: string | null;
  reference: string | null;
  payload: unknown;
  error_code: string;
  error: string;
  created_at: Date;
  parked_at: Date;
}

const parkedStatement = statement(
  'read_parked',
  `select k.id, k.product_id, nullif(p.sku, '') as sku, e.id as event_id, e.type as event_type, s.code as store, o.reference,
          k.payload, k.error_code, k.error, k.created_at, k.parked_at
     from stockroom.parked_command k
     left join stockroom.product p on p.id = k.product_id
     left join stockroom.event e on e.seq = k.event_seq
     left join stockroom.shop_order o on o.id = k.order_id
     left join stockroom.store s on s.id = o.store_id
    where $1::bigint is null or k.id < $1
    order by k.id desc limit $2`,
);

/** Newest first. */
export async function listParkedCommands(sql: Sql, request: PageRequest = {}): Promise<Page<ParkedCommand>> {
  const limit = pageLimit(request);
  const rows = await sql.query<RawParked>(parkedStatement, [
    decodeCursor(request.cursor, isNumber),
    limit + 1,
  ]);
  return pageOf(
    rows,
    limit,
    (row) => ({
      commandId: Number(row.id),
      productId: Number(row.product_id),
      sku: row.sku,
      eventId: row.event_id ?? '',
      eventType: row.event_type ?? '',
      store: row.store,
      order: row.reference,
      payload: row.payload,
      errorCode: row.error_code,
      error: row.error,
      createdAt: row.created_at,
      parkedAt: row.parked_at,
    }),
    (row) => Number(row.id),
  );
}

const parkedCountStatement = statement(
  'count_parked',
  'select count(*)::int as count from stockroom.parked_command',
);

export async function countParkedCommands(sql: Sql): Promise<number> {
  const [row] = await sql.query<{ count: number }>(parkedCountStatement, []);
  return row?.count ?? 0;
}

export interface RefusedEvent {
  readonly refusedId: number;
  /** null when it had none that could be read. */
  readonly eventId: string | null;
  readonly code: string;
  readonly field: string | null;
  readonly message: string;
  readonly body: unknown;
  readonly source: string;
  readonly at: Date;
}

interface RawRefused {
  id: string;
  event_id: string | null;
  code: string;
  field: string | null;
  message: string;
  body: unknown;
  source: string;
  at: Date;
}

const refusedStatement = statement(
  'read_refused',
  `select id, event_id, code, field, message, body, source, at from stockroom.refused_event
    where ($1::bigint is null or id < $1) order by id desc limit $2`,
);

/** Newest first. */
export async function listRefusedEvents(sql: Sql, request: PageRequest = {}): Promise<Page<RefusedEvent>> {
  const limit = pageLimit(request);
  const rows = await sql.query<RawRefused>(refusedStatement, [
    decodeCursor(request.cursor, isNumber),
    limit + 1,
  ]);
  return pageOf(
    rows,
    limit,
    (row) => ({
      refusedId: Number(row.id),
      eventId: row.event_id,
      code: row.code,
      field: row.field,
      message: row.message,
      body: row.body,
      source: row.source,
      at: row.at,
    }),
    (row) => Number(row.id),
  );
}
