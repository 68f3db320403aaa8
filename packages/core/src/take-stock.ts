// Which places units are taken from: the given one, or the store's locations by priority.

import type { Pile } from './pile.ts';
import { nowhere } from './pile.ts';
import type { Quantity } from './quantity.ts';
import { minOf, subtract } from './quantity.ts';
import type { ItemState, Share, StoreView } from './types.ts';
import { availableAt, takingPlaces } from './work.ts';

/**
 * Plans to take units of what each place has. Nothing is moved.
 *
 * @returns what can be had, at most `quantity`
 */
export function takeWhatIsThere(
  item: ItemState,
  store: StoreView,
  placeId: number | null,
  quantity: Quantity,
): Pile {
  const shares: Share[] = [];
  let open = quantity;
  for (const place of placeId === null ? takingPlaces(store) : [placeId]) {
    if (open <= 0) break;
    const part = minOf(open, availableAt(item, place) as Quantity);
    if (part <= 0) continue;
    shares.push({ placeId: place, quantity: part });
    open = subtract(open, part);
  }
  return shares;
}

/**
 * Plans to take units that no place has, as `negative.onHand` says: below zero at the first place, from nowhere
 * (the level stays at zero and nothing ever comes back), or not at all.
 */
export function takeWhatIsNot(
  negative: 'allow' | 'clamp_zero' | 'reject',
  store: StoreView,
  placeId: number | null,
  quantity: Quantity,
): Pile {
  if (quantity <= 0 || negative === 'reject') return [];
  if (negative === 'clamp_zero') return [{ placeId: nowhere, quantity }];
  const place = placeId ?? takingPlaces(store)[0] ?? store.locations[0]?.placeId;
  return place === undefined ? [] : [{ placeId: place, quantity }];
}
