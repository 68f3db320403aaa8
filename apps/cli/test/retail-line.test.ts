// Files of order lines that will not do are refused by row and field, before anything happens.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readRetailLines } from '../src/replay/retail-line.ts';

const header = 'invoice,time,sku,description,quantity,unit_price,customer,country';

function fileOf(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'stockroom-retail-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'lines.csv');
  writeFileSync(path, text);
  return path;
}

test.each([
  ['another header', 'a,b,c\n1,2,3\n', /header must be/],
  ['half a unit', `${header}\n1,2024-01-01T00:00:00Z,A,x,1.5,1,C,N\n`, /Row 1, quantity/],
  ['no time', `${header}\n1,yesterday,A,x,1,1,C,N\n`, /Row 1, time/],
  ['no SKU', `${header}\n1,2024-01-01T00:00:00Z,,x,1,1,C,N\n`, /Row 1, sku/],
  ['an unclosed quote', `${header}\n1,2024-01-01T00:00:00Z,A,"x,1,1,C,N\n`, /[Qq]uote/],
  ['a column too few', `${header}\n1,2024-01-01T00:00:00Z,A,x,1,1,C\n`, /[Rr]ecord/],
  ['nothing in it', `${header}\n`, /no order lines/],
])('a file with %s is refused as wrong usage', async (_, text, message) => {
  await expect(readRetailLines(fileOf(text))).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringMatching(message),
  });
});

test('a byte order mark and carriage returns are taken as they come', async () => {
  const lines = await readRetailLines(fileOf(`\ufeff${header}\r\n1,2024-01-01T00:00:00Z,A, x ,2,1,,N\r\n`));
  expect(lines).toEqual([
    { row: 1, invoice: '1', at: Date.UTC(2024, 0, 1), sku: 'A', description: 'x', quantity: 2, customer: '' },
  ]);
});
