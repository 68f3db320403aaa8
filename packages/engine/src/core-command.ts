// From a mailbox row to the core's command for one product: line ids become line numbers, the order's facts are added.

import type { LineScope, LineState, OrderCommand, OrderView } from '@stockroom/core';
import type { OrderFacts } from '@stockroom/db';
import type { StoredOrderCommand, StoredScope } from './stored-command.ts';

/** Placed lines have the numbers 1 to 1,000 (the contract allows no more), also those that are not decided yet. */
const placedLinesMax = 1_000;

/**
 * Whether a line was on the order when something was said about it. Placed lines always were, even if they were placed afterwards;
 * what an amendment brought was not there before the amendment, whichever of the two arrived first.
 */
function wasThere(line: LineState, at: number): boolean {
  return line.lineNo <= placedLinesMax || line.placedAt <= at;
}

/** Everything but what makes, changes or settles the lines themselves. */
function speaksOfLines({ type }: StoredOrderCommand): boolean {
  return type !== 'order.placed' && type !== 'order.amended' && type !== 'settle_back';
}

/** What a stored order command means for one product. */
export interface ProductCommand {
  /** null: nothing of it concerns this product. */
  readonly command: OrderCommand | null;
  /** The order's lines on this product as they are. */
  readonly lines: readonly LineState[];
}

/**
 * @param allLines every line of the order known so far, on any product
 */
export function commandForProduct(
  stored: StoredOrderCommand,
  order: OrderFacts,
  productId: number,
  allLines: readonly LineState[],
): ProductCommand {
  const own = allLines.filter((line) => line.productId === productId);
  const lines = speaksOfLines(stored) ? own.filter((line) => wasThere(line, stored.at)) : own;
  if (lines.length < own.length && lines.length === 0) return { lines, command: null };
  const view: OrderView = { orderId: order.orderId, orderRef: order.reference, storeId: order.storeId };
  const head = { eventId: stored.id, at: stored.at, order: view };
  switch (stored.type) {
    case 'order.placed':
      return {
        lines,
        command: {
          ...head,
          type: 'place',
          holdRef: stored.hold ?? null,
          lines: stored.lines.map((line, index) => ({
            lineNo: line.no ?? index + 1,
            lineRef: line.ref,
            sku: line.sku ?? '',
            itemId: line.itemId ?? null,
            quantity: line.quantity,
          })),
        },
      };
    case 'order.paid':
      return { lines, command: { ...head, type: 'pay' } };
    case 'settle_back':
      return { lines, command: { ...head, type: 'settle_back' } };
    case 'order.shipped':
      return scoped(lines, stored.lines, (scope) => ({
        ...head,
        type: 'ship',
        lines: scope,
        placeId: stored.placeId ?? null,
      }));
    case 'order.cancelled':
    case 'order.deleted': {
      const type = stored.type === 'order.cancelled' ? 'cancel' : 'delete';
      return scoped(lines, stored.lines, (scope) => ({
        ...head,
        type,
        lines: scope,
        restock: stored.restock ?? null,
      }));
    }
    case 'order.refunded':
    case 'order.returned': {
      const type = stored.type === 'order.refunded' ? 'refund' : 'return';
      return scoped(lines, stored.lines, (scope) => ({
        ...head,
        type,
        lines: scope,
        restock: stored.restock ?? null,
        disposition: stored.disposition,
        placeId: stored.placeId ?? null,
      }));
    }
    case 'order.restocked':
      return scoped(lines, stored.lines, (scope) => ({
        ...head,
        type: 'restock',
        lines: (scope ?? []).flatMap(({ lineNo, quantity }) =>
          quantity === null ? [] : [{ lineNo, quantity }],
        ),
        placeId: stored.placeId ?? null,
      }));
    case 'order.amended':
      return amendment(stored, head, productId, lines, allLines);
  }
}

/** Narrows an event's line list to this product's lines; a list that names none of them does not concern it. */
function scoped(
  lines: readonly LineState[],
  refs: readonly StoredScope[] | undefined,
  build: (scope: LineScope) => OrderCommand,
): ProductCommand {
  if (refs === undefined) return { lines, command: lines.length === 0 ? null : build(null) };
  const scope = refs.flatMap((ref) => {
    const line = lines.find((candidate) => candidate.lineRef === ref.ref);
    return line === undefined ? [] : [{ lineNo: line.lineNo, quantity: ref.quantity }];
  });
  return { lines, command: scope.length === 0 ? null : build(scope) };
}

function amendment(
  stored: Extract<StoredOrderCommand, { type: 'order.amended' }>,
  head: { readonly eventId: string; readonly at: number; readonly order: OrderView },
  productId: number,
  lines: readonly LineState[],
  allLines: readonly LineState[],
): ProductCommand {
  let nextNo = Math.max(placedLinesMax, ...allLines.map((line) => line.lineNo)) + 1;
  const amended = stored.lines.flatMap((change) => {
    const known = allLines.find((line) => line.lineRef === change.ref);
    if (known !== undefined) {
      if (known.productId !== productId) return [];
      return [
        {
          lineNo: known.lineNo,
          lineRef: known.lineRef,
          sku: known.sku,
          itemId: known.itemId,
          quantity: change.quantity,
        },
      ];
    }
    // A new line: it belongs to the product its SKU names; the command of that product carries `productId`.
    if (change.sku === undefined || change.productId !== productId) return [];
    nextNo += 1;
    return [
      {
        lineNo: nextNo - 1,
        lineRef: change.ref,
        sku: change.sku,
        itemId: change.itemId ?? null,
        quantity: change.quantity,
      },
    ];
  });
  return { lines, command: amended.length === 0 ? null : { ...head, type: 'amend', lines: amended } };
}

/**
 * Products that the order got while an event was on its way in, so that none of its commands went there. The amendment that brought them
 * may have been settled before the event was recorded, and then knows nothing of it either.
 * Products of an order are only ever added: an event went to the first `parts` of them, and the very first one speaks for the missed.
 */
export function missedProducts(
  stored: StoredOrderCommand,
  { parts, productId }: { readonly parts: number; readonly productId: number },
  order: OrderFacts,
): readonly number[] {
  if (parts === 0 || !speaksOfLines(stored) || productId !== order.productIds[0]) return [];
  return order.productIds.slice(parts);
}

/** Line ids an event names that the order does not have. Ask only when every product has answered. */
export function unknownRefs(stored: StoredOrderCommand, allLines: readonly LineState[]): readonly string[] {
  if (!('lines' in stored) || stored.lines === undefined || stored.type === 'order.placed') return [];
  const there = speaksOfLines(stored) ? allLines.filter((line) => wasThere(line, stored.at)) : allLines;
  const known = new Set(there.map((line) => line.lineRef));
  return stored.lines.map((line) => line.ref).filter((ref) => !known.has(ref));
}
