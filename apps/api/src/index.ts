// Public surface of @stockroom/api: the server that the command line runs inside its own process.

export { createLog } from './http/log.ts';
export { type ApiMetrics, createApiMetrics } from './http/metrics.ts';
export type { RateLimits } from './http/security.ts';
export { type ApiOptions, type ApiServer, startApi } from './start-api.ts';
