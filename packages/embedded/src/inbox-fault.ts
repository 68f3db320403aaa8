// Faults that an inbox plays on demand, so that tests and demos can see what the sender does about them.

/** Where in the SMTP conversation a fault strikes; `data` is after the whole message has arrived. */
export type InboxFaultStage = 'connect' | 'auth' | 'sender' | 'recipient' | 'data';

/** What the server knows at that point. */
export type InboxFaultMoment = { stage: InboxFaultStage; from: string; to: string[] };

/**
 * `reply`: answer with this SMTP code. `drop: 'before_keeping'`: cut the connection, the message is lost. `drop: 'after_keeping'`: keep the
 * message and cut before saying so. `waitMs`: be slow, then go on (a tarpit).
 */
export type InboxFault =
  | { reply: number; text?: string }
  | { drop: 'before_keeping' | 'after_keeping' }
  | { waitMs: number };

export type InboxFaultRule = (moment: InboxFaultMoment) => InboxFault | undefined;

/** Fails the next `times` messages (default 1) with `code`, at the given stage (default `data`). */
export function failTimes({
  code,
  times = 1,
  stage = 'data',
}: {
  code: number;
  times?: number;
  stage?: InboxFaultStage;
}): InboxFaultRule {
  let left = times;
  return (moment) => {
    if (moment.stage !== stage || left <= 0) return undefined;
    left -= 1;
    return { reply: code, text: code < 500 ? 'Temporary failure, try again later' : 'Refused for good' };
  };
}
