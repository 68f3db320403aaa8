// How a level lies in its row, and how it is read back: for settlement, for storefronts and for the pages of stock.

import { type Level, type PlaceKind, quantityFromSql } from '@stockroom/core';

export interface RawLevel {
  place: number;
  kind: PlaceKind;
  on_hand: string;
  unavailable: string;
  committed: string;
  held: string;
  incoming: string;
  /** Text from a column, a number from JSON. */
  sequence: string | number;
  low_fired: boolean;
}

export function levelFrom(row: RawLevel): Level {
  return {
    placeId: row.place,
    kind: row.kind,
    onHand: quantityFromSql(row.on_hand),
    unavailable: quantityFromSql(row.unavailable),
    committed: quantityFromSql(row.committed),
    held: quantityFromSql(row.held),
    incoming: quantityFromSql(row.incoming),
    sequence: Number(row.sequence),
    lowFired: row.low_fired,
  };
}
