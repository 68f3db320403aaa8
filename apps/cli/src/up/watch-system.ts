// Watches a running system for the person in front of it: the numbers every few seconds, and each mail as it arrives.
import type { Inbox } from '@stockroom/embedded';
import type { Counter, LiveCounts } from './live-counts.ts';
import type { StatusLine } from './status-line.ts';

const everyMs = 2_000;
/** Counting must stay a small part of the work, however much there is to count. */
const restShare = 5;
const mailsShownMax = 3;

export type Watching = { stop(): Promise<LiveCounts | undefined> };

export function watchSystem(parts: {
  counter: Counter;
  line: StatusLine;
  inbox: Inbox | undefined;
  startedAtMs: number;
}): Watching {
  const { counter, line, inbox } = parts;
  let seenMail = 0;
  let last: LiveCounts | undefined;
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> = Promise.resolve();
  let stopped = false;

  async function look(): Promise<void> {
    const beganMs = Date.now();
    try {
      const counts = await counter.read();
      if (last !== undefined && last.accepted + last.rejected === 0) sayFirst(counts);
      else if (last === undefined) sayFirst(counts);
      last = counts;
      sayMails();
      line.show(counts);
    } catch (error) {
      line.say(`The database does not answer: ${error instanceof Error ? error.message : String(error)}`);
    }
    const tookMs = Date.now() - beganMs;
    if (!stopped) timer = setTimeout(again, Math.max(everyMs, tookMs * restShare));
  }
  const again = () => {
    looking = look();
  };

  function sayFirst({ accepted, rejected }: LiveCounts): void {
    if (accepted + rejected === 0) return;
    const seconds = ((Date.now() - parts.startedAtMs) / 1_000).toFixed(1);
    line.say(`First orders settled ${seconds} s after the start.`);
  }

  function sayMails(): void {
    if (inbox === undefined) return;
    const fresh = inbox.messages().filter(({ id }) => id > seenMail);
    for (const { subject, to } of fresh.slice(0, mailsShownMax))
      line.say(`mail  ${subject}  ->  ${to.join(', ')}`);
    if (fresh.length > mailsShownMax) line.say(`mail  and ${fresh.length - mailsShownMax} more`);
    seenMail = fresh.at(-1)?.id ?? seenMail;
  }

  again();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await looking;
      return counter.read().catch(() => last);
    },
  };
}
