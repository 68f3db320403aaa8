// The rules on the shape of files: the repository obeys each, and each notices the mistake it is there for.
import { expect, test } from 'vitest';
import {
  filesToThinkAbout,
  firstLineIsComment,
  noBarrels,
  noLongFiles,
  noVagueNames,
  oneFolderBelowSource,
} from '../rules/file-shape.ts';
import { type Finding, isTypeScript, readSourceFiles, type SourceFile } from '../source-files.ts';
import { file } from './small-repository.ts';

const lines = (count: number): string => '// Lines.\n'.repeat(count);
const frontDoor = file('packages/mail/src/index.ts', "// The door.\nexport { render } from './render.ts';\n");

const rules: {
  guarantee: string;
  rule: (files: readonly SourceFile[]) => Finding[];
  good: SourceFile[];
  mistakes: Record<string, SourceFile>;
}[] = [
  {
    guarantee: 'no file inside a package passes on exports of others',
    rule: noBarrels,
    good: [frontDoor, file('packages/mail/src/render.ts', 'const a = 1;\nexport { a };\n')],
    mistakes: {
      'one passes on everything': file('packages/mail/src/all.ts', "export * from './render.ts';\n"),
      'one passes on a name': file(
        'packages/mail/src/all.ts',
        "export {\n  render,\n} from './render.ts';\n",
      ),
      'one passes on a type': file('packages/mail/src/all.ts', "export type { Mail } from './render.ts';\n"),
      'a folder has an index': file('packages/mail/src/send/index.ts', 'export const send = 1;\n'),
    },
  },
  {
    guarantee: 'a source file lies at most one folder below src',
    rule: oneFolderBelowSource,
    good: [file('packages/mail/src/send/smtp.ts', ''), file('packages/mail/test/a/b/c.ts', '')],
    mistakes: { 'one lies deeper': file('packages/mail/src/send/smtp/pool.ts', '') },
  },
  {
    guarantee: 'no file has a name that says nothing',
    rule: noVagueNames,
    good: [file('packages/db/src/information-schema.ts', '')],
    mistakes: {
      'one is utils': file('packages/db/src/utils.ts', ''),
      'one is a manager': file('packages/queues/src/queue-manager.ts', ''),
      'one is a test helper': file('packages/db/test/test-helpers.ts', ''),
    },
  },
  {
    guarantee: 'no file is longer than 400 lines',
    rule: noLongFiles,
    good: [
      file('packages/db/src/load.ts', lines(400)),
      file('packages/db/src/migrations/first.ts', lines(900)),
      file('packages/db/test/load.int.test.ts', lines(900)),
    ],
    mistakes: { 'one has 401': file('packages/db/src/load.ts', lines(401)) },
  },
  {
    guarantee: 'each file says in its first line what lives there',
    rule: firstLineIsComment,
    good: [
      file('a.ts', '// What lives here.\nexport {};\n'),
      file('b.ts', '/** What lives here. */\nexport {};\n'),
      file('c.ts', '#!/usr/bin/env node\n// What lives here.\n'),
      file('d.md', 'text'),
    ],
    mistakes: {
      'one begins with code': file('e.ts', 'export {};\n'),
      'one begins with an empty line': file('e.ts', '\n// What lives here.\n'),
      'one begins with an empty comment': file('e.ts', '//\nexport {};\n'),
    },
  },
];

for (const { guarantee, rule, good, mistakes } of rules) {
  test(`${guarantee}: in this repository`, () => {
    const files = readSourceFiles();
    expect(files.filter(isTypeScript).length).toBeGreaterThan(20);
    expect(rule(files)).toEqual([]);
  });

  test(`${guarantee}: what is allowed passes`, () => {
    expect(rule(good)).toEqual([]);
  });

  test.for(Object.entries(mistakes))(`${guarantee}: it is noticed that %s`, ([, mistake]) => {
    expect(rule([...good, mistake]).map((finding) => finding.path)).toEqual([mistake.path]);
  });
}

test('a repository in which no package exports anything is noticed', () => {
  expect(noBarrels([])).toHaveLength(1);
});

test('files between 250 and 400 lines are listed to think about, and are no failure', () => {
  const files = [250, 251, 400, 401].map((count) => file(`packages/db/src/lines-${count}.ts`, lines(count)));
  expect(filesToThinkAbout(files).map((finding) => finding.path)).toEqual([
    'packages/db/src/lines-251.ts',
    'packages/db/src/lines-400.ts',
  ]);
});
