// Finds for each cancelled unit the sale it came from: same customer, same SKU, earliest first, as long as units are left.
import type { LeftOver } from './plan-replay.ts';
import type { RetailLine } from './retail-line.ts';

/** Units of one sold row that come back. */
export type Piece = { order: string; row: number; units: number; wasShipped: boolean };

export type TakenBack = { pieces: Piece[]; missing: number; reason: LeftOver['reason'] | null };

export type Shelf = {
  sell(order: string, at: number, lines: readonly RetailLine[]): void;
  takeBack(row: RetailLine, at: number): TakenBack;
  /** What is shipped of each order: all that was not cancelled before. Orders that ship nothing are left out. */
  shipments(): { order: string; at: number; lines: { row: number; units: number }[] }[];
};

type Sold = { order: string; row: number; shipsAt: number; left: number; toShip: number };

export function createShelf(shipAfterMs: number): Shelf {
  const byCustomer = new Map<string, Sold[]>();
  const byOrder = new Map<string, Sold[]>();
  const keyOf = ({ customer, sku }: RetailLine) => JSON.stringify([customer, sku]);

  return {
    sell(order, at, lines) {
      for (const line of lines) {
        const sold = {
          order,
          row: line.row,
          shipsAt: at + shipAfterMs,
          left: line.quantity,
          toShip: line.quantity,
        };
        append(byOrder, order, sold);
        // Guests are different people: nothing of theirs can be found again.
        if (line.customer !== '') append(byCustomer, keyOf(line), sold);
      }
    },
    takeBack(row, at) {
      const asked = Math.abs(row.quantity);
      const pieces: Piece[] = [];
      let missing = asked;
      for (const sold of byCustomer.get(keyOf(row)) ?? []) {
        const units = Math.min(missing, sold.left);
        if (units === 0) continue;
        const wasShipped = sold.shipsAt <= at;
        sold.left -= units;
        if (!wasShipped) sold.toShip -= units;
        missing -= units;
        pieces.push({ order: sold.order, row: sold.row, units, wasShipped });
      }
      return {
        pieces,
        missing,
        reason: missing === 0 ? null : reasonOf(row, pieces, byCustomer.has(keyOf(row))),
      };
    },
    shipments() {
      return [...byOrder].flatMap(([order, sold]) => {
        const lines = sold
          .filter(({ toShip }) => toShip > 0)
          .map(({ row, toShip }) => ({ row, units: toShip }));
        return lines.length === 0 ? [] : [{ order, at: sold[0]?.shipsAt ?? 0, lines }];
      });
    },
  };
}

function reasonOf(row: RetailLine, pieces: readonly Piece[], wasSold: boolean): LeftOver['reason'] {
  if (row.customer === '') return 'guest_cancels';
  return pieces.length > 0 || wasSold ? 'fewer_left_than_cancelled' : 'no_earlier_sale';
}

function append(map: Map<string, Sold[]>, key: string, sold: Sold): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [sold]);
  else list.push(sold);
}
