// Turns a retailer's order lines into a catalog and the events of its orders: pure, so that it can be read and tested.
import type { OrderEventInput, StockEventInput } from '@stockroom/contracts';
import { createShelf, type Shelf } from './match-cancellations.ts';
import type { RetailLine } from './retail-line.ts';

export type ReplayEvent = OrderEventInput | StockEventInput;

export type PlannedProduct = { sku: string; name: string; onHand: number };

/** A row that could not become an event, and why. */
export type LeftOver = {
  row: number;
  invoice: string;
  sku: string;
  customer: string;
  units: number;
  reason:
    | 'no_earlier_sale'
    | 'fewer_left_than_cancelled'
    | 'guest_cancels'
    | 'zero_quantity'
    | 'unknown_invoice_kind';
};

export type ReplayPlan = {
  products: PlannedProduct[];
  /** In time order. */
  events: ReplayEvent[];
  invoices: {
    total: number;
    orders: number;
    cancellations: number;
    /** Of these, how many had no row that could be matched. */
    cancellationsUnmatched: number;
    corrections: number;
    /** Nothing in them but rows that say nothing. */
    empty: number;
  };
  cancellationRows: { total: number; matched: number; partly: number; unmatched: number };
  leftOver: LeftOver[];
};

export type PlanOptions = {
  /** How long after it was placed an order is shipped. */
  shipAfterMs: number;
  /** Opening stock over what is needed so that everything can be sold. */
  stockFactor: number;
};

/** Paid a moment after it was placed; the file knows no payments. */
const paidAfterMs = 60_000;

export type RowKind = 'sale' | 'cancellation' | 'correction' | 'nothing' | 'unknown';

/** `C536379` with -1: a cancellation; `536365` with 6: a sale; `537687` with -9: somebody corrected stock. */
export function kindOf({ invoice, quantity }: Pick<RetailLine, 'invoice' | 'quantity'>): RowKind {
  if (quantity === 0) return 'nothing';
  if (/^\d/.test(invoice)) return quantity > 0 ? 'sale' : 'correction';
  return /^C/.test(invoice) && quantity < 0 ? 'cancellation' : 'unknown';
}

type Invoice = { number: string; at: number; lines: RetailLine[] };

export function planReplay(lines: readonly RetailLine[], options: PlanOptions): ReplayPlan {
  const invoices = byInvoice(lines);
  const shelf = createShelf(options.shipAfterMs);
  const leftOver: LeftOver[] = [];
  const events: ReplayEvent[] = [];
  const counts = { orders: 0, cancellations: 0, cancellationsUnmatched: 0, corrections: 0, empty: 0 };
  const cancellationRows = { total: 0, matched: 0, partly: 0, unmatched: 0 };
  for (const invoice of invoices) {
    const of = (kind: RowKind) => invoice.lines.filter((line) => kindOf(line) === kind);
    for (const line of of('nothing')) leftOver.push({ ...rowFacts(line), reason: 'zero_quantity' });
    for (const line of of('unknown')) leftOver.push({ ...rowFacts(line), reason: 'unknown_invoice_kind' });
    const [sales, cancelled, corrections] = [of('sale'), of('cancellation'), of('correction')];
    if (sales.length > 0) {
      counts.orders += 1;
      shelf.sell(invoice.number, invoice.at, sales);
      events.push(...placedAndPaid(invoice, sales));
    } else if (corrections.length > 0) counts.corrections += 1;
    else if (cancelled.length === 0) counts.empty += 1;
    events.push(...corrections.map((line) => correction(invoice, line)));
    if (cancelled.length === 0) continue;
    counts.cancellations += 1;
    const before = cancellationRows.unmatched;
    events.push(...cancellation(invoice, cancelled, shelf, leftOver, cancellationRows));
    if (cancellationRows.unmatched - before === cancelled.length) counts.cancellationsUnmatched += 1;
  }
  events.push(...shelf.shipments().map(shipped));
  return {
    products: catalogOf(lines, options.stockFactor),
    // A stable sort: what happens at one time keeps its order.
    events: events.sort((a, b) => Date.parse(a.at) - Date.parse(b.at)),
    invoices: { total: invoices.length, ...counts },
    cancellationRows,
    leftOver,
  };
}

/** In time order; the time of an invoice is that of its first row. */
function byInvoice(lines: readonly RetailLine[]): Invoice[] {
  const found = new Map<string, Invoice>();
  for (const line of lines) {
    const invoice = found.get(line.invoice) ?? { number: line.invoice, at: line.at, lines: [] };
    invoice.at = Math.min(invoice.at, line.at);
    invoice.lines.push(line);
    found.set(line.invoice, invoice);
  }
  return [...found.values()].sort((a, b) => a.at - b.at || (a.lines[0]?.row ?? 0) - (b.lines[0]?.row ?? 0));
}

const iso = (at: number) => new Date(at).toISOString();
const head = (id: string, at: number) => ({ id: `replay-${id}`, at: iso(at), actor: 'replay' });
const rowFacts = ({ row, invoice, sku, customer, quantity }: RetailLine) => ({
  row,
  invoice,
  sku,
  customer,
  units: Math.abs(quantity),
});

/** Rows are the line ids: a SKU may stand in an invoice twice. */
const lineId = (row: number) => String(row);

function placedAndPaid({ number, at }: Invoice, sales: readonly RetailLine[]): ReplayEvent[] {
  return [
    {
      type: 'order.placed',
      ...head(`${number}-placed`, at),
      order: number,
      lines: sales.map(({ row, sku, quantity }) => ({ line: lineId(row), sku, quantity })),
    },
    { type: 'order.paid', ...head(`${number}-paid`, at + paidAfterMs), order: number },
  ];
}

function correction({ at }: Invoice, line: RetailLine): ReplayEvent {
  const reason = line.description === '' ? 'stock correction' : line.description;
  return {
    type: 'stock.adjust',
    ...head(`${line.invoice}-${line.row}`, at),
    sku: line.sku,
    by: line.quantity,
    reason,
  };
}

function shipped(shipment: ReturnType<Shelf['shipments']>[number]): ReplayEvent {
  return {
    type: 'order.shipped',
    ...head(`${shipment.order}-shipped`, shipment.at),
    order: shipment.order,
    lines: shipment.lines.map(({ row, units }) => ({ line: lineId(row), quantity: units })),
  };
}

/** One event per order that gets something back, and per whether it had left the house. */
function cancellation(
  { number, at }: Invoice,
  rows: readonly RetailLine[],
  shelf: Shelf,
  leftOver: LeftOver[],
  counted: ReplayPlan['cancellationRows'],
): ReplayEvent[] {
  const back = new Map<string, { order: string; wasShipped: boolean; units: Map<number, number> }>();
  for (const row of rows) {
    counted.total += 1;
    const { pieces, missing, reason } = shelf.takeBack(row, at);
    if (missing === 0) counted.matched += 1;
    else if (pieces.length > 0) counted.partly += 1;
    else counted.unmatched += 1;
    if (reason !== null) leftOver.push({ ...rowFacts(row), units: missing, reason });
    for (const { order, row: line, units, wasShipped } of pieces) {
      const key = `${order} ${wasShipped}`;
      const event = back.get(key) ?? { order, wasShipped, units: new Map() };
      event.units.set(line, (event.units.get(line) ?? 0) + units);
      back.set(key, event);
    }
  }
  return [...back.values()].map(({ order, wasShipped, units }) => {
    const lines = [...units].map(([row, quantity]) => ({ line: lineId(row), quantity }));
    return wasShipped
      ? { type: 'order.returned', ...head(`${number}-${order}-returned`, at), order, lines, restock: true }
      : { type: 'order.cancelled', ...head(`${number}-${order}-cancelled`, at), order, lines };
  });
}

/** Opening stock: everything that is sold and everything that is written off, so that nothing must wait. */
function catalogOf(lines: readonly RetailLine[], stockFactor: number): PlannedProduct[] {
  const products = new Map<string, { name: string; needed: number }>();
  for (const line of lines) {
    const product = products.get(line.sku) ?? { name: '', needed: 0 };
    const kind = kindOf(line);
    // Remarks about damage stand in the description of corrections; the product is named by its sales.
    if (line.description !== '' && (kind === 'sale' || product.name === '')) product.name = line.description;
    if (kind === 'sale' || kind === 'correction') product.needed += Math.abs(line.quantity);
    products.set(line.sku, product);
  }
  return [...products].map(([sku, { name, needed }]) => ({
    sku,
    name: name === '' ? sku : name,
    onHand: Math.ceil(needed * stockFactor),
  }));
}
