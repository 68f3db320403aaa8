// Evaluation: what a change of stock means to the outside. Status, low stock and their mails, per store, on crossings only.

import { type Position, position, type StockStatus, statusOf } from './availability.ts';
import { emptyLevel } from './post.ts';
import type { Quantity } from './quantity.ts';
import { add, maxOf, zero } from './quantity.ts';
import type { Cause, Settings, StatusTrigger } from './settings.ts';
import type { Effect, ItemState, Level, MailTemplate, StockEffectType, StoreView } from './types.ts';

/** What a change means. */
export interface Evaluated {
  readonly effects: readonly Effect[];
  /** The item afterwards, with the low-stock alerts of its pools fired or re-armed. The same object if none changed. */
  readonly item: ItemState;
}

/** One item in one store on both sides of a change. */
interface Change {
  readonly item: ItemState;
  readonly store: StoreView;
  readonly settings: Settings;
  readonly cause: Cause;
  readonly before: Position;
  readonly after: Position;
}

/**
 * Compares an item before and after one command, for every store whose places changed.
 *
 * An effect is there only where a line was crossed, so evaluating the same state twice says nothing twice. The one exception
 * is `notify.trigger = every_decrease`, which asks for it.
 *
 * @param stores every store
 * @param settings resolved settings of this item in a store
 * @param now milliseconds since the epoch
 */
export function evaluate(
  before: ItemState,
  after: ItemState,
  stores: readonly StoreView[],
  settings: (storeId: number) => Settings,
  cause: Cause,
  now: number,
): Evaluated {
  if (before.levels === after.levels && before.holds === after.holds) return { effects: [], item: after };
  const changed = changedLevels(before, after);
  let item = after;
  const effects: Effect[] = [];
  for (const store of stores) {
    if (before.holds === after.holds && !concerns(store, changed)) continue;
    const change = changeIn(before, after, store, settings(store.storeId), cause, now);
    if (change === null) continue;
    const status = statusEffect(change);
    const wasFired = isFired(after, store);
    const fired = firedAfter(change, wasFired);
    const low = lowEffect(change, wasFired, status?.mail === 'out-of-stock');
    if (status !== null) effects.push(status);
    if (low !== null) effects.push(low);
    if (fired !== wasFired) item = withFired(item, store.poolId, fired);
  }
  return { effects, item };
}

/** Places whose level is another one now. */
function changedLevels(before: ItemState, after: ItemState): readonly Level[] {
  if (before.levels === after.levels) return [];
  return after.levels.filter((level, at) => before.levels[at] !== level);
}

function concerns(store: StoreView, changed: readonly Level[]): boolean {
  return changed.some((level) =>
    level.kind === 'pool'
      ? level.placeId === store.poolId
      : store.locations.some((location) => location.placeId === level.placeId),
  );
}

/**
 * Untracked items have no status that could change. Before the change every hold counts that nobody had tidied away, because
 * it counted when the item was last evaluated: that is how the end of a hold becomes a crossing.
 */
function changeIn(
  before: ItemState,
  item: ItemState,
  store: StoreView,
  settings: Settings,
  cause: Cause,
  now: number,
): Change | null {
  if (settings['tracking.mode'] === 'none') return null;
  return {
    item,
    store,
    settings,
    cause,
    before: position(before, store, settings, Number.NEGATIVE_INFINITY),
    after: position(item, store, settings, now),
  };
}

/** Which word of `status.autoTriggers` a cause is (americommerce A13, A23). A person adjusts and counts. */
const triggers: Readonly<Record<Cause, StatusTrigger>> = {
  order: 'order',
  hold: 'order',
  receive: 'receive',
  transfer: 'receive',
  import: 'import',
  adjust: 'manual',
  count: 'manual',
};

function statusEffect(change: Change): Effect | null {
  const { item, settings } = change;
  const was = statusOf(item, change.before, settings);
  const is = statusOf(item, change.after, settings);
  if (was === is || !settings['status.autoTriggers'].includes(triggers[change.cause])) return null;
  const type = statusEffects[is];
  const isOnHand = settings['oos.basis'] === 'on_hand';
  return stockEffect(change, type, {
    mail: statusMail(change, type, was),
    threshold: maxOf(zero, change.after.threshold),
    before: isOnHand ? change.before.physical : change.before.fromStock,
    after: isOnHand ? change.after.physical : change.after.fromStock,
  });
}

const statusEffects: Readonly<Record<StockStatus, StockEffectType>> = {
  in_stock: 'stock.back',
  back_order: 'stock.backorder',
  out_of_stock: 'stock.out',
  discontinued: 'stock.sold_out',
};

function statusMail(change: Change, type: StockEffectType, was: StockStatus): MailTemplate | null {
  const { item, settings, after } = change;
  if (type === 'stock.back') {
    // Only units on hand that nobody was promised are worth a mail, never a backorder's room (adobe D35).
    return settings['backInStock.enabled'] && item.published && after.fromStock > 0 ? 'back-in-stock' : null;
  }
  // Room for backorders opened again: good news, but stock is still out.
  if (type === 'stock.backorder' && was !== 'in_stock') return null;
  return mayMail(change) ? 'out-of-stock' : null;
}

/** Mails to the managers: only for the changes they chose, and not one by one where they asked for a digest. */
function mayMail({ settings, cause }: Change): boolean {
  return settings['notify.trigger'] !== 'digest' && settings['notify.sources'].includes(cause);
}

/**
 * The low-stock alert: once when the line is crossed downwards, again only after it was re-armed; or at every decrease below
 * the line where the setting says so.
 */
function lowEffect(change: Change, wasFired: boolean, isMailed: boolean): Effect | null {
  const { settings, before, after } = change;
  const threshold = settings['notify.threshold'];
  if (threshold === null) return null;
  const was = alertQuantity(before, settings);
  const is = alertQuantity(after, settings);
  if (!isLow(is, threshold, settings)) return null;
  const isEach = settings['notify.trigger'] === 'every_decrease';
  const isCrossed = !isLow(was, threshold, settings) && !wasFired;
  if (isEach ? !hasFallen(change, was, is) : !isCrossed) return null;
  return stockEffect(change, 'stock.low', {
    mail: !isMailed && mayMail(change) ? 'low-stock' : null,
    threshold,
    before: was,
    after: is,
  });
}

/** Whether the alert counts as fired after the change: from crossing the line until rising `rearm` above it. */
function firedAfter({ settings, before, after }: Change, wasFired: boolean): boolean {
  const threshold = settings['notify.threshold'];
  if (threshold === null) return false;
  const is = alertQuantity(after, settings);
  if (wasFired) return isLow(is, add(threshold, settings['notify.rearm']), settings);
  return isLow(is, threshold, settings) && !isLow(alertQuantity(before, settings), threshold, settings);
}

/** With backorders without limit everything is salable: then stock that is not promised decides. */
function alertQuantity(place: Position, settings: Settings): Quantity {
  return settings['notify.basis'] === 'on_hand' ? place.physical : (place.salable ?? place.fromStock);
}

function isLow(quantity: Quantity, threshold: Quantity, settings: Settings): boolean {
  return settings['notify.compare'] === 'lte' ? quantity <= threshold : quantity < threshold;
}

/** At zero a further decrease shows only in what is on hand or owed. */
function hasFallen({ settings, before, after }: Change, was: Quantity, is: Quantity): boolean {
  if (is !== was) return is < was;
  return settings['notify.basis'] === 'on_hand' ? after.onHand < before.onHand : after.owed > before.owed;
}

function stockEffect(
  { item, store, after }: Change,
  type: StockEffectType,
  facts: {
    readonly mail: MailTemplate | null;
    readonly before: Quantity;
    readonly after: Quantity;
    readonly threshold: Quantity;
  },
): Effect {
  return {
    type,
    itemId: item.itemId,
    storeId: store.storeId,
    mail: facts.mail,
    before: facts.before,
    after: facts.after,
    threshold: facts.threshold,
    onHand: after.onHand,
    salable: after.salable,
  };
}

function isFired(item: ItemState, store: StoreView): boolean {
  return item.levels.find((level) => level.placeId === store.poolId)?.lowFired ?? false;
}

/** An item whose pool has never been used gets a level there, to remember the alert. */
function withFired(item: ItemState, poolId: number, lowFired: boolean): ItemState {
  const levels = item.levels.some((level) => level.placeId === poolId)
    ? item.levels.map((level) => (level.placeId === poolId ? { ...level, lowFired } : level))
    : [...item.levels, { ...emptyLevel(poolId, 'pool'), lowFired }];
  return { ...item, levels };
}
