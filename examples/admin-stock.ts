// Makes a product, receives goods, corrects a number safely, and looks at what a store can sell.
// node examples/admin-stock.ts --url http://127.0.0.1:3000 --key sk_... --sku TEA-1
import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { createAdminClient } from '@stockroom/client';

const { values: flags } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:3000' },
    key: { type: 'string' },
    sku: { type: 'string', default: `EXAMPLE-${randomUUID().slice(0, 8)}` },
  },
});
if (flags.key === undefined) throw new Error('say --key (an API key with role editor or admin)');
const { sku } = flags;

const stockroom = createAdminClient({ url: flags.url, key: flags.key });

await stockroom.products.create.mutate({
  sku,
  name: 'Green tea, 100 g',
  settings: { 'notify.threshold': 5 },
});

// The key makes it safe to send again: the same key with the same content has one effect.
const received = await stockroom.stock.receive.mutate({
  key: `delivery-note-${randomUUID()}`,
  sku,
  quantity: 24,
  reason: 'delivery note 4711',
});
console.log(`received: ${received.outcome?.status}, on hand ${received.outcome?.onHand}`);

// Compare and set: two people who correct the same number cannot overwrite each other.
const seen = received.outcome?.onHand ?? 0;
const corrected = await stockroom.stock.set.mutate({
  key: `count-${randomUUID()}`,
  sku,
  onHand: 23,
  expected: seen,
});
console.log(`corrected: ${corrected.outcome?.status}, on hand ${corrected.outcome?.onHand}`);

const late = await stockroom.stock.set.mutate({
  key: `count-${randomUUID()}`,
  sku,
  onHand: 22,
  expected: seen,
});
console.log(
  `too late: ${late.outcome?.status}, ${late.outcome?.rejection?.code}, it is ${late.outcome?.rejection?.current} now`,
);

const { items } = await stockroom.availability.get.query({ skus: [sku] });
console.log(`availability: ${JSON.stringify(items[0])}`);

const { rows } = await stockroom.ledger.ofSku.query({ sku });
for (const entry of rows) {
  console.log(
    `ledger: ${entry.place} ${entry.bucket} ${entry.delta} -> ${entry.balanceAfter}, ${entry.kind}`,
  );
}
