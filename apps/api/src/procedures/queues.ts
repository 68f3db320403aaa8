// What operators do to queues: look, pause, resume, and deal with jobs that failed.

import { QUEUES } from '@stockroom/contracts';
import { queueNames } from '@stockroom/queues';
import { z } from 'zod';
import { guarded, router } from '../trpc.ts';
import { isoOrNull } from './shapes.ts';

const operating = { roles: ['admin', 'ops'], stores: 'all' } as const;

const name = z.enum(Object.values(QUEUES));
const jobId = z.string().min(1).max(200);
const oneQueue = z.object({ queue: name });
const oneJob = z.object({ queue: name, jobId });
const done = z.object({
  /** false when the job is not there, or has not failed (any more). */
  done: z.boolean(),
});

const counts = z.object({
  queue: z.string(),
  waiting: z.number(),
  active: z.number(),
  delayed: z.number(),
  failed: z.number(),
  /** Only those still kept. */
  completed: z.number(),
  paused: z.boolean(),
});

const failedJob = z.object({
  id: z.string(),
  name: z.string(),
  data: z.unknown(),
  reason: z.string(),
  attemptsMade: z.number(),
  failedAt: z.string().nullable(),
});

export const queues = router({
  counts: guarded(operating, z.void())
    .output(z.array(counts))
    .query(({ ctx }) =>
      Promise.all(queueNames.map(async (queue) => ({ queue, ...(await ctx.parts.ops.counts(queue)) }))),
    ),

  /** Jobs in work go on; nothing new is fetched by any worker anywhere. A repeat does nothing. */
  pause: guarded(operating, oneQueue)
    .output(done)
    .mutation(async ({ ctx, input }) => {
      await ctx.parts.ops.pause(input.queue);
      return { done: true };
    }),

  resume: guarded(operating, oneQueue)
    .output(done)
    .mutation(async ({ ctx, input }) => {
      await ctx.parts.ops.resume(input.queue);
      return { done: true };
    }),

  /** Newest first. */
  failed: guarded(
    operating,
    z.object({
      queue: name,
      offset: z.number().int().min(0).max(100_000).default(0),
      limit: z.number().int().min(1).max(100).default(50),
    }),
  )
    .output(z.array(failedJob))
    .query(async ({ ctx, input: { queue, ...page } }) => {
      const jobs = await ctx.parts.ops.failed(queue, page);
      return jobs.map((job) => ({ ...job, failedAt: isoOrNull(job.failedAt) }));
    }),

  retry: guarded(operating, oneJob)
    .output(done)
    .mutation(async ({ ctx, input }) => ({ done: await ctx.parts.ops.retry(input.queue, input.jobId) })),

  retryAll: guarded(operating, oneQueue)
    .output(done)
    .mutation(async ({ ctx, input }) => {
      await ctx.parts.ops.retryAllFailed(input.queue);
      return { done: true };
    }),

  removeFailed: guarded(operating, oneJob)
    .output(done)
    .mutation(async ({ ctx, input }) => ({
      done: await ctx.parts.ops.removeFailed(input.queue, input.jobId),
    })),
});
