// Public surface of @stockroom/worker: workers by role, in this process.

export { workerNodeFlags } from './node-flags.ts';
export type { RunningWorker } from './start-worker.ts';
export { startWorker } from './start-worker.ts';
export type { SmtpOptions, WorkerOptions, WorkerRole, WorkerTuning } from './worker-options.ts';
export { workerRoles } from './worker-options.ts';
