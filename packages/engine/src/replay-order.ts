// Replays one order: folds what its events said about each line through the core, and names what the stored rows have different. Pure.

import type { OrderEvent, Outcome } from '@stockroom/contracts';
import type { LineFact, LinePosition, LineState, Quantity, Share } from '@stockroom/core';
import { firstGrant, orderState, positionOf, quantityToNumber } from '@stockroom/core';
import type { OrderHistory } from '@stockroom/db';

type StoredEvent = OrderHistory['events'][number];

/** The names of what a replay can find. */
export const replayChecks = {
  fold: 'an order line stands where its facts put it',
  facts: "an order line's facts are what the order's events said",
  events:
    'every settled event of an order is among the facts of the lines it concerns, or was answered with a no',
  state: 'an order is in the state of its lines',
} as const;

export interface ReplayDifference {
  readonly check: keyof typeof replayChecks;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** Everything about an order that its events do not explain; empty when all is right. */
export function replayOrder(order: OrderHistory): readonly ReplayDifference[] {
  const events = new Map(order.events.map((event) => [event.id, event]));
  const about = { orderId: order.orderId, reference: order.reference };
  const differences: ReplayDifference[] = [];
  for (const line of order.lines) {
    const here = { ...about, lineNo: line.lineNo, line: line.lineRef };
    for (const { check, facts } of [
      ...foldDifferences(line),
      ...factDifferences(line, events),
      ...eventDifferences(line, order),
    ]) {
      differences.push({ check, facts: { ...here, ...facts } });
    }
  }
  const state = stateDifference(order);
  return state === null ? differences : [...differences, { check: 'state', facts: { ...about, ...state } }];
}

/** The stored balances against the fold. What settings decided at the time (commit or not) is judged by what they can decide. */
function foldDifferences(line: LineState): ReplayDifference[] {
  const folded = positionOf(line);
  const wrong: ReplayDifference[] = [];
  const compare = (field: string, stored: unknown, expected: unknown, isRight = stored === expected) => {
    if (!isRight) wrong.push({ check: 'fold', facts: { field, stored, expected } });
  };
  compare('shipped', units(line.shipped), units(folded.shipped));
  compare('released', units(line.released), units(folded.released));
  compare('returned', units(line.returned), units(folded.returned));
  compare('deducted', byPlace(line.deducted), byPlace(folded.deducted));
  compare(
    'backordered',
    units(line.backordered),
    `0 to ${units(folded.open)}`,
    isWithin(line.backordered, 0, folded.open),
  );
  const behind = line.fromStock + line.backordered;
  const least = folded.granted - folded.released;
  compare(
    'fromStock',
    units(line.fromStock),
    'what was granted and is not backordered',
    isWithin(behind, least, folded.granted),
  );
  const promise = Math.max(0, folded.open - totalOf(folded.picks) - folded.short);
  compare(
    'committed',
    units(line.committed),
    `0 or ${promise / 10_000}`,
    line.committed === 0 || line.committed === promise,
  );
  const amended = folded.facts.findLast((fact) => fact.kind === 'amend')?.quantity ?? line.requested;
  compare('requested', units(line.requested), units(amended));
  compare('status', line.status, statusOf(line, folded));
  compare(
    'facts',
    JSON.stringify(line.facts),
    JSON.stringify(folded.facts),
    sameFacts(line.facts, folded.facts),
  );
  return wrong;
}

/** Every fact comes from an event of this order, of its kind and its time; the first grant from the answer to its placing. */
function factDifferences(line: LineState, events: ReadonlyMap<string, StoredEvent>): ReplayDifference[] {
  const wrong: ReplayDifference[] = [];
  for (const fact of line.facts) {
    if (fact.kind === 'place') continue;
    const event = events.get(fact.eventId);
    const expected = event === undefined ? undefined : (kindOf[event.type] ?? 'none');
    // A refused order gives back in the name of its placing.
    const isGiveBack = fact.kind === 'cancel' && event?.type === 'order.placed' && line.status === 'rejected';
    if (event === undefined || (expected !== fact.kind && !isGiveBack) || event.at.getTime() !== fact.at) {
      wrong.push({
        check: 'facts',
        facts: { fact: fact.kind, at: fact.at, eventId: fact.eventId, event: event?.type ?? null },
      });
    }
  }
  const granted = grantAnswered(line, events);
  const first = units(firstGrant(line));
  if (granted !== null && granted !== first) {
    wrong.push({ check: 'facts', facts: { field: 'first grant', stored: first, expected: granted } });
  }
  return wrong;
}

/** What the answer to the placing says was granted to the line; null when it does not say. */
function grantAnswered(line: LineState, events: ReadonlyMap<string, StoredEvent>): number | null {
  for (const event of events.values()) {
    if (event.type !== 'order.placed' || event.outcome === null) continue;
    const answer = (event.outcome as Outcome).lines.find((candidate) => candidate.line === line.lineRef);
    if (answer?.result === 'accepted') return answer.fromStock + answer.backordered;
  }
  return null;
}

/** A settled event that moved a line must be among its facts. */
function eventDifferences(line: LineState, order: OrderHistory): ReplayDifference[] {
  const wrong: ReplayDifference[] = [];
  for (const event of order.events) {
    if (!event.settled || event.type === 'order.placed' || !speaksOf(event, line)) continue;
    if (line.facts.some((fact) => fact.eventId === event.id)) continue;
    const answer = answerTo(event, line);
    if (answer === 'no') continue;
    wrong.push({ check: 'events', facts: { eventId: event.id, event: event.type, answered: answer } });
  }
  return wrong;
}

function speaksOf(event: StoredEvent, line: LineState): boolean {
  const { lines } = event.body as Extract<OrderEvent, { type: 'order.shipped' }>;
  return lines === undefined || lines.some((named) => named.line === line.lineRef);
}

/** How an event was answered about a line: `no` where it has nothing to leave there. */
function answerTo(event: StoredEvent, line: LineState): string {
  const outcome = event.outcome as Outcome;
  if (outcome.status === 'rejected' || outcome.status === 'nothing_to_do' || outcome.rejection !== undefined)
    return 'no';
  const answer = outcome.lines.find((candidate) => candidate.line === line.lineRef);
  if (answer !== undefined) {
    // The amendment that brought the line is its placing.
    const isPlacing =
      event.type === 'order.amended' && (answer.result === 'accepted' || answer.result === 'rejected');
    return answer.result === 'rejected' || answer.result === 'nothing_to_do' || isPlacing
      ? 'no'
      : answer.result;
  }
  // An event about the whole order says nothing of a line that came later.
  return (event.body as { lines?: unknown }).lines === undefined && event.outcome !== null
    ? 'no'
    : 'not at all';
}

/** The state of the order against its lines, once nothing of it is on the way. */
function stateDifference(order: OrderHistory): Readonly<Record<string, unknown>> | null {
  if (order.events.some((event) => !event.settled)) return null;
  const isRefused = order.events.some(
    (event) => event.type === 'order.placed' && (event.outcome as Outcome).status === 'rejected',
  );
  // A refused order gives back product by product, after it has been settled.
  if (isRefused && order.lines.some((line) => line.status !== 'rejected')) return null;
  const expected = orderState(order.lines);
  return expected === order.state ? null : { stored: order.state, expected };
}

const kindOf: Readonly<Record<string, LineFact['kind']>> = {
  'order.paid': 'pay',
  'order.shipped': 'ship',
  'order.cancelled': 'cancel',
  'order.deleted': 'delete',
  'order.refunded': 'refund',
  'order.returned': 'return',
  'order.amended': 'amend',
  'order.restocked': 'restock',
};

function statusOf(line: LineState, folded: LinePosition): LineState['status'] {
  if (line.status === 'rejected') return 'rejected';
  return folded.closedAt !== null && folded.open === 0 ? 'closed' : 'accepted';
}

function sameFacts(stored: readonly LineFact[], folded: readonly LineFact[]): boolean {
  return stored.length === folded.length && stored.every((fact, at) => factKey(fact) === factKey(folded[at]));
}

function factKey(fact: LineFact | undefined): string {
  return JSON.stringify([fact?.kind, fact?.at, fact?.eventId, fact?.quantity, byPlace(fact?.taken ?? [])]);
}

function byPlace(shares: readonly Share[]): string {
  const sums = new Map<number, number>();
  for (const { placeId, quantity } of shares) sums.set(placeId, (sums.get(placeId) ?? 0) + quantity);
  return JSON.stringify([...sums].filter(([, sum]) => sum !== 0).sort(([a], [b]) => a - b));
}

function totalOf(shares: readonly Share[]): number {
  return shares.reduce((sum, share) => sum + share.quantity, 0);
}

function isWithin(value: number, least: number, most: number): boolean {
  return value >= least && value <= most;
}

const units = (quantity: Quantity): number => quantityToNumber(quantity);
