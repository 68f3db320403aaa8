// Who gets how much: asked quantities of one stock item against what can be sold, under the order policy.

import type { Quantity } from './quantity.ts';
import { add, minOf, subtract, zero } from './quantity.ts';
import type { OrderPolicy } from './settings.ts';

/** Units granted to one line. */
export interface Grant {
  readonly fromStock: Quantity;
  readonly backordered: Quantity;
}

export const noGrant: Grant = { fromStock: zero, backordered: zero };

/** What an item can still give: from stock, and beyond it (null = without limit). */
interface Supply {
  readonly fromStock: Quantity;
  readonly room: Quantity | null;
  readonly decimals: number;
}

/**
 * Grants in the order of the lines.
 *
 * - `all_or_nothing`: the demand is one sum; it is granted whole or not at all, so two lines of one SKU never pass alone
 * - `partial`: each line takes what is left, in whole steps of the item's decimals
 * - `accept_all`: everything; what lacks waits, even where backorders are denied
 */
export function grantAll(policy: OrderPolicy, asked: readonly Quantity[], supply: Supply): readonly Grant[] {
  if (policy === 'partial') return grantWhatIsLeft(asked, supply);
  if (policy === 'all_or_nothing') {
    let total = zero;
    for (const quantity of asked) total = add(total, quantity);
    const beyond = subtract(total, minOf(total, supply.fromStock));
    if (supply.room !== null && beyond > supply.room) return asked.map(() => noGrant);
  }
  let left = supply.fromStock;
  return asked.map((quantity) => {
    const fromStock = minOf(quantity, left);
    left = subtract(left, fromStock);
    return { fromStock, backordered: subtract(quantity, fromStock) };
  });
}

function grantWhatIsLeft(asked: readonly Quantity[], supply: Supply): readonly Grant[] {
  let { fromStock: left, room } = supply;
  return asked.map((quantity) => {
    const beyond = room === null ? quantity : minOf(quantity, add(left, room));
    const granted = wholeSteps(beyond, supply.decimals);
    const fromStock = minOf(granted, left);
    const backordered = subtract(granted, fromStock);
    left = subtract(left, fromStock);
    if (room !== null) room = subtract(room, backordered);
    return { fromStock, backordered };
  });
}

/** The largest quantity not above this one that the item allows. */
function wholeSteps(quantity: Quantity, decimals: number): Quantity {
  const step = 10 ** (4 - decimals);
  return (quantity - (quantity % step)) as Quantity;
}
