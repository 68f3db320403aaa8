// The living line at the bottom of the screen, with news above it.
import type { Output } from '../output.ts';
import type { LiveCounts } from './live-counts.ts';

export type StatusLine = {
  show(counts: LiveCounts): void;
  /** A line that stays. */
  say(text: string): void;
  end(): void;
};

/** Where nobody can watch a line being written over, one plain line comes now and then. */
const plainEveryMs = 15_000;

export function createStatusLine(output: Output): StatusLine {
  let shown = '';
  let plainAtMs = 0;

  const write = (text: string) => void process.stdout.write(text);
  function say(text: string): void {
    if (!output.isTerminal) output.line(text);
    else write(`\r\u001b[K${text}\n${shown}`);
  }
  return {
    say,
    show(counts) {
      const text = `${new Date().toTimeString().slice(0, 8)}  ${describe(counts)}`;
      if (output.isTerminal) {
        shown = text.slice(0, Math.max(20, (process.stdout.columns ?? 120) - 1));
        write(`\r\u001b[K${shown}`);
      } else if (Date.now() - plainAtMs >= plainEveryMs) {
        plainAtMs = Date.now();
        output.line(text);
      }
    },
    end() {
      if (output.isTerminal && shown !== '') write('\n');
      shown = '';
    },
  };
}

export function describe({ accepted, rejected, ledgerEntries, mailsSent, waiting }: LiveCounts): string {
  return [
    `orders ${accepted} accepted, ${rejected} rejected`,
    `ledger ${ledgerEntries} entries`,
    `mails ${mailsSent}`,
    `waiting ${waiting}`,
  ].join('  |  ');
}
