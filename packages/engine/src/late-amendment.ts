// An amendment that comes late brings lines of which later events have spoken already: what they said is done after it.

import { orderEvent } from '@stockroom/contracts';
import type { LineState } from '@stockroom/core';
import type { Desk, Taken } from './settle-load.ts';
import { orderCommand } from './store-command.ts';
import type { StoredOrderCommand, StoredScope } from './stored-command.ts';

interface LateCommand {
  readonly taken: Taken;
  readonly stored: StoredOrderCommand;
}

/**
 * What was said about new lines after the amendment that brings them, so that the order ends the same whatever came first. Outcomes stay as
 * they were given; movements carry the event that caused them.
 * @param since when the amendment happened
 * @param fresh the lines it brought on its product
 */
export function lateCommands(
  desk: Desk,
  amendment: Taken,
  since: number,
  fresh: readonly LineState[],
): readonly LateCommand[] {
  if (fresh.length === 0) return [];
  const { productId } = amendment;
  const refs = new Set(fresh.map((line) => line.lineRef));
  return (desk.later.get(amendment.orderId ?? 0) ?? []).flatMap(({ seq, body, pendingOn }) => {
    // Its own command for this product is still to come, in this batch or a later one.
    const isToCome = desk.commands.some(
      (other) => other.eventSeq === seq && other.productId === productId && other.id >= amendment.id,
    );
    const event = orderEvent.parse(body);
    if (isToCome || pendingOn.includes(productId) || event.type === 'order.placed') return [];
    if (Date.parse(event.at) < since) return [];
    const command = orderCommand(event, { directory: desk.directory, skus: new Map() }, false);
    const stored = aboutLines(command, refs);
    return stored === null
      ? []
      : [{ stored, taken: { ...amendment, eventSeq: seq, parts: 0, payload: stored } }];
  });
}

/** The same command for these lines only; null when it does not speak of them. */
function aboutLines(command: StoredOrderCommand, refs: ReadonlySet<string>): StoredOrderCommand | null {
  // A payment speaks of the whole order; lines that it has paid before are left as they are.
  if (command.type === 'order.paid') return command;
  const { lines } = command as { lines?: readonly StoredScope[] };
  const named =
    lines?.filter((line) => refs.has(line.ref)) ?? [...refs].map((ref) => ({ ref, quantity: null }));
  return named.length === 0 ? null : ({ ...command, lines: named } as StoredOrderCommand);
}
