// Sends mails over pooled SMTP connections and says in our words why one failed.
import nodemailer from 'nodemailer';
import { cleanText } from './clean-text.ts';
import { MailError, toMailError } from './mail-error.ts';

export type MailerOptions = {
  /** `smtp://user:password@host:port` (STARTTLS when offered) or `smtps://...` (TLS from the start); percent-encode special characters. */
  url: string;
  /** `Name <address>` or an address. */
  from: string;
  pool?: { maxConnections?: number; maxMessages?: number };
  /** Milliseconds; defaults 10,000, 10,000 and 30,000 of silence. */
  timeouts?: { connectionMs?: number; greetingMs?: number; socketMs?: number };
  /** Refuse to send over a connection that is not encrypted. */
  requireTls?: boolean;
};

export type OutgoingMail = {
  /** Stable: the same mail has the same id however often it is sent. `<id@host>` or `id@host`. */
  messageId: string;
  to: string | string[];
  subject: string;
  html: string;
  text: string;
  /** Only `X-...`, `List-...`, `References` and `In-Reply-To`. */
  headers?: Record<string, string>;
};

export type Mailer = {
  /** Sends once, without a retry of its own. `rejected` names recipients that the server refused while it took others. @throws MailError */
  send(mail: OutgoingMail): Promise<{ response: string; rejected: string[] }>;
  /** Connects and logs in. @throws MailError */
  verify(): Promise<void>;
  /** Lets what is being sent finish, then closes all connections. A repeat does nothing; `send` refuses from now on. */
  close(): Promise<void>;
};

const HEADER_NAME = /^(x-[a-z0-9-]+|list-[a-z0-9-]+|references|in-reply-to)$/i;
const MESSAGE_ID = /^<[^\s<>@]+@[^\s<>@]+>$/;
const ADDRESS = /^[^\s<>,;:"()[\]\\@]+@[^\s<>,;:"()[\]\\@]+$/;

/** Creates the mailer without connecting. @throws TypeError when the URL cannot be read. */
export function createMailer(options: MailerOptions): Mailer {
  const transport = nodemailer.createTransport({
    ...serverOf(options.url),
    pool: true,
    maxConnections: options.pool?.maxConnections ?? 5,
    maxMessages: options.pool?.maxMessages ?? 100,
    // Retries are the queue's: one `send` is one attempt.
    maxRequeues: 0,
    connectionTimeout: options.timeouts?.connectionMs ?? 10_000,
    greetingTimeout: options.timeouts?.greetingMs ?? 10_000,
    socketTimeout: options.timeouts?.socketMs ?? 30_000,
    requireTLS: options.requireTls ?? false,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  // Without a listener a broken idle connection would end the process; the next send reports it.
  transport.on('error', () => {});
  const sending = new Set<Promise<unknown>>();
  let closed: Promise<void> | undefined;

  async function send(mail: OutgoingMail): Promise<{ response: string; rejected: string[] }> {
    if (closed !== undefined) {
      throw new MailError('mailer_closed', 'The mailer is closed; this process is shutting down.', {
        kind: 'temporary',
        retry: 'soon',
      });
    }
    const message = toMessage(mail, options.from);
    const sent = transport.sendMail(message);
    sending.add(sent);
    try {
      const { response, rejected } = await sent;
      return {
        response,
        rejected: rejected.map((entry: string | { address: string }) =>
          typeof entry === 'string' ? entry : entry.address,
        ),
      };
    } catch (error) {
      throw toMailError(error);
    } finally {
      sending.delete(sent);
    }
  }

  return {
    send,
    async verify() {
      await transport.verify().catch((error: unknown) => {
        throw toMailError(error);
      });
    },
    close() {
      closed ??= Promise.allSettled(sending).then(() => transport.close());
      return closed;
    },
  };
}

function serverOf(url: string) {
  const parsed = URL.parse(url);
  if (
    parsed === null ||
    (parsed.protocol !== 'smtp:' && parsed.protocol !== 'smtps:') ||
    parsed.hostname === ''
  ) {
    throw new TypeError(
      'The SMTP URL cannot be read; expected smtp://user:password@host:port or smtps://user:password@host:port.',
    );
  }
  const secure = parsed.protocol === 'smtps:';
  const auth = { user: decodeURIComponent(parsed.username), pass: decodeURIComponent(parsed.password) };
  return {
    host: parsed.hostname.replace(/^\[|\]$/g, ''),
    port: parsed.port === '' ? (secure ? 465 : 587) : Number(parsed.port),
    secure,
    ...(auth.user === '' ? {} : { auth }),
  };
}

function toMessage(mail: OutgoingMail, from: string) {
  const messageId = mail.messageId.startsWith('<') ? mail.messageId : `<${mail.messageId}>`;
  if (!MESSAGE_ID.test(messageId))
    throw invalid(`messageId must look like <id@host>, found ${JSON.stringify(mail.messageId)}`);
  const addresses = [mail.to].flat();
  if (addresses.length === 0) throw invalid('to must name at least one address');
  for (const address of addresses) {
    // One text is one address: a comma or a line break in it must not reach further people.
    if (!ADDRESS.test(address))
      throw invalid(`to must be plain addresses such as name@example.com, found ${JSON.stringify(address)}`);
  }
  for (const name of Object.keys(mail.headers ?? {})) {
    if (!HEADER_NAME.test(name))
      throw invalid(
        `header ${JSON.stringify(name)} may not be set; allowed: X-..., List-..., References, In-Reply-To`,
      );
  }
  const headers = Object.fromEntries(
    Object.entries(mail.headers ?? {}).map(([name, value]) => [name, cleanText(value)]),
  );
  return {
    from,
    messageId,
    to: addresses.map((address) => ({ name: '', address })),
    subject: cleanText(mail.subject),
    html: mail.html,
    text: mail.text,
    // Out-of-office answers to an automatic mail help nobody.
    headers: { 'Auto-Submitted': 'auto-generated', ...headers },
  };
}

function invalid(problem: string): MailError {
  return new MailError('mail_invalid', `This mail cannot be sent as it is: ${problem}.`, {
    kind: 'permanent',
    retry: 'never',
  });
}
