// Tells a queue server that is away or full from a defect of ours, and gives the first kind its type.
import { EngineError } from '@stockroom/contracts';
import { reasonOf } from './log.ts';

const AWAY_NAMES = new Set(['MaxRetriesPerRequestError', 'ClusterAllFailedError', 'ConnectionClosedError']);
const AWAY_CODES =
  /^(ECONN(REFUSED|RESET|ABORTED)|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|08...|57P0[1-4]|53300|40001|40P01|55P03)$/;
const AWAY_WORDS =
  /Stream isn't writeable|Connection is closed|Command timed out|Socket timeout|^(LOADING|READONLY|CLUSTERDOWN|MASTERDOWN|TRYAGAIN|BUSY|UNBLOCKED)\b|timeout exceeded when trying to connect|Connection terminated|Client has encountered a connection error|the database system is|terminating connection|pool after calling end/i;
const FULL_WORDS = /^OOM |^MISCONF |No space left/i;

/**
 * Gives `queue_unavailable` (retry soon), `queue_full` (retry later) or, for content that the server refuses, `queue_refused` (never).
 * Anything else is a defect and comes back as it is.
 */
export function worldError(error: unknown, doing: string): unknown {
  if (error instanceof EngineError || !(error instanceof Error)) return error;
  const reason = reasonOf(error);
  const code = String((error as { code?: unknown }).code ?? '');
  if (FULL_WORDS.test(reason) || code === '53100' || code === '53200') {
    return new EngineError(
      'queue_full',
      `The queue server takes no more writes (${reason}) while ${doing}. Give it memory or disk, then try again.`,
      { retry: 'later', cause: error },
    );
  }
  if (AWAY_NAMES.has(error.name) || AWAY_CODES.test(code) || AWAY_WORDS.test(reason)) {
    return new EngineError(
      'queue_unavailable',
      `The queue server does not answer (${reason}) while ${doing}. Try again soon.`,
      { retry: 'soon', cause: error },
    );
  }
  if (/^22/.test(code)) {
    return new EngineError(
      'queue_refused',
      `The queue server refuses this content (${reason}) while ${doing}. Remove NUL characters and lone surrogates.`,
      { retry: 'never', cause: error },
    );
  }
  return error;
}

/** Runs one call to the queue server and types what the world does to it. */
export async function orWorldError<T>(doing: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw worldError(error, doing);
  }
}
