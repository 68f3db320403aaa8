// The common end of every order command: what was freed is offered to those who wait, and effects are found.

import { sumUp } from './answers.ts';
import { fillWaiting } from './fill-waiting.ts';
import type { LineAnswer, OrderCommand, Settled } from './types.ts';
import type { Work } from './work.ts';
import { finish, leave } from './work.ts';

/** Ends an order command that settled lines on the desk. */
export function conclude(work: Work, command: OrderCommand, answers: readonly LineAnswer[]): Settled {
  const answer = sumUp(answers);
  if (work.lines.size === 0) return leave(answer);
  if (answer.result === 'rejected' && work.entries.every((entry) => entry.orderId === null)) {
    // Facts without effect are remembered even beside a refusal; whatever else was only tidied can wait.
    return leave(answer, [...work.lines.values()]);
  }
  const drained = drainedPlace(work, command.order.storeId);
  if (drained !== null) {
    // Undoing what a late event contradicts would take goods that have been sold since.
    return leave({ result: 'rejected', lines: [], rejection: { code: 'would_be_negative', sku: drained } });
  }
  for (const itemId of work.items.keys()) fillWaiting(work, itemId);
  return finish(work, answer, 'order');
}

/** The SKU of an item that the command took below zero somewhere although its settings forbid it. */
function drainedPlace(work: Work, storeId: number): string | null {
  for (const [itemId, item] of work.items) {
    if (work.view.settings(itemId, storeId)['negative.onHand'] === 'allow') continue;
    const before = work.view.items.get(itemId)?.levels ?? [];
    for (const level of item.levels) {
      if (level.onHand >= 0) continue;
      const known = before.find((candidate) => candidate.placeId === level.placeId);
      if (level.onHand < (known?.onHand ?? 0)) return item.sku;
    }
  }
  return null;
}
