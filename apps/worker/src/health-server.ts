// The health endpoint of a worker: alive, ready, and what it has counted.
import type { AddressInfo } from 'node:net';
import type { Database } from '@stockroom/db';
import { schemaVersion } from '@stockroom/db';
import type { Queues } from '@stockroom/queues';
import fastify from 'fastify';
import type { WorkerMetrics } from './metrics.ts';

export type HealthServer = { readonly url: string; close(): Promise<void> };

/** @throws the system's error when the port is taken. */
export async function startHealthServer(parts: {
  db: Database;
  queues: Queues;
  metrics: WorkerMetrics;
  roles: readonly string[];
  host: string;
  port: number;
}): Promise<HealthServer> {
  const { db, queues, metrics, roles, host, port } = parts;
  const server = fastify({ logger: false, forceCloseConnections: true });
  server.get('/livez', () => ({ ok: true }));
  server.get('/readyz', async (_request, reply) => {
    const [database, queue] = await Promise.all([
      schemaVersion(db).then(
        () => ({ ok: true }),
        (error: unknown) => ({ ok: false, problem: error instanceof Error ? error.message : String(error) }),
      ),
      queues.health(),
    ]);
    const ok = database.ok && queue.ok;
    return reply.code(ok ? 200 : 503).send({ ok, roles, database, queue });
  });
  server.get('/metrics', async (_request, reply) =>
    reply.header('content-type', metrics.registry.contentType).send(await metrics.registry.metrics()),
  );
  await server.listen({ host, port });
  const address = server.server.address() as AddressInfo;
  return { url: `http://${host}:${address.port}`, close: () => server.close() };
}
