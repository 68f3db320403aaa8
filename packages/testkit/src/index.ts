// What tests may use: servers, databases, backends, child processes, waiting.
export { type Inbox, type InboxFault, type InboxMessage, startInbox } from '@stockroom/embedded';
export { type AvailableBackend, backends, describeOnBackends, type TestBackend } from './backends.ts';
export { createDatabase, type TestDatabase } from './databases.ts';
export { eventually } from './eventually.ts';
export type { TestServers } from './global-setup.ts';
export { type NodeChild, type SpawnNodeOptions, spawnNode } from './spawn-node.ts';
export { startTestPostgres, type TestPostgresOptions } from './test-postgres.ts';
export { findRedisServer, startTestRedis, type TestRedis, type TestRedisOptions } from './test-redis.ts';
export { queuePrefix, uniqueId } from './unique-id.ts';
