// Reads the order lines of a retailer from a CSV file; a file that is not right is refused with the row and the field.
import { createReadStream } from 'node:fs';
import { parse } from 'csv-parse';
import { CliError, exitCodes } from '../exit-codes.ts';

export const retailColumns = [
  'invoice',
  'time',
  'sku',
  'description',
  'quantity',
  'unit_price',
  'customer',
  'country',
] as const;

export type RetailLine = {
  /** Of the file, the header not counted, from 1. */
  row: number;
  invoice: string;
  /** Milliseconds since the epoch. */
  at: number;
  sku: string;
  description: string;
  /** Whole units of either sign. */
  quantity: number;
  /** Empty: a guest. */
  customer: string;
};

/** @throws CliError (usage) when the file cannot be read as such a file; nothing has happened then. */
export async function readRetailLines(path: string): Promise<RetailLine[]> {
  const parser = createReadStream(path).pipe(
    parse({ bom: true, columns: checkedHeader, skip_empty_lines: true, trim: true }),
  );
  const lines: RetailLine[] = [];
  try {
    for await (const record of parser) {
      lines.push(lineFrom(record as Record<(typeof retailColumns)[number], string>, lines.length + 1));
    }
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(exitCodes.usage, `${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (lines.length === 0) throw new CliError(exitCodes.usage, `${path} holds no order lines.`);
  return lines;
}

function checkedHeader(header: string[]): string[] {
  const found = header.map((name) => name.trim());
  if (found.join() === retailColumns.join()) return found;
  throw new CliError(
    exitCodes.usage,
    `The header must be "${retailColumns.join(',')}"; found "${found.join(',').slice(0, 200)}".`,
  );
}

function lineFrom(record: Record<(typeof retailColumns)[number], string>, row: number): RetailLine {
  const wrong = (field: string, expected: string) =>
    new CliError(
      exitCodes.usage,
      `Row ${row}, ${field}: found "${record[field as keyof typeof record]}", expected ${expected}.`,
    );
  const { invoice, sku, description, customer } = record;
  if (invoice === '') throw wrong('invoice', 'an invoice number');
  if (sku === '') throw wrong('sku', 'a SKU');
  if (!/^-?\d{1,9}$/.test(record.quantity)) throw wrong('quantity', 'a whole number');
  const at = Date.parse(record.time);
  if (!/^\d{4}-\d{2}-\d{2}T/.test(record.time) || Number.isNaN(at)) {
    throw wrong('time', 'a time such as 2011-05-04T10:00:00Z');
  }
  return { row, invoice, at, sku, description, quantity: Number(record.quantity), customer };
}
