// How an order line lies in its row, and how it is read back: for settlement, for readers and for the replay.

import type { LineFact, LineState, LineStatus, RejectionCode } from '@stockroom/core';
import { quantityFromSql } from '@stockroom/core';

export const orderLineColumns = `order_id, line_no, line_ref, sku, stock_item_id, product_id, store_id, status, reason, requested, from_stock, backordered,
          committed, shipped, released, returned, deducted, facts, extract(epoch from placed_at) * 1000 as placed_at`;

export interface RawOrderLine {
  order_id: string;
  line_no: number;
  line_ref: string;
  sku: string;
  stock_item_id: string | null;
  product_id: string;
  store_id: number;
  status: LineStatus;
  reason: RejectionCode | null;
  requested: string;
  from_stock: string;
  backordered: string;
  committed: string;
  shipped: string;
  released: string;
  returned: string;
  deducted: { placeId: number; quantity: LineState['requested'] }[] | null;
  facts: LineFact[] | null;
  placed_at: string;
}

export function orderLineFrom(row: RawOrderLine): LineState {
  return {
    orderId: Number(row.order_id),
    lineNo: row.line_no,
    lineRef: row.line_ref,
    sku: row.sku,
    itemId: row.stock_item_id === null ? null : Number(row.stock_item_id),
    productId: Number(row.product_id),
    storeId: row.store_id,
    status: row.status,
    reason: row.reason,
    requested: quantityFromSql(row.requested),
    fromStock: quantityFromSql(row.from_stock),
    backordered: quantityFromSql(row.backordered),
    committed: quantityFromSql(row.committed),
    deducted: row.deducted ?? [],
    shipped: quantityFromSql(row.shipped),
    released: quantityFromSql(row.released),
    returned: quantityFromSql(row.returned),
    placedAt: Math.round(Number(row.placed_at)),
    facts: row.facts ?? [],
  };
}
