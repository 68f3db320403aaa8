// Which mails the effects of a settlement cause, with all they will show. Pure: rows are written by settlement itself.

import type { MailCause, MailDataInput } from '@stockroom/contracts';
import type { Effect } from '@stockroom/core';
import { quantityToNumber } from '@stockroom/core';
import type { NewNotification } from '@stockroom/db';
import type { CausedEffect } from './settle-fold.ts';
import type { Desk, Taken } from './settle-load.ts';

type StockEffect = Extract<Effect, { before: unknown }>;
type LineEffect = Extract<Effect, { lineNo: number }>;

/** Rows for everything that must be mailed. */
export function notificationsOf(desk: Desk, effects: readonly CausedEffect[]): readonly NewNotification[] {
  const rows: NewNotification[] = [];
  const lineMails = new Map<string, { effects: LineEffect[]; cause: Taken }>();
  for (const { effect, cause } of effects) {
    if (effect.mail === null) continue;
    if ('lineNo' in effect) {
      const mailKey = `${effect.mail}:${effect.orderId}:${cause.eventSeq}`;
      const mail = lineMails.get(mailKey);
      if (mail === undefined) lineMails.set(mailKey, { effects: [effect], cause });
      else mail.effects.push(effect);
    } else {
      rows.push(...stockMails(desk, effect, cause));
    }
  }
  for (const mail of lineMails.values()) rows.push(...customerMails(desk, mail.effects, mail.cause));
  return rows;
}

/** One mail per recipient: a group, or an address. */
function stockMails(desk: Desk, effect: StockEffect, cause: Taken): NewNotification[] {
  const loaded = desk.loaded.get(effect.itemId);
  const product = loaded === undefined ? undefined : desk.products.get(loaded.item.productId);
  const store = desk.directory.stores.get(effect.storeId);
  if (loaded === undefined || product === undefined || store === undefined || effect.mail === null) {
    throw new Error('an effect speaks of an item that is not at hand');
  }
  const settings = desk.settings(effect.itemId, effect.storeId);
  const data = {
    sku: loaded.item.sku,
    productName: short(product.name),
    storeName: store.name,
    onHand: quantityToNumber(effect.onHand),
    salable: effect.salable === null ? null : quantityToNumber(effect.salable),
    threshold: quantityToNumber(effect.threshold),
    cause: causeOf(desk, cause),
    adminUrl: `/products/${encodeURIComponent(loaded.item.sku)}`,
    ...(effect.mail === 'low-stock' ? { basis: settings['notify.basis'] } : {}),
    ...(effect.mail === 'out-of-stock' ? { state: outStates[effect.type] ?? 'out_of_stock' } : {}),
  } satisfies MailDataInput<'low-stock' | 'out-of-stock' | 'back-in-stock'>;
  return [...new Set(settings['notify.recipients'])].map((recipient) => {
    const isGroup = recipient.startsWith('group:');
    const name = isGroup ? recipient.slice('group:'.length) : recipient;
    return {
      template: effect.mail ?? '',
      recipientKind: isGroup ? ('group' as const) : ('address' as const),
      recipient: name,
      data: JSON.stringify(data),
      eventSeq: cause.eventSeq,
      itemId: effect.itemId,
      messageId: messageId([
        effect.mail ?? '',
        cause.eventSeq,
        cause.id,
        effect.itemId,
        effect.storeId,
        recipient,
      ]),
    };
  });
}

const outStates: Partial<Record<StockEffect['type'], 'out_of_stock' | 'backorder' | 'discontinued'>> = {
  'stock.out': 'out_of_stock',
  'stock.backorder': 'backorder',
  'stock.sold_out': 'discontinued',
};

/** All lines of one order that wait, or that were filled by one event, in one mail to the customer. */
function customerMails(desk: Desk, effects: readonly LineEffect[], cause: Taken): NewNotification[] {
  const [first] = effects;
  const order = first === undefined ? undefined : desk.customers.get(first.orderId);
  if (first === undefined || first.mail === null || order === undefined || order.customerEmail === null)
    return [];
  const named = effects.map((effect) => {
    const line = desk.lines.get(effect.orderId)?.find((candidate) => candidate.lineNo === effect.lineNo);
    const product = line === undefined ? undefined : desk.products.get(line.productId);
    if (line === undefined || product === undefined)
      throw new Error('an effect speaks of a line that is not at hand');
    return { effect, line, names: { sku: line.sku, productName: short(product.name) } };
  });
  const head = {
    storeName: desk.directory.stores.get(order.storeId)?.name ?? '',
    orderReference: order.reference,
    customerName: order.customerName,
  };
  const data =
    first.mail === 'backorder-filled'
      ? ({
          ...head,
          lines: named.map(({ effect, names }) => ({
            ...names,
            filled: quantityToNumber(effect.quantity),
            stillWaiting: quantityToNumber(effect.stillWaiting),
          })),
        } satisfies MailDataInput<'backorder-filled'>)
      : ({
          ...head,
          lines: named.map(({ effect, line, names }) => ({
            ...names,
            quantity: quantityToNumber(line.requested),
            backordered: quantityToNumber(effect.quantity),
          })),
        } satisfies MailDataInput<'backorder-notice'>);
  return [
    {
      template: first.mail,
      recipientKind: 'address',
      recipient: order.customerEmail,
      data: JSON.stringify(data),
      eventSeq: cause.eventSeq,
      itemId: first.itemId,
      messageId: messageId([first.mail, cause.eventSeq, cause.id, order.orderId, first.itemId]),
    },
  ];
}

const causeKinds: Readonly<Record<Taken['payload']['type'], MailCause['kind']>> = {
  'order.placed': 'order',
  'order.paid': 'order',
  'order.shipped': 'order',
  'order.amended': 'order',
  'order.cancelled': 'cancellation',
  'order.deleted': 'cancellation',
  settle_back: 'cancellation',
  'order.refunded': 'return',
  'order.returned': 'return',
  'order.restocked': 'return',
  'stock.adjust': 'adjustment',
  'stock.set': 'adjustment',
  'stock.count': 'count',
  'stock.receive': 'receipt',
  'stock.incoming': 'receipt',
  'stock.transfer': 'transfer',
  'stock.hold': 'hold',
  'stock.release': 'hold',
};

function causeOf(desk: Desk, cause: Taken): MailCause {
  const { payload } = cause;
  const order = cause.orderId === null ? undefined : desk.orders.get(cause.orderId);
  return {
    kind: causeKinds[payload.type],
    reference: order?.reference ?? (payload.reason === undefined ? null : short(payload.reason)),
    actor: payload.actor ?? null,
    at: new Date(payload.at).toISOString(),
  };
}

/** A mail shows at most 300 characters of a text; a reason may have more, and a name of the catalog any number. */
function short(text: string): string {
  return text.length <= 300 ? text : `${text.slice(0, 299)}…`;
}

/**
 * Event sequences and command ids are unique for ever, and a row keeps its id however often it is sent. Characters are spelled out, not
 * replaced by one another: two recipients must never share an id.
 */
function messageId(parts: readonly (string | number)[]): string {
  const spelled = (character: string) => `_${character.codePointAt(0)?.toString(16) ?? ''}_`;
  const local = parts.map((part) => String(part).replaceAll(/[^A-Za-z0-9-]/gu, spelled)).join('.');
  return `<${local}@stockroom>`;
}
