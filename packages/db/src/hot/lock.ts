// SQL of the row locks, the only file that takes them. The order is always products by id, then orders by id.

import type { Sql } from '../sql.ts';
import { statement } from '../sql.ts';

export interface ProductRow {
  readonly productId: number;
  readonly name: string;
  readonly published: boolean;
  readonly discontinued: boolean;
  readonly decimals: number;
  /** Sparse settings as stored; null = inherits everything. */
  readonly settings: unknown;
}

// NO KEY UPDATE: nobody deletes a product row, and foreign keys of the catalog must not wait for a settlement.
const lockProductsStatement = statement(
  'settle_lock_products',
  `select id, name, published, discontinued, decimals, settings
     from stockroom.product where id = any($1::bigint[]) order by id for no key update`,
);

/** Locks products in id order until the transaction ends. Everything else of a settlement happens under these locks. */
export async function lockProducts(
  sql: Sql,
  productIds: readonly number[],
): Promise<ReadonlyMap<number, ProductRow>> {
  const rows = await sql.query<{
    id: string;
    name: string;
    published: boolean;
    discontinued: boolean;
    decimals: number;
    settings: unknown;
  }>(lockProductsStatement, [productIds]);
  return new Map(
    rows.map((row) => [
      Number(row.id),
      {
        productId: Number(row.id),
        name: row.name,
        published: row.published,
        discontinued: row.discontinued,
        decimals: row.decimals,
        settings: row.settings,
      },
    ]),
  );
}

const orderSelect = `select id, store_id, reference, state, product_ids, customer_email, customer_name
     from stockroom.shop_order where id = any($1::bigint[]) order by id`;

const lockOrdersStatement = statement('settle_lock_orders', `${orderSelect} for no key update`);
const readOrdersStatement = statement('settle_read_orders', orderSelect);

export interface OrderFacts {
  readonly orderId: number;
  readonly storeId: number;
  readonly reference: string;
  readonly state: string;
  readonly productIds: readonly number[];
  readonly customerEmail: string | null;
  readonly customerName: string | null;
}

interface RawOrder {
  id: string;
  store_id: number;
  reference: string;
  state: string;
  product_ids: string[];
  customer_email: string | null;
  customer_name: string | null;
}

/** Locks orders in id order; always after the products. */
export async function lockOrders(
  sql: Sql,
  orderIds: readonly number[],
): Promise<ReadonlyMap<number, OrderFacts>> {
  return ordersById(await sql.query<RawOrder>(lockOrdersStatement, [orderIds]));
}

/** The same without a lock. */
export async function readOrders(
  sql: Sql,
  orderIds: readonly number[],
): Promise<ReadonlyMap<number, OrderFacts>> {
  return ordersById(await sql.query<RawOrder>(readOrdersStatement, [orderIds]));
}

function ordersById(rows: readonly RawOrder[]): ReadonlyMap<number, OrderFacts> {
  return new Map(
    rows.map((row) => [
      Number(row.id),
      {
        orderId: Number(row.id),
        storeId: row.store_id,
        reference: row.reference,
        state: row.state,
        productIds: row.product_ids.map(Number),
        customerEmail: row.customer_email,
        customerName: row.customer_name,
      },
    ]),
  );
}

const lockPlaceholdersStatement = statement(
  'receive_lock_orders',
  `select id, placed, product_ids from stockroom.shop_order where id = any($1::bigint[]) order by id for no key update`,
);

/** Locks orders for room 1, where an order is being placed or grows; it holds no product lock, so the order of locks stays products, orders. */
export async function lockOrdersForReceive(
  sql: Sql,
  orderIds: readonly number[],
): Promise<ReadonlyMap<number, { readonly placed: boolean; readonly productIds: readonly number[] }>> {
  const rows = await sql.query<{ id: string; placed: boolean; product_ids: string[] }>(
    lockPlaceholdersStatement,
    [orderIds],
  );
  return new Map(
    rows.map((row) => [Number(row.id), { placed: row.placed, productIds: row.product_ids.map(Number) }]),
  );
}
