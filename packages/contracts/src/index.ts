// Public surface of @stockroom/contracts.

export { EngineError } from './engine-error.ts';
export type { InboundEvent, InboundEventInput, InputProblem, ParsedInbound } from './inbound.ts';
export { inboundEvent, parseInbound, printable } from './inbound.ts';
export { type JsonSchema, jsonSchemas } from './json-schemas.ts';
export type { MailCause, MailData, MailDataInput, MailTemplateName } from './mail.ts';
export { mailCause, mailCauseKinds, mailData, mailTemplates } from './mail.ts';
export type { OrderEvent, OrderEventInput, OrderEventType } from './order-event.ts';
export { orderEvent, orderEventTypes } from './order-event.ts';
export type { Acceptance, Outcome, OutcomeLine, OutcomeRejection, OutcomesJob } from './outcome.ts';
export { acceptance, outcome, outcomeLine, outcomeStatuses, outcomesJob, rejection } from './outcome.ts';
export {
  code,
  instant,
  itemQuantity,
  key,
  levelQuantity,
  mailAddress,
  personName,
  quantityMax,
  reasonText,
  signedQuantity,
} from './primitives.ts';
export { MAILBOX_SLOTS, QUEUES } from './queues.ts';
export type { StockEvent, StockEventInput } from './stock-event.ts';
export { stockEvent } from './stock-event.ts';
