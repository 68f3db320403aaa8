// Entities of what must reach the outside: outcomes and notifications. They describe the schema only; rows are written by SQL.

import { defineEntity, p } from '@mikro-orm/core';

const time = () => p.datetime().columnType('timestamptz');
const bigint = () => p.bigint('number');

export const OutcomeEntity = defineEntity({
  name: 'Outcome',
  tableName: 'outcome',
  indexes: [{ name: 'outcome_reply', properties: ['eventSeq'], where: 'reply_due' }],
  properties: {
    eventSeq: bigint().primary().autoincrement(false),
    orderId: bigint().nullable(),
    partsOpen: p.smallint(),
    body: p.json(),
    replyDue: p.boolean().default(false),
    settledAt: time().defaultRaw('now()'),
  },
});

export const NotificationEntity = defineEntity({
  name: 'Notification',
  tableName: 'notification',
  checks: [
    { name: 'notification_recipient_kind_known', expression: "recipient_kind in ('group', 'address')" },
    { name: 'notification_state_known', expression: "state in ('pending', 'sent', 'dead', 'suppressed')" },
  ],
  indexes: [
    { name: 'notification_due', properties: ['nextAttemptAt'], where: "state = 'pending'" },
    { name: 'notification_dead', properties: ['id'], where: "state = 'dead'" },
  ],
  properties: {
    id: bigint().primary().generated('identity'),
    template: p.text(),
    recipientKind: p.text(),
    recipient: p.text(),
    data: p.json(),
    eventSeq: bigint(),
    stockItemId: bigint().nullable(),
    state: p.text().default('pending'),
    attempts: p.integer().default(0),
    nextAttemptAt: time().defaultRaw('now()'),
    lastError: p.text().nullable(),
    response: p.text().nullable(),
    messageId: p.text().unique(),
    createdAt: time().defaultRaw('now()'),
    sentAt: time().nullable(),
  },
});

export const announceEntities = [OutcomeEntity, NotificationEntity];
