// `stockroom demo`: a stream of made-up orders against a running system.
import type { Command } from 'commander';
import { isCatalogEmpty } from '../demo/demo-catalog.ts';
import { openShopOn } from '../demo/open-shop-on.ts';
import { CliError, exitCodes } from '../exit-codes.ts';
import { openSystem, openSystemQueues } from '../open-system.ts';
import { action, type CommonOptions, wholeNumber } from '../run-command.ts';

type Options = CommonOptions & { rate: string; count?: string };

export function registerDemo(program: Command): void {
  const command = program
    .command('demo')
    .description(
      'send made-up orders to a running system, with what follows them: payment, shipping, returns, deliveries',
    )
    .option('--rate <n>', 'orders per second', '2')
    .option('--count <n>', 'stop after so many orders; absent: until Ctrl-C');
  action<Options>(command, async ({ options, env, output, signal }) => {
    const rate = Number(options.rate);
    if (!(rate > 0 && rate <= 1_000)) {
      throw new CliError(
        exitCodes.usage,
        `--rate must be above 0 and at most 1000; found "${options.rate}".`,
      );
    }
    const orders =
      options.count === undefined ? undefined : wholeNumber('--count', options.count, 1, 10_000_000);
    const system = await openSystem(env, options.data);
    try {
      if (await isCatalogEmpty(system.db)) {
        throw new CliError(exitCodes.failed, 'There is nothing to sell yet. Run "stockroom seed" first.');
      }
      const { queues, feed } = await openSystemQueues(env, system.found);
      try {
        const shop = await openShopOn(
          { db: system.db, queues, feed },
          {
            rate,
            ...(orders === undefined ? {} : { orders }),
            showFirst: false,
            trouble: (problem) => output.news(problem instanceof Error ? problem.message : String(problem)),
          },
        );
        const interrupted = new Promise<void>((resolve) => {
          signal.addEventListener('abort', () => resolve());
        });
        output.news(`Sending about ${rate} orders per second. Ctrl-C stops.`);
        await Promise.race([shop.finished, interrupted]);
        await shop.stop();
        output.json({ ok: true, placed: shop.placed });
        output.line(`${shop.placed} orders sent.`);
        return exitCodes.ok;
      } finally {
        await queues.close({ timeoutMs: 2_000 });
      }
    } finally {
      await system.close();
    }
  });
}
