// The SMTP side of the inbox: a real server that keeps what it is given, or fails in the way it is told to.
import type { AddressInfo, Socket } from 'node:net';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';
import type { InboxFault, InboxFaultStage } from './inbox-fault.ts';
import { type InboxMessage, parseMessage } from './inbox-message.ts';

export type SmtpDoorOptions = {
  host: string;
  port: number;
  auth: { user: string; pass: string } | undefined;
  faultAt: (moment: { stage: InboxFaultStage; from: string; to: string[] }) => InboxFault | undefined;
  keep: (message: Omit<InboxMessage, 'id'>) => void;
};

export type SmtpDoor = { port: number; close(): Promise<void> };

const SIZE_LIMIT_BYTES = 10 * 1024 * 1024;

/** Opens the SMTP server; `close` cuts every open connection, as a server that goes down does. */
export async function openSmtpDoor(options: SmtpDoorOptions): Promise<SmtpDoor> {
  const sockets = new Map<number | undefined, Socket>();
  const timers = new Set<NodeJS.Timeout>();

  const cut = (session: SMTPServerSession) => sockets.get(session.remotePort)?.destroy();

  // Plays the fault of this moment, if there is one, and otherwise goes on.
  function meet(
    stage: InboxFaultStage,
    session: SMTPServerSession,
    goOn: (error?: Error | null) => void,
  ): void {
    const { from, to } = envelopeOf(session);
    const fault = options.faultAt({ stage, from, to });
    if (fault === undefined) goOn();
    else if ('reply' in fault) goOn(smtpError(fault.reply, fault.text));
    else if ('drop' in fault) cut(session);
    else later(fault.waitMs, goOn);
  }

  function later(waitMs: number, act: () => void): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      act();
    }, waitMs);
    timers.add(timer);
  }

  const server = new SMTPServer({
    // A reverse DNS query per connection costs more than the rest together.
    disableReverseLookup: true,
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    authOptional: options.auth === undefined,
    banner: 'Stockroom inbox',
    size: SIZE_LIMIT_BYTES,
    closeTimeout: 100,
    onConnect: (session, callback) => meet('connect', session, callback),
    onAuth: (auth, session, callback) =>
      meet('auth', session, (error) => {
        const wanted = options.auth;
        const known =
          wanted === undefined || (auth.username === wanted.user && auth.password === wanted.pass);
        if (error) callback(error);
        else if (known) callback(null, { user: auth.username });
        else callback(smtpError(535, 'Authentication credentials invalid'));
      }),
    onMailFrom: (_address, session, callback) => meet('sender', session, callback),
    onRcptTo: (_address, session, callback) => meet('recipient', session, callback),
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const envelope = envelopeOf(session);
        const keepMessage = () =>
          parseMessage(Buffer.concat(chunks), envelope).then(options.keep, (cause: unknown) => {
            throw smtpError(
              554,
              `The message cannot be read: ${cause instanceof Error ? cause.message : cause}`,
            );
          });
        if (stream.sizeExceeded) return callback(smtpError(552, `Larger than ${SIZE_LIMIT_BYTES} bytes`));
        const fault = options.faultAt({ stage: 'data', ...envelope });
        if (fault !== undefined && 'reply' in fault) return callback(smtpError(fault.reply, fault.text));
        if (fault !== undefined && 'drop' in fault) {
          const kept = fault.drop === 'after_keeping' ? keepMessage() : Promise.resolve();
          kept.then(() => cut(session), () => cut(session)); // biome-ignore format: one thought
          return;
        }
        const accept = () => {
          keepMessage().then(() => callback(null, 'kept in the inbox'), callback);
        };
        if (fault === undefined) accept();
        else later(fault.waitMs, accept);
      });
    },
  });
  // Clients that vanish in the middle are nothing to report.
  server.on('error', () => {});
  server.server.on('connection', (socket: Socket) => {
    const { remotePort } = socket;
    sockets.set(remotePort, socket);
    socket.once('close', () => sockets.delete(remotePort));
  });

  await new Promise<void>((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.server.removeListener('error', reject);
      resolve();
    });
  });

  return {
    port: (server.server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        for (const timer of timers) clearTimeout(timer);
        timers.clear();
        server.close(() => resolve());
        for (const socket of sockets.values()) socket.destroy();
      }),
  };
}

function envelopeOf(session: SMTPServerSession): { from: string; to: string[] } {
  const { mailFrom, rcptTo } = session.envelope;
  return { from: mailFrom ? mailFrom.address : '', to: rcptTo.map(({ address }) => address) };
}

function smtpError(responseCode: number, text = 'Refused'): Error {
  return Object.assign(new Error(text), { responseCode });
}
