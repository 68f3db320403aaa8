// What other teams install: a typed client of the API, and a producer of order events.

export type { AdminClient, AdminClientOptions, PlaceOrderOptions } from './admin-client.ts';
export { createAdminClient } from './admin-client.ts';
export { ClientError } from './client-error.ts';
