// Dependency direction: the repository obeys it, and each kind of wrong import is noticed.
import { expect, test } from 'vitest';
import { checkDirection, filesNotRead } from '../direction.ts';
import { isTypeScript, readSourceFiles, repositoryRoot } from '../source-files.ts';
import { file, smallRepository } from './small-repository.ts';

test('every import of the repository goes in the allowed direction', async () => {
  const files = readSourceFiles().filter(isTypeScript);
  const { modules, dependencies, findings } = await checkDirection(repositoryRoot, files);
  expect(findings).toEqual([]);
  expect(modules).toBe(files.length);
  expect(dependencies).toBeGreaterThan(modules / 2);
});

const index = (name: string) => ({ [`packages/${name}/src/index.ts`]: 'export const found = 1;\n' });
const importing = (from: string) => `import { found } from '${from}';\nexport const used = found;\n`;

const wrongImports: { mistake: string; rule: string; files: Record<string, string> }[] = [
  {
    mistake: 'core imports a node module',
    rule: 'core-imports-only-itself',
    files: {
      'packages/core/src/clock.ts': "import { hrtime } from 'node:process';\nexport const now = hrtime;\n",
    },
  },
  {
    mistake: 'core imports contracts',
    rule: 'direction-packages-core',
    files: { ...index('contracts'), 'packages/core/src/decide.ts': importing('@stockroom/contracts') },
  },
  {
    mistake: 'contracts import the database',
    rule: 'direction-packages-contracts',
    files: { ...index('db'), 'packages/contracts/src/event.ts': importing('@stockroom/db') },
  },
  {
    mistake: 'queues import the rules',
    rule: 'direction-packages-queues',
    files: { ...index('core'), 'packages/queues/src/bell.ts': importing('@stockroom/core') },
  },
  {
    mistake: 'the database imports the engine, as a type',
    rule: 'direction-packages-db',
    files: {
      ...index('engine'),
      'packages/db/src/load.ts':
        "import type { found } from '@stockroom/engine';\nexport type Used = typeof found;\n",
    },
  },
  {
    mistake: 'embedded servers import anything of ours',
    rule: 'direction-packages-embedded',
    files: { ...index('contracts'), 'packages/embedded/src/postgres.ts': importing('@stockroom/contracts') },
  },
  {
    mistake: 'a package that the table does not know imports one of ours',
    rule: 'unnamed-place',
    files: { ...index('db'), 'packages/extra/src/reader.ts': importing('@stockroom/db') },
  },
  {
    mistake: 'production code imports the test kit',
    rule: 'testkit-in-tests-only',
    files: { ...index('testkit'), 'packages/engine/src/settle.ts': importing('@stockroom/testkit') },
  },
  {
    mistake: 'an example imports the test kit outside its tests',
    rule: 'testkit-in-tests-only',
    files: { ...index('testkit'), 'examples/place-order.ts': importing('../packages/testkit/src/index.ts') },
  },
  {
    mistake: 'a file reaches into another package by its path',
    rule: 'no-way-round-the-front-door',
    files: { ...index('db'), 'packages/engine/src/settle.ts': importing('../../db/src/index.ts') },
  },
  {
    mistake: 'a file imports the index of its own package',
    rule: 'nobody-imports-the-own-index',
    files: { ...index('mail'), 'packages/mail/src/render.ts': importing('./index.ts') },
  },
  {
    mistake: 'the client imports the API at run time',
    rule: 'client-knows-the-api-as-a-type-only',
    files: {
      'apps/api/src/router.ts': 'export const found = 1;\n',
      'packages/client/src/admin.ts': importing('@stockroom/api/router'),
    },
  },
  {
    mistake: 'two files import each other',
    rule: 'no-circle',
    files: {
      'packages/core/src/left.ts': "import { right } from './right.ts';\nexport const left = () => right;\n",
      'packages/core/src/right.ts': "import { left } from './left.ts';\nexport const right = () => left;\n",
    },
  },
  {
    mistake: 'an import leads nowhere',
    rule: 'resolvable',
    files: { 'packages/engine/src/settle.ts': importing('./absent.ts') },
  },
];

test.for(wrongImports)('it is noticed that $mistake', async ({ rule, files }) => {
  using repository = smallRepository(files);
  const { findings } = await checkDirection(repository.root, repository.files);
  expect(findings.map((finding) => finding.problem).join('\n')).toContain(`(${rule}:`);
});

test('what the table allows passes: the client takes the router as a type, a test takes the test kit', async () => {
  const files = {
    ...index('testkit'),
    'apps/api/src/router.ts': 'export const found = 1;\n',
    'packages/client/src/admin.ts':
      "import type { found } from '@stockroom/api/router';\nexport type Router = typeof found;\n",
    'packages/client/test/admin.int.test.ts': importing('@stockroom/testkit'),
  };
  using repository = smallRepository(files);
  expect(await checkDirection(repository.root, repository.files)).toMatchObject({ findings: [], modules: 4 });
});

test('a run that has no file, skips one or reads none of its imports is a failure', async () => {
  expect((await checkDirection(repositoryRoot, [])).findings).toHaveLength(1);
  const files = [
    file('seen.ts', importing('./other.ts')),
    file('skipped.ts', ''),
    file('unread.ts', importing('./other.ts')),
    file('alone.ts', 'export const alone = 1;\n'),
  ];
  const counts = new Map(Object.entries({ 'seen.ts': 1, 'unread.ts': 0, 'alone.ts': 0 }));
  expect(filesNotRead(files, counts).map((finding) => finding.path)).toEqual(['skipped.ts', 'unread.ts']);
});
