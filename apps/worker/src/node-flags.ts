// How Node is started for a worker: a small heap keeps it small, and costs nothing that could be measured.

/**
 * Node sizes its heap by the machine: on a large one a worker under load keeps 400 MB of garbage where 200 MB do the same work.
 * The same flags stand in `docker-compose.yml`; a test keeps them together.
 */
export const workerNodeFlags = ['--max-old-space-size=192', '--max-semi-space-size=16'] as const;
