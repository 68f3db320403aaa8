// What other teams install: a typed client of the API, and a producer of order events.

export type { AdminClient, AdminClientOptions, PlaceOrderOptions } from './admin-client.ts';
export { createAdminClient } from './admin-client.ts';
export { ClientError } from './client-error.ts';
export type { OrderProducer, OrderProducerOptions, OutcomesHandler } from './order-producer.ts';
export { createOrderProducer } from './order-producer.ts';
export type { QueueAddress } from './producer-connection.ts';
