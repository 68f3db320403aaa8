// The verb pay: money is there; what waits for payment is promised or deducted now.

import { answerOf, hasSettled } from './answers.ts';
import { position } from './availability.ts';
import { conclude } from './conclude.ts';
import { isDeductDue, isReserveDue } from './due.ts';
import type { LinePosition } from './line-fold.ts';
import { firstGrant, foldFacts } from './line-fold.ts';
import { totalOf } from './pile.ts';
import type { CommandOf } from './place.ts';
import { announceBackorder } from './place.ts';
import type { Quantity } from './quantity.ts';
import { add, maxOf, subtract, zero } from './quantity.ts';
import type { Settings } from './settings.ts';
import { settleLine, withFact } from './settle-line.ts';
import { takeWhatIsThere } from './take-stock.ts';
import type { LineAnswer, LineFact, LineState, Settled, View } from './types.ts';
import type { Work } from './work.ts';
import { itemOf, openWork, storeOf, tidyHolds } from './work.ts';

type PayCommand = CommandOf<'pay'>;

/**
 * Pays an order's lines. Where nothing protected the stock meanwhile and it is gone, what can be had is taken; the rest waits
 * where backorders are allowed, and otherwise the answer is a `shortfall` with the units. Paying twice does nothing.
 */
export function pay(command: PayCommand, view: View): Settled {
  const work = openWork(view);
  const answers: LineAnswer[] = [];
  for (const line of view.lines) {
    const isOver = line.status === 'rejected' || line.itemId === null || hasSettled(line, command.eventId);
    answers.push(isOver ? answerOf(line, 'nothing_to_do') : payLine(work, command, line));
  }
  return conclude(work, command, answers);
}

function payLine(work: Work, command: PayCommand, line: LineState): LineAnswer {
  const itemId = line.itemId ?? 0;
  tidyHolds(work, itemId);
  const settings = work.view.settings(itemId, line.storeId);
  const bare: LineFact = { kind: 'pay', at: command.at, eventId: command.eventId, quantity: null };
  const facts = withFact(line, bare);
  const lack = lackOf(work, line, settings, foldFacts(firstGrant(line), facts));
  const canWait = settings['backorder.mode'] !== 'deny' && !itemOf(work, itemId).discontinued;
  const waits = canWait ? lack.units : zero;
  // Units that nothing protected and nothing covers stay unprotected: promising them would take them from others.
  const paid = lack.unprotected === 0 || canWait ? bare : withShort(bare, lack.unprotected);
  const settled = settleLine(
    work,
    line,
    facts.map((fact) => (fact === bare ? paid : fact)),
    { backordered: waits },
  );
  if (waits > 0) announceBackorder(work, settled.line, settings, waits);
  const moved = subtract(totalOf(settled.after.picks), totalOf(settled.before.picks));
  const isChanged = !settled.before.paid;
  const answer = answerOf(settled.line, isChanged ? 'applied' : 'nothing_to_do', maxOf(zero, moved));
  if (lack.units === 0 || canWait) return answer;
  const available = subtract(lack.due, lack.units);
  return {
    ...answer,
    rejection: { code: 'shortfall', line: line.lineRef, sku: line.sku, requested: lack.due, available },
  };
}

/** Notes units nothing protects: `quantity` of a pay fact is what it speaks of, `granted` what it got of that. */
function withShort(fact: LineFact, short: Quantity): LineFact {
  return { ...fact, quantity: short, granted: { fromStock: zero, backordered: zero } };
}

/** What paying asks of stock, and what of it is not there. */
function lackOf(
  work: Work,
  line: LineState,
  settings: Settings,
  paid: LinePosition,
): { readonly due: Quantity; readonly units: Quantity; readonly unprotected: Quantity } {
  const none = { due: zero, units: zero, unprotected: zero };
  if (settings['tracking.mode'] === 'none' || !isReserveDue(settings, true)) return none;
  const item = itemOf(work, line.itemId ?? 0);
  const store = storeOf(work.view, line.storeId);
  const open = subtract(paid.open, totalOf(paid.picks));
  const due = maxOf(zero, subtract(open, line.backordered));
  const promised = maxOf(zero, subtract(line.committed, line.backordered));
  const bare = maxOf(zero, subtract(due, promised));
  const now = position(item, store, settings, work.view.now);
  const free = maxOf(zero, subtract(now.physical, add(now.committed, now.held)));
  const unprotected = maxOf(zero, subtract(bare, free));
  if (!isDeductDue(settings, true)) return { due, units: unprotected, unprotected };
  const there = totalOf(takeWhatIsThere(item, store, null, due));
  return { due, units: maxOf(unprotected, subtract(due, there)), unprotected };
}
