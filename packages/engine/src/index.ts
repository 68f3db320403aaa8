// Public surface of @stockroom/engine: the corridor.

export type { Announcer } from './announce.ts';
export { createAnnouncer, outcomesTopic } from './announce.ts';
export type { Delivery, DeliveryLimits } from './deliver-mail.ts';
export { deliverMail, deliveryLimits } from './deliver-mail.ts';
export type { Doors, DoorsOptions } from './doors.ts';
export { createDoors } from './doors.ts';
export { keptBody } from './kept-body.ts';
export type { Arrival, Received } from './receive.ts';
export { receive } from './receive.ts';
export type { SettlementNews } from './settle.ts';
export { settle } from './settle.ts';
export type { Settler, SettlerOptions } from './settler.ts';
export { createSettler } from './settler.ts';
export type { Swept } from './sweep.ts';
export { sweep, sweepAfterMs } from './sweep.ts';
export { unpark } from './unpark.ts';
export { verify } from './verify.ts';
export type { OutcomeWatch } from './watch.ts';
export { finalOutcome, openOutcomeWatch } from './watch.ts';
