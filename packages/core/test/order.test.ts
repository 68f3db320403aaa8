// Orders: settled when their last line is decided, and their state from their lines.

import { describe, expect, test } from 'vitest';
import type { LineFact, LineState, OrderPolicy } from '../src/index.ts';
import { orderState, settleOrder, units } from '../src/index.ts';
import { aLine, mainPlace, noon } from './build-item.ts';

const rejected = aLine({
  lineNo: 2,
  status: 'rejected',
  reason: 'insufficient_stock',
  fromStock: units(0),
  committed: units(0),
});
const partial = aLine({ lineNo: 3, requested: units(5), fromStock: units(3), committed: units(3) });
const waiting = aLine({ lineNo: 4, fromStock: units(2), backordered: units(3) });
const closed = aLine({ lineNo: 5, status: 'closed', fromStock: units(0), committed: units(0) });
const pending = aLine({ lineNo: 6, status: 'pending', fromStock: units(0) });

/** A line with facts, in the order they happened; what was shipped left the main place. */
function told(...facts: readonly [kind: LineFact['kind'], quantity: number | null][]): LineState {
  return aLine({
    facts: facts.map(([kind, quantity], index) => ({
      kind,
      at: noon + index,
      eventId: `event-${index}`,
      quantity: quantity === null ? null : units(quantity),
      ...(kind === 'ship' ? { taken: [{ placeId: mainPlace, quantity: units(quantity ?? 5) }] } : {}),
    })),
  });
}

describe('settling a placed order', () => {
  test.each<[policy: OrderPolicy, lines: LineState[], state: string, giveBack: number[]]>([
    ['all_or_nothing', [aLine(), waiting], 'accepted', []],
    ['all_or_nothing', [aLine(), rejected, waiting], 'rejected', [1, 4]],
    ['all_or_nothing', [rejected], 'rejected', []],
    ['partial', [aLine(), waiting], 'accepted', []],
    ['partial', [aLine(), rejected], 'partially_accepted', []],
    ['partial', [partial], 'partially_accepted', []],
    ['partial', [rejected], 'rejected', []],
    ['accept_all', [aLine(), rejected], 'partially_accepted', []],
    ['accept_all', [waiting], 'accepted', []],
    ['all_or_nothing', [aLine(), closed], 'accepted', []],
    ['all_or_nothing', [closed, rejected], 'rejected', []],
  ])('under %s, case %#', (policy, lines, state, giveBack) => {
    const settled = settleOrder(policy, lines);
    expect(settled.state).toBe(state);
    expect(settled.giveBack.map((line) => line.lineNo)).toStrictEqual(giveBack);
  });

  test('once everything was given back there is nothing more to give back', () => {
    const { giveBack } = settleOrder('all_or_nothing', [aLine(), rejected]);
    const refused = giveBack.map(
      (line): LineState => ({ ...line, status: 'rejected', reason: 'order_rejected' }),
    );
    expect(settleOrder('all_or_nothing', [...refused, rejected])).toStrictEqual({
      state: 'rejected',
      giveBack: [],
    });
  });

  test('an order with an undecided line is not settled', () => {
    expect(() => settleOrder('partial', [aLine(), pending])).toThrow(/defect/);
  });
});

describe('the state of an order', () => {
  test.each<[what: string, lines: LineState[], state: string]>([
    ['no line known', [], 'pending'],
    ['a line undecided', [aLine(), pending], 'pending'],
    ['all from stock', [aLine()], 'accepted'],
    ['units wait', [waiting], 'accepted'],
    ['a line refused', [aLine(), rejected], 'partially_accepted'],
    ['a part of a line granted', [partial], 'partially_accepted'],
    ['every line refused', [rejected], 'rejected'],
    ['cancelled before it was placed', [closed], 'cancelled'],
    ['one line cancelled before it was placed', [aLine(), closed], 'accepted'],
    ['paid', [told(['pay', null])], 'accepted'],
    ['a part of a line shipped', [told(['ship', 2])], 'partially_shipped'],
    ['one of two lines shipped', [told(['ship', null]), aLine()], 'partially_shipped'],
    ['all shipped', [told(['ship', null])], 'shipped'],
    ['all shipped that was granted', [told(['ship', null]), rejected], 'shipped'],
    ['shipped, the rest cancelled', [told(['ship', 3], ['cancel', null])], 'shipped'],
    ['some of it came back', [told(['ship', null], ['return', 2])], 'shipped'],
    ['all of it came back', [told(['ship', null], ['return', null])], 'returned'],
    ['a part shipped came back, the rest is open', [told(['ship', 2], ['return', 2])], 'partially_shipped'],
    ['a part cancelled', [told(['cancel', 2])], 'accepted'],
    ['cancelled', [told(['cancel', null])], 'cancelled'],
    ['cancelled in parts', [told(['cancel', 2], ['cancel', 3])], 'cancelled'],
    ['deleted', [told(['delete', null])], 'cancelled'],
    ['what was not refused is cancelled', [told(['cancel', null]), rejected], 'cancelled'],
  ])('%s', (_what, lines, state) => {
    expect(orderState(lines)).toBe(state);
  });
});
