// Entities of rooms 1 and 3: events, orders and mailboxes. They describe the schema only; rows are written by SQL in src/hot.

import { defineEntity, p } from '@mikro-orm/core';

const time = () => p.datetime().columnType('timestamptz');
const quantity = () => p.decimal().precision(18).scale(4);
const identity = () => p.bigint('number').primary().generated('identity');
const bigint = () => p.bigint('number');

export const EventEntity = defineEntity({
  name: 'Event',
  tableName: 'event',
  uniques: [{ name: 'event_id', properties: ['id'] }],
  indexes: [
    { name: 'event_early', properties: ['orderId'], where: 'state = 1' },
    { name: 'event_order', properties: ['orderId'], where: 'order_id is not null' },
  ],
  properties: {
    seq: identity(),
    id: p.text(),
    type: p.text(),
    storeId: p.integer().nullable(),
    orderId: bigint().nullable(),
    body: p.json(),
    bodyHash: p.blob(),
    at: time(),
    source: p.text(),
    actor: p.text().nullable(),
    state: p.smallint().default(0),
    reply: p.boolean().default(false),
    receivedAt: time().defaultRaw('now()'),
  },
});

export const RefusedEventEntity = defineEntity({
  name: 'RefusedEvent',
  tableName: 'refused_event',
  indexes: [{ name: 'refused_event_event', properties: ['eventId'], where: 'event_id is not null' }],
  properties: {
    id: identity(),
    eventId: p.text().nullable(),
    code: p.text(),
    field: p.text().nullable(),
    message: p.text(),
    body: p.json(),
    source: p.text(),
    at: time().defaultRaw('now()'),
  },
});

export const ShopOrderEntity = defineEntity({
  name: 'ShopOrder',
  tableName: 'shop_order',
  uniques: [{ name: 'shop_order_reference', properties: ['storeId', 'reference'] }],
  properties: {
    id: identity(),
    storeId: p.integer(),
    reference: p.text(),
    placed: p.boolean(),
    state: p.text(),
    productIds: p.array().columnType('bigint[]').defaultRaw("'{}'"),
    customerEmail: p.text().nullable(),
    customerName: p.text().nullable(),
    placedAt: time().nullable(),
    createdAt: time().defaultRaw('now()'),
  },
});

export const OrderLineEntity = defineEntity({
  name: 'OrderLine',
  tableName: 'order_line',
  indexes: [
    {
      name: 'order_line_waiting',
      properties: ['stockItemId', 'placedAt', 'orderId', 'lineNo'],
      where: 'backordered > 0',
    },
  ],
  properties: {
    orderId: bigint().primary(),
    lineNo: p.integer().primary(),
    lineRef: p.text(),
    sku: p.text(),
    productId: bigint(),
    stockItemId: bigint().nullable(),
    storeId: p.integer(),
    status: p.text(),
    reason: p.text().nullable(),
    requested: quantity(),
    fromStock: quantity().defaultRaw('0'),
    backordered: quantity().defaultRaw('0'),
    committed: quantity().defaultRaw('0'),
    shipped: quantity().defaultRaw('0'),
    released: quantity().defaultRaw('0'),
    returned: quantity().defaultRaw('0'),
    deducted: p.json().nullable(),
    facts: p.json().nullable(),
    placedAt: time(),
  },
});

export const StockCommandEntity = defineEntity({
  name: 'StockCommand',
  tableName: 'stock_command',
  indexes: [{ name: 'stock_command_slot', properties: ['slot', 'id'] }],
  properties: {
    id: identity(),
    slot: p.smallint(),
    productId: bigint(),
    eventSeq: bigint(),
    orderId: bigint().nullable(),
    parts: p.smallint(),
    payload: p.json(),
    createdAt: time().defaultRaw('now()'),
  },
});

export const ParkedCommandEntity = defineEntity({
  name: 'ParkedCommand',
  tableName: 'parked_command',
  properties: {
    id: bigint().primary().autoincrement(false),
    slot: p.smallint(),
    productId: bigint(),
    eventSeq: bigint(),
    orderId: bigint().nullable(),
    parts: p.smallint(),
    payload: p.json(),
    createdAt: time(),
    error: p.text(),
    errorCode: p.text(),
    parkedAt: time().defaultRaw('now()'),
  },
});

export const corridorEntities = [
  EventEntity,
  RefusedEventEntity,
  ShopOrderEntity,
  OrderLineEntity,
  StockCommandEntity,
  ParkedCommandEntity,
];
