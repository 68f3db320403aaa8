// What a person has to look at: parked commands, refused events, and mails.

import { listNotifications, listParkedCommands, listRefusedEvents, reviveNotifications } from '@stockroom/db';
import { unpark } from '@stockroom/engine';
import { z } from 'zod';
import { guarded, router } from '../trpc.ts';
import { given, iso, isoOrNull, pageInput, pageOutput } from './shapes.ts';

const operating = { roles: ['admin', 'ops'], stores: 'all' } as const;

const ids = z.array(z.number().int().positive()).min(1).max(500);
const page = z.object(pageInput);

const parkedCommand = z.object({
  commandId: z.number(),
  /** null for lines whose SKU nobody knows. */
  sku: z.string().nullable(),
  eventId: z.string(),
  eventType: z.string(),
  store: z.string().nullable(),
  order: z.string().nullable(),
  errorCode: z.string(),
  error: z.string(),
  createdAt: z.string(),
  parkedAt: z.string(),
});

const refusedEvent = z.object({
  refusedId: z.number(),
  eventId: z.string().nullable(),
  code: z.string(),
  field: z.string().nullable(),
  message: z.string(),
  body: z.unknown(),
  source: z.string(),
  at: z.string(),
});

const mailStates = ['pending', 'sent', 'dead', 'suppressed'] as const;
const mail = z.object({
  notificationId: z.number(),
  template: z.string(),
  recipient: z.string(),
  eventId: z.string().nullable(),
  sku: z.string().nullable(),
  state: z.enum(mailStates),
  attempts: z.number(),
  nextAttemptAt: z.string(),
  lastError: z.string().nullable(),
  messageId: z.string(),
  createdAt: z.string(),
  sentAt: z.string().nullable(),
});

export const parked = router({
  /** Newest first. */
  list: guarded(operating, page)
    .output(pageOutput(parkedCommand))
    .query(async ({ ctx, input }) => {
      const found = await listParkedCommands(ctx.parts.db.read, given(input));
      const rows = found.rows.map((row) => ({
        ...row,
        createdAt: iso(row.createdAt),
        parkedAt: iso(row.parkedAt),
      }));
      return { rows, next: found.next };
    }),

  /** Puts commands back into their mailboxes; those that are not parked (any more) are passed over. */
  retry: guarded(operating, z.object({ commandIds: ids }))
    .output(z.object({ retried: z.number() }))
    .mutation(async ({ ctx, input }) => ({ retried: await unpark(ctx.parts, input.commandIds) })),
});

export const refused = router({
  /** Newest first. */
  list: guarded(operating, page)
    .output(pageOutput(refusedEvent))
    .query(async ({ ctx, input }) => {
      const found = await listRefusedEvents(ctx.parts.db.read, given(input));
      return { rows: found.rows.map((row) => ({ ...row, at: iso(row.at) })), next: found.next };
    }),
});

export const notifications = router({
  /** Newest first; of one state or of all. */
  list: guarded(operating, page.extend({ state: z.enum(mailStates).optional() }))
    .output(pageOutput(mail))
    .query(async ({ ctx, input }) => {
      const found = await listNotifications(ctx.parts.db.read, given(input));
      const rows = found.rows.map((row) => ({
        ...row,
        nextAttemptAt: iso(row.nextAttemptAt),
        createdAt: iso(row.createdAt),
        sentAt: isoOrNull(row.sentAt),
      }));
      return { rows, next: found.next };
    }),

  /** Dead mails are due again with all their attempts; the next sweep gives them their jobs. */
  retry: guarded(operating, z.object({ notificationIds: ids }))
    .output(z.object({ retried: z.number() }))
    .mutation(async ({ ctx, input }) => ({
      retried: await ctx.parts.db.transaction((sql) => reviveNotifications(sql, input.notificationIds)),
    })),
});
