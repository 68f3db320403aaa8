// From a validated event to the commands of its products: names become ids, nothing is decided.

import type { InboundEvent, OrderEvent, StockEvent } from '@stockroom/contracts';
import type { ItemCommand, Quantity } from '@stockroom/core';
import { parseQuantity } from '@stockroom/core';
import type { Directory, SkuRow } from '@stockroom/db';
import type {
  StoredCommand,
  StoredItemCommand,
  StoredLine,
  StoredOrderCommand,
  StoredScope,
} from './stored-command.ts';

/** The mailbox of lines whose SKU nobody knows. */
export const nobodysProduct = 0;

/** Names as they are known in the transaction that receives. */
export interface Names {
  readonly directory: Directory;
  readonly skus: ReadonlyMap<string, SkuRow>;
}

/** Why an event cannot be accepted. */
export interface Refusal {
  readonly code: string;
  readonly field: string;
  readonly message: string;
}

export function isOrderEvent(event: InboundEvent): event is OrderEvent {
  return event.type.startsWith('order.');
}

/** Every SKU an event names. */
export function skusOf(event: InboundEvent): readonly string[] {
  if (!isOrderEvent(event)) return [event.sku];
  if (event.type === 'order.placed') return event.lines.map((line) => line.sku);
  if (event.type === 'order.amended')
    return event.lines.flatMap((line) => (line.sku === undefined ? [] : [line.sku]));
  return [];
}

/** Contracts have checked it; a quantity that does not parse here is a defect. */
function quantity(value: number | string): Quantity {
  const parsed = parseQuantity(value, 'quantity');
  if (!parsed.ok) throw new Error(`a validated quantity does not parse: ${value}`);
  return parsed.quantity;
}

/** Line ids as the shop gave them, or the SKU (`SKU#2`, `SKU#3` when it repeats). */
function lineRefs(
  lines: readonly { readonly line?: string | undefined; readonly sku: string }[],
): readonly string[] {
  const taken = new Set(lines.flatMap((line) => (line.line === undefined ? [] : [line.line])));
  return lines.map((line) => {
    if (line.line !== undefined) return line.line;
    let ref = line.sku;
    for (let n = 2; taken.has(ref); n += 1) ref = `${line.sku}#${n}`;
    taken.add(ref);
    return ref;
  });
}

/** Refuses what names something that does not exist, before anything is written. */
export function refusalOf(event: InboundEvent, names: Names): Refusal | null {
  const { directory } = names;
  if ('store' in event && !directory.storesByCode.has(event.store)) {
    return { code: 'unknown_store', field: 'store', message: `store "${event.store}" does not exist` };
  }
  for (const field of ['location', 'from', 'to'] as const) {
    const location = (event as Partial<Record<typeof field, string>>)[field];
    if (location !== undefined && !directory.locationsByCode.has(location)) {
      return { code: 'unknown_location', field, message: `location "${location}" does not exist` };
    }
  }
  if (!isOrderEvent(event)) {
    if (names.skus.has(event.sku)) return null;
    return { code: 'unknown_sku', field: 'sku', message: `SKU "${event.sku}" does not exist` };
  }
  if (event.type === 'order.placed' || event.type === 'order.amended') {
    const seen = new Set<string>();
    for (const [index, line] of event.lines.entries()) {
      if (line.line === undefined) continue;
      if (seen.has(line.line)) {
        return {
          code: 'invalid_input',
          field: `lines.${index}.line`,
          message: `line "${line.line}" appears twice`,
        };
      }
      seen.add(line.line);
    }
  }
  return null;
}

/** What every stored command of an event begins with. */
function headOf(event: InboundEvent, watch: boolean) {
  return {
    id: event.id,
    at: Date.parse(event.at),
    ...(event.reply ? { reply: true as const } : {}),
    ...(watch ? { watch: true as const } : {}),
    ...(event.actor === undefined ? {} : { actor: event.actor }),
    ...('reason' in event && event.reason !== undefined ? { reason: event.reason } : {}),
  };
}

/** The lines of a placed or amended order per product, in order. */
export function linesByProduct(
  event: Extract<OrderEvent, { type: 'order.placed' | 'order.amended' }>,
  names: Names,
): ReadonlyMap<number, readonly StoredLine[]> {
  const refs = event.type === 'order.placed' ? lineRefs(event.lines) : event.lines.map((line) => line.line);
  const products = new Map<number, StoredLine[]>();
  for (const [index, line] of event.lines.entries()) {
    const known = line.sku === undefined ? undefined : names.skus.get(line.sku);
    const productId = known?.productId ?? nobodysProduct;
    const stored: StoredLine = {
      ...(event.type === 'order.placed' ? { no: index + 1 } : { productId }),
      ref: refs[index] ?? line.sku ?? '',
      ...(line.sku === undefined ? {} : { sku: line.sku }),
      ...(known === undefined ? {} : { itemId: known.itemId }),
      quantity: quantity(line.quantity),
    };
    const lines = products.get(productId);
    if (lines === undefined) products.set(productId, [stored]);
    else lines.push(stored);
  }
  return products;
}

function scopeOf(
  lines: readonly { readonly line: string; readonly quantity?: number | string | undefined }[],
): readonly StoredScope[] {
  return lines.map((line) => ({
    ref: line.line,
    quantity: line.quantity === undefined ? null : quantity(line.quantity),
  }));
}

/** A command that is the same for every product of the order. */
export function orderCommand(
  event: Exclude<OrderEvent, { type: 'order.placed' }>,
  names: Names,
  watch: boolean,
): StoredOrderCommand {
  const head = headOf(event, watch);
  const place = (code: string | undefined) => {
    const placeId = code === undefined ? undefined : names.directory.locationsByCode.get(code);
    return placeId === undefined ? {} : { placeId };
  };
  const scope =
    'lines' in event && event.lines !== undefined && event.type !== 'order.amended'
      ? { lines: scopeOf(event.lines) }
      : {};
  switch (event.type) {
    case 'order.paid':
      return { ...head, type: event.type };
    case 'order.shipped':
      return { ...head, type: event.type, ...scope, ...place(event.location) };
    case 'order.cancelled':
    case 'order.deleted':
      return {
        ...head,
        type: event.type,
        ...scope,
        ...(event.restock === undefined ? {} : { restock: event.restock }),
      };
    case 'order.refunded':
    case 'order.returned':
      return {
        ...head,
        type: event.type,
        ...scope,
        ...(event.restock === undefined ? {} : { restock: event.restock }),
        disposition: event.disposition,
        ...place(event.location),
      };
    case 'order.amended':
      return { ...head, type: event.type, lines: [...linesByProduct(event, names).values()].flat() };
    case 'order.restocked':
      return { ...head, type: event.type, lines: scopeOf(event.lines), ...place(event.location) };
  }
}

/** The commands of a placed order, one per product. */
export function placeCommands(
  event: Extract<OrderEvent, { type: 'order.placed' }>,
  names: Names,
  watch: boolean,
): ReadonlyMap<number, StoredCommand> {
  const head = headOf(event, watch);
  const hold = event.hold === undefined ? {} : { hold: event.hold };
  const commands = new Map<number, StoredCommand>();
  for (const [productId, lines] of linesByProduct(event, names)) {
    commands.set(productId, { ...head, type: event.type, lines, ...hold });
  }
  return commands;
}

/** The command of a stock event, with its product. Names have been checked by `refusalOf`. */
export function stockCommand(
  event: StockEvent,
  names: Names,
  watch: boolean,
): { readonly productId: number; readonly command: StoredItemCommand } {
  const sku = names.skus.get(event.sku);
  if (sku === undefined) throw new Error('refusalOf was not asked');
  const head = headOf(event, watch);
  return {
    productId: sku.productId,
    command: { ...head, type: event.type, command: itemCommand(event, sku.itemId, head, names.directory) },
  };
}

function itemCommand(
  event: StockEvent,
  itemId: number,
  head: { readonly id: string; readonly at: number },
  directory: Directory,
): ItemCommand {
  const base = { eventId: head.id, at: head.at, itemId };
  const place = (code: string) => {
    const placeId = directory.locationsByCode.get(code);
    if (placeId === undefined) throw new Error('refusalOf was not asked');
    return placeId;
  };
  const store = (code: string) => {
    const entry = directory.storesByCode.get(code);
    if (entry === undefined) throw new Error('refusalOf was not asked');
    return entry.view.storeId;
  };
  switch (event.type) {
    case 'stock.adjust':
      return {
        ...base,
        type: 'adjust',
        placeId: place(event.location),
        by: quantity(event.by),
        bucket: event.bucket,
        allowNegative: event.allowNegative,
      };
    case 'stock.set':
      return {
        ...base,
        type: 'set',
        placeId: place(event.location),
        onHand: quantity(event.onHand),
        expected: event.expected === undefined ? null : quantity(event.expected),
        allowNegative: event.allowNegative,
      };
    case 'stock.count':
      // What was expected at `asOf` is read under the lock, at settlement.
      return {
        ...base,
        type: 'count',
        placeId: place(event.location),
        counted: quantity(event.counted),
        asOf: Date.parse(event.asOf),
        expectedAt: quantity(0),
      };
    case 'stock.receive':
      return {
        ...base,
        type: 'receive',
        placeId: place(event.location),
        quantity: quantity(event.quantity),
        fromIncoming: event.fromIncoming,
      };
    case 'stock.incoming':
      return { ...base, type: 'incoming', placeId: place(event.location), by: quantity(event.by) };
    case 'stock.transfer':
      return {
        ...base,
        type: 'transfer',
        fromPlaceId: place(event.from),
        toPlaceId: place(event.to),
        quantity: quantity(event.quantity),
      };
    case 'stock.hold':
      return {
        ...base,
        type: 'hold',
        storeId: store(event.store),
        holdRef: event.hold,
        quantity: quantity(event.quantity),
        minutes: event.minutes ?? null,
      };
    case 'stock.release':
      return { ...base, type: 'release', storeId: store(event.store), holdRef: event.hold };
  }
}
