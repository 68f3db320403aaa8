// One realistic mail of each kind.
import type { MailDataInput, MailTemplateName } from '@stockroom/contracts';

export const samples: { [Name in MailTemplateName]: MailDataInput<Name> } = {
  'low-stock': {
    sku: 'TEA-EARL-250',
    productName: 'Earl Grey loose leaf, 250 g tin',
    storeName: 'Harbour Street',
    onHand: 14,
    salable: 4,
    threshold: 5,
    cause: { kind: 'order', reference: '10-4711', actor: 'Web shop', change: -3, at: '2026-11-22T09:41:07Z' },
    adminUrl: '/products/TEA-EARL-250',
  },
  'out-of-stock': {
    sku: 'MUG-STONE-BLUE',
    productName: 'Stoneware mug, harbour blue',
    storeName: 'Harbour Street',
    onHand: 0,
    salable: 0,
    threshold: 0,
    cause: {
      kind: 'adjustment',
      reference: 'broken in transit',
      actor: 'Maren Petersen',
      change: -6,
      at: '2026-11-22T15:02:00+01:00',
    },
    adminUrl: 'https://admin.example.com/products/MUG-STONE-BLUE',
  },
  'back-in-stock': {
    sku: 'TEA-EARL-250',
    productName: 'Earl Grey loose leaf, 250 g tin',
    storeName: 'Harbour Street',
    onHand: 1240,
    salable: 1228.5,
    threshold: 0,
    cause: {
      kind: 'receipt',
      reference: 'PO-2026-118',
      actor: 'Warehouse',
      change: 1236,
      at: '2026-11-23T07:15:00Z',
    },
    adminUrl: '/products/TEA-EARL-250',
  },
  'backorder-notice': {
    storeName: 'Harbour Street',
    orderReference: '10-4720',
    customerName: 'Ines García',
    orderUrl: 'https://shop.example.com/orders/10-4720',
    lines: [
      {
        sku: 'MUG-STONE-BLUE',
        productName: 'Stoneware mug, harbour blue',
        quantity: 4,
        backordered: 4,
        expectedOn: '2026-12-04',
      },
      {
        sku: 'KETTLE-1L',
        productName: 'Enamel kettle with a long spout and a wooden handle, 1 litre',
        quantity: 2,
        backordered: 1,
      },
    ],
  },
  'backorder-filled': {
    storeName: 'Harbour Street',
    orderReference: '10-4720',
    customerName: 'Ines García',
    orderUrl: 'https://shop.example.com/orders/10-4720',
    lines: [
      { sku: 'MUG-STONE-BLUE', productName: 'Stoneware mug, harbour blue', filled: 4, stillWaiting: 0 },
      {
        sku: 'KETTLE-1L',
        productName: 'Enamel kettle with a long spout and a wooden handle, 1 litre',
        filled: 0.5,
        stillWaiting: 0.5,
      },
    ],
  },
};
