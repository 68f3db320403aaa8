// Order events for race tests, and dice that can be thrown again.
import type { OrderEventInput } from '@stockroom/contracts';
import { uniqueId } from '@stockroom/testkit';

type Body<Type extends OrderEventInput['type']> = Omit<
  Extract<OrderEventInput, { type: Type }>,
  'id' | 'order' | 'at' | 'type'
>;

/** A placed order of its own, on one line or several. */
export function placed(lines: readonly { sku: string; quantity: number }[]): OrderEventInput {
  return eventOf('order.placed', uniqueId('order'), 0, { lines: [...lines] });
}

const dayOne = Date.parse('2026-03-02T08:00:00Z');

/** An event of an order; `step` is its place in the order's history. */
export function eventOf<Type extends OrderEventInput['type']>(
  type: Type,
  order: string,
  step: number,
  body: Body<Type>,
): OrderEventInput {
  const at = new Date(dayOne + step * 60_000).toISOString();
  return { type, id: `${order}/${step}-${type}`, order, at, ...body } as OrderEventInput;
}

/** Reproducible chance (mulberry32): the same seed throws the same numbers from 0 to 1. */
export function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function shuffled<T>(items: readonly T[], chance: () => number): T[] {
  const mixed = [...items];
  for (let last = mixed.length - 1; last > 0; last -= 1) {
    const other = Math.floor(chance() * (last + 1));
    [mixed[last], mixed[other]] = [mixed[other] as T, mixed[last] as T];
  }
  return mixed;
}

/** Pieces of 1 to `max` items, of random size. */
export function pieces<T>(items: readonly T[], max: number, chance: () => number): T[][] {
  const cut: T[][] = [];
  for (let from = 0; from < items.length; ) {
    const size = 1 + Math.floor(chance() * max);
    cut.push(items.slice(from, from + size));
    from += size;
  }
  return cut;
}
