// Rules on the shape of files: no barrel, no deep folder, no vague name, not too long, and a first line that says what lives here.
import { type Finding, isMigration, isTest, isTypeScript, type SourceFile } from '../source-files.ts';
import { withoutComments } from '../strip.ts';

export const linesToThinkAbout = 250;
export const linesTooMany = 400;

const inSource = /^(?:packages|apps)\/[^/]+\/src\//;
const frontDoor = /^(?:packages|apps)\/[^/]+\/src\/index\.ts$/;
const reExport = /^export\s+(?:type\s+)?(?:\*|\{[^}]*\})[^;]*?\bfrom\b/m;
const vagueName = /(?:^|-)(?:managers?|helpers?|utils?|common|misc|info)(?:-|\.|$)/;

const problemsOf = (
  files: readonly SourceFile[],
  wrong: (file: SourceFile) => boolean,
  problem: string | ((file: SourceFile) => string),
): Finding[] =>
  files
    .filter((file) => isTypeScript(file) && wrong(file))
    .map((file) => ({ path: file.path, problem: typeof problem === 'string' ? problem : problem(file) }));

/** Only `src/index.ts` passes on what another file exports; no other index.ts exists. */
export function noBarrels(files: readonly SourceFile[]): Finding[] {
  const source = files.filter((file) => inSource.test(file.path));
  if (!source.some((file) => frontDoor.test(file.path) && reExport.test(file.text))) {
    return [
      { path: 'packages', problem: 'no src/index.ts exports anything: has the rule lost its subject?' },
    ];
  }
  const wrong = (file: SourceFile): boolean =>
    !frontDoor.test(file.path) &&
    (/\/index\.tsx?$/.test(file.path) || reExport.test(withoutComments(file.text)));
  return problemsOf(source, wrong, 'passes on exports of other files: import each name from where it lives');
}

/** One folder level below `src` at most. */
export const oneFolderBelowSource = (files: readonly SourceFile[]): Finding[] =>
  problemsOf(
    files,
    (file) => inSource.test(file.path) && file.path.replace(inSource, '').split('/').length > 2,
    'lies more than one folder below src',
  );

/** A file is named by the one thing it exports. */
export const noVagueNames = (files: readonly SourceFile[]): Finding[] =>
  problemsOf(
    files,
    (file) => vagueName.test(file.path.split('/').at(-1) ?? ''),
    'has a name that says nothing: name it by the one thing it exports',
  );

/** Nobody reads a file of more than 400 lines. Tests and migrations may be long lists. */
export const noLongFiles = (files: readonly SourceFile[]): Finding[] =>
  problemsOf(
    files,
    isLongerThan(linesTooMany),
    (file) => `has ${linesOf(file)} lines, at most ${linesTooMany} are allowed`,
  );

/** The files that are still allowed and already a smell: more than one room? */
export const filesToThinkAbout = (files: readonly SourceFile[]): Finding[] =>
  problemsOf(
    files,
    (file) => isLongerThan(linesToThinkAbout)(file) && !isLongerThan(linesTooMany)(file),
    (file) => `has ${linesOf(file)} lines: is it still one room?`,
  );

/** The first line of each file (after `#!`) is a comment with a sentence in it. */
export const firstLineIsComment = (files: readonly SourceFile[]): Finding[] =>
  problemsOf(
    files,
    (file) => !/^(?:#![^\n]*\n)?(?:\/\/|\/\*\*?)[ \t]*[\w`]/.test(file.text),
    'does not begin with a comment that says what lives here',
  );

const linesOf = (file: SourceFile): number => file.text.trimEnd().split('\n').length;
const isLongerThan =
  (limit: number) =>
  (file: SourceFile): boolean =>
    !isTest(file) && !isMigration(file) && linesOf(file) > limit;
