// The bell: asks for one stock job per product or group of products, however often it is rung.
import assert from 'node:assert';
import { QUEUES, MAILBOX_SLOTS as SLOTS } from '@stockroom/contracts';
import { reasonOf } from './log.ts';
import type { Queues } from './queues.ts';

/** How many bells all products share (a power of two up to 1024), or one bell for each product. */
export type BellMode = number | 'product';
export type BellData = { bell: string };
export type RingResult = { rung: true; bells: number } | { rung: false; problem: string };

export const BELLS_DEFAULT = 64;
const BELL = /^(?:b(\d+)-(\d+)|p-(\d+))$/;

/** @throws when the number is no power of two from 1 to 1024. */
export function checkBellMode(mode: BellMode): BellMode {
  if (mode === 'product') return mode;
  const ok = Number.isInteger(mode) && mode >= 1 && mode <= SLOTS && SLOTS % mode === 0;
  if (!ok)
    throw new RangeError(
      `The number of bells must be a power of two from 1 to ${SLOTS}, or "product"; found ${mode}.`,
    );
  return mode;
}

export function slotOf(productId: number | bigint | string): number {
  return Number(BigInt(productId) % BigInt(SLOTS));
}

/**
 * The bell of a product: `b64-17` or `p-1234`. The name says how many bells there were, so that a job of yesterday's setting is still
 * understood. (Deduplication ids may hold no ":" and be no number.)
 */
export function bellOf(productId: number | bigint | string, mode: BellMode): string {
  return mode === 'product' ? `p-${productId}` : bellOfSlot(slotOf(productId), mode);
}

export function bellOfSlot(slot: number, bells: number): string {
  return `b${bells}-${slot % bells}`;
}

/** The slots whose mailboxes the bell's job must look into; for a product's own bell the one slot it lies in. */
export function slotsOf(bell: string): number[] {
  const [, bells, index, product] = parsed(bell);
  if (product !== undefined) return [slotOf(product)];
  const step = Number(checkBellMode(Number(bells)));
  return Array.from({ length: SLOTS / step }, (_, turn) => Number(index) + turn * step);
}

/** The product of a bell of its own, null for a shared bell. */
export function productOf(bell: string): string | null {
  return parsed(bell)[3] ?? null;
}

function parsed(bell: string): RegExpExecArray {
  const found = BELL.exec(bell);
  assert(found, `not a bell: "${bell}"`);
  return found;
}

/**
 * Returns the function that rings. Call it after the commit. It never throws: the work is already safe in its mailbox, and the sweep
 * rings again for what has waited too long. While one call to the server is under way, further rings gather and go out together.
 */
export function createRinger(queues: Queues): (bells: Iterable<string>) => Promise<RingResult> {
  let gathered = new Set<string>();
  let next: Promise<RingResult> | null = null;
  let current: Promise<unknown> = Promise.resolve();
  return (bells) => {
    for (const bell of bells) gathered.add(bell);
    if (gathered.size === 0) return Promise.resolve({ rung: true, bells: 0 });
    next ??= current.then(() => {
      const ringing = gathered;
      gathered = new Set();
      next = null;
      const rung = ring(queues, ringing);
      current = rung;
      return rung;
    });
    return next;
  };
}

async function ring(queues: Queues, bells: ReadonlySet<string>): Promise<RingResult> {
  // Sorted: on Postgres each id takes a lock to the end of the statement.
  const jobs = [...bells].sort().map((bell) => ({
    name: 'bell',
    data: { bell } satisfies BellData,
    options: { deduplication: { id: bell, keepLastIfActive: true } },
  }));
  try {
    await queues.addMany(QUEUES.stock, jobs);
    return { rung: true, bells: jobs.length };
  } catch (error) {
    const problem = reasonOf(error);
    queues.log.warn({ bells: jobs.length, reason: problem }, 'bells not rung; the sweep will');
    return { rung: false, problem };
  }
}
