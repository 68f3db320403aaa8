// Starts the HTTP server on parts that somebody else has opened and will close.

import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { createOps, createRinger } from '@stockroom/queues';
import { type FastifyTRPCPluginOptions, fastifyTRPCPlugin } from '@trpc/server/adapters/fastify';
import {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyPluginAsync,
  fastify,
  LogController,
} from 'fastify';
import type { Logger } from 'pino';
import { bearerKey, createCallerFinder, type FindCaller } from './auth/find-caller.ts';
import { addBoard } from './http/board.ts';
import { checkHealth } from './http/health.ts';
import { createApiMetrics } from './http/metrics.ts';
import { generousLimits, type RateLimits, refuseForms, secure } from './http/security.ts';
import { type AppRouter, appRouter } from './router.ts';
import type { Parts } from './trpc.ts';

export interface ApiOptions extends Pick<Parts, 'db' | 'queues' | 'doors' | 'watch' | 'bells'> {
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly log: Logger;
  /** Where people reach this server, when that is not `host:port`. */
  readonly publicUrl?: string;
  /** The same that `createDoors({ onBatch: metrics.receiveBatch })` was given, to see receive batches. */
  readonly metrics?: Parts['metrics'];
  readonly rateLimits?: RateLimits;
  /** True behind a reverse proxy that sets `x-forwarded-for`. */
  readonly trustProxy?: boolean;
}

export interface ApiServer {
  /** `http://host:port` it listens on. */
  readonly url: string;
  /** Takes no new calls, waits for those under way at most so long, then cuts them off. A repeat returns the first result. */
  close(options: { readonly timeoutMs: number }): Promise<void>;
}

/** 1,000 events of ordinary size; an order of 1,000 lines is 100 kB. */
const bodyBytesMax = 8 * 1024 * 1024;
const batchMax = 50;

/** @throws when the port is taken. */
export async function startApi(options: ApiOptions): Promise<ApiServer> {
  const { db, queues, doors, watch, bells, log, publicUrl } = options;
  const metrics = options.metrics ?? createApiMetrics();
  const parts: Parts = {
    db,
    queues,
    ops: createOps(queues),
    doors,
    watch,
    bells,
    ring: createRinger(queues),
    metrics,
  };
  metrics.watch(db, parts.ops);
  const app = createServer(options);
  const findCaller = createCallerFinder(db);
  const state = { closing: false };
  await secure(app, findCaller, options.rateLimits ?? generousLimits);
  addOpenPages(app, parts, state);
  await addBoard(app, { queues, findCaller, ...(publicUrl === undefined ? {} : { publicUrl }) });
  await addCalls(app, parts, findCaller);
  await app.listen({ host: options.host, port: options.port });
  const url = urlOf(app.server.address() as AddressInfo);
  log.info({ url }, 'API listens');
  let closing: Promise<void> | undefined;
  return {
    url,
    close({ timeoutMs }) {
      state.closing = true;
      closing ??= closeServer(app, timeoutMs);
      return closing;
    },
  };
}

function urlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

function createServer({ log, trustProxy }: ApiOptions): FastifyInstance {
  const app: FastifyInstance = fastify({
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: (request) => {
      const given = request.headers['x-request-id'];
      return typeof given === 'string' && /^[A-Za-z0-9_-]{8,64}$/.test(given) ? given : randomUUID();
    },
    // A batch names all its procedures in one path.
    routerOptions: { maxParamLength: 5_000 },
    bodyLimit: bodyBytesMax,
    trustProxy: trustProxy ?? false,
    requestTimeout: 60_000,
  });
  app.removeContentTypeParser('text/plain');
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  app.addHook('onResponse', async (request, reply) => {
    // The path only: a query may hold anything.
    const [path] = request.url.split('?', 1);
    const line = { method: request.method, path, status: reply.statusCode };
    request.log[reply.statusCode >= 500 ? 'warn' : 'info'](
      { ...line, ms: Math.round(reply.elapsedTime) },
      'call',
    );
  });
  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status < 500) return reply.code(status).send({ message: error.message, requestId: request.id });
    request.log.error({ err: error }, 'a call failed unexpectedly');
    return reply.code(500).send({
      message: `something unexpected happened; quote request ${request.id} when you ask about it`,
      requestId: request.id,
    });
  });
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send({ message: 'there is nothing at this path', requestId: request.id }),
  );
  return app;
}

/** Pages that need no key: for the machinery around the server. */
function addOpenPages(app: FastifyInstance, parts: Parts, state: { readonly closing: boolean }): void {
  app.get('/livez', async () => ({ ok: true }));
  app.get('/readyz', async (_request, reply) => {
    const found = await checkHealth(parts);
    const ok = found.ok && !state.closing;
    return reply.code(ok ? 200 : 503).send({ ...found, ok, ...(state.closing ? { closing: true } : {}) });
  });
  app.get('/metrics', async (_request, reply) => {
    const { contentType, text } = await parts.metrics.scrape();
    return reply.header('content-type', contentType).send(text);
  });
}

async function addCalls(app: FastifyInstance, parts: Parts, findCaller: FindCaller): Promise<void> {
  const calls: FastifyPluginAsync = async (scope) => {
    scope.addHook('onRequest', refuseForms);
    const trpc: FastifyTRPCPluginOptions<AppRouter> = {
      trpcOptions: {
        router: appRouter,
        maxBatchSize: batchMax,
        createContext: async ({ req }) => ({
          parts,
          caller: await findCaller(bearerKey(req.headers.authorization)),
          requestId: String(req.id),
        }),
        onError({ error, path, req }) {
          if (error.code !== 'INTERNAL_SERVER_ERROR' && error.code !== 'SERVICE_UNAVAILABLE') return;
          req.log.error({ procedure: path, err: error.cause ?? error }, 'a call failed');
        },
      },
    };
    await scope.register(fastifyTRPCPlugin, { prefix: '/trpc', ...trpc });
  };
  await app.register(calls);
}

async function closeServer(app: FastifyInstance, timeoutMs: number): Promise<void> {
  const cutOff = setTimeout(() => app.server.closeAllConnections(), timeoutMs);
  try {
    await app.close();
  } finally {
    clearTimeout(cutOff);
  }
}
