// The ledger, newest first, with what caused each entry: of one SKU, and of one order.

import { type Bucket, type MovementKind, type Quantity, quantityFromSql } from '@stockroom/core';
import { type Sql, statement } from '../sql.ts';
import {
  decodeCursor,
  encodeCursor,
  isNumber,
  isText,
  type Page,
  type PageRequest,
  pageLimit,
  pageOf,
} from './page.ts';

export interface LedgerEntry {
  readonly sku: string;
  /** Code of the location or pool. */
  readonly place: string;
  /** Gapless per SKU and place. */
  readonly sequence: number;
  readonly bucket: Bucket;
  readonly delta: Quantity;
  readonly balanceAfter: Quantity;
  readonly kind: MovementKind;
  /** A person knowingly took the place below zero. */
  readonly belowFloor: boolean;
  readonly at: Date;
  readonly order: { readonly store: string; readonly reference: string; readonly line: string | null } | null;
  readonly cause: {
    readonly eventId: string;
    readonly type: string;
    /** When it happened, as the event says. */
    readonly at: Date;
    readonly actor: string | null;
    readonly source: string;
    readonly reason: string | null;
  };
}

interface RawEntry {
  sku: string;
  item_id: string;
  place: string;
  location_id: number;
  sequence: string;
  bucket: Bucket;
  delta: string;
  balance_after: string;
  kind: MovementKind;
  below_floor: boolean;
  at: Date;
  at_text: string;
  event_seq: string;
  event_id: string;
  event_type: string;
  event_at: Date;
  actor: string | null;
  source: string;
  reason: string | null;
  store: string | null;
  reference: string | null;
  line: string | null;
}

const entryColumns = `i.sku, m.stock_item_id as item_id, l.code as place, m.location_id, m.sequence, m.bucket, m.delta, m.balance_after,
  m.kind, m.below_floor, m.at, m.at::text as at_text, m.event_seq, e.id as event_id, e.type as event_type, e.at as event_at, e.actor,
  e.source, e.body ->> 'reason' as reason, s.code as store, o.reference, ol.line_ref as line`;

const entryJoins = `join stockroom.stock_item i on i.id = m.stock_item_id
  join stockroom.location l on l.id = m.location_id
  join stockroom.event e on e.seq = m.event_seq
  left join stockroom.shop_order o on o.id = m.order_id
  left join stockroom.store s on s.id = o.store_id
  left join stockroom.order_line ol on ol.order_id = m.order_id and ol.line_no = m.line_no`;

// The newest entries of each place by its key, merged here: no sort over the whole history of a busy SKU, and no index for it.
const itemStatement = statement(
  'read_ledger_of_item',
  `select ${entryColumns}
     from stockroom.stock_item wanted
     join stockroom.stock_level v on v.stock_item_id = wanted.id
     join stockroom.location place on place.id = v.location_id and ($2::text is null or place.code = $2)
     left join unnest($3::int[], $4::bigint[]) as seen(location_id, sequence) on seen.location_id = v.location_id
     cross join lateral (
       select * from stockroom.movement
        where stock_item_id = v.stock_item_id and location_id = v.location_id
          and sequence < coalesce(seen.sequence, 9223372036854775807)
        order by sequence desc limit $5) m
     ${entryJoins}
    where wanted.sku = $1`,
);

type PlaceCursor = Record<string, number>;

function isPlaceCursor(value: unknown): value is PlaceCursor {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.entries(value).every(([place, sequence]) => /^\d{1,9}$/.test(place) && isNumber(sequence))
  );
}

/** Entries of a SKU, over all its places or one. An unknown SKU has none. */
export async function readLedgerOfSku(
  sql: Sql,
  sku: string,
  request: PageRequest & { readonly place?: string } = {},
): Promise<Page<LedgerEntry>> {
  const limit = pageLimit(request);
  const seen = decodeCursor(request.cursor, isPlaceCursor) ?? {};
  const raw = await sql.query<RawEntry>(itemStatement, [
    sku,
    request.place ?? null,
    Object.keys(seen).map(Number),
    Object.values(seen),
    limit + 1,
  ]);
  const merged = mergeByTime(raw);
  const kept = merged.slice(0, limit);
  const next = { ...seen };
  // Within a place entries keep their order, so the last one kept of each place is where its next page begins.
  for (const row of kept) next[row.location_id] = Number(row.sequence);
  return { rows: kept.map(entryFrom), next: merged.length > limit ? encodeCursor(next) : null };
}

// A settlement that waited for a lock carries an earlier time than one that did not: per place the sequence decides, never the time.
function mergeByTime(raw: readonly RawEntry[]): readonly RawEntry[] {
  const places = new Map<number, RawEntry[]>();
  for (const row of raw) {
    const rows = places.get(row.location_id);
    if (rows === undefined) places.set(row.location_id, [row]);
    else rows.push(row);
  }
  // Newest last, so that taking one is a pop.
  for (const rows of places.values()) rows.sort((a, b) => Number(a.sequence) - Number(b.sequence));
  const queues = [...places.values()];
  return raw.map(() => {
    const newest = queues
      .filter((rows) => rows.length > 0)
      .reduce((best, rows) => ((rows.at(-1) as RawEntry).at > (best.at(-1) as RawEntry).at ? rows : best));
    return newest.pop() as RawEntry;
  });
}

const orderStatement = statement(
  'read_ledger_of_order',
  `select ${entryColumns}
     from (select m.* from stockroom.movement m
            where m.order_id = $1
              and ($2::timestamptz is null
                   or (m.at, m.stock_item_id, m.location_id, m.sequence) < ($2::timestamptz, $3::bigint, $4::int, $5::bigint))
            order by m.at desc, m.stock_item_id desc, m.location_id desc, m.sequence desc limit $6) m
     ${entryJoins}
    order by m.at desc, m.stock_item_id desc, m.location_id desc, m.sequence desc`,
);

type OrderCursor = readonly [at: string, itemId: string, locationId: number, sequence: string];

function isOrderCursor(value: unknown): value is OrderCursor {
  if (!Array.isArray(value) || value.length !== 4) return false;
  const [at, itemId, locationId, sequence] = value as unknown[];
  return (
    isText(at) &&
    !Number.isNaN(Date.parse(at.replace(/\+00$/, 'Z'))) &&
    isNumber(locationId) &&
    [itemId, sequence].every((id) => isText(id) && /^\d{1,18}$/.test(id))
  );
}

/** Entries that an order caused. */
export async function readLedgerOfOrder(
  sql: Sql,
  orderId: number,
  request: PageRequest = {},
): Promise<Page<LedgerEntry>> {
  const limit = pageLimit(request);
  const after = decodeCursor(request.cursor, isOrderCursor) ?? [null, null, null, null];
  const rows = await sql.query<RawEntry>(orderStatement, [orderId, ...after, limit + 1]);
  return pageOf(rows, limit, entryFrom, (row) => [row.at_text, row.item_id, row.location_id, row.sequence]);
}

function entryFrom(row: RawEntry): LedgerEntry {
  return {
    sku: row.sku,
    place: row.place,
    sequence: Number(row.sequence),
    bucket: row.bucket,
    delta: quantityFromSql(row.delta),
    balanceAfter: quantityFromSql(row.balance_after),
    kind: row.kind,
    belowFloor: row.below_floor,
    at: row.at,
    order:
      row.store === null || row.reference === null
        ? null
        : { store: row.store, reference: row.reference, line: row.line },
    cause: {
      eventId: row.event_id,
      type: row.event_type,
      at: row.event_at,
      actor: row.actor,
      source: row.source,
      reason: row.reason,
    },
  };
}
