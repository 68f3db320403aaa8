// A small shop that lives: customers order, pay, change their minds and send things back, and a supplier delivers.
import type { OrderEventInput, Outcome, StockEventInput } from '@stockroom/contracts';
import { type DemoProduct, lowSoon, onBackorder, scarce } from './demo-catalog.ts';

export type ShopEvent = OrderEventInput | StockEventInput;

export type ShopParts = {
  products: readonly DemoProduct[];
  /** Orders per second on average. */
  rate: number;
  /** Ends by itself after so many orders; absent: only by `stop`. */
  orders?: number;
  /** Begins with the orders that show low stock, a rejection and a backorder. */
  showFirst: boolean;
  send(event: ShopEvent): Promise<void>;
  outcomeOf(eventId: string): Promise<Outcome>;
  /** Units on hand and not promised, by SKU. */
  freeStock(): Promise<ReadonlyMap<string, number>>;
  /** A trouble that is not the shop's to solve. */
  trouble(problem: unknown): void;
};

export type RunningShop = {
  readonly placed: number;
  /** Resolves when the last order has been placed and nothing follows any more. */
  readonly finished: Promise<void>;
  /** No new events; waits for those being sent. */
  stop(): Promise<void>;
};

const customers = [
  'Ada',
  'Bo',
  'Chidi',
  'Dana',
  'Emre',
  'Fatou',
  'Greta',
  'Hugo',
  'Ines',
  'Jun',
  'Kofi',
  'Lena',
];
const chance = (probability: number) => Math.random() < probability;
const shipTriesMax = 5;
const deliveryLookMs = 5_000;
/** A supplier takes his time, so that a shelf is empty now and then. */
const deliveryDelayS = [10, 30] as const;

type Line = { sku: string; quantity: number };

export function openDemoShop(parts: ShopParts): RunningShop {
  // A shop that is to end does not take its time.
  const paceMs = parts.orders === undefined ? 1_000 : 100;
  const seconds = (from: number, to: number) => paceMs * (from + Math.random() * (to - from));
  // Order numbers must be new at every start.
  const run = Date.now().toString(36);
  const timers = new Set<NodeJS.Timeout>();
  const atWork = new Set<Promise<unknown>>();
  const expected = new Set<string>();
  let placed = 0;
  let followUps = 0;
  let eventNo = 0;
  let stopped = false;
  let finish = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });

  /** Does something later, unless the shop closes before. */
  function later(delayMs: number, work: () => Promise<void>, isFollowUp = true): void {
    if (stopped) return;
    if (isFollowUp) followUps += 1;
    const timer = setTimeout(() => {
      timers.delete(timer);
      const working = work()
        .catch((problem: unknown) => {
          if (!stopped) parts.trouble(problem);
        })
        .finally(() => {
          atWork.delete(working);
          if (isFollowUp) followUps -= 1;
          if (followUps === 0 && placed >= (parts.orders ?? Number.POSITIVE_INFINITY)) finish();
        });
      atWork.add(working);
    }, delayMs);
    timers.add(timer);
  }

  const head = () => {
    eventNo += 1;
    return { id: `demo-${run}-${eventNo}`, at: new Date().toISOString(), actor: 'demo shop' };
  };

  async function sendAndAsk(event: ShopEvent): Promise<Outcome> {
    await parts.send(event);
    return parts.outcomeOf(event.id);
  }

  async function place(lines: readonly Line[]): Promise<void> {
    placed += 1;
    const name = customers[Math.floor(Math.random() * customers.length)] ?? 'Ada';
    const order = `D-${run}-${placed}`;
    const { status } = await sendAndAsk({
      type: 'order.placed',
      ...head(),
      order,
      customer: { name, email: `${name.toLowerCase()}@customers.example` },
      lines: lines.map((line) => ({ ...line })),
    });
    if (status !== 'accepted' && status !== 'partially_accepted') return;
    if (chance(0.08)) later(seconds(2, 10), () => cancel(order));
    else later(seconds(1, 4), () => pay(order));
  }

  async function cancel(order: string): Promise<void> {
    await parts.send({ type: 'order.cancelled', ...head(), order });
  }

  async function pay(order: string): Promise<void> {
    await parts.send({ type: 'order.paid', ...head(), order });
    later(seconds(3, 12), () => ship(order, 1));
  }

  async function ship(order: string, tries: number): Promise<void> {
    const { status } = await sendAndAsk({ type: 'order.shipped', ...head(), order });
    if (status === 'applied' || status === 'partially_applied') {
      if (chance(0.07)) later(seconds(8, 25), () => takeBack(order));
    } else if (status === 'rejected') {
      // Units on backorder: wait for the supplier, not for ever.
      if (tries < shipTriesMax) later(seconds(15, 25), () => ship(order, tries + 1));
      else await cancel(order);
    }
  }

  async function takeBack(order: string): Promise<void> {
    const disposition = chance(0.8) ? 'sellable' : 'damaged';
    await parts.send({ type: 'order.returned', ...head(), order, restock: true, disposition });
  }

  function scheduleOrders(): void {
    const first: readonly Line[][] = parts.showFirst
      ? [
          [
            { sku: 'TEA-ASSAM-250', quantity: 2 },
            { sku: 'MUG-SPECKLED-350', quantity: 1 },
          ],
          [{ sku: lowSoon.sku, quantity: 3 }],
          [{ sku: scarce.sku, quantity: scarce.onHand + 2 }],
          [{ sku: onBackorder.sku, quantity: onBackorder.onHand + 2 }],
        ]
      : [];
    const next = (delayMs: number) =>
      later(
        delayMs,
        async () => {
          if (placed >= (parts.orders ?? Number.POSITIVE_INFINITY)) return;
          const lines = first[placed] ?? randomCart(parts.products);
          // The next customer does not wait for this one's outcome.
          next((-Math.log(1 - Math.random()) * 1_000) / parts.rate);
          await place(lines);
        },
        true,
      );
    next(0);
  }

  async function lookAtShelves(): Promise<void> {
    const free = await parts.freeStock();
    for (const { sku, onHand, threshold } of parts.products) {
      if ((free.get(sku) ?? onHand) > threshold / 2 || expected.has(sku)) continue;
      expected.add(sku);
      later(
        seconds(...deliveryDelayS),
        async () => {
          expected.delete(sku);
          const quantity = Math.max(5, Math.round(onHand * (0.6 + Math.random() * 0.8)));
          await parts.send({
            type: 'stock.receive',
            ...head(),
            sku,
            quantity,
            reason: 'delivery of the supplier',
          });
        },
        false,
      );
    }
    later(deliveryLookMs, lookAtShelves, false);
  }

  scheduleOrders();
  later(deliveryLookMs, lookAtShelves, false);
  return {
    get placed() {
      return placed;
    },
    finished,
    async stop() {
      stopped = true;
      for (const timer of timers) clearTimeout(timer);
      finish();
      await Promise.allSettled(atWork);
    },
  };
}

/** One to three different products, popular ones more often, mostly one piece each. */
function randomCart(products: readonly DemoProduct[]): Line[] {
  const size = chance(0.6) ? 1 : chance(0.7) ? 2 : 3;
  const chosen = new Map<string, number>();
  while (chosen.size < Math.min(size, products.length)) {
    chosen.set(choose(products).sku, chance(0.75) ? 1 : chance(0.7) ? 2 : 4);
  }
  return [...chosen].map(([sku, quantity]) => ({ sku, quantity }));
}

function choose(products: readonly DemoProduct[]): DemoProduct {
  let ticket = Math.random() * products.reduce((sum, { appeal }) => sum + appeal, 0);
  const found = products.find(({ appeal }) => {
    ticket -= appeal;
    return ticket < 0;
  });
  const last = found ?? products.at(-1);
  if (last === undefined) throw new Error('a shop without products sells nothing');
  return last;
}
