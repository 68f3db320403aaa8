// Role `stock`: a rung bell means that mailboxes have mail; the settler empties them.
import { createSettler } from '@stockroom/engine';
import { type BellData, type BellMode, QUEUES } from '@stockroom/queues';
import { closedWithin } from '../closed-within.ts';
import { lockOptions, type RoleParts, type RunningRole } from '../worker-options.ts';

const concurrencyMax = 256;

export function startStock({
  db,
  queues,
  bells,
  ring,
  announcer,
  metrics,
  log,
  tuning,
}: RoleParts): RunningRole {
  const settler = createSettler({
    db,
    bells,
    ring,
    announcer,
    onBatch({ commands, parked, ms }) {
      metrics.settleSeconds.observe(ms / 1000);
      metrics.commands.inc(commands);
      if (parked === 0) return;
      metrics.parked.inc(parked);
      log.error({ parked }, 'commands parked: a person has to look at them');
    },
  });
  const worker = queues.worker<BellData>(QUEUES.stock, (job) => settler.answerBell(job.data.bell), {
    concurrency: tuning.stockConcurrency ?? enoughFor(bells),
    ...lockOptions(tuning),
  });
  return {
    ready: () => worker.ready(),
    async close(timeLeftMs) {
      const { drained } = await worker.close({ timeoutMs: timeLeftMs() });
      return (await closedWithin(settler.close(), timeLeftMs())) && drained;
    },
  };
}

/** All bells at once share one batch; a bell that had to wait for another would only make batches smaller. */
function enoughFor(bells: BellMode): number {
  return bells === 'product' ? concurrencyMax : Math.min(bells, concurrencyMax);
}
