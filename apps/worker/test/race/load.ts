// A steady stream of orders, for as long as a test makes trouble.
import { setTimeout as wait } from 'node:timers/promises';
import type { OrderEventInput } from '@stockroom/contracts';
import { uniqueId } from '@stockroom/testkit';
import type { Fleet } from './fleet.ts';
import { dice, eventOf } from './orders.ts';

export type Load = {
  /** Events handed over so far: the queue has them, or the door has accepted them. */
  readonly events: readonly OrderEventInput[];
  /** Ends the stream and waits for what is being handed over. @throws what a door threw for good */
  stop(): Promise<readonly OrderEventInput[]>;
};

/** Orders of one or two lines on random products, each placed, paid and shipped; half come by the queue, half by the API. */
export function startLoad(fleet: Fleet, skus: readonly string[], ordersPerSecond: number): Load {
  const chance = dice(skus.length);
  const events: OrderEventInput[] = [];
  let over = false;
  const everyMs = 100;
  const running = run();
  running.catch(() => undefined);

  async function run(): Promise<void> {
    for (let turn = 0; !over; turn += 1) {
      const orders = Array.from({ length: Math.ceil((ordersPerSecond * everyMs) / 1_000) }, () => story());
      const batch = orders.flat();
      // A queue that failed midway through is asked again and may then hold an event twice, as with every real producer.
      if (turn % 2 === 0) await fleet.send(batch);
      else await Promise.all(batch.map(fleet.submit));
      events.push(...batch);
      await wait(everyMs);
    }
  }

  function story(): OrderEventInput[] {
    const order = uniqueId('order');
    const pick = () => skus[Math.floor(chance() * skus.length)] as string;
    const wanted = chance() < 0.5 ? [pick()] : [...new Set([pick(), pick()])];
    const lines = wanted.map((sku) => ({ sku, quantity: 1 }));
    return [
      eventOf('order.placed', order, 0, { lines }),
      eventOf('order.paid', order, 1, {}),
      ...(chance() < 0.5 ? [eventOf('order.shipped', order, 2, {})] : []),
    ];
  }

  return {
    events,
    async stop() {
      over = true;
      await running;
      return events;
    },
  };
}
