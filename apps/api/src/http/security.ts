// What every answer and every request must have: safe headers, JSON bodies of bounded size, and a bounded number of calls.

import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { FindCaller } from '../auth/find-caller.ts';
import { bearerKey } from '../auth/find-caller.ts';

export interface RateLimits {
  /** Calls per minute of one key. */
  readonly perKey: number;
  /** Calls per minute of one address without a valid key. */
  readonly perAddress: number;
}

export const generousLimits: RateLimits = { perKey: 60_000, perAddress: 600 };

const withoutLimit = new Set(['/livez', '/readyz']);

export async function secure(
  app: FastifyInstance,
  findCaller: FindCaller,
  limits: RateLimits,
): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: { directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    crossOriginResourcePolicy: { policy: 'same-origin' },
  });
  await app.register(rateLimit, {
    global: true,
    timeWindow: 60_000,
    cache: 10_000,
    keyGenerator: async (request) => {
      // A database that is away must not stop /readyz from saying so; the call itself will fail with its own error.
      const caller = await findCaller(bearerKey(request.headers.authorization)).catch(() => null);
      return caller === null ? `address ${request.ip}` : `key ${caller.prefix}`;
    },
    max: (_request, key) => (key.startsWith('key ') ? limits.perKey : limits.perAddress),
    allowList: (request) => withoutLimit.has(request.url),
    errorResponseBuilder: (request, { after }) =>
      Object.assign(new Error(`too many calls; try again in ${after}`), {
        statusCode: 429,
        requestId: request.id,
      }),
  });
}

/** Only JSON, so that a form of a foreign page can never be a call; multipart and text are what forms can send. */
export async function refuseForms(request: FastifyRequest): Promise<void> {
  if (request.method === 'GET' || request.method === 'HEAD') return;
  const type = request.headers['content-type'];
  if (type === undefined && (request.headers['content-length'] ?? '0') === '0') return;
  if (/^application\/json\b/i.test(type ?? '')) return;
  throw Object.assign(new Error(`content type ${type ?? 'none'} is not taken; send application/json`), {
    statusCode: 415,
  });
}
