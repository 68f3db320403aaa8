// `stockroom seed`: puts a catalog into the database.
import { seedCatalog } from '@stockroom/db';
import type { Command } from 'commander';
import { generatedProducts, seedDemoCatalog } from '../demo/demo-catalog.ts';
import { exitCodes } from '../exit-codes.ts';
import { openSystem } from '../open-system.ts';
import { action, type CommonOptions, wholeNumber } from '../run-command.ts';

type Options = CommonOptions & { products?: string };

export function registerSeed(program: Command): void {
  const command = program
    .command('seed')
    .description(
      'create the demo catalog with opening stock and store managers; what is there stays as it is',
    )
    .option('--products <n>', 'that many generated products instead');
  action<Options>(command, async ({ options, env, output }) => {
    const count =
      options.products === undefined ? null : wholeNumber('--products', options.products, 1, 5_000_000);
    const system = await openSystem(env, options.data);
    try {
      const { created, skipped } =
        count === null
          ? await seedDemoCatalog(system.db)
          : await seedCatalog(system.db, {
              products: generatedProducts(count),
              actor: 'stockroom seed',
              log: (line) => output.news(line),
            });
      output.json({ ok: true, created, skipped });
      output.line(`${created} products created${skipped > 0 ? `, ${skipped} were there already` : ''}.`);
      return exitCodes.ok;
    } finally {
      await system.close();
    }
  });
}
