// What availability is computed from, for many SKUs of one store at once. The arithmetic is the core's.

import { type Hold, type ItemState, quantityFromSql, type StoreView } from '@stockroom/core';
import { loadDirectory } from '../hot/directory.ts';
import { levelFrom, type RawLevel } from '../hot/level-row.ts';
import { type Sql, statement } from '../sql.ts';

export interface AvailabilityRow {
  readonly sku: string;
  readonly name: string;
  readonly item: ItemState;
  /** Sparse settings as stored, nearest first; null = nothing set there. */
  readonly settings: { readonly item: unknown; readonly product: unknown };
}

export interface AvailabilityRows {
  readonly store: StoreView;
  /** Sparse settings above the product. */
  readonly settings: { readonly store: unknown; readonly global: unknown };
  /** In no particular order; unknown SKUs are missing. */
  readonly rows: readonly AvailabilityRow[];
}

interface RawRow {
  item_id: string;
  product_id: string;
  sku: string;
  name: string;
  decimals: number;
  published: boolean;
  discontinued: boolean;
  item_settings: unknown;
  product_settings: unknown;
  levels: RawLevel[];
  holds: { ref: string; store: number; quantity: string; expires: number }[];
}

// Numbers leave jsonb as text: a JSON number of 18 digits would not survive the parser.
const itemsStatement = statement(
  'read_availability',
  `select i.id as item_id, i.product_id, i.sku, p.name, p.decimals, p.published, p.discontinued,
          i.settings as item_settings, p.settings as product_settings,
          coalesce((select jsonb_agg(jsonb_build_object('place', l.location_id, 'kind', l.kind, 'on_hand', l.on_hand::text,
              'unavailable', l.unavailable::text, 'committed', l.committed::text, 'held', l.held::text,
              'incoming', l.incoming::text, 'sequence', l.sequence, 'low_fired', l.low_fired) order by l.location_id)
            from stockroom.stock_level l where l.stock_item_id = i.id), '[]') as levels,
          coalesce((select jsonb_agg(jsonb_build_object('ref', h.hold_ref, 'store', h.store_id, 'quantity', h.quantity::text,
              'expires', round(extract(epoch from h.expires_at) * 1000)))
            from stockroom.stock_hold h where h.stock_item_id = i.id and h.expires_at > now()), '[]') as holds
     from stockroom.stock_item i join stockroom.product p on p.id = i.product_id
    where i.sku = any($1::text[])`,
);

/** @returns null when there is no such store. Expired holds are left out. */
export async function readAvailability(
  sql: Sql,
  storeCode: string,
  skus: readonly string[],
): Promise<AvailabilityRows | null> {
  const [directory, raw] = await Promise.all([loadDirectory(sql), sql.query<RawRow>(itemsStatement, [skus])]);
  const store = directory.storesByCode.get(storeCode);
  if (store === undefined) return null;
  return {
    store: store.view,
    settings: { store: store.settings, global: directory.globalSettings },
    rows: raw.map(rowFrom),
  };
}

function rowFrom(raw: RawRow): AvailabilityRow {
  const itemId = Number(raw.item_id);
  return {
    sku: raw.sku,
    name: raw.name,
    settings: { item: raw.item_settings, product: raw.product_settings },
    item: {
      itemId,
      productId: Number(raw.product_id),
      sku: raw.sku,
      decimals: raw.decimals,
      published: raw.published,
      discontinued: raw.discontinued,
      levels: raw.levels.map(levelFrom),
      holds: raw.holds.map(
        (hold): Hold => ({
          holdRef: hold.ref,
          itemId,
          storeId: hold.store,
          quantity: quantityFromSql(hold.quantity),
          expiresAt: hold.expires,
        }),
      ),
    },
  };
}
