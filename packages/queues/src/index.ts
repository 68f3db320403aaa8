// Public surface of @stockroom/queues.
export { QUEUES } from '@stockroom/contracts';
export type { Job } from 'bullmq';
export type { BackendKind, QueueHealth } from './backend.ts';
export { type Batcher, type BatcherOptions, createBatcher } from './batcher.ts';
export {
  BELLS_DEFAULT,
  type BellData,
  type BellMode,
  bellOf,
  bellOfSlot,
  checkBellMode,
  createRinger,
  productOf,
  type RingResult,
  slotOf,
  slotsOf,
} from './bell.ts';
export { type Feed, type FeedHandler, openFeed, processTopic } from './feed.ts';
export type { Log } from './log.ts';
export { createOps, type FailedJob, type QueueCounts, type QueueOps } from './ops.ts';
export { type NewJob, openQueues, type QueueOptions, type Queues } from './queues.ts';
export { type QueueName, queueNames } from './registry.ts';
export type { QueueWorker, WorkerOptions } from './worker.ts';
export { measureYardstick, type Yardstick, type YardstickOptions } from './yardstick.ts';
