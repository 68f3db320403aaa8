// Names of the queues: part of the wire contract.

export const QUEUES = {
  orderEvents: 'order-events',
  stock: 'stock',
  mail: 'mail',
  orderOutcomes: 'order-outcomes',
  sweep: 'sweep',
} as const;

/** Mailboxes carry `slot = product id % MAILBOX_SLOTS`; bells cover whole slots, so their number can change without touching a mailbox. */
export const MAILBOX_SLOTS = 1024;
