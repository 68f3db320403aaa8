// Room 1: a batch of events becomes recorded events, orders and commands, in one transaction. No stock rule lives here.

import { hash } from 'node:crypto';
import type { Acceptance, InboundEvent } from '@stockroom/contracts';
import { parseInbound } from '@stockroom/contracts';
import type { Database, EventRow, RefusedRow, Sql } from '@stockroom/db';
import {
  insertCommands,
  insertEvents,
  insertRefused,
  knownEvents,
  loadDirectory,
  resolveSkus,
  saveOutcomes,
} from '@stockroom/db';
import { EventRaceError } from './event-race.ts';
import { keptBody } from './kept-body.ts';
import type { RoutedEvent, RoutedOrders } from './route-orders.ts';
import { routeOrders } from './route-orders.ts';
import type { Names } from './store-command.ts';
import { isOrderEvent, refusalOf, skusOf, stockCommand } from './store-command.ts';

/** Something that came in by a door, not yet validated. */
export interface Arrival {
  readonly body: unknown;
  readonly source: 'queue' | 'api' | 'cli';
  /** Somebody waits for the outcome. */
  readonly watch: boolean;
}

export interface Received {
  /** One answer per arrival, in order. */
  readonly answers: readonly Acceptance[];
  /** Products whose mailboxes were filled. */
  readonly productIds: readonly number[];
}

/** A validated event on its way in. */
export interface Candidate {
  readonly event: InboundEvent;
  readonly bodyHash: Buffer;
  readonly source: Arrival['source'];
  readonly watch: boolean;
}

/**
 * Receives a batch of events of any source. An event is accepted when this has returned, not before.
 * A repeat is answered like the first; the same id with another body is refused with `event_id_reused`; what is refused is kept for a person.
 * @throws EngineError when the database failed; nothing of the batch is recorded then.
 */
export async function receive(db: Database, arrivals: readonly Arrival[]): Promise<Received> {
  const answers = new Array<Acceptance | undefined>(arrivals.length);
  const candidates = new Map<string, Candidate>();
  const positions = new Map<string, number[]>();

  for (const [index, arrival] of arrivals.entries()) {
    const parsed = parseInbound(arrival.body);
    if (!parsed.ok) {
      const { eventId, problem } = parsed;
      const message = `${problem.field}: ${problem.message}`;
      answers[index] = { status: 'refused', eventId, code: 'invalid_input', field: problem.field, message };
      continue;
    }
    const { event } = parsed;
    const bodyHash = hashOf(event);
    const twin = candidates.get(event.id);
    if (twin === undefined) {
      candidates.set(event.id, { event, bodyHash, source: arrival.source, watch: arrival.watch });
      positions.set(event.id, [index]);
    } else if (twin.bodyHash.equals(bodyHash)) {
      positions.get(event.id)?.push(index);
    } else {
      answers[index] = idReused(event.id);
    }
  }

  const productIds = new Set<number>();
  await inTransaction(db, async (sql) => {
    // A retried transaction starts over: nothing it decided may survive in here.
    productIds.clear();
    for (const [eventId, verdict] of await recordBatch(sql, candidates, productIds)) {
      for (const index of positions.get(eventId) ?? []) answers[index] = verdict;
    }
    const refused = refusedRows(arrivals, answers);
    if (refused.length > 0) await insertRefused(sql, refused);
  });
  return { answers: answers as Acceptance[], productIds: [...productIds] };
}

/** Whatever was answered with a no is kept. */
function refusedRows(
  arrivals: readonly Arrival[],
  answers: readonly (Acceptance | undefined)[],
): readonly RefusedRow[] {
  return arrivals.flatMap(({ body, source }, index) => {
    const answer = answers[index];
    if (answer?.status !== 'refused') return [];
    const { eventId, code, message } = answer;
    return [{ eventId, code, field: answer.field ?? null, message, body: keptBody(body), source }];
  });
}

/** Two receivers recording one id at once: the loser starts over and finds it known. */
async function inTransaction(db: Database, work: (sql: Sql) => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await db.transaction(work);
    } catch (error) {
      if (!(error instanceof EventRaceError) || attempt === 10) throw error;
    }
  }
}

async function recordBatch(
  sql: Sql,
  candidates: ReadonlyMap<string, Candidate>,
  productIds: Set<number>,
): Promise<ReadonlyMap<string, Acceptance>> {
  const verdicts = new Map<string, Acceptance>();
  if (candidates.size === 0) return verdicts;
  const skus = new Set<string>();
  for (const { event } of candidates.values()) for (const sku of skusOf(event)) skus.add(sku);
  // Sent together; the names of an event that is known already were asked for in vain, which is rare.
  const [fresh, directory, known] = await Promise.all([
    setKnownApart(sql, candidates, verdicts),
    loadDirectory(sql),
    resolveSkus(sql, [...skus]),
  ]);
  if (fresh.length === 0) return verdicts;
  const names: Names = { directory, skus: known };

  const admitted: Candidate[] = [];
  for (const candidate of fresh) {
    const refusal = refusalOf(candidate.event, names);
    if (refusal === null) admitted.push(candidate);
    else verdicts.set(candidate.event.id, { status: 'refused', eventId: candidate.event.id, ...refusal });
  }
  const routed = await route(sql, admitted, names);
  await record(sql, routed, productIds);
  for (const { candidate } of routed.events) {
    verdicts.set(candidate.event.id, { status: 'accepted', eventId: candidate.event.id });
  }
  return verdicts;
}

/** Answers what was accepted before; returns the rest. */
async function setKnownApart(
  sql: Sql,
  candidates: ReadonlyMap<string, Candidate>,
  verdicts: Map<string, Acceptance>,
): Promise<Candidate[]> {
  const known = new Map(
    (await knownEvents(sql, [...candidates.keys()])).map((row) => [row.id, row.bodyHash]),
  );
  const fresh: Candidate[] = [];
  for (const candidate of candidates.values()) {
    const { id } = candidate.event;
    const knownHash = known.get(id);
    if (knownHash === undefined) fresh.push(candidate);
    else if (knownHash.equals(candidate.bodyHash)) verdicts.set(id, { status: 'accepted', eventId: id });
    else verdicts.set(id, idReused(id));
  }
  return fresh;
}

async function route(sql: Sql, candidates: readonly Candidate[], names: Names): Promise<RoutedOrders> {
  const orders: Candidate[] = [];
  const events: RoutedEvent[] = [];
  for (const candidate of candidates) {
    if (isOrderEvent(candidate.event)) {
      orders.push(candidate);
      continue;
    }
    const { productId, command } = stockCommand(candidate.event, names, candidate.watch);
    const storeId =
      'store' in candidate.event
        ? (names.directory.storesByCode.get(candidate.event.store)?.view.storeId ?? null)
        : null;
    events.push({
      candidate,
      storeId,
      orderId: null,
      early: false,
      answer: null,
      commands: new Map([[productId, command]]),
    });
  }
  if (orders.length === 0) return { events, released: [] };
  const routed = await routeOrders(sql, orders, names);
  return { events: [...events, ...routed.events], released: routed.released };
}

async function record(sql: Sql, { events, released }: RoutedOrders, productIds: Set<number>): Promise<void> {
  const rows = events.map(eventRow).sort((a, b) => (a.id < b.id ? -1 : 1));
  const seqs = await insertEvents(sql, rows);
  if (seqs.size !== rows.length) throw new EventRaceError();
  const recorded = events.map((event) => ({ ...event, eventSeq: seqs.get(event.candidate.event.id) ?? 0 }));
  const rowsOfCommands = [...recorded, ...released].flatMap(({ eventSeq, orderId, commands }) =>
    [...commands].map(([productId, command]) => {
      productIds.add(productId);
      return { productId, eventSeq, orderId, parts: commands.size, payload: JSON.stringify(command) };
    }),
  );
  if (rowsOfCommands.length > 0) await insertCommands(sql, rowsOfCommands);
  const answered = recorded.flatMap(({ eventSeq, orderId, answer, candidate }) =>
    answer === null
      ? []
      : [{ eventSeq, orderId, partsOpen: 0, body: JSON.stringify(answer), replyDue: candidate.event.reply }],
  );
  if (answered.length > 0) await saveOutcomes(sql, answered);
}

function eventRow({ candidate, storeId, orderId, early }: RoutedEvent): EventRow {
  const { event } = candidate;
  return {
    id: event.id,
    type: event.type,
    storeId,
    orderId,
    body: JSON.stringify(event),
    bodyHash: candidate.bodyHash,
    at: event.at,
    source: candidate.source,
    actor: event.actor ?? null,
    early,
    reply: event.reply,
  };
}

/** Validation has put the keys in one order, so equal events have equal text. Who asks for a reply does not matter. */
function hashOf(event: InboundEvent): Buffer {
  return hash('sha256', JSON.stringify({ ...event, reply: undefined }), 'buffer');
}

function idReused(id: string): Acceptance {
  const message = `event "${id}" was accepted before with another body; send what is new under an id of its own`;
  return { status: 'refused', eventId: id, code: 'event_id_reused', field: 'id', message };
}
