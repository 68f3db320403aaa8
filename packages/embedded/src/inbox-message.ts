// One received mail, parsed, and the bounded list in which an inbox keeps the newest of them.
import PostalMime, { type Address } from 'postal-mime';

export type InboxMessage = {
  /** Counts up from 1 in the order of arrival. */
  id: number;
  messageId: string;
  /** As the header says it: `Name <address>`. */
  from: string;
  /** The addresses the server was told to deliver to. */
  to: string[];
  subject: string;
  text: string;
  html: string;
  /** By lowercase name; of repeated headers the first. */
  headers: Record<string, string>;
  receivedAt: Date;
};

export type MessageFilter = { to?: string | undefined; subject?: string | undefined };

export async function parseMessage(
  raw: Buffer,
  envelope: { from: string; to: string[] },
): Promise<Omit<InboxMessage, 'id'>> {
  const email = await PostalMime.parse(raw);
  const headers: Record<string, string> = Object.create(null);
  for (const { key, value } of email.headers) headers[key] ??= value;
  return {
    messageId: email.messageId ?? '',
    from: email.from ? displayAddress(email.from) : envelope.from,
    to: envelope.to,
    subject: email.subject ?? '',
    text: email.text ?? '',
    html: email.html ?? '',
    headers: { ...headers },
    receivedAt: new Date(),
  };
}

/** Keeps the newest `keep` messages; `revision` changes whenever the list does. */
export function createMessageList(keep: number) {
  let messages: InboxMessage[] = [];
  let count = 0;
  let revision = 0;
  return {
    get revision() {
      return revision;
    },
    add(message: Omit<InboxMessage, 'id'>) {
      messages.push({ id: ++count, ...message });
      if (messages.length > keep) messages = messages.slice(-keep);
      revision += 1;
    },
    clear() {
      messages = [];
      revision += 1;
    },
    find: (id: number) => messages.find((message) => message.id === id),
    /** Oldest first; both filters look for a part of the text, in any case. */
    list({ to, subject }: MessageFilter = {}): InboxMessage[] {
      return messages.filter(
        (message) =>
          (to === undefined || message.to.some((address) => includesIgnoringCase(address, to))) &&
          (subject === undefined || includesIgnoringCase(message.subject, subject)),
      );
    },
  };
}

export type MessageList = ReturnType<typeof createMessageList>;

function displayAddress(address: Address): string {
  if (address.group !== undefined) return address.name;
  return address.name === '' ? address.address : `${address.name} <${address.address}>`;
}

function includesIgnoringCase(text: string, part: string): boolean {
  return text.toLowerCase().includes(part.toLowerCase());
}
