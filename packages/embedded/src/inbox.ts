// A mail inbox that needs nothing installed: SMTP in, a page and JSON out.
import { failTimes, type InboxFaultRule, type InboxFaultStage } from './inbox-fault.ts';
import { createMessageList, type InboxMessage, type MessageFilter } from './inbox-message.ts';
import { type InboxPage, openInboxPage } from './inbox-page.ts';
import { openSmtpDoor, type SmtpDoor } from './smtp-door.ts';

export type InboxOptions = {
  /** Of the SMTP server; 0 or absent: a free port. */
  port?: number;
  /** Of the page; 0: a free port; absent: no page. */
  httpPort?: number;
  /** Default 127.0.0.1: the inbox shows everybody's mail, so it is for this machine alone. */
  host?: string;
  /** With it, senders must log in with exactly this; without it any login, and none, is taken. */
  auth?: { user: string; pass: string };
  /** How many messages are kept, the newest (default 500). */
  keep?: number;
  faults?: InboxFaultRule;
};

export type Inbox = {
  /** `smtp://127.0.0.1:port`, without user and password. */
  readonly url: string;
  readonly port: number;
  /** The page, where one was asked for. */
  readonly httpUrl: string | undefined;
  /** Oldest first; `to` and `subject` match a part of the text. */
  messages(filter?: MessageFilter): InboxMessage[];
  clear(): void;
  /** Answers the next `times` (default 1) messages with an SMTP code; replaces any fault set before. */
  failNext(fault: { code: number; times?: number; stage?: InboxFaultStage }): void;
  setFault(rule: InboxFaultRule | undefined): void;
  /** Goes down and cuts open connections; what was received stays. A repeat does nothing. */
  stop(): Promise<void>;
  /** Comes back on the same ports after `stop`. A repeat does nothing. */
  start(): Promise<void>;
};

/** Starts the inbox; rejects with the system's error when a port is taken. */
export async function startInbox(options: InboxOptions = {}): Promise<Inbox> {
  const host = options.host ?? '127.0.0.1';
  const messages = createMessageList(options.keep ?? 500);
  let rule = options.faults;
  let door: SmtpDoor | undefined;
  let page: InboxPage | undefined;
  let port = options.port ?? 0;
  let httpPort = options.httpPort;

  async function start(): Promise<void> {
    if (door !== undefined) return;
    door = await openSmtpDoor({
      host,
      port,
      auth: options.auth,
      faultAt: (moment) => rule?.(moment),
      keep: messages.add,
    });
    port = door.port;
    if (httpPort === undefined) return;
    try {
      page = await openInboxPage({ host, port: httpPort, messages });
    } catch (error) {
      await stop();
      throw error;
    }
    httpPort = page.port;
  }

  async function stop(): Promise<void> {
    const open = [door, page];
    door = undefined;
    page = undefined;
    await Promise.all(open.map((part) => part?.close()));
  }

  await start();
  return {
    get url() {
      return `smtp://${host}:${port}`;
    },
    get port() {
      return port;
    },
    get httpUrl() {
      return httpPort === undefined ? undefined : `http://${host}:${httpPort}`;
    },
    messages: messages.list,
    clear: messages.clear,
    failNext(fault) {
      rule = failTimes(fault);
    },
    setFault(next) {
      rule = next;
    },
    start,
    stop,
  };
}
