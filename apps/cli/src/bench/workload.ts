// What the benchmark orders: the same orders for every competitor, from a seeded generator.

export type ProfileName = 'uniform' | 'lines3' | 'hot' | 'zipf' | 'wide';

export interface Profile {
  readonly name: ProfileName;
  readonly products: number;
  readonly linesPerOrder: number;
  readonly orders: number;
  /** Number of the product that one line of an order takes. */
  pick(random: () => number): number;
}

const uniformly = (products: number) => (random: () => number) => Math.floor(random() * products);

/** Zipf with exponent 1 over n products, by inverting its cumulative sum. */
function zipf(products: number): (random: () => number) => number {
  const cumulative = new Float64Array(products);
  let sum = 0;
  for (let n = 0; n < products; n += 1) {
    sum += 1 / (n + 1);
    cumulative[n] = sum;
  }
  return (random) => {
    const target = random() * sum;
    let low = 0;
    let high = products - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((cumulative[middle] ?? 0) < target) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

export function profileOf(name: ProfileName, orders: number): Profile {
  switch (name) {
    case 'uniform':
      return { name, products: 20_000, linesPerOrder: 1, orders, pick: uniformly(20_000) };
    case 'lines3':
      return { name, products: 20_000, linesPerOrder: 3, orders, pick: uniformly(20_000) };
    case 'hot':
      return { name, products: 1, linesPerOrder: 1, orders, pick: () => 0 };
    case 'zipf':
      return { name, products: 20_000, linesPerOrder: 1, orders, pick: zipf(20_000) };
    case 'wide':
      return { name, products: 1_000_000, linesPerOrder: 1, orders, pick: uniformly(1_000_000) };
  }
}

/** mulberry32: small, seeded, good enough to choose products. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export const skuOf = (product: number) => `BENCH-${product}`;

/** Opening stock no profile can use up: the benchmark measures orders that sell. */
export const openingStock = 10_000_000;

/** The SKUs of each order of a profile, distinct within an order. */
export function* ordersOf(profile: Profile, seed = 7): Generator<readonly string[]> {
  const random = seeded(seed);
  for (let n = 0; n < profile.orders; n += 1) {
    const products = new Set<number>();
    while (products.size < profile.linesPerOrder) products.add(profile.pick(random));
    yield [...products].map(skuOf);
  }
}
