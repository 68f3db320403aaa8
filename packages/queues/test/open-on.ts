// Opens queues on a test backend, each under a name of its own, and ends them with the test.
import { type AvailableBackend, createDatabase, type TestDatabase, uniqueId } from '@stockroom/testkit';
import { afterAll } from 'vitest';
import { type Log, openQueues, type QueueOptions, type Queues } from '../src/index.ts';

export const silent: Log = { info: () => {}, warn: () => {}, error: () => {} };

export type Opener = {
  /** A prefix that nothing else uses: a key prefix and a schema name. */
  prefix(): string;
  options(prefix: string): Promise<QueueOptions>;
  open(prefix?: string, more?: Partial<QueueOptions>): Promise<Queues>;
};

export function openerFor(backend: AvailableBackend): Opener {
  let creating: Promise<TestDatabase> | undefined;
  const opened: Queues[] = [];
  afterAll(async () => {
    await Promise.all(opened.map((queues) => queues.close({ timeoutMs: 1_000 })));
    const database = await creating;
    await database?.drop();
  });
  const prefix = () => uniqueId('q').replaceAll('-', '_');
  const options = async (name: string): Promise<QueueOptions> => {
    const base = { prefix: name, log: silent };
    if (backend.name === 'redis') return { ...base, backend: 'redis', redisUrl: backend.redisUrl };
    creating ??= createDatabase({ template: 'empty' });
    return { ...base, backend: 'postgres', databaseUrl: (await creating).url };
  };
  return {
    prefix,
    options,
    async open(name = prefix(), more = {}) {
      const queues = await openQueues({ ...(await options(name)), ...more });
      opened.push(queues);
      return queues;
    },
  };
}

/** A promise with its handle outside. */
export function gate(): { promise: Promise<void>; open: () => void } {
  let open = () => {};
  const promise = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { promise, open };
}
