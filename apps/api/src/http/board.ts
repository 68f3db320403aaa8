// The board of all queues at /ops/board, for operators only.

import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import type { Queues } from '@stockroom/queues';
import { queueNames } from '@stockroom/queues';
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { basicKey, bearerKey, type FindCaller } from '../auth/find-caller.ts';
import { coversStores } from '../auth/rule.ts';

export const boardPath = '/ops/board';

/** The board's page has a style in its text and asks for fonts elsewhere; those stay out. */
const policy = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "frame-ancestors 'none'",
  "base-uri 'self'",
].join('; ');

export async function addBoard(
  app: FastifyInstance,
  parts: { readonly queues: Queues; readonly findCaller: FindCaller; readonly publicUrl?: string },
): Promise<void> {
  const adapter = new FastifyAdapter().setBasePath(boardPath);
  createBullBoard({
    // The adapter's type knows BullMQ's Redis queue only; it works with both backends.
    queues: queueNames.map((name) => new BullMQAdapter(parts.queues.queue(name) as never)),
    serverAdapter: adapter,
    options: { uiConfig: { boardTitle: 'Stockroom queues' } },
  });
  const guardedBoard: FastifyPluginAsync = async (scope) => {
    scope.addHook('onRequest', async (request, reply) => {
      await admitOperator(request, reply, parts);
    });
    scope.addHook('onSend', async (_request, reply) => {
      reply.header('content-security-policy', policy);
    });
    await scope.register(adapter.registerPlugin(), { prefix: boardPath });
  };
  await app.register(guardedBoard);
}

async function admitOperator(
  request: FastifyRequest,
  reply: FastifyReply,
  parts: { readonly findCaller: FindCaller; readonly publicUrl?: string },
): Promise<void> {
  const { authorization } = request.headers;
  const caller = await parts.findCaller(bearerKey(authorization) ?? basicKey(authorization));
  if (caller === null) {
    await reply
      .code(401)
      .header('www-authenticate', 'Basic realm="Stockroom queues", charset="UTF-8"')
      .send({ message: 'the password is an API key with role ops or admin' });
    return;
  }
  const operator = (caller.role === 'ops' || caller.role === 'admin') && coversStores(caller, 'all');
  if (!operator) {
    await reply.code(403).send({ message: `a key with role "${caller.role}" may not see the board` });
    return;
  }
  // A browser sends a Basic password by itself, also for a page of somebody else.
  if (
    request.method !== 'GET' &&
    bearerKey(authorization) === null &&
    !isSameOrigin(request, parts.publicUrl)
  ) {
    await reply.code(403).send({ message: 'this call comes from another site' });
  }
}

function isSameOrigin(request: FastifyRequest, publicUrl: string | undefined): boolean {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  const { origin } = request.headers;
  if (origin === undefined || !URL.canParse(origin)) return false;
  const { host } = new URL(origin);
  return host === request.host || (publicUrl !== undefined && host === new URL(publicUrl).host);
}
