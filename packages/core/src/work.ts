// The desk of one command: levels as they change while it is decided, and everything it will have done.

import { assert } from './assert.ts';
import { evaluate } from './evaluate.ts';
import { post } from './post.ts';
import { negate, zero } from './quantity.ts';
import type { Cause, Settings } from './settings.ts';
import type {
  CommandAnswer,
  Effect,
  Entry,
  Hold,
  ItemState,
  LineState,
  Movement,
  Settled,
  StoreView,
  View,
} from './types.ts';

/** Filled while a command is decided; thrown away when the rules say no. */
export interface Work {
  readonly view: View;
  /** Items that changed, as they are by now. */
  readonly items: Map<number, ItemState>;
  readonly entries: Entry[];
  /** Lines that changed, by order and line. */
  readonly lines: Map<string, LineState>;
  readonly effects: Effect[];
}

export function openWork(view: View): Work {
  return { view, items: new Map(), entries: [], lines: new Map(), effects: [] };
}

export function itemOf(work: Work, itemId: number): ItemState {
  const item = work.items.get(itemId) ?? work.view.items.get(itemId);
  assert(item !== undefined, `stock item ${itemId} was not loaded`);
  return item;
}

export function storeOf(view: View, storeId: number): StoreView {
  if (view.store.storeId === storeId) return view.store;
  const store = view.stores.find((candidate) => candidate.storeId === storeId);
  assert(store !== undefined, `store ${storeId} was not loaded`);
  return store;
}

/** A line as this command leaves it so far. */
export function lineOf(work: Work, line: LineState): LineState {
  return work.lines.size === 0 ? line : (work.lines.get(lineKey(line)) ?? line);
}

export function keepLine(work: Work, line: LineState): void {
  work.lines.set(lineKey(line), line);
}

function lineKey(line: LineState): string {
  return `${line.orderId}:${line.lineNo}`;
}

/** Posts movements: levels change and entries are numbered. */
export function move(work: Work, movements: readonly Movement[]): void {
  if (movements.length === 0) return;
  const items =
    work.items.size === 0
      ? work.view.items
      : new Map(movements.map(({ itemId }) => [itemId, itemOf(work, itemId)]));
  const posted = post(items, movements);
  for (const [itemId, item] of posted.items) work.items.set(itemId, item);
  for (const entry of posted.entries) work.entries.push(entry);
}

/** Takes holds of an item away, with the movement that says why. */
export function dropHolds(
  work: Work,
  itemId: number,
  kind: 'unhold' | 'hold_expired',
  isDropped: (hold: Hold) => boolean,
): void {
  const item = itemOf(work, itemId);
  const dropped = item.holds.filter(isDropped);
  if (dropped.length === 0) return;
  move(
    work,
    dropped.map((hold) => ({
      itemId,
      placeId: storeOf(work.view, hold.storeId).poolId,
      placeKind: 'pool',
      bucket: 'held',
      delta: negate(hold.quantity),
      kind,
      orderId: null,
      lineNo: null,
      belowFloor: false,
    })),
  );
  setHolds(
    work,
    itemId,
    item.holds.filter((hold) => !isDropped(hold)),
  );
}

export function setHolds(work: Work, itemId: number, holds: readonly Hold[]): void {
  work.items.set(itemId, { ...itemOf(work, itemId), holds });
}

/** Tidies away what no longer counts. Whether somebody does makes no difference to what can be sold. */
export function tidyHolds(work: Work, itemId: number): void {
  if (itemOf(work, itemId).holds.length === 0) return;
  dropHolds(work, itemId, 'hold_expired', (hold) => hold.expiresAt <= work.view.now);
}

/** Ends a command that did something: compares every item with what it was and says what others must hear. */
export function finish(work: Work, answer: CommandAnswer, cause: Cause): Settled {
  const { view } = work;
  const items: ItemState[] = [];
  const effects: Effect[] = [];
  for (const [itemId, after] of work.items) {
    const before = view.items.get(itemId);
    assert(before !== undefined, `stock item ${itemId} was not loaded`);
    const settings = (storeId: number): Settings => view.settings(itemId, storeId);
    const evaluated = evaluate(before, after, view.stores, settings, cause, view.now);
    items.push(evaluated.item);
    for (const effect of evaluated.effects) effects.push(effect);
  }
  for (const effect of work.effects) effects.push(effect);
  return { answer, items, entries: work.entries, lines: [...work.lines.values()], effects };
}

/** Ends a command that changed no stock: lines may still have been written down. */
export function leave(answer: CommandAnswer, lines: readonly LineState[] = []): Settled {
  return { answer, items: [], entries: [], lines, effects: [] };
}

/** Units that can be taken: on hand and not unavailable. */
export function availableAt(item: ItemState, placeId: number): number {
  const level = item.levels.find(
    (candidate) => candidate.placeId === placeId && candidate.kind === 'location',
  );
  return level === undefined ? zero : Math.max(0, level.onHand - level.unavailable);
}

/** The places of a store that goods are taken from, by priority. */
export function takingPlaces(store: StoreView): readonly number[] {
  return store.locations.filter((place) => place.enabled && place.inStock).map((place) => place.placeId);
}
