// The rules on source text: the repository obeys each, and each notices the mistake it is there for.
import { expect, test } from 'vitest';
import { environmentIsReadInEnvFiles } from '../rules/environment.ts';
import { quantitiesInOneFile, rowLocksInOneFile } from '../rules/one-file.ts';
import { coreIsPure } from '../rules/pure-core.ts';
import { migrationsLeaveQueuesAlone, noMachinePaths, onePackageManager } from '../rules/tracked-text.ts';
import { type Finding, readSourceFiles, type SourceFile } from '../source-files.ts';
import { file } from './small-repository.ts';

type Rule = (files: readonly SourceFile[]) => Finding[];

const envFile = file('apps/api/src/env.ts', 'export const env = read(process.env);');
const pureFile = file(
  'packages/core/src/decide.ts',
  "import { fold } from './fold.ts';\nexport const decide = fold;",
);
const lockFile = file(
  'packages/db/src/settle/lock.ts',
  'const sql = `select id from stockroom.stock_item for no key update`;',
);
const levelFile = file(
  'packages/db/src/settle/save.ts',
  'const sql = `update stockroom.stock_level set quantity = $1`;',
);
// Put together here, so that the rule does not find them in this file.
const pnpm = (version: string): string => ['pnpm', version].join('@');
const packageFile = file('package.json', `{ "packageManager": "${pnpm('1.2.3')}" }`);
const migration = file(
  'packages/db/src/migrations/first.ts',
  'sql(`create table stockroom.stock_level ()`);',
);

const rules: { guarantee: string; rule: Rule; good: SourceFile[]; mistakes: Record<string, SourceFile> }[] = [
  {
    guarantee: 'the environment is read in env files only',
    rule: environmentIsReadInEnvFiles,
    good: [
      envFile,
      file('scripts/verify.ts', 'process.env.CI'),
      file('packages/testkit/src/env.ts', 'process.env.CI'),
      file('packages/db/src/connect.ts', '// Not from process.env.\nconst text = "process.env";'),
    ],
    mistakes: {
      'a package reads it': file('packages/db/src/connect.ts', 'const url = process.env.DATABASE_URL;'),
      'another file of an app reads it': file('apps/api/src/main.ts', 'start(process.env);'),
      'it is read by brackets': file('packages/mail/src/send.ts', "process['env'].SMTP_URL;"),
      'it is read out of process': file('packages/mail/src/send.ts', 'const { env } = process;'),
      'it is imported': file('packages/mail/src/send.ts', "import { env } from 'node:process';"),
      'it is read inside a template': file(
        'packages/mail/src/send.ts',
        'const u = `smtp://$' + '{process.env.HOST}`;',
      ),
    },
  },
  {
    guarantee: 'the core is pure',
    rule: coreIsPure,
    good: [
      pureFile,
      file(
        'packages/core/src/orders/settle.ts',
        "import type { A } from '../types.ts';\n// async Date.now()\nnew Date(at);",
      ),
      file('packages/core/test/decide.test.ts', "import { test } from 'vitest';\nDate.now();"),
      file('packages/db/src/load.ts', 'export async function load() { await Date.now(); }'),
    ],
    mistakes: {
      'it asks for the time': file('packages/core/src/a.ts', 'const now = Date.now();'),
      'it makes a date of now': file('packages/core/src/a.ts', 'const now = new Date();'),
      'it makes a date of now without brackets': file('packages/core/src/a.ts', 'const now = new Date;'),
      'it asks for the date as text': file('packages/core/src/a.ts', 'const now = Date();'),
      'it measures time': file('packages/core/src/a.ts', 'const from = performance.now();'),
      'it sets a timer': file('packages/core/src/a.ts', 'setTimeout(done, 10);'),
      'it draws a number': file('packages/core/src/a.ts', 'const id = Math.random();'),
      'it draws an id': file('packages/core/src/a.ts', 'const id = crypto.randomUUID();'),
      'it is async': file('packages/core/src/a.ts', 'export async function decide() {}'),
      'it returns a promise': file(
        'packages/core/src/a.ts',
        'export const decide = () => Promise.resolve(1);',
      ),
      'it imports a package': file('packages/core/src/a.ts', "import { z } from 'zod';"),
      'it imports over several lines': file(
        'packages/core/src/a.ts',
        "import {\n  readFile,\n} from 'node:fs';",
      ),
      'it imports for the side effect': file('packages/core/src/a.ts', "import 'node:process';"),
      'it passes a package on': file('packages/core/src/a.ts', "export { z } from 'zod';"),
      'it leaves its folder': file('packages/core/src/a.ts', "import { x } from '../../db/src/x.ts';"),
      'it imports when asked': file('packages/core/src/a.ts', "const x = import('node:fs');"),
      'it prints': file('packages/core/src/a.ts', 'console.log(1);'),
    },
  },
  {
    guarantee: 'rows are locked in one file',
    rule: rowLocksInOneFile,
    good: [
      lockFile,
      file('packages/db/src/load.ts', '// The rows are locked FOR UPDATE elsewhere.\nselect();'),
      file('packages/db/test/lock.race.test.ts', 'sql(`select 1 for update`);'),
      file('apps/cli/src/bench/naive.ts', 'em.findOne(Row, { lockMode: LockMode.PESSIMISTIC_WRITE });'),
    ],
    mistakes: {
      'a second file locks in SQL': file(
        'packages/engine/src/sweep.ts',
        'sql(`select 1 FOR UPDATE skip locked`);',
      ),
      'the words stand on two lines': file('packages/db/src/claim.ts', 'sql(`select 1\n  for\n  update`);'),
      'a second file locks by a builder': file('packages/db/src/claim.ts', 'query.forUpdate();'),
      'a second file locks by the ORM': file('apps/api/src/edit.ts', 'LockMode.PESSIMISTIC_PARTIAL_WRITE'),
    },
  },
  {
    guarantee: 'quantities are written in one file',
    rule: quantitiesInOneFile,
    good: [
      levelFile,
      migration,
      file('packages/db/src/read/stock.ts', 'sql(`select quantity from stockroom.stock_level`);'),
      file('packages/db/src/seed.ts', 'sql(`insert into stockroom.stock_level_note values ($1)`);'),
      file('packages/db/test/verify.int.test.ts', 'sql(`update stockroom.stock_level set quantity = 1`);'),
    ],
    mistakes: {
      'a second file updates': file(
        'apps/cli/src/seed.ts',
        'sql(`UPDATE stockroom.stock_level set quantity = 1`);',
      ),
      'a second file inserts': file(
        'packages/db/src/seed.ts',
        'sql(`insert into\n stockroom.stock_level (a) values (1)`);',
      ),
      'a second file deletes': file(
        'packages/db/src/seed.ts',
        'sql(`delete from "stockroom"."stock_level"`);',
      ),
      'the schema is put in': file(
        'packages/db/src/seed.ts',
        'sql(`update $' + '{schema}.stock_level set quantity = 1`);',
      ),
      'a second file writes by the ORM': file('packages/db/src/seed.ts', 'em.insertMany(StockLevel, rows);'),
    },
  },
  {
    guarantee: 'no migration mentions the tables of BullMQ',
    rule: migrationsLeaveQueuesAlone,
    good: [
      migration,
      file('packages/db/src/migrations/second.ts', '// bullmq is not ours.\nsql(`select 1`);'),
    ],
    mistakes: {
      'one drops them': file('packages/db/src/migrations/second.ts', 'sql(`drop table bullmq.job`);'),
      'the snapshot has them': file(
        'packages/db/src/migrations/.snapshot-stockroom.json',
        '{"schema":"bullmq"}',
      ),
    },
  },
  {
    guarantee: 'no file names a path of the machine it was written on',
    rule: noMachinePaths,
    good: [file('README.md', 'Run `npm start`. The work/home of orders is /workshop.')],
    mistakes: {
      'a document does': file('docs/benchmarks.md', `Measured in ${['', 'work', 'main'].join('/')}.`),
      'a script does': file('scripts/replay.ts', `open('${['..', 'shared', 'x.csv'].join('/')}')`),
    },
  },
  {
    guarantee: 'everything starts the same pnpm',
    rule: onePackageManager,
    good: [packageFile, file('Dockerfile', `RUN npm install --global ${pnpm('1.2.3')}`)],
    mistakes: {
      'the container has another': file('Dockerfile', `RUN npm install --global ${pnpm('1.2.4')}`),
      'npm left a lockfile': file('package-lock.json', '{}'),
      'npm settings of one machine came along': file('apps/api/.npmrc', 'registry=x'),
      'a document has another': file('README.md', `Run npx ${pnpm('2')}.`),
    },
  },
];

const names = (findings: Finding[]): string[] => findings.map((finding) => finding.path.replace(/:\d+$/, ''));

for (const { guarantee, rule, good, mistakes } of rules) {
  test(`${guarantee}: in this repository`, () => {
    expect(rule(readSourceFiles())).toEqual([]);
  });

  test(`${guarantee}: what is allowed passes`, () => {
    expect(rule(good)).toEqual([]);
  });

  test.for(Object.entries(mistakes))(`${guarantee}: it is noticed that %s`, ([, mistake]) => {
    expect(names(rule([...good, mistake]))).toContain(mistake.path);
  });

  test(`${guarantee}: a missing subject is noticed`, () => {
    expect(rule([])).toHaveLength(1);
  });
}
