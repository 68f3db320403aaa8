// What counts as code: comments and strings go, everything around them stays where it was.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the cases are texts of programs.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isTypeScript, readSourceFiles } from '../source-files.ts';
import { codeOnly, withoutComments } from '../strip.ts';

const cases: { given: string; noComments: string; code: string }[] = [
  { given: 'a(); // Date.now()', noComments: 'a(); ', code: 'a(); ' },
  { given: 'a(/* x */ b)', noComments: 'a( b)', code: 'a( b)' },
  { given: "sql('-- for update')", noComments: "sql('-- for update')", code: "sql('')" },
  { given: "u('http://x'); b", noComments: "u('http://x'); b", code: "u(''); b" },
  {
    given: 'q(`a // b ${now({ c: "}" })} d`); e',
    noComments: 'q(`a // b ${now({ c: "}" })} d`); e',
    code: 'q(`${now({ c: "" })}`); e',
  },
  {
    given: String.raw`m(/['"]\/[/]*/, "x"); y`,
    noComments: String.raw`m(/['"]\/[/]*/, "x"); y`,
    code: 'm(//, ""); y',
  },
  { given: 'a / b; c / d; // e', noComments: 'a / b; c / d; ', code: 'a / b; c / d; ' },
  { given: String.raw`s('it\'s'); // t`, noComments: String.raw`s('it\'s'); `, code: "s(''); " },
  { given: '`${`${a}`}` + b // c', noComments: '`${`${a}`}` + b ', code: '`${`${a}`}` + b ' },
];

const squeeze = (text: string): string => text.replace(/\s+/g, '');

test.for(cases)('$given', ({ given, noComments, code }) => {
  expect(squeeze(withoutComments(given))).toBe(squeeze(noComments));
  expect(squeeze(codeOnly(given))).toBe(squeeze(code));
  expect(codeOnly(given)).toHaveLength(given.length);
});

test('in every file of the repository lines stay lines and imports stay code', () => {
  const files = readSourceFiles().filter(isTypeScript);
  expect(files.length).toBeGreaterThan(10);
  for (const file of files) {
    const code = codeOnly(file.text);
    expect(code.split('\n').length, file.path).toBe(file.text.split('\n').length);
    expect(code.match(/^import\b/gm)?.length, file.path).toBe(
      withoutComments(file.text).match(/^import\b/gm)?.length,
    );
  }
});

test('whatever the text is, nothing moves: the same length and the same line breaks', () => {
  const text = fc.array(
    fc.constantFrom('`', '${', '}', '{', '"', "'", '/', '*', '//', '\\', '\n', 'a', ' ', '('),
  );
  const breaks = (of: string): number[] => [...of.matchAll(/\n/g)].map((match) => match.index);
  fc.assert(
    fc.property(text, (pieces) => {
      const given = pieces.join('');
      for (const stripped of [codeOnly(given), withoutComments(given)]) {
        expect(stripped).toHaveLength(given.length);
        expect(breaks(stripped)).toEqual(breaks(given));
      }
    }),
    { numRuns: 2_000 },
  );
});
