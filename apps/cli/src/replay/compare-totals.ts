// Puts what the file says beside what the system and its ledger say.
import type { ActualTotals } from './actual-totals.ts';
import type { ExpectedTotals } from './expected-totals.ts';
import type { LeftOver, PlannedProduct, ReplayPlan } from './plan-replay.ts';

export type Comparison = { what: string; file: number; system: number; ok: boolean };

const unmatchedReasons: ReadonlySet<LeftOver['reason']> = new Set([
  'no_earlier_sale',
  'fewer_left_than_cancelled',
  'guest_cancels',
]);

/**
 * @param isComplete opening stock was enough for everything; with less, what is rejected depends on what came first, so that the file alone
 * cannot say what must come out, and only the sums that hold anyway are compared.
 */
export function compareTotals(
  expected: ExpectedTotals,
  actual: ActualTotals,
  { products, invoices, leftOver }: ReplayPlan,
  isComplete: boolean,
): Comparison[] {
  const opening = products.reduce((sum, { onHand }) => sum + onHand, 0);
  const unmatched = leftOver.filter(({ reason }) => unmatchedReasons.has(reason));
  const always: [string, number, number][] = [
    ['invoices', expected.invoices, invoices.total],
    ['units cancelled without a match', expected.unitsUnmatched, sum(unmatched.map(({ units }) => units))],
    ['orders settled', expected.orders, actual.orders],
    ['order lines', expected.lines, actual.lines],
    ['units placed', expected.unitsPlaced, actual.unitsPlaced],
    ['stock corrections', expected.corrections, actual.corrections],
    ['units corrected', expected.unitsCorrected, actual.ledgerCorrected],
    ['units still promised, lines', 0, actual.unitsStillPromised],
    ['units still promised, ledger', 0, actual.ledgerStillPromised],
    ['on hand: levels and ledger', actual.ledgerOnHand, actual.onHand],
    [
      'on hand: opening, corrected, less shipped, plus returned',
      opening + expected.unitsCorrected - actual.unitsShipped + actual.unitsReturned,
      actual.onHand,
    ],
  ];
  const complete: [string, number, number][] = [
    ['units accepted', expected.unitsPlaced, actual.unitsAccepted],
    ['units cancelled before shipping', expected.unitsCancelled, actual.unitsReleased],
    ['units shipped', expected.unitsShipped, actual.unitsShipped],
    ['units returned', expected.unitsReturned, actual.unitsReturned],
    ['units taken, by the ledger', expected.unitsShipped - expected.unitsReturned, actual.ledgerTaken],
    ['on hand at the end', opening + sum(expected.changeBySku.values()), actual.onHand],
    ['SKUs whose on hand differs', 0, differingSkus(expected, actual, products)],
  ];
  return [...always, ...(isComplete ? complete : [])].map(([what, file, system]) => ({
    what,
    file,
    system,
    ok: file === system,
  }));
}

function differingSkus(
  expected: ExpectedTotals,
  actual: ActualTotals,
  products: readonly PlannedProduct[],
): number {
  return products.filter(
    ({ sku, onHand }) => onHand + (expected.changeBySku.get(sku) ?? 0) !== actual.onHandBySku.get(sku),
  ).length;
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
