// What other packages may use: servers that need nothing installed.
export { EmbeddedError, type EmbeddedErrorCode } from './embedded-error.ts';
export { findFreePort } from './free-port.ts';
export { type Inbox, type InboxOptions, startInbox } from './inbox.ts';
export type { InboxFault, InboxFaultMoment, InboxFaultRule, InboxFaultStage } from './inbox-fault.ts';
export type { InboxMessage, MessageFilter } from './inbox-message.ts';
export { type EmbeddedPostgres, type EmbeddedPostgresOptions, startEmbeddedPostgres } from './postgres.ts';
export { stopLeftoverPostgres } from './postmaster.ts';
