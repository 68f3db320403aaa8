// The numbers of the status line: what this run of `up` has brought, read from the database in small bites.
import {
  type Database,
  readCountStart,
  readCounts,
  readLedgerAndMailCounts,
  readOrderCounts,
} from '@stockroom/db';
import { createOps, QUEUES, type Queues } from '@stockroom/queues';

export type LiveCounts = {
  accepted: number;
  rejected: number;
  /** All there are, those of earlier runs included. */
  ledgerEntries: number;
  mailsSent: number;
  /** Events, commands and mails on their way. */
  waiting: number;
};

export type Counter = { read(): Promise<LiveCounts> };

export async function openCounter(db: Database, queues: Queues): Promise<Counter> {
  const start = await readCountStart(db.read);
  const ops = createOps(queues);
  let from = start.eventSeq;
  let accepted = 0;
  let rejected = 0;
  return {
    async read() {
      const [orders, others, corridor, incoming, mails] = await Promise.all([
        readOrderCounts(db.read, from),
        readLedgerAndMailCounts(db.read, start.notificationId),
        readCounts(db.read),
        ops.counts(QUEUES.orderEvents),
        ops.counts(QUEUES.mail),
      ]);
      const counts = {
        ...others,
        accepted: accepted + orders.accepted,
        rejected: rejected + orders.rejected,
        waiting: incoming.waiting + incoming.active + corridor.pendingCommands + mails.waiting + mails.active,
      };
      // Everything up to the first order that is not settled is counted once and never looked at again.
      from = orders.final.eventSeq;
      accepted += orders.final.accepted;
      rejected += orders.final.rejected;
      return counts;
    },
  };
}
