// Which mailboxes an order event goes to: finds or creates the order, and lets events that came before their order wait for it.

import type { OrderEvent, Outcome } from '@stockroom/contracts';
import { orderEvent } from '@stockroom/contracts';
import type { NewOrder, OrderGrowth, OrderRow, Sql } from '@stockroom/db';
import {
  findOrders,
  growOrders,
  insertOrders,
  lockOrdersForReceive,
  releaseEarlyEvents,
  resolveSkus,
} from '@stockroom/db';
import { EventRaceError } from './event-race.ts';
import type { Candidate } from './receive.ts';
import type { Names } from './store-command.ts';
import { linesByProduct, orderCommand, placeCommands, skusOf } from './store-command.ts';
import type { StoredCommand } from './stored-command.ts';

/** An event with the mailboxes it goes to. */
export interface RoutedEvent {
  readonly candidate: Candidate;
  readonly storeId: number | null;
  readonly orderId: number | null;
  /** Its order is not placed yet: it waits. */
  readonly early: boolean;
  /** Answered at once, because there is nothing to decide. */
  readonly answer: Outcome | null;
  readonly commands: ReadonlyMap<number, StoredCommand>;
}

/** An event that was recorded before, had waited for its order, and has its commands now. */
export interface ReleasedEvent {
  readonly eventSeq: number;
  readonly orderId: number;
  readonly commands: RoutedEvent['commands'];
}

export interface RoutedOrders {
  readonly events: readonly RoutedEvent[];
  readonly released: readonly ReleasedEvent[];
}

type Placing = Extract<OrderEvent, { type: 'order.placed' }>;

/** All events of this batch that speak of one order, the placing first. */
interface OrderGroup {
  readonly storeId: number;
  readonly reference: string;
  readonly placings: Candidate[];
  readonly others: Candidate[];
}

/** An order as this batch leaves it. */
interface KnownOrder {
  readonly orderId: number;
  placed: boolean;
  productIds: readonly number[];
  /** The placing that placed it in this batch. */
  placedBy: Candidate | null;
}

/**
 * Routes order events. Locks only orders that are being placed over a placeholder or grow, and those in id order.
 * @returns every event with its commands, and the commands of earlier events whose order is placed now.
 */
export async function routeOrders(
  sql: Sql,
  candidates: readonly Candidate[],
  names: Names,
): Promise<RoutedOrders> {
  const groups = groupByOrder(candidates, names);
  const known = await findOrCreate(sql, groups, names);
  const growths = new Map<number, OrderGrowth>();
  const placedOverPlaceholder: number[] = [];
  const events: RoutedEvent[] = [];
  for (const [groupKey, group] of groups) {
    const order = known.get(groupKey);
    if (order === undefined) throw new EventRaceError();
    for (const candidate of group.placings) {
      const event = candidate.event as Placing;
      if (order.placed && order.placedBy !== candidate) {
        events.push(routedEvent(candidate, group, order, { answer: alreadyPlaced(event) }));
        continue;
      }
      const commands = placeCommands(event, names, candidate.watch);
      if (!order.placed) {
        order.placed = true;
        order.placedBy = candidate;
        order.productIds = [...commands.keys()];
        placedOverPlaceholder.push(order.orderId);
        growths.set(order.orderId, {
          orderId: order.orderId,
          productIds: order.productIds,
          placed: placedFacts(event),
        });
      }
      events.push(routedEvent(candidate, group, order, { commands }));
    }
    for (const candidate of inTheirOrder(group.others)) {
      const event = candidate.event as Exclude<OrderEvent, Placing>;
      const rest = order.placed
        ? { commands: commandsOf(event, candidate.watch, order, names, growths) }
        : { early: true };
      events.push(routedEvent(candidate, group, order, rest));
    }
  }
  const released = await release(sql, placedOverPlaceholder, known, names, growths);
  if (growths.size > 0)
    await growOrders(
      sql,
      [...growths.values()].sort((a, b) => a.orderId - b.orderId),
    );
  return { events, released };
}

/** In the order in which they happened: an amendment brings the lines that a later event speaks of. */
function inTheirOrder(others: readonly Candidate[]): readonly Candidate[] {
  return [...others].sort((a, b) => Date.parse(a.event.at) - Date.parse(b.event.at));
}

function groupByOrder(candidates: readonly Candidate[], names: Names): Map<string, OrderGroup> {
  const groups = new Map<string, OrderGroup>();
  for (const candidate of candidates) {
    const event = candidate.event as OrderEvent;
    const storeId = names.directory.storesByCode.get(event.store)?.view.storeId;
    if (storeId === undefined) throw new Error('refusalOf was not asked');
    const groupKey = `${storeId}\n${event.order}`;
    let group = groups.get(groupKey);
    if (group === undefined) {
      group = { storeId, reference: event.order, placings: [], others: [] };
      groups.set(groupKey, group);
    }
    (event.type === 'order.placed' ? group.placings : group.others).push(candidate);
  }
  return groups;
}

/** Finds each group's order, creating it (or a placeholder) where it is new. Orders that will change are locked. */
async function findOrCreate(
  sql: Sql,
  groups: ReadonlyMap<string, OrderGroup>,
  names: Names,
): Promise<ReadonlyMap<string, KnownOrder>> {
  const known = new Map<string, KnownOrder>();
  const remember = (row: OrderRow, placedBy: Candidate | null) =>
    known.set(`${row.storeId}\n${row.reference}`, {
      orderId: row.orderId,
      placed: row.placed,
      productIds: row.productIds,
      placedBy,
    });
  const missing = () => [...groups].filter(([groupKey]) => !known.has(groupKey)).map(([, group]) => group);
  // What is placed is new as a rule, and the rest is known as a rule: only the rest is looked up first.
  const spokenOf = [...groups.values()].filter((group) => group.placings.length === 0);
  if (spokenOf.length > 0) for (const row of await findOrders(sql, spokenOf)) remember(row, null);
  // All in one sorted statement: two receivers that share several new orders wait for each other in one direction only.
  for (const row of await createOrders(sql, missing(), names)) {
    remember(row, groups.get(`${row.storeId}\n${row.reference}`)?.placings[0] ?? null);
  }
  // Placed before, or created by somebody else since we looked: visible now.
  if (missing().length > 0) for (const row of await findOrders(sql, missing())) remember(row, null);
  await lockChanging(sql, groups, known);
  return known;
}

async function createOrders(
  sql: Sql,
  groups: readonly OrderGroup[],
  names: Names,
): Promise<readonly OrderRow[]> {
  if (groups.length === 0) return [];
  const orders = groups
    .map((group): NewOrder => {
      const placing = group.placings[0]?.event as Placing | undefined;
      const placed = placing === undefined ? null : placedFacts(placing);
      return {
        storeId: group.storeId,
        reference: group.reference,
        placed: placed !== null,
        productIds: placing === undefined ? [] : [...linesByProduct(placing, names).keys()],
        customerEmail: placed?.email ?? null,
        customerName: placed?.name ?? null,
        placedAt: placed?.at ?? null,
      };
    })
    .sort((a, b) => a.storeId - b.storeId || (a.reference < b.reference ? -1 : 1));
  return insertOrders(sql, orders);
}

/** Locks the orders this batch may change, in id order, and reads them again under the lock. */
async function lockChanging(
  sql: Sql,
  groups: ReadonlyMap<string, OrderGroup>,
  known: ReadonlyMap<string, KnownOrder>,
): Promise<void> {
  const changing: KnownOrder[] = [];
  for (const [groupKey, group] of groups) {
    const order = known.get(groupKey);
    if (order === undefined) continue;
    const amends = group.others.some(({ event }) => event.type === 'order.amended');
    if (order.placedBy === null && (!order.placed || amends)) changing.push(order);
  }
  if (changing.length === 0) return;
  const locked = await lockOrdersForReceive(
    sql,
    changing.map((order) => order.orderId),
  );
  for (const order of changing) {
    const row = locked.get(order.orderId);
    if (row === undefined) throw new EventRaceError();
    order.placed = row.placed;
    order.productIds = row.productIds;
  }
}

/** The commands of an event on a placed order: one for each of its products. */
function commandsOf(
  event: Exclude<OrderEvent, Placing>,
  watch: boolean,
  order: KnownOrder,
  names: Names,
  growths: Map<number, OrderGrowth>,
): RoutedEvent['commands'] {
  if (event.type === 'order.amended') growByAmendment(event, order, names, growths);
  const command = orderCommand(event, names, watch);
  return new Map(order.productIds.map((productId) => [productId, command]));
}

/** An amendment may bring products the order did not have. */
function growByAmendment(
  event: Extract<OrderEvent, { type: 'order.amended' }>,
  order: KnownOrder,
  names: Names,
  growths: Map<number, OrderGrowth>,
): void {
  const named = [
    ...linesByProduct(
      { ...event, lines: event.lines.filter((line) => line.sku !== undefined) },
      names,
    ).keys(),
  ];
  const added = named.filter((productId) => !order.productIds.includes(productId));
  if (added.length === 0) return;
  order.productIds = [...order.productIds, ...added];
  const placed = growths.get(order.orderId)?.placed ?? null;
  growths.set(order.orderId, { orderId: order.orderId, productIds: order.productIds, placed });
}

/** The order is placed now: what had come before it gets its commands, after those of the placing. */
async function release(
  sql: Sql,
  orderIds: readonly number[],
  known: ReadonlyMap<string, KnownOrder>,
  names: Names,
  growths: Map<number, OrderGrowth>,
): Promise<RoutedOrders['released']> {
  if (orderIds.length === 0) return [];
  const early = await releaseEarlyEvents(sql, orderIds);
  if (early.length === 0) return [];
  const orders = new Map([...known.values()].map((order) => [order.orderId, order]));
  const parsed = early
    .map((row) => ({ ...row, event: orderEvent.parse(row.body) }))
    .sort((a, b) => Date.parse(a.event.at) - Date.parse(b.event.at) || a.seq - b.seq);
  const skus = await resolveSkus(sql, [...new Set(parsed.flatMap(({ event }) => skusOf(event)))]);
  const allNames: Names = { directory: names.directory, skus: new Map([...names.skus, ...skus]) };
  return parsed.flatMap(({ event, seq, orderId }) => {
    const order = orders.get(orderId);
    if (order === undefined || event.type === 'order.placed') return [];
    // Whoever sent it may still wait.
    return [{ eventSeq: seq, orderId, commands: commandsOf(event, true, order, allNames, growths) }];
  });
}

function routedEvent(
  candidate: Candidate,
  group: OrderGroup,
  order: KnownOrder,
  rest: { readonly early?: boolean; readonly answer?: Outcome; readonly commands?: RoutedEvent['commands'] },
): RoutedEvent {
  return {
    candidate,
    storeId: group.storeId,
    orderId: order.orderId,
    early: rest.early ?? false,
    answer: rest.answer ?? null,
    commands: rest.commands ?? new Map(),
  };
}

function placedFacts(event: Placing) {
  return { at: event.at, email: event.customer?.email ?? null, name: event.customer?.name ?? null };
}

function alreadyPlaced(event: Placing): Outcome {
  return {
    eventId: event.id,
    type: event.type,
    store: event.store,
    order: event.order,
    status: 'rejected',
    lines: [],
    rejection: { code: 'already_placed' },
    message: `order "${event.order}" was placed before by another event; amend it instead`,
    settledAt: new Date().toISOString(),
  };
}
