// The verb place: a new order's lines are decided, promised and, where due, deducted.

import { answerOf, sumUp } from './answers.ts';
import { assert } from './assert.ts';
import { position } from './availability.ts';
import { isDeductDue, isReserveDue } from './due.ts';
import { fillWaiting } from './fill-waiting.ts';
import type { Grant } from './grant.ts';
import { grantAll, noGrant } from './grant.ts';
import type { Quantity } from './quantity.ts';
import { add, hasPlaces, zero } from './quantity.ts';
import type { Settings } from './settings.ts';
import { settleLine } from './settle-line.ts';
import type {
  CommandType,
  ItemState,
  LineAnswer,
  LineFact,
  LineState,
  OrderCommand,
  Rejection,
  RejectionCode,
  Settled,
  StockCommand,
  View,
} from './types.ts';
import type { Work } from './work.ts';
import { dropHolds, finish, itemOf, keepLine, leave, move, openWork, storeOf, tidyHolds } from './work.ts';

/** One command of the union. */
export type CommandOf<Type extends CommandType> = Extract<StockCommand, { type: Type }>;
type PlaceCommand = CommandOf<'place'>;
/** A line as an order asks for it. */
export type AskedLine = PlaceCommand['lines'][number];

/** Decides new lines. A line that was decided before is left as it is. */
export function place(command: PlaceCommand, view: View): Settled {
  const work = openWork(view);
  const answers: LineAnswer[] = [];
  const fresh: AskedLine[] = [];
  for (const asked of command.lines) {
    const known = view.lines.find((line) => line.lineNo === asked.lineNo);
    if (known === undefined) fresh.push(asked);
    else answers.push(answerOf(known, 'nothing_to_do'));
  }
  placeLines(work, command, fresh, command.holdRef, answers);
  const answer = sumUp(answers.sort((a, b) => a.lineNo - b.lineNo));
  if (answer.result !== 'applied') return leave(answer, [...work.lines.values()]);
  // A placing frees nothing, but the hold it uses up, or one that ran out, may.
  if (work.entries.some((entry) => entry.bucket === 'held')) {
    for (const itemId of work.items.keys()) fillWaiting(work, itemId);
  }
  return finish(work, answer, 'order');
}

/** Decides lines an order does not have yet; the demand is summed per stock item first. */
export function placeLines(
  work: Work,
  command: Pick<OrderCommand, 'eventId' | 'at' | 'order'>,
  lines: readonly AskedLine[],
  holdRef: string | null,
  answers: LineAnswer[],
): void {
  const byItem = new Map<number, AskedLine[]>();
  for (const asked of lines) {
    const refused = refusalOf(work.view, asked);
    if (refused !== null) {
      answers.push(refuse(work, command, asked, refused));
      continue;
    }
    const itemId = asked.itemId ?? 0;
    const group = byItem.get(itemId);
    if (group === undefined) byItem.set(itemId, [asked]);
    else group.push(asked);
  }
  for (const [itemId, group] of byItem) placeOnItem(work, command, itemId, group, holdRef, answers);
}

/** Reasons that need no look at stock. */
export function refusalOf(view: View, asked: AskedLine): Rejection | null {
  const item = asked.itemId === null ? undefined : view.items.get(asked.itemId);
  const no = (code: RejectionCode): Rejection => ({ code, line: asked.lineRef, sku: asked.sku });
  if (item === undefined) return no('unknown_sku');
  if (asked.quantity <= 0) return { ...no('invalid_input'), field: 'quantity' };
  if (!hasPlaces(asked.quantity, item.decimals)) return { ...no('too_many_decimals'), field: 'quantity' };
  return item.published ? null : no('not_published');
}

function placeOnItem(
  work: Work,
  command: Pick<OrderCommand, 'eventId' | 'at' | 'order'>,
  itemId: number,
  group: readonly AskedLine[],
  holdRef: string | null,
  answers: LineAnswer[],
): void {
  const { view } = work;
  const storeId = command.order.storeId;
  const item = itemOf(work, itemId);
  const settings = view.settings(itemId, storeId);
  const supply = supplyOf(work, item, storeId, settings, holdRef);
  const asked = group.map((line) => line.quantity);
  const grants = supply === null ? null : grantAll(settings['order.policy'], asked, supply);
  const available = supply === null ? null : supply.room === null ? null : add(supply.fromStock, supply.room);
  const isGranted = grants === null || grants.some((grant) => add(grant.fromStock, grant.backordered) > 0);
  if (isGranted) {
    tidyHolds(work, itemId);
    if (holdRef !== null && item.holds.length > 0) {
      dropHolds(work, itemId, 'unhold', (hold) => hold.storeId === storeId && hold.holdRef === holdRef);
    }
  }
  for (const [index, line] of group.entries()) {
    const grant =
      grants === null ? { fromStock: line.quantity, backordered: zero } : (grants[index] ?? noGrant);
    const granted = add(grant.fromStock, grant.backordered);
    const refused = granted < line.quantity ? lackOf(line, item, granted, available) : null;
    if (granted === 0 && refused !== null) answers.push(refuse(work, command, line, refused));
    else answers.push(accept(work, command, line, item, settings, grant, refused));
  }
}

/** What an item can still give this order; null = its stock is not counted. */
export function supplyOf(
  work: Work,
  item: ItemState,
  storeId: number,
  settings: Settings,
  holdRef: string | null,
): { readonly fromStock: Quantity; readonly room: Quantity | null; readonly decimals: number } | null {
  if (settings['tracking.mode'] === 'none') return null;
  const store = storeOf(work.view, storeId);
  const options = holdRef === null || item.holds.length === 0 ? undefined : { exceptHoldRef: holdRef };
  const now = position(item, store, settings, work.view.now, options);
  // A discontinued product sells out what is there and is not backordered (americommerce A14).
  return { fromStock: now.fromStock, room: item.discontinued ? zero : now.room, decimals: item.decimals };
}

function lackOf(line: AskedLine, item: ItemState, granted: Quantity, available: Quantity | null): Rejection {
  const isSoldOut = item.discontinued && granted === 0 && (available ?? 0) <= 0;
  return {
    code: isSoldOut ? 'discontinued' : 'insufficient_stock',
    line: line.lineRef,
    sku: line.sku,
    requested: line.quantity,
    available: granted > 0 ? granted : (available ?? zero),
  };
}

function accept(
  work: Work,
  command: Pick<OrderCommand, 'eventId' | 'at' | 'order'>,
  asked: AskedLine,
  item: ItemState,
  settings: Settings,
  grant: Grant,
  refused: Rejection | null,
): LineAnswer {
  const isTracked = settings['tracking.mode'] !== 'none';
  const fresh = lineFrom(command, asked, item.productId, grant, 'accepted', null);
  let line = fresh;
  if (isTracked && isDeductDue(settings, false)) {
    const granted = add(grant.fromStock, grant.backordered);
    const placing: LineFact = { kind: 'place', at: command.at, eventId: command.eventId, quantity: granted };
    line = settleLine(work, fresh, [placing]).line;
  } else {
    if (isTracked && isReserveDue(settings, false)) line = commit(work, fresh);
    keepLine(work, line);
  }
  if (grant.backordered > 0) announceBackorder(work, line, settings, grant.backordered);
  return answerOf(line, 'accepted', zero, refused);
}

/** The short way of the most common command: one promise, no facts. */
function commit(work: Work, line: LineState): LineState {
  assert(line.itemId !== null, 'an accepted line has a stock item');
  const committed = add(line.fromStock, line.backordered);
  move(work, [
    {
      itemId: line.itemId,
      placeId: storeOf(work.view, line.storeId).poolId,
      placeKind: 'pool',
      bucket: 'committed',
      delta: committed,
      kind: 'commit',
      orderId: line.orderId,
      lineNo: line.lineNo,
      belowFloor: false,
    },
  ]);
  return { ...line, committed };
}

/** Says that units were accepted without stock behind them. */
export function announceBackorder(work: Work, line: LineState, settings: Settings, quantity: Quantity): void {
  work.effects.push({
    type: 'backorder.accepted',
    itemId: line.itemId ?? 0,
    storeId: line.storeId,
    mail: settings['backorder.mode'] === 'allow_notify' ? 'backorder-notice' : null,
    orderId: line.orderId,
    lineNo: line.lineNo,
    quantity,
    stillWaiting: line.backordered,
  });
}

function refuse(
  work: Work,
  command: Pick<OrderCommand, 'at' | 'order'>,
  asked: AskedLine,
  rejection: Rejection,
): LineAnswer {
  const productId = productOf(work.view, asked.itemId);
  const line = lineFrom(command, asked, productId, noGrant, 'rejected', rejection.code);
  keepLine(work, line);
  return answerOf(line, 'rejected', zero, rejection);
}

/** The product of an item, or, for an unknown SKU, the product the view is about; 0 where there is none. */
function productOf(view: View, itemId: number | null): number {
  const item = itemId === null ? undefined : view.items.get(itemId);
  if (item !== undefined) return item.productId;
  for (const other of view.items.values()) return other.productId;
  return 0;
}

function lineFrom(
  command: Pick<OrderCommand, 'at' | 'order'>,
  asked: AskedLine,
  productId: number,
  grant: Grant,
  status: LineState['status'],
  reason: RejectionCode | null,
): LineState {
  return {
    orderId: command.order.orderId,
    lineNo: asked.lineNo,
    lineRef: asked.lineRef,
    sku: asked.sku,
    itemId: asked.itemId,
    productId,
    storeId: command.order.storeId,
    status,
    reason,
    requested: asked.quantity,
    fromStock: grant.fromStock,
    backordered: grant.backordered,
    committed: zero,
    deducted: [],
    shipped: zero,
    released: zero,
    returned: zero,
    placedAt: command.at,
    facts: [],
  };
}
