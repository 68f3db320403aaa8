// Folds a batch of commands through the core, one after another, each on the state the last one left. No I/O.

import { EngineError } from '@stockroom/contracts';
import type { CommandAnswer, Effect, ItemState, LineState, Settled } from '@stockroom/core';
import { orderState, settleCommand, settleOrder } from '@stockroom/core';
import type { CausedEntry, ChangedItem, CommandRow } from '@stockroom/db';
import { placingParked } from '@stockroom/db';
import { commandForProduct, missedProducts } from './core-command.ts';
import { lateCommands } from './late-amendment.ts';
import type { Desk, Taken } from './settle-load.ts';
import { viewOf } from './settle-load.ts';
import type { OutcomeDraft } from './settle-outcome.ts';
import { addAnswer, closeOutcome, openOutcome } from './settle-outcome.ts';
import type { StoredCommand } from './stored-command.ts';
import { isItemCommand } from './stored-command.ts';

/** An effect and the command that had it. */
export interface CausedEffect {
  readonly effect: Effect;
  readonly cause: Taken;
}

/** Everything a settlement must write. */
export interface Folded {
  readonly entries: readonly CausedEntry[];
  readonly items: readonly ChangedItem[];
  readonly lines: readonly LineState[];
  readonly orderStates: readonly { readonly orderId: number; readonly state: string }[];
  readonly outcomes: readonly OutcomeDraft[];
  readonly effects: readonly CausedEffect[];
  /** Commands for other products: what they must give back, and what they have missed. */
  readonly commands: readonly CommandRow[];
}

/** Collects while the batch is folded. */
interface Tally {
  readonly entries: CausedEntry[];
  readonly changedLines: Map<string, LineState>;
  readonly effects: CausedEffect[];
  readonly outcomes: Map<number, OutcomeDraft>;
  readonly orderIds: Set<number>;
  /** Orders settled in this batch: what was decided stands, also while other products still have to give back. */
  readonly settledStates: Map<number, string>;
  readonly commands: CommandRow[];
}

export function fold(desk: Desk): Folded {
  const tally: Tally = {
    entries: [],
    changedLines: new Map(),
    effects: [],
    outcomes: new Map(),
    orderIds: new Set(),
    settledStates: new Map(),
    commands: [],
  };
  for (const taken of desk.commands) {
    if (isItemCommand(taken.payload)) foldItemCommand(desk, tally, taken, taken.payload);
    else foldOrderCommand(desk, tally, taken, taken.payload);
  }
  return {
    entries: tally.entries,
    items: changedItems(desk),
    lines: [...tally.changedLines.values()],
    orderStates: changedOrders(desk, tally),
    outcomes: [...tally.outcomes.values()],
    effects: tally.effects,
    commands: tally.commands,
  };
}

function foldItemCommand(
  desk: Desk,
  tally: Tally,
  taken: Taken,
  stored: Extract<StoredCommand, { command: unknown }>,
): void {
  const { command } = stored;
  const storeId = 'storeId' in command ? command.storeId : -1;
  const answer = apply(
    desk,
    tally,
    taken,
    settleCommand(command, viewOf(desk, taken.productId, storeId, [])),
  );
  answerPart(desk, tally, taken, answer);
}

function foldOrderCommand(
  desk: Desk,
  tally: Tally,
  taken: Taken,
  stored: Exclude<StoredCommand, { command: unknown }>,
): void {
  const order = taken.orderId === null ? undefined : desk.orders.get(taken.orderId);
  if (order === undefined) throw new Error(`the order of command ${taken.id} does not exist`);
  if (taken.payload.type !== 'order.placed' && desk.unplaced.has(`${order.orderId}:${taken.productId}`)) {
    throw new EngineError(placingParked, 'the placing of its order is parked: it waits behind it', {
      retry: 'never',
    });
  }
  const allLines = desk.lines.get(order.orderId) ?? [];
  const { command, lines } = commandForProduct(stored, order, taken.productId, allLines);
  tally.orderIds.add(order.orderId);
  const known = new Set(allLines.map((line) => line.lineNo));
  const answer =
    command === null
      ? null
      : apply(
          desk,
          tally,
          taken,
          settleCommand(command, viewOf(desk, taken.productId, order.storeId, lines)),
        );
  if (stored.type === 'order.amended') {
    const fresh = (desk.lines.get(order.orderId) ?? []).filter((line) => !known.has(line.lineNo));
    for (const late of lateCommands(desk, taken, stored.at, fresh)) {
      foldOrderCommand(desk, tally, late.taken, late.stored);
    }
  }
  for (const productId of missedProducts(stored, taken, order)) sendOn(tally, taken, productId, stored);
  if (taken.parts > 0) answerPart(desk, tally, taken, answer);
}

/** Puts a command that has no outcome of its own into another product's mailbox. */
function sendOn(tally: Tally, taken: Taken, productId: number, payload: StoredCommand): void {
  const { eventSeq, orderId } = taken;
  tally.commands.push({ productId, eventSeq, orderId, parts: 0, payload: JSON.stringify(payload) });
}

/** Takes over what one command did. */
function apply(desk: Desk, tally: Tally, taken: Taken, settled: Settled): CommandAnswer {
  for (const item of settled.items) desk.items.get(item.productId)?.set(item.itemId, item);
  for (const entry of settled.entries) tally.entries.push({ entry, eventSeq: taken.eventSeq });
  for (const line of settled.lines) keepLine(desk, tally, line);
  for (const effect of settled.effects) tally.effects.push({ effect, cause: taken });
  return settled.answer;
}

function keepLine(desk: Desk, tally: Tally, line: LineState): void {
  tally.changedLines.set(`${line.orderId}:${line.lineNo}`, line);
  const lines = desk.lines.get(line.orderId);
  if (lines === undefined) desk.lines.set(line.orderId, [line]);
  else {
    const index = lines.findIndex((known) => known.lineNo === line.lineNo);
    if (index === -1) lines.push(line);
    else lines[index] = line;
  }
  keepWaiting(desk, line);
}

/** The queue of waiting lines stays sorted: oldest first, ties by order and line. */
function keepWaiting(desk: Desk, line: LineState): void {
  if (line.itemId === null) return;
  const queue = desk.waiting.get(line.itemId) ?? [];
  const index = queue.findIndex((known) => known.orderId === line.orderId && known.lineNo === line.lineNo);
  if (index !== -1) {
    if (line.backordered > 0) queue[index] = line;
    else queue.splice(index, 1);
    return;
  }
  if (line.backordered <= 0) return;
  const later = queue.findIndex((known) => isBefore(line, known));
  queue.splice(later === -1 ? queue.length : later, 0, line);
  desk.waiting.set(line.itemId, queue);
}

function isBefore(a: LineState, b: LineState): boolean {
  if (a.placedAt !== b.placedAt) return a.placedAt < b.placedAt;
  return a.orderId === b.orderId ? a.lineNo < b.lineNo : a.orderId < b.orderId;
}

/** Adds a product's answer to its event's outcome; the last one closes it, and settles the order if it was placed by it. */
function answerPart(desk: Desk, tally: Tally, taken: Taken, answer: CommandAnswer | null): void {
  let draft = tally.outcomes.get(taken.eventSeq);
  if (draft === undefined) {
    draft = openOutcome(desk, taken);
    tally.outcomes.set(taken.eventSeq, draft);
  }
  if (answer !== null) addAnswer(draft, answer);
  draft.partsOpen -= 1;
  if (draft.partsOpen > 0) return;
  if (taken.payload.type === 'order.placed') settlePlacedOrder(desk, tally, taken, draft);
  else closeOutcome(desk, taken, draft, null);
}

/** Every line of a placed order has been decided: under all or nothing, one "no" gives everything back. */
function settlePlacedOrder(desk: Desk, tally: Tally, taken: Taken, draft: OutcomeDraft): void {
  const orderId = taken.orderId ?? 0;
  const order = desk.orders.get(orderId);
  const lines = desk.lines.get(orderId) ?? [];
  const { state, giveBack } = settleOrder(desk.storeSettings(order?.storeId ?? 0)['order.policy'], lines);
  for (const productId of new Set(giveBack.map((line) => line.productId))) {
    const payload: StoredCommand = { id: taken.payload.id, at: taken.payload.at, type: 'settle_back' };
    const back: Taken = { ...taken, productId, parts: 0, payload };
    if (desk.products.has(productId)) foldOrderCommand(desk, tally, back, payload);
    else sendOn(tally, taken, productId, payload);
  }
  tally.settledStates.set(orderId, state);
  closeOutcome(desk, taken, draft, { state, givenBack: new Set(giveBack.map((line) => line.lineRef)) });
}

function changedItems(desk: Desk): ChangedItem[] {
  const changed: ChangedItem[] = [];
  for (const items of desk.items.values()) {
    for (const after of items.values()) {
      const before: ItemState | undefined = desk.loaded.get(after.itemId)?.item;
      if (before !== undefined && before !== after) changed.push({ before, after });
    }
  }
  return changed;
}

/** An order's state changes when its lines do; until its placing is settled as a whole it is pending. */
function changedOrders(desk: Desk, tally: Tally): { orderId: number; state: string }[] {
  const changed: { orderId: number; state: string }[] = [];
  const filled = [...tally.changedLines.values()].map((line) => line.orderId);
  for (const orderId of new Set([...tally.orderIds, ...filled])) {
    const order = desk.orders.get(orderId);
    if (order === undefined) continue;
    const settled = tally.settledStates.get(orderId);
    if (order.state === 'pending' && settled === undefined) continue;
    const state = settled === 'rejected' ? settled : orderState(desk.lines.get(orderId) ?? []);
    if (state !== order.state) changed.push({ orderId, state });
  }
  return changed;
}
