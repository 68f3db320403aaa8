// The queue backends that a suite must pass on.
import { describe, inject } from 'vitest';

export type TestBackend =
  | { name: 'postgres'; available: true }
  | { name: 'redis'; available: true; redisUrl: string }
  | { name: 'redis'; available: false };

export type AvailableBackend = Extract<TestBackend, { available: true }>;

/** Both, always: where no Redis is at hand its entry says so, and the suite must skip it visibly. */
export function backends(): TestBackend[] {
  const { redisUrl } = inject('stockroomServers');
  return [
    { name: 'postgres', available: true },
    redisUrl === null ? { name: 'redis', available: false } : { name: 'redis', available: true, redisUrl },
  ];
}

/** One suite per backend, named `title [postgres]` and `title [redis]`; a backend that is not at hand shows as skipped. */
export function describeOnBackends(title: string, suite: (backend: AvailableBackend) => void): void {
  for (const backend of backends()) {
    if (backend.available) describe(`${title} [${backend.name}]`, () => suite(backend));
    else
      describe.skip(`${title} [${backend.name}: no redis-server here]`, () =>
        suite({ name: 'redis', available: true, redisUrl: '' }));
  }
}
