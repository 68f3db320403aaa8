// Queues of one test file on one backend, under a name that nothing else uses.

import type { Feed, Queues } from '@stockroom/queues';
import { openFeed, openQueues } from '@stockroom/queues';
import { type AvailableBackend, uniqueId } from '@stockroom/testkit';

const silent = { info: () => {}, warn: () => {}, error: () => {} };

export async function openTestQueues(
  backend: AvailableBackend,
  databaseUrl: string,
): Promise<{ queues: Queues; feed: Feed; end(): Promise<void> }> {
  const prefix = uniqueId('q').replaceAll('-', '_');
  const queues = await openQueues({
    backend: backend.name,
    prefix,
    log: silent,
    poolMax: 12,
    databaseUrl,
    ...(backend.name === 'redis' ? { redisUrl: backend.redisUrl } : {}),
  });
  const feed = await openFeed(queues);
  return {
    queues,
    feed,
    async end() {
      await queues.close({ timeoutMs: 2_000 });
    },
  };
}
