// The verbs that give back: cancel, delete, refund, return, restock by hand, and the settling back of a refused order.

import type { ScopedLine } from './answers.ts';
import { answerOf, hasSettled, refuseLine, scopeOf } from './answers.ts';
import { conclude } from './conclude.ts';
import { firstGrant, foldFacts, positionOf } from './line-fold.ts';
import type { CommandOf } from './place.ts';
import type { Quantity } from './quantity.ts';
import { add, minOf, subtract, zero } from './quantity.ts';
import type { Settings } from './settings.ts';
import { settleLine, withFact } from './settle-line.ts';
import type { LineAnswer, LineFact, LineState, Settled, View } from './types.ts';
import type { Work } from './work.ts';
import { keepLine, openWork, storeOf, takingPlaces, tidyHolds } from './work.ts';

type CancelCommand = CommandOf<'cancel' | 'delete'>;
type ReturnCommand = CommandOf<'refund' | 'return'>;

/**
 * Closes lines, or releases some of their units. What was only promised is always freed; what was deducted is given back as
 * `cancel.restock` or `delete.restock` says. A line that is closed already gives back nothing more.
 */
export function cancel(command: CancelCommand, view: View): Settled {
  return eachLine(command, view, (work, { line, quantity }) => {
    const settings = work.view.settings(line.itemId ?? 0, line.storeId);
    const isBack = givesBack(
      settings[command.type === 'cancel' ? 'cancel.restock' : 'delete.restock'],
      command.restock,
    );
    const target = settings['cancel.target'] === 'pool' ? firstPlace(work, line) : undefined;
    const fact: LineFact = {
      kind: command.type,
      at: command.at,
      eventId: command.eventId,
      quantity,
      restock: isBack !== 'nothing',
      ...(isBack === 'all' ? { includesShipped: true } : {}),
      ...(target === undefined ? {} : { placeId: target }),
    };
    const { line: after, before, after: now } = settleLine(work, line, withFact(line, fact));
    const released = subtract(now.released, before.released);
    const returned = subtract(now.returned, before.returned);
    const isChanged = released !== 0 || returned !== 0 || line.status !== after.status;
    return answerOf(after, isChanged ? 'applied' : 'nothing_to_do', add(released, returned));
  });
}

/** What a cancellation gives back of what was deducted. The event's own word counts, except against `never`. */
function givesBack(
  policy: Settings['cancel.restock'],
  word: boolean | null,
): 'nothing' | 'unshipped' | 'all' {
  if (policy === 'never' || word === false) return 'nothing';
  if (policy === 'auto_all') return 'all';
  return policy === 'auto_unshipped' || word === true ? 'unshipped' : 'nothing';
}

/** Where units go that shall not return to the place they were taken from (adobe D12). */
function firstPlace(work: Work, line: LineState): number | undefined {
  return takingPlaces(storeOf(work.view, line.storeId))[0];
}

/** Shipped units come back. Whether they become stock again says the event, or `return.restock`. */
export function giveBack(command: ReturnCommand, view: View): Settled {
  return eachLine(command, view, (work, { line, quantity }) => {
    const policy = work.view.settings(line.itemId ?? 0, line.storeId)['return.restock'];
    const isBack = policy !== 'never' && (command.restock ?? policy === 'default_yes');
    const fact: LineFact = {
      kind: command.type,
      at: command.at,
      eventId: command.eventId,
      quantity,
      restock: isBack,
      disposition: command.disposition,
      ...(command.placeId === null ? {} : { placeId: command.placeId }),
    };
    const settled = settleLine(work, line, withFact(line, fact), { giveBack: 'return' });
    const moved = subtract(settled.after.returned, settled.before.returned);
    return answerOf(settled.line, moved > 0 ? 'applied' : 'nothing_to_do', moved);
  });
}

/** An order manager gives units back by hand, within what the line took and has not given back (meloncart M25). */
export function restock(command: CommandOf<'restock'>, view: View): Settled {
  return eachLine(command, view, (work, { line, quantity }) => {
    const { restorable } = positionOf(line);
    const fact: LineFact = {
      kind: 'restock',
      at: command.at,
      eventId: command.eventId,
      // What a person was granted, not what was asked: the answer stays true whatever comes late.
      quantity: minOf(quantity ?? restorable, restorable),
      ...(command.placeId === null ? {} : { placeId: command.placeId }),
    };
    const facts = withFact(line, fact);
    const moved = subtract(restorable, foldFacts(firstGrant(line), facts).restorable);
    if (moved <= 0) {
      return refuseLine(line, 'nothing_to_restore', { requested: quantity ?? zero, available: restorable });
    }
    return answerOf(settleLine(work, line, facts).line, 'applied', moved);
  });
}

/** The order was refused as a whole: its lines give back everything and are rejected. A repeat finds them rejected. */
export function settleBack(command: CommandOf<'settle_back'>, view: View): Settled {
  const work = openWork(view);
  const answers: LineAnswer[] = [];
  for (const line of view.lines) {
    if (line.status !== 'accepted' || line.itemId === null) {
      answers.push(answerOf(line, 'nothing_to_do'));
      continue;
    }
    const fact: LineFact = {
      kind: 'cancel',
      at: command.at,
      eventId: command.eventId,
      quantity: null,
      restock: true,
    };
    tidyHolds(work, line.itemId);
    const { line: closed, before } = settleLine(work, line, withFact(line, fact));
    const rejected: LineState = { ...closed, status: 'rejected', reason: 'order_rejected' };
    keepLine(work, rejected);
    const taken = before.open as Quantity;
    answers.push({ ...answerOf(rejected, 'applied', taken), rejection: rejection(rejected) });
  }
  return conclude(work, command, answers);
}

function rejection(line: LineState) {
  return { code: 'order_rejected', line: line.lineRef, sku: line.sku } as const;
}

/** Settles the lines an event speaks of, each once per event. Lines that were refused have nothing to give back. */
function eachLine(
  command: CancelCommand | ReturnCommand | CommandOf<'restock'>,
  view: View,
  settle: (work: Work, scoped: ScopedLine) => LineAnswer,
): Settled {
  const work = openWork(view);
  const { scoped, unknown } = scopeOf(command.lines, view.lines);
  const answers: LineAnswer[] = [...unknown];
  for (const one of scoped) {
    const { line } = one;
    if (line.status === 'rejected' || line.itemId === null || hasSettled(line, command.eventId)) {
      answers.push(answerOf(line, 'nothing_to_do'));
      continue;
    }
    tidyHolds(work, line.itemId);
    answers.push(settle(work, one));
  }
  return conclude(work, command, answers);
}
