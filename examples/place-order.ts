// Places an order over the API and waits for what became of it.
// node examples/place-order.ts --url http://127.0.0.1:3000 --key sk_... --sku TEA-1 --quantity 2
import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { createAdminClient } from '@stockroom/client';

const { values: flags } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:3000' },
    key: { type: 'string' },
    sku: { type: 'string' },
    quantity: { type: 'string', default: '1' },
  },
});
if (flags.key === undefined || flags.sku === undefined) {
  throw new Error('say --key (an API key with role service or admin) and --sku');
}

const stockroom = createAdminClient({ url: flags.url, key: flags.key });

const outcome = await stockroom.placeOrder({
  type: 'order.placed',
  // Make the id once and keep it with the order: whatever fails, sending the same event again has one effect.
  id: `example:${randomUUID()}`,
  order: `example-${randomUUID().slice(0, 8)}`,
  at: new Date().toISOString(),
  lines: [{ sku: flags.sku, quantity: flags.quantity }],
});

// `accepted`, `partially_accepted`, or `rejected` with a reason for each line: a "no" is an answer, not an error.
console.log(JSON.stringify(outcome, null, 2));
