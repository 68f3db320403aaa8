// The flags a worker is started with are the same everywhere.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { workerNodeFlags } from '../src/node-flags.ts';

test('the container starts the worker with the flags the benchmark measured', () => {
  const compose = readFileSync(new URL('../../../docker-compose.yml', import.meta.url), 'utf8');
  expect(compose).toContain(`command: [node, ${workerNodeFlags.join(', ')}, apps/worker/src/main.ts]`);
});
