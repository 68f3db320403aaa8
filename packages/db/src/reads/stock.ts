// Stock as it is: of one SKU at every place, and the list of all products with their totals.

import { type Level, type Quantity, quantityFromSql } from '@stockroom/core';
import { levelFrom, type RawLevel } from '../hot/level-row.ts';
import { type Sql, statement } from '../sql.ts';
import { decodeCursor, isText, type Page, type PageRequest, pageLimit, pageOf } from './page.ts';

/** A level, and the place it is at. */
export interface PlaceStock extends Level {
  readonly code: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly inStock: boolean;
}

export interface SkuStock {
  readonly sku: string;
  readonly productId: number;
  readonly itemId: number;
  readonly name: string;
  readonly published: boolean;
  readonly discontinued: boolean;
  readonly decimals: number;
  readonly places: readonly PlaceStock[];
}

interface RawPlace extends Omit<RawLevel, 'place'> {
  item_id: string;
  product_id: string;
  name: string;
  published: boolean;
  discontinued: boolean;
  decimals: number;
  place_id: number | null;
  code: string;
  place_name: string;
  enabled: boolean;
  in_stock: boolean;
}

const skuStatement = statement(
  'read_stock_of_sku',
  `select i.id as item_id, i.product_id, p.name, p.published, p.discontinued, p.decimals,
          l.location_id as place_id, o.code, o.name as place_name, o.kind, o.enabled, o.in_stock,
          l.on_hand, l.unavailable, l.committed, l.held, l.incoming, l.sequence, l.low_fired
     from stockroom.stock_item i
     join stockroom.product p on p.id = i.product_id
     left join (stockroom.stock_level l join stockroom.location o on o.id = l.location_id) on l.stock_item_id = i.id
    where i.sku = $1 order by o.kind, o.code`,
);

/** @returns null when nobody knows the SKU. */
export async function readStock(sql: Sql, sku: string): Promise<SkuStock | null> {
  const rows = await sql.query<RawPlace>(skuStatement, [sku]);
  const [first] = rows;
  if (first === undefined) return null;
  return {
    sku,
    productId: Number(first.product_id),
    itemId: Number(first.item_id),
    name: first.name,
    published: first.published,
    discontinued: first.discontinued,
    decimals: first.decimals,
    places: rows.flatMap((row) => (row.place_id === null ? [] : [placeFrom(row, row.place_id)])),
  };
}

function placeFrom(row: RawPlace, place: number): PlaceStock {
  const { code, place_name: name, enabled, in_stock: inStock } = row;
  return { ...levelFrom({ ...row, place }), code, name, enabled, inStock };
}

export interface ProductStock {
  readonly productId: number;
  readonly sku: string;
  readonly name: string;
  readonly published: boolean;
  readonly discontinued: boolean;
  readonly decimals: number;
  readonly onHand: Quantity;
  readonly unavailable: Quantity;
  readonly committed: Quantity;
  readonly held: Quantity;
  readonly incoming: Quantity;
}

type RawProduct = Pick<RawPlace, 'name' | 'published' | 'discontinued' | 'decimals'> & {
  id: string;
  sku: string;
  on_hand: string;
  unavailable: string;
  committed: string;
  held: string;
  incoming: string;
};

const productsStatement = statement(
  'read_products',
  `select p.id, p.sku, p.name, p.published, p.discontinued, p.decimals,
          coalesce(s.on_hand, 0) as on_hand, coalesce(s.unavailable, 0) as unavailable, coalesce(s.committed, 0) as committed,
          coalesce(s.held, 0) as held, coalesce(s.incoming, 0) as incoming
     from (select * from stockroom.product
            where id <> 0 and ($1::text is null or sku > $1) and ($2::text is null or sku ilike $2 or name ilike $2)
            order by sku limit $3) p
     left join lateral (
       select sum(l.on_hand) as on_hand, sum(l.unavailable) as unavailable, sum(l.committed) as committed, sum(l.held) as held,
              sum(l.incoming) as incoming
         from stockroom.stock_item i join stockroom.stock_level l on l.stock_item_id = i.id where i.product_id = p.id) s on true
    order by p.sku`,
);

/** Products by SKU, with their stock summed over all places and variants. `search` looks inside SKU and name. */
export async function listProducts(
  sql: Sql,
  request: PageRequest & { readonly search?: string } = {},
): Promise<Page<ProductStock>> {
  const limit = pageLimit(request);
  const pattern = request.search ? `%${request.search.replace(/[\\%_]/g, '\\$&')}%` : null;
  const rows = await sql.query<RawProduct>(productsStatement, [
    decodeCursor(request.cursor, isText),
    pattern,
    limit + 1,
  ]);
  return pageOf(rows, limit, productFrom, (row) => row.sku);
}

function productFrom(row: RawProduct): ProductStock {
  return {
    productId: Number(row.id),
    sku: row.sku,
    name: row.name,
    published: row.published,
    discontinued: row.discontinued,
    decimals: row.decimals,
    onHand: quantityFromSql(row.on_hand),
    unavailable: quantityFromSql(row.unavailable),
    committed: quantityFromSql(row.committed),
    held: quantityFromSql(row.held),
    incoming: quantityFromSql(row.incoming),
  };
}
