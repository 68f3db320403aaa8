// `stockroom verify`: proves on the live database that every promise holds.
import type { Verified } from '@stockroom/db';
import { verify } from '@stockroom/engine';
import type { Command } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { openSystem } from '../open-system.ts';
import { type Output, table } from '../output.ts';
import { action, type CommonOptions, wholeNumber } from '../run-command.ts';

type Options = CommonOptions & { limit: string; overdue: string };

export function registerVerify(program: Command): void {
  const command = program
    .command('verify')
    .description('check every invariant on the live database; exit 1 when one does not hold')
    .option('--limit <n>', 'differences named per check', '20')
    .option('--overdue <seconds>', 'from when on something that is due counts as forgotten', '600');
  action<Options>(command, async ({ options, env, output }) => {
    const limit = wholeNumber('--limit', options.limit, 1, 100_000);
    const overdueMs = wholeNumber('--overdue', options.overdue, 0, 1_000_000) * 1_000;
    const system = await openSystem(env, options.data);
    try {
      const verified = await verify(system.db, { limit, overdueMs });
      output.json(verified);
      if (!output.isJson) say(output, verified);
      return verified.ok ? exitCodes.ok : exitCodes.failed;
    } finally {
      await system.close();
    }
  });
}

function say(output: Output, { ok, settledOrders, checked, differences }: Verified): void {
  const broken = (name: string) => differences.filter((difference) => difference.name === name).length;
  const rows = checked.map(({ id, name, rows: looked }) => [
    broken(name) === 0 ? 'ok' : 'NO',
    id,
    looked,
    name,
  ]);
  for (const line of table([['', '', 'rows', 'invariant'], ...rows])) output.line(line);
  output.line();
  for (const { id, name, facts } of differences) output.line(`  ${id} ${name}: ${JSON.stringify(facts)}`);
  const orders = `${settledOrders} settled order${settledOrders === 1 ? '' : 's'}`;
  output.line(
    ok
      ? `All ${checked.length} checks hold over ${orders}.`
      : `${differences.length} differences over ${orders}.`,
  );
}
