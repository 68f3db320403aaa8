// Names of the queues: part of the wire contract.

export const QUEUES = {
  orderEvents: 'order-events',
  stock: 'stock',
  mail: 'mail',
  orderOutcomes: 'order-outcomes',
  sweep: 'sweep',
} as const;
