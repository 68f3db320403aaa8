// The verbs of goods without an order: adjust, set, count, receive, incoming, transfer.

import { refuseCommand } from './answers.ts';
import { fillWaiting } from './fill-waiting.ts';
import type { CommandOf } from './place.ts';
import type { Quantity } from './quantity.ts';
import { add, hasPlaces, maxOf, minOf, negate, subtract, zero } from './quantity.ts';
import type { Cause } from './settings.ts';
import type { Bucket, ItemState, Level, MovementKind, Rejection, Settled, View } from './types.ts';
import type { Work } from './work.ts';
import { finish, itemOf, leave, move, openWork, tidyHolds } from './work.ts';

/** A change by a person or a service: `by` more (or fewer) units. Below zero only as `negative.onHand` or the command says. */
export function adjustLevel(command: CommandOf<'adjust'>, view: View): Settled {
  const { placeId, bucket, by } = command;
  return onItem(command, view, { by }, (item) => {
    const level = levelAt(item, placeId);
    if (bucket === 'on_hand') {
      return changeOnHand(view, item, placeId, by, 'adjust', 'adjust', command.allowNegative);
    }
    if (add(level.unavailable, by) < 0) return negative(item, negate(by), level.unavailable);
    return apply(view, item, placeId, 'adjust', [change(placeId, 'unavailable', by, 'adjust')]);
  });
}

/** Sets on hand. With `expected` it is compare and set: another value there is a conflict and changes nothing. */
export function setLevel(command: CommandOf<'set'>, view: View): Settled {
  const { placeId, onHand, expected } = command;
  return onItem(command, view, { onHand }, (item) => {
    const current = levelAt(item, placeId).onHand;
    if (expected !== null && expected !== current) {
      return leave(refuseCommand({ code: 'conflict', sku: item.sku, requested: expected, current }));
    }
    const by = subtract(onHand, current);
    return changeOnHand(view, item, placeId, by, 'set', 'adjust', command.allowNegative);
  });
}

/** A count: what differed at the time of counting is the change, so that sales since survive (americommerce A28). */
export function countLevel(command: CommandOf<'count'>, view: View): Settled {
  const { placeId, counted, expectedAt } = command;
  return onItem(command, view, { counted }, (item) => {
    if (counted < 0) return leave(refuseCommand({ code: 'invalid_input', sku: item.sku, field: 'counted' }));
    return changeOnHand(view, item, placeId, subtract(counted, expectedAt), 'count', 'count', false);
  });
}

/** Goods arrive. With `fromIncoming` they were announced: incoming falls by as much, not below zero. */
export function receiveGoods(command: CommandOf<'receive'>, view: View): Settled {
  const { placeId, quantity } = command;
  return onItem(command, view, { quantity }, (item) => {
    if (quantity <= 0)
      return leave(refuseCommand({ code: 'invalid_input', sku: item.sku, field: 'quantity' }));
    const announced = command.fromIncoming ? minOf(quantity, levelAt(item, placeId).incoming) : zero;
    return apply(view, item, placeId, 'receive', [
      change(placeId, 'on_hand', quantity, 'receive'),
      change(placeId, 'incoming', negate(announced), 'receive'),
    ]);
  });
}

/** Goods are announced, or an announcement is taken back. */
export function changeIncoming(command: CommandOf<'incoming'>, view: View): Settled {
  const { placeId, by } = command;
  return onItem(command, view, { by }, (item) => {
    const { incoming } = levelAt(item, placeId);
    if (add(incoming, by) < 0) return negative(item, negate(by), incoming);
    return apply(view, item, placeId, 'receive', [change(placeId, 'incoming', by, 'incoming')]);
  });
}

/** Goods go from one location to another. Only what is there and sellable can go. */
export function transfer(command: CommandOf<'transfer'>, view: View): Settled {
  const { fromPlaceId, toPlaceId, quantity } = command;
  return onItem(command, view, { quantity }, (item) => {
    const wrong = (field: string) => leave(refuseCommand({ code: 'invalid_input', sku: item.sku, field }));
    if (quantity <= 0) return wrong('quantity');
    if (fromPlaceId === toPlaceId) return wrong('toPlaceId');
    const source = levelAt(item, fromPlaceId);
    const there = maxOf(zero, subtract(source.onHand, source.unavailable));
    if (quantity > there) return negative(item, quantity, there);
    return apply(view, item, fromPlaceId, 'transfer', [
      change(fromPlaceId, 'on_hand', negate(quantity), 'transfer_out'),
      change(toPlaceId, 'on_hand', quantity, 'transfer_in'),
    ]);
  });
}

type Place = Pick<Level, 'onHand' | 'unavailable' | 'incoming'>;
const nothing: Place = { onHand: zero, unavailable: zero, incoming: zero };

function levelAt(item: ItemState, placeId: number): Place {
  return item.levels.find((level) => level.placeId === placeId) ?? nothing;
}

/** One change of one bucket, before it becomes a movement. */
interface Change {
  readonly placeId: number;
  readonly bucket: Bucket;
  readonly delta: Quantity;
  readonly kind: MovementKind;
  readonly belowFloor: boolean;
}

function change(
  placeId: number,
  bucket: Bucket,
  delta: Quantity,
  kind: MovementKind,
  belowFloor = false,
): Change {
  return { placeId, bucket, delta, kind, belowFloor };
}

/** Checks what every item command has in common, then lets the verb decide. */
function onItem(
  command: { readonly itemId: number },
  view: View,
  quantities: Readonly<Record<string, Quantity>>,
  decide: (item: ItemState) => Settled,
): Settled {
  const item = view.items.get(command.itemId);
  if (item === undefined) return leave(refuseCommand({ code: 'unknown_sku' }));
  for (const [field, quantity] of Object.entries(quantities)) {
    if (!hasPlaces(quantity, item.decimals)) {
      return leave(refuseCommand({ code: 'too_many_decimals', sku: item.sku, field }));
    }
  }
  return decide(item);
}

/** Changes on hand under the floor rules: rising is always allowed, falling below zero only where somebody says so. */
function changeOnHand(
  view: View,
  item: ItemState,
  placeId: number,
  by: Quantity,
  kind: MovementKind,
  cause: Cause,
  allowNegative: boolean,
): Settled {
  const { onHand } = levelAt(item, placeId);
  if (by >= 0 || add(onHand, by) >= 0)
    return apply(view, item, placeId, cause, [change(placeId, 'on_hand', by, kind)]);
  const rule = view.settings(item.itemId, view.store.storeId)['negative.onHand'];
  if (rule === 'allow' || allowNegative) {
    return apply(view, item, placeId, cause, [change(placeId, 'on_hand', by, kind, true)]);
  }
  if (rule === 'reject') return negative(item, negate(by), maxOf(zero, onHand));
  const clamped = minOf(zero, negate(onHand));
  return apply(view, item, placeId, cause, [change(placeId, 'on_hand', clamped, kind)]);
}

function negative(item: ItemState, requested: Quantity, available: Quantity): Settled {
  const rejection: Rejection = { code: 'would_be_negative', sku: item.sku, requested, available };
  return leave(refuseCommand(rejection));
}

/** Posts changes; changes of nothing are no movements. What became free goes to those who wait. */
function apply(
  view: View,
  item: ItemState,
  placeId: number,
  cause: Cause,
  changes: readonly Change[],
): Settled {
  const real = changes.filter(({ delta }) => delta !== 0);
  if (real.length === 0)
    return leave({ ...done(openWork(view), item.itemId, placeId), result: 'nothing_to_do' });
  const work = openWork(view);
  tidyHolds(work, item.itemId);
  move(
    work,
    real.map((one) => ({ ...one, itemId: item.itemId, placeKind: 'location', orderId: null, lineNo: null })),
  );
  fillWaiting(work, item.itemId);
  return finish(work, done(work, item.itemId, placeId), cause);
}

function done(work: Work, itemId: number, placeId: number) {
  const { onHand } = levelAt(itemOf(work, itemId), placeId);
  return { result: 'applied', lines: [], rejection: null, onHand } as const;
}
