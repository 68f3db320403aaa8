// Rules: row locks are taken in one file and quantities are written in one file, so that one page proves each promise.
import { type Finding, isProduct, type SourceFile } from '../source-files.ts';
import { withoutComments } from '../strip.ts';

/**
 * The opponents of the benchmark are other designs on tables of their own. They need their own locks to be fair, and no
 * order of a shop ever passes through them.
 */
const opponents = /^apps\/cli\/src\/bench\//;

const rowLock =
  /\bfor\s+(?:no\s+key\s+)?update\b|\bforUpdate\s*\(|\bforNoKeyUpdate\s*\(|\bPESSIMISTIC_\w*WRITE/i;

const level = String.raw`(?:["\w]+\.|\$\{[^}]*\}\.?)?"?stock_level"?(?!\w)`;
const levelSql = new RegExp(
  String.raw`\b(?:insert\s+into|update(?:\s+only)?|delete\s+from(?:\s+only)?|merge\s+into|truncate(?:\s+table)?|copy)\s+${level}`,
  'i',
);
const levelEntity =
  /\b(?:create|insert|insertMany|upsert|upsertMany|nativeInsert|nativeUpdate|nativeDelete|assign|remove)\s*\(\s*StockLevel\b/;

/** `FOR UPDATE` (or a builder's word for it) appears in exactly one source file. */
export const rowLocksInOneFile = (files: readonly SourceFile[]): Finding[] =>
  exactlyOne(files, 'locks rows (FOR UPDATE)', (text) => rowLock.test(text));

/** `stock_level` is inserted into, updated or deleted from in exactly one source file besides the migrations. */
export const quantitiesInOneFile = (files: readonly SourceFile[]): Finding[] =>
  exactlyOne(
    files,
    'writes quantities (stock_level)',
    (text) => levelSql.test(text) || levelEntity.test(text),
  );

function exactlyOne(files: readonly SourceFile[], what: string, does: (text: string) => boolean): Finding[] {
  const found = files
    .filter((file) => isProduct(file) && !opponents.test(file.path))
    .filter((file) => does(withoutComments(file.text)));
  if (found.length === 0)
    return [{ path: '.', problem: `no source file ${what}: has the rule lost its subject?` }];
  if (found.length === 1) return [];
  return found.map((file) => ({
    path: file.path,
    problem: `${what}, and so do ${found.length - 1} more: keep it in one file`,
  }));
}
