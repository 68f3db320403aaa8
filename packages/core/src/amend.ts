// The verb amend: a line's total goes up or down, or a line is added.

import { answerOf, hasSettled, refuseLine } from './answers.ts';
import { conclude } from './conclude.ts';
import type { Grant } from './grant.ts';
import { grantAll, noGrant } from './grant.ts';
import { firstGrant, foldFacts } from './line-fold.ts';
import type { AskedLine, CommandOf } from './place.ts';
import { announceBackorder, placeLines, refusalOf, supplyOf } from './place.ts';
import type { Quantity } from './quantity.ts';
import { add, subtract, zero } from './quantity.ts';
import { settleLine, withFact } from './settle-line.ts';
import { isClosedAt } from './ship.ts';
import type { LineAnswer, LineFact, LineState, Rejection, Settled, View } from './types.ts';
import type { Work } from './work.ts';
import { itemOf, openWork, tidyHolds } from './work.ts';

type AmendCommand = CommandOf<'amend'>;

/**
 * Gives lines new totals. A total counts every unit of the line, shipped and cancelled ones too, and cannot fall below those.
 * Less frees only the line's own units; more is decided like a new order; a line the order does not have is placed.
 */
export function amend(command: AmendCommand, view: View): Settled {
  const work = openWork(view);
  const answers: LineAnswer[] = [];
  const fresh: AskedLine[] = [];
  const raised: { line: LineState; asked: AskedLine }[] = [];
  for (const asked of command.lines) {
    const line = view.lines.find((candidate) => candidate.lineNo === asked.lineNo);
    if (line === undefined) fresh.push(asked);
    else if (asked.quantity > totalNow(line)) raised.push({ line, asked });
    else answers.push(amendLine(work, command, line, asked));
  }
  // What one line frees, another may take.
  for (const { line, asked } of raised) answers.push(amendLine(work, command, line, asked));
  placeLines(work, command, fresh, null, answers);
  return conclude(work, command, answers);
}

function totalNow(line: LineState): Quantity {
  return foldFacts(firstGrant(line), line.facts).granted;
}

function amendLine(work: Work, command: AmendCommand, line: LineState, asked: AskedLine): LineAnswer {
  if (hasSettled(line, command.eventId)) return answerOf(line, 'nothing_to_do');
  if (line.itemId === null || isClosedAt(line, command.at)) return refuseLine(line, 'line_closed');
  const wrong = asked.quantity === 0 ? null : refusalOf(work.view, { ...asked, itemId: line.itemId });
  if (wrong !== null && wrong.code !== 'not_published') {
    return { ...refuseLine(line, wrong.code), rejection: wrong };
  }
  tidyHolds(work, line.itemId);
  const wanted: LineFact = {
    kind: 'amend',
    at: command.at,
    eventId: command.eventId,
    quantity: asked.quantity,
  };
  const before = foldFacts(firstGrant(line), line.facts);
  const after = foldFacts(firstGrant(line), withFact(line, wanted));
  const more = subtract(after.open, before.open);
  const { grant, refused } = more > 0 ? raise(work, line, more) : { grant: noGrant, refused: null };
  const granted = add(grant.fromStock, grant.backordered);
  if (more > 0 && granted === 0 && refused !== null) {
    return { ...refuseLine(line, refused.code), rejection: refused };
  }
  const fact: LineFact =
    more > 0
      ? { ...wanted, quantity: subtract(asked.quantity, subtract(more, granted)), granted: grant }
      : wanted;
  const settled = settleLine(work, line, withFact(line, fact), { backordered: grant.backordered });
  if (grant.backordered > 0) {
    const settings = work.view.settings(line.itemId, line.storeId);
    announceBackorder(work, settled.line, settings, grant.backordered);
  }
  const moved = Math.abs(settled.after.granted - settled.before.granted) as Quantity;
  return answerOf(settled.line, moved > 0 ? 'applied' : 'nothing_to_do', moved, refused);
}

function raise(
  work: Work,
  line: LineState,
  more: Quantity,
): { readonly grant: Grant; readonly refused: Rejection | null } {
  const item = itemOf(work, line.itemId ?? 0);
  const settings = work.view.settings(item.itemId, line.storeId);
  const supply = supplyOf(work, item, line.storeId, settings, null);
  if (supply === null) return { grant: { fromStock: more, backordered: zero }, refused: null };
  const grant = grantAll(settings['order.policy'], [more], supply)[0] ?? noGrant;
  const granted = add(grant.fromStock, grant.backordered);
  if (granted === more) return { grant, refused: null };
  const available = granted > 0 || supply.room === null ? granted : add(supply.fromStock, supply.room);
  return {
    grant,
    refused: { code: 'insufficient_stock', line: line.lineRef, sku: line.sku, requested: more, available },
  };
}
