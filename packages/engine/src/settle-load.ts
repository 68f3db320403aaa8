// Loads, under the locks, everything a batch of commands can need, and keeps it as the batch changes it.

import type { Effect, ItemState, LineState, StoreView, View } from '@stockroom/core';
import type {
  Directory,
  LaterEvent,
  LoadedItem,
  OpenOutcome,
  OrderFacts,
  ProductRow,
  Sql,
  TakenCommand,
} from '@stockroom/db';
import {
  loadDirectory,
  loadItems,
  loadLaterEvents,
  loadLines,
  loadOnHandAt,
  loadOutcomes,
  loadWaitingLines,
  lockOrders,
  lockProducts,
  parkedPlacings,
  readOrders,
  takeCommands,
} from '@stockroom/db';
import type { SettingsReader } from './settle-settings.ts';
import { settingsReader } from './settle-settings.ts';
import type { StoredCommand } from './stored-command.ts';
import { isItemCommand } from './stored-command.ts';

export type Taken = TakenCommand<StoredCommand>;

/** The working state of one settlement: loaded once, then changed command by command in memory. */
export interface Desk extends SettingsReader {
  readonly now: number;
  readonly commands: readonly Taken[];
  readonly directory: Directory;
  readonly products: ReadonlyMap<number, ProductRow>;
  /** Items as they were loaded. */
  readonly loaded: ReadonlyMap<number, LoadedItem>;
  /** Items as they are now, by product. */
  readonly items: ReadonlyMap<number, Map<number, ItemState>>;
  readonly orders: ReadonlyMap<number, OrderFacts>;
  /** Lines as they are now, by order. */
  readonly lines: Map<number, LineState[]>;
  /** Open backordered lines by item, oldest first. */
  readonly waiting: Map<number, LineState[]>;
  readonly outcomes: ReadonlyMap<number, OpenOutcome>;
  /** What was said about orders that are amended here, since the amendment happened. */
  readonly later: ReadonlyMap<number, readonly LaterEvent[]>;
  /** `order:product` whose placing is parked: nothing else of the order may be settled on the product before it. */
  readonly unplaced: ReadonlySet<string>;
  /** Orders by id for mails to customers: those of this batch, and those whose waiting lines were filled. */
  readonly customers: ReadonlyMap<number, OrderFacts>;
  readonly stores: readonly StoreView[];
}

/** Commands that only take stock never fill a backorder, unless a hold on the item has run out or is used up. */
const takesOnly: ReadonlySet<StoredCommand['type']> = new Set([
  'order.placed',
  'order.paid',
  'order.shipped',
]);

/**
 * Locks the products (then the orders), takes the commands and loads the rest.
 * @returns null when somebody else has settled all of them meanwhile.
 */
export async function loadDesk(
  sql: Sql,
  pending: readonly { readonly id: number; readonly productId: number }[],
  now: number,
): Promise<Desk | null> {
  const productIds = [...new Set(pending.map((command) => command.productId))];
  // Sent together, answered in this order: what is read was read under the locks.
  const locking = lockProducts(sql, productIds);
  const [products, commands, directory, loaded] = await Promise.all([
    locking,
    takeCommands<StoredCommand>(
      sql,
      pending.map((command) => command.id),
    ),
    loadDirectory(sql),
    loadItems(sql, productIds, locking),
  ]);
  if (commands.length === 0) return null;

  const orderIds = [
    ...new Set(commands.flatMap((command) => (command.orderId === null ? [] : [command.orderId]))),
  ];
  const orders = orderIds.length === 0 ? new Map<number, OrderFacts>() : await lockOrders(sql, orderIds);
  const [lines, unplaced, later, outcomes, waiting, counted] = await Promise.all([
    linesOf(sql, commands, orders),
    unplacedOf(sql, commands, orders),
    laterOf(sql, commands, productIds),
    outcomesOf(sql, commands),
    mayFill(commands, loaded) ? loadWaitingLines(sql, [...loaded.keys()]) : [],
    withExpectations(sql, commands),
  ]);

  const items = new Map<number, Map<number, ItemState>>(
    productIds.map((productId) => [productId, new Map()]),
  );
  for (const { item } of loaded.values()) items.get(item.productId)?.set(item.itemId, item);
  return {
    now,
    commands: counted,
    directory,
    products,
    loaded,
    items,
    orders,
    lines: groupBy(lines, (line) => line.orderId),
    waiting: groupBy(waiting, (line) => line.itemId ?? 0),
    outcomes,
    unplaced,
    later: groupBy(later, (event) => event.orderId),
    customers: orders,
    stores: [...directory.stores.values()].map((store) => store.view),
    ...settingsReader(directory, products, loaded),
  };
}

function mayFill(commands: readonly Taken[], loaded: ReadonlyMap<number, LoadedItem>): boolean {
  if (commands.some((command) => !takesOnly.has(command.payload.type))) return true;
  for (const { item } of loaded.values()) if (item.holds.length > 0) return true;
  return false;
}

/** A newly placed order on one product has no lines yet: nothing to read for it. */
async function linesOf(
  sql: Sql,
  commands: readonly Taken[],
  orders: ReadonlyMap<number, OrderFacts>,
): Promise<readonly LineState[]> {
  const orderIds = new Set<number>();
  for (const { orderId, payload } of commands) {
    if (orderId === null) continue;
    const isOnePiece = (orders.get(orderId)?.productIds.length ?? 0) === 1;
    if (payload.type !== 'order.placed' || !isOnePiece) orderIds.add(orderId);
  }
  return orderIds.size === 0 ? [] : loadLines(sql, [...orderIds]);
}

/** While its placing is open an order is pending; only then one of its parts can be parked. */
async function unplacedOf(
  sql: Sql,
  commands: readonly Taken[],
  orders: ReadonlyMap<number, OrderFacts>,
): Promise<ReadonlySet<string>> {
  const orderIds = new Set<number>();
  for (const { orderId, payload } of commands) {
    if (orderId === null || payload.type === 'order.placed') continue;
    if (orders.get(orderId)?.state === 'pending') orderIds.add(orderId);
  }
  if (orderIds.size === 0) return new Set();
  const parked = await parkedPlacings(sql, [...orderIds]);
  return new Set(parked.map(({ orderId, productId }) => `${orderId}:${productId}`));
}

/** An amendment that comes late brings lines that other events have spoken of already. */
async function laterOf(
  sql: Sql,
  commands: readonly Taken[],
  productIds: readonly number[],
): Promise<readonly LaterEvent[]> {
  const since = new Map<number, number>();
  for (const { orderId, payload } of commands) {
    if (orderId === null || payload.type !== 'order.amended') continue;
    since.set(orderId, Math.min(payload.at, since.get(orderId) ?? payload.at));
  }
  if (since.size === 0) return [];
  const questions = [...since].map(([orderId, at]) => ({ orderId, at }));
  return loadLaterEvents(sql, questions, productIds);
}

async function outcomesOf(sql: Sql, commands: readonly Taken[]): Promise<ReadonlyMap<number, OpenOutcome>> {
  const seqs = commands.filter((command) => command.parts > 1).map((command) => command.eventSeq);
  return seqs.length === 0 ? new Map() : loadOutcomes(sql, [...new Set(seqs)]);
}

/** A count is compared with what the ledger says was there when it was counted. */
async function withExpectations(sql: Sql, commands: readonly Taken[]): Promise<readonly Taken[]> {
  const questions = commands.flatMap(({ payload }) =>
    isItemCommand(payload) && payload.command.type === 'count' ? [payload.command] : [],
  );
  if (questions.length === 0) return commands;
  const answers = await loadOnHandAt(sql, questions);
  let next = 0;
  return commands.map((command) => {
    const { payload } = command;
    if (!isItemCommand(payload) || payload.command.type !== 'count') return command;
    const expectedAt = answers[next];
    next += 1;
    if (expectedAt === undefined) throw new Error('a count was not answered');
    return { ...command, payload: { ...payload, command: { ...payload.command, expectedAt } } };
  });
}

function groupBy<Row>(rows: readonly Row[], keyOf: (row: Row) => number): Map<number, Row[]> {
  const groups = new Map<number, Row[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group === undefined) groups.set(keyOf(row), [row]);
    else group.push(row);
  }
  return groups;
}

/** Adds the orders whose waiting lines were filled: only mails need them, so they are read without a lock and only then. */
export async function withCustomers(
  sql: Sql,
  desk: Desk,
  effects: readonly { readonly effect: Effect }[],
): Promise<Desk> {
  const missing = new Set<number>();
  for (const { effect } of effects) {
    if ('lineNo' in effect && effect.mail !== null && !desk.orders.has(effect.orderId))
      missing.add(effect.orderId);
  }
  if (missing.size === 0) return desk;
  return { ...desk, customers: new Map([...desk.orders, ...(await readOrders(sql, [...missing]))]) };
}

/** What the core sees while it decides a command on one product. */
export function viewOf(desk: Desk, productId: number, storeId: number, lines: readonly LineState[]): View {
  const store = desk.directory.stores.get(storeId)?.view ?? desk.stores[0];
  if (store === undefined) throw new Error('there is no store');
  return {
    now: desk.now,
    items: desk.items.get(productId) ?? new Map(),
    store,
    stores: desk.stores,
    settings: desk.settings,
    lines,
    waiting: (itemId) => desk.waiting.get(itemId) ?? [],
  };
}
