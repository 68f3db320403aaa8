// Rule: the core is pure. It reads no clock, draws no random number, waits for nothing and imports nothing from outside.
import { type Finding, isTypeScript, type SourceFile } from '../source-files.ts';
import { codeOnly, withoutComments } from '../strip.ts';

const impure: { what: string; pattern: RegExp }[] = [
  {
    what: 'reads the clock',
    pattern:
      /\bDate\.now\b|\bnew\s+Date\s*(?:\(\s*\)|(?!\s*\())|(?<!\bnew\s+)\bDate\s*\(|\bperformance\b|\bhrtime\b|\bTemporal\.Now\b/,
  },
  { what: 'sets a timer', pattern: /\b(?:setTimeout|setInterval|setImmediate|queueMicrotask)\b/ },
  { what: 'draws a random number', pattern: /\bMath\.random\b|\bcrypto\b|\brandomUUID\b/ },
  { what: 'waits', pattern: /\basync\b|\bawait\b|\bPromise\b/ },
  {
    what: 'touches the world',
    pattern: /\bprocess\b\s*[.[?]|\bglobalThis\b|\bconsole\b|\bfetch\s*\(|\bimport\s*\(|\brequire\s*\(/,
  },
];
const specifier = /^(?:import|export)\b[^;]*?\bfrom\s*['"]([^'"]+)['"]|^import\s*['"]([^'"]+)['"]/gm;

/** Every file of `packages/core/src` computes from its arguments alone. */
export function coreIsPure(files: readonly SourceFile[]): Finding[] {
  const core = files.filter((file) => file.path.startsWith('packages/core/src/') && isTypeScript(file));
  if (core.length === 0)
    return [{ path: 'packages/core/src', problem: 'has no file: has the rule lost its subject?' }];
  return core.flatMap((file) => [...impurities(file), ...outsideImports(file)]);
}

function impurities(file: SourceFile): Finding[] {
  return codeOnly(file.text)
    .split('\n')
    .flatMap((line, index) =>
      impure
        .filter(({ pattern }) => pattern.test(line))
        .map(({ what }) => ({
          path: `${file.path}:${index + 1}`,
          problem: `${what}: let it come in with the command`,
        })),
    );
}

function outsideImports(file: SourceFile): Finding[] {
  const depth = file.path.split('/').length - 'packages/core/src/x'.split('/').length;
  return [...withoutComments(file.text).matchAll(specifier)]
    .map((match) => match[1] ?? match[2] ?? '')
    .filter((from) => !from.startsWith('./') && !isInside(from, depth))
    .map((from) => ({ path: file.path, problem: `imports ${from}: core may import only its own files` }));
}

const isInside = (from: string, depth: number): boolean =>
  from.startsWith('../') && from.split('/').filter((step) => step === '..').length <= depth;
