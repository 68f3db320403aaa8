// Entities of what is counted: levels, holds and the ledger. They describe the schema only; rows are written by SQL in src/hot.

import { defineEntity, p } from '@mikro-orm/core';

const time = () => p.datetime().columnType('timestamptz');
const quantity = () => p.decimal().precision(18).scale(4);
const bigint = () => p.bigint('number');

export const StockLevelEntity = defineEntity({
  name: 'StockLevel',
  tableName: 'stock_level',
  checks: [
    {
      name: 'stock_level_not_negative',
      expression: 'committed >= 0 and held >= 0 and incoming >= 0 and unavailable >= 0',
    },
  ],
  properties: {
    stockItemId: bigint().primary(),
    locationId: p.integer().primary(),
    kind: p.text(),
    onHand: quantity().defaultRaw('0'),
    unavailable: quantity().defaultRaw('0'),
    committed: quantity().defaultRaw('0'),
    held: quantity().defaultRaw('0'),
    incoming: quantity().defaultRaw('0'),
    sequence: bigint().defaultRaw('0'),
    lowFired: p.boolean().default(false),
  },
});

export const StockHoldEntity = defineEntity({
  name: 'StockHold',
  tableName: 'stock_hold',
  properties: {
    stockItemId: bigint().primary(),
    storeId: p.integer().primary(),
    holdRef: p.text().primary(),
    quantity: quantity(),
    expiresAt: time(),
  },
});

export const MovementEntity = defineEntity({
  name: 'Movement',
  tableName: 'movement',
  indexes: [{ name: 'movement_order', properties: ['orderId'], where: 'order_id is not null' }],
  properties: {
    stockItemId: bigint().primary(),
    locationId: p.integer().primary(),
    sequence: bigint().primary(),
    bucket: p.text(),
    delta: quantity(),
    balanceAfter: quantity(),
    kind: p.text(),
    eventSeq: bigint(),
    orderId: bigint().nullable(),
    lineNo: p.integer().nullable(),
    belowFloor: p.boolean().default(false),
    at: time().defaultRaw('now()'),
  },
});

export const ledgerEntities = [StockLevelEntity, StockHoldEntity, MovementEntity];
