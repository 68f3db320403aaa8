// Generated histories: random settings, random commands over a few orders, two items and two locations.

import fc from 'fast-check';
import type { Quantity } from '../src/quantity.ts';
import { units } from '../src/quantity.ts';
import type { StockCommand } from '../src/types.ts';
import { item, itemId, otherItemId, place1, place2, say } from './shop.ts';

export const anySettings = fc.record({
  'reserve.on': fc.constantFrom('none', 'checkout', 'ordered', 'paid'),
  'deduct.on': fc.constantFrom('ordered', 'paid', 'shipped'),
  'order.policy': fc.constantFrom('all_or_nothing', 'partial', 'accept_all'),
  'negative.onHand': fc.constantFrom('allow', 'clamp_zero', 'reject'),
  'backorder.mode': fc.constantFrom('deny', 'allow', 'allow_notify'),
  'backorder.limit': fc.constantFrom<'from_threshold' | 'unlimited' | Quantity>(
    'from_threshold',
    'unlimited',
    units(3),
  ),
  'oos.threshold': fc.constantFrom(units(0), units(2), units(-4)),
  'oos.signRule': fc.constantFrom('as_is', 'by_backorder_mode'),
  'notify.threshold': fc.constantFrom(null, units(3)),
  'cancel.restock': fc.constantFrom('auto_unshipped', 'auto_all', 'prompt', 'never'),
  'delete.restock': fc.constantFrom('auto_unshipped', 'auto_all', 'prompt', 'never'),
  'cancel.target': fc.constantFrom('same_location', 'pool'),
  'return.restock': fc.constantFrom('default_yes', 'default_no', 'never'),
});

const orderId = fc.integer({ min: 1, max: 4 });
const small = fc.integer({ min: 1, max: 6 });
const lineNo = fc.integer({ min: 1, max: 2 });
const scope = fc.option(
  fc.uniqueArray(fc.tuple(lineNo, fc.option(small, { nil: null })), {
    minLength: 1,
    maxLength: 2,
    selector: ([no]) => no,
  }),
  { nil: undefined },
);
const place = fc.option(fc.constantFrom(place1, place2), { nil: undefined });
const word = fc.option(fc.boolean(), { nil: undefined });
const disposition = fc.constantFrom('sellable' as const, 'damaged' as const, 'quarantine' as const);
const ref = fc.constantFrom('cart-a', 'cart-b');

/** Drops what is undefined, as exact optional properties want it. */
function given<Fields extends Record<string, unknown>>(
  fields: Fields,
): { [Key in keyof Fields]: Exclude<Fields[Key], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}

/** Builds a command that happened at `at`. Each call makes a new event. */
type Said = (at: number) => StockCommand;

const lines = fc.uniqueArray(
  fc.tuple(lineNo, small, fc.constantFrom<number | null>(itemId, itemId, otherItemId, null)),
  { minLength: 1, maxLength: 2, selector: ([no]) => no },
);

export const placing: fc.Arbitrary<Said> = fc
  .record({ orderId, lines, holdRef: fc.option(ref, { nil: undefined }) })
  .map(
    ({ lines: asked, ...rest }) =>
      (at) =>
        say.place(asked, { ...given(rest), at }),
  );

/** Events of an order after its placing. */
export function eventsOf(order: fc.Arbitrary<number>, withRestock = true): fc.Arbitrary<Said> {
  return fc.oneof(
    order.map(
      (id): Said =>
        (at) =>
          say.pay({ orderId: id, at }),
    ),
    fc.record({ orderId: order, lines: scope, placeId: place }).map(
      (rest): Said =>
        (at) =>
          say.ship({ ...given(rest), at }),
    ),
    fc
      .record({
        orderId: order,
        lines: scope,
        restock: word,
        type: fc.constantFrom('cancel' as const, 'delete' as const),
      })
      .map(
        (rest): Said =>
          (at) =>
            say.cancel({ ...given(rest), at }),
      ),
    fc
      .record({
        orderId: order,
        lines: scope,
        restock: word,
        placeId: place,
        disposition,
        type: fc.constantFrom('return' as const, 'refund' as const),
      })
      .map(
        (rest): Said =>
          (at) =>
            say.comeBack({ ...given(rest), at }),
      ),
    fc.tuple(order, lineNo, small).map(
      ([id, no, quantity]): Said =>
        (at) =>
          say.amend(no, quantity, { orderId: id, at }),
    ),
    ...(withRestock
      ? [
          fc.tuple(order, lineNo, small, place).map(
            ([id, no, quantity, placeId]): Said =>
              (at) =>
                say.restock(no, quantity, { ...given({ placeId }), orderId: id, at }),
          ),
        ]
      : []),
  );
}

const goods: fc.Arbitrary<Said> = fc.oneof(
  fc.tuple(fc.integer({ min: -5, max: 5 }), fc.constantFrom('on_hand' as const, 'unavailable' as const)).map(
    ([by, bucket]): Said =>
      () =>
        say.adjust(by, { bucket }),
  ),
  fc.tuple(fc.integer({ min: 0, max: 12 }), fc.option(fc.integer({ min: 0, max: 12 }))).map(
    ([onHand, expected]): Said =>
      () =>
        say.set(onHand, expected),
  ),
  fc.tuple(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 12 })).map(
    ([counted, expected]): Said =>
      () =>
        say.count(counted, expected),
  ),
  fc.tuple(small, fc.boolean(), fc.constantFrom(place1, place2)).map(
    ([quantity, fromIncoming, placeId]): Said =>
      () =>
        say.receive(quantity, { fromIncoming, placeId }),
  ),
  fc.integer({ min: -3, max: 5 }).map(
    (by): Said =>
      () =>
        say.incoming(by),
  ),
  small.map(
    (quantity): Said =>
      () =>
        say.transfer(quantity),
  ),
  fc.tuple(ref, small, fc.constantFrom(1, 60)).map(
    ([name, quantity, minutes]): Said =>
      () =>
        say.hold(name, quantity, minutes),
  ),
  ref.map(
    (name): Said =>
      () =>
        say.release(name),
  ),
);

const arrivals: fc.Arbitrary<Said> = fc.tuple(small, fc.constantFrom(place1, place2)).map(
  ([quantity, placeId]): Said =>
    () =>
      say.receive(quantity, { placeId }),
);

/** A step of a history: a command, and how far time goes on before it. */
export interface Step {
  readonly said: Said;
  readonly wait: number;
}

function stepsOf(said: fc.Arbitrary<Said>, maxLength: number): fc.Arbitrary<Step[]> {
  return fc.array(fc.record({ said, wait: fc.constantFrom(0, 1, 1, 1, 90_000) }), {
    minLength: 1,
    maxLength,
  });
}

export const anyHistory = stepsOf(
  fc.oneof(
    { arbitrary: placing, weight: 3 },
    { arbitrary: eventsOf(orderId), weight: 5 },
    { arbitrary: goods, weight: 3 },
  ),
  25,
);

/** Without corrections downwards and without below-floor settings: only trade. */
export const trade = stepsOf(
  fc.oneof(
    { arbitrary: placing, weight: 4 },
    { arbitrary: eventsOf(orderId, false), weight: 4 },
    { arbitrary: arrivals, weight: 1 },
    {
      arbitrary: fc.tuple(ref, small).map(
        ([name, quantity]): Said =>
          () =>
            say.hold(name, quantity, 1),
      ),
      weight: 1,
    },
  ),
  25,
);

export const anyOpening = fc
  .tuple(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 12 }))
  .map(([here, there, other]) => [item(itemId, here, there), item(otherItemId, other)]);
