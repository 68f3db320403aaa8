// Where a command speaks: results on stdout, as text or as one JSON document; news on the way on stderr.

export type Output = {
  readonly isJson: boolean;
  /** Somebody watches, and a line may be written over. */
  readonly isTerminal: boolean;
  /** A line of the result; silent with --json. */
  line(text?: string): void;
  /** The result for programs; silent without --json. */
  json(value: unknown): void;
  /** What is going on; never part of the result. */
  news(text: string): void;
};

export function createOutput(isJson: boolean): Output {
  return {
    isJson,
    isTerminal: process.stdout.isTTY === true && !isJson,
    line: (text = '') => {
      if (!isJson) process.stdout.write(`${text}\n`);
    },
    json: (value) => {
      if (isJson) process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
    },
    news: (text) => {
      process.stderr.write(`${text}\n`);
    },
  };
}

/** Columns of equal width, two spaces apart; numbers to the right. */
export function table(rows: readonly (readonly (string | number)[])[], indent = '  '): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries())
      widths[column] = Math.max(widths[column] ?? 0, String(cell).length);
  }
  return rows.map((row) => {
    const cells = row.map((cell, column) =>
      typeof cell === 'number'
        ? String(cell).padStart(widths[column] ?? 0)
        : cell.padEnd(widths[column] ?? 0),
    );
    return `${indent}${cells.join('  ')}`.trimEnd();
  });
}
