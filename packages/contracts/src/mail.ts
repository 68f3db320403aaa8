// What each mail must be told: a mail carries all it shows, so nobody reads stock again to write it.

import { z } from 'zod';

/** The text of a mail never breaks a line by its data; the renderer also strips what could. */
const shortText = z.string().min(1, 'must not be empty').max(300, 'must have at most 300 characters');
const quantity = z.number('must be a number');
const optional = <Schema extends z.ZodType>(schema: Schema) => schema.nullable().default(null);

/** `https://...`, or a path such as `/products/TEA-1` below the base URL that the renderer was given. */
const link = z
  .string()
  .max(2_000)
  .regex(/^(https?:\/\/|\/(?!\/))/, 'must be an http(s) URL or a path that begins with "/"');

export const mailCauseKinds = [
  'order',
  'cancellation',
  'return',
  'adjustment',
  'count',
  'receipt',
  'transfer',
  'import',
  'hold',
  'other',
] as const;

/** What changed, so that the reader can explain the mail: the order or document, by whom, when, and by how much. */
export const mailCause = z.object({
  kind: z.enum(mailCauseKinds),
  /** An order reference, a delivery note, the reason of an adjustment. */
  reference: optional(shortText),
  /** A person or a service. */
  actor: optional(shortText),
  /** Units added (positive) or taken (negative). */
  change: optional(quantity),
  at: z.iso.datetime({ offset: true, error: 'must be an ISO 8601 date and time with an offset' }),
});

const stockMail = z.object({
  sku: shortText,
  productName: shortText,
  storeName: shortText,
  onHand: quantity,
  /** null: unlimited, because backorders are taken without a limit. */
  salable: quantity.nullable(),
  cause: mailCause,
  adminUrl: optional(link),
});

const customerMail = z.object({
  storeName: shortText,
  orderReference: shortText,
  customerName: optional(shortText),
  orderUrl: optional(link),
});

const lines = <Schema extends z.ZodType>(line: Schema) => z.array(line).min(1).max(1_000);

/** The data of each mail by the name of its template. */
export const mailData = {
  'low-stock': stockMail.extend({
    /** The line that was reached. */
    threshold: quantity,
    /** Which number was compared with the threshold. */
    basis: z.enum(['salable', 'on_hand']).default('salable'),
  }),
  'out-of-stock': stockMail.extend({
    threshold: quantity,
    /** What happens to new orders from now on. */
    state: z.enum(['out_of_stock', 'backorder', 'discontinued']).default('out_of_stock'),
  }),
  'back-in-stock': stockMail.extend({
    threshold: quantity,
  }),
  'backorder-notice': customerMail.extend({
    lines: lines(
      z.object({
        sku: shortText,
        productName: shortText,
        /** Units ordered, and how many of them wait for a delivery. */
        quantity,
        backordered: quantity,
        /** A day, `2026-05-04`, where one is known. */
        expectedOn: optional(z.iso.date()),
      }),
    ),
  }),
  'backorder-filled': customerMail.extend({
    lines: lines(
      z.object({
        sku: shortText,
        productName: shortText,
        /** Units that are there now, and units that still wait. */
        filled: quantity,
        stillWaiting: quantity,
      }),
    ),
  }),
} as const;

export type MailTemplateName = keyof typeof mailData;
/** What the writer of a mail must give. */
export type MailDataInput<Name extends MailTemplateName = MailTemplateName> = z.input<
  (typeof mailData)[Name]
>;
/** The same after parsing, with every optional field there. */
export type MailData<Name extends MailTemplateName = MailTemplateName> = z.output<(typeof mailData)[Name]>;
export type MailCause = z.input<typeof mailCause>;

export const mailTemplates = Object.keys(mailData) as MailTemplateName[];
