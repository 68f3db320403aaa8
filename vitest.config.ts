// The three kinds of tests: unit needs nothing, int has real servers, race has several processes and the machine for itself.
import { defineConfig } from 'vitest/config';

const everywhere = (suffix: string) => [
  `{packages,apps}/*/test/**/*.${suffix}.ts`,
  `examples/**/*.${suffix}.ts`,
];
const servers = ['packages/testkit/src/global-setup.ts'];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [...everywhere('test'), ...everywhere('prop.test'), 'house/test/*.test.ts'],
          exclude: [
            ...everywhere('int.test'),
            ...everywhere('race.test'),
            ...everywhere('e2e.test'),
            '**/node_modules/**',
          ],
          testTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'int',
          include: [...everywhere('int.test'), ...everywhere('e2e.test')],
          globalSetup: servers,
          testTimeout: 30_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'race',
          include: everywhere('race.test'),
          globalSetup: servers,
          // One file at a time: these tests measure who wins, and a loaded machine changes the odds.
          fileParallelism: false,
          maxWorkers: 1,
          testTimeout: 300_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
