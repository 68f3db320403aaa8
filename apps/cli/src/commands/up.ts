// `stockroom up`: the whole system in one process, with a demo shop in front of it.

import { join } from 'node:path';
import { createAdminClient } from '@stockroom/client';
import type { OrderEventInput } from '@stockroom/contracts';
import type { Command } from 'commander';
import { openDataFolder } from '../data-folder.ts';
import type { ShopEvent } from '../demo/demo-shop.ts';
import { openShopOn } from '../demo/open-shop-on.ts';
import { CliError, exitCodes } from '../exit-codes.ts';
import { action, type CommandContext, type CommonOptions, wholeNumber } from '../run-command.ts';
import { openCounter } from '../up/live-counts.ts';
import { openLogFile } from '../up/log-file.ts';
import { type RunningParts, startSystem } from '../up/start-system.ts';
import { createStatusLine, describe, type StatusLine } from '../up/status-line.ts';
import { watchSystem } from '../up/watch-system.ts';
import { welcomeText } from '../up/welcome.ts';

type Options = CommonOptions & {
  port?: string;
  inboxPort?: string;
  host: string;
  demo: boolean;
  rate: string;
  reset?: boolean;
};

/** The promise of a clean stop; whatever still hangs then is left to the next start. */
const stopWithinMs = 10_000;

export function registerUp(program: Command): void {
  const command = program
    .command('up')
    .description('start everything: database, queues, worker, API, an inbox, and a demo shop that orders')
    .option('--port <n>', 'port of the API (default: 3000, or the next that is free)')
    .option('--inbox-port <n>', 'port of the inbox page (default: 8025, or the next that is free)')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--no-demo', 'no demo orders')
    .option('--rate <n>', 'demo orders per second', '2')
    .option('--reset', 'throw the embedded data away and start anew');
  action<Options>(command, up);
}

async function up({ options, env, output, signal }: CommandContext<Options>): Promise<number> {
  const startedAtMs = Date.now();
  const rate = Number(options.rate);
  if (!(rate > 0 && rate <= 1_000)) {
    throw new CliError(exitCodes.usage, `--rate must be above 0 and at most 1000; found "${options.rate}".`);
  }
  const ports = { ...portOf('port', options.port), ...portOf('inboxPort', options.inboxPort) };
  const folder = openDataFolder(options.data);
  if (options.reset) {
    if (env.databaseUrl !== undefined) {
      throw new CliError(
        exitCodes.usage,
        '--reset throws away embedded data only; DATABASE_URL names a database that is not ours to empty.',
      );
    }
    await folder.reset();
  }
  const line = createStatusLine(output);
  const logFile = openLogFile(join(folder.path, 'stockroom.log'));
  const parts = await startSystem({
    env,
    dataFolder: options.data,
    host: options.host,
    ...ports,
    logFile,
    step: (text) => output.line(`  ${text} ...`),
    trouble: (text) => line.say(text),
  });
  try {
    await run({ parts, line, startedAtMs, options, rate, output, signal, logPath: logFile.path });
  } finally {
    setTimeout(() => process.exit(exitCodes.failed), stopWithinMs).unref();
    await parts.close();
  }
  output.line('Stopped. The data are kept; start again to go on.');
  return exitCodes.ok;
}

function portOf<Name extends string>(name: Name, text: string | undefined) {
  if (text === undefined) return {};
  return { [name]: wholeNumber(`--${name === 'port' ? 'port' : 'inbox-port'}`, text, 0, 65_535) } as Record<
    Name,
    number
  >;
}

type Run = Pick<CommandContext<Options>, 'options' | 'output' | 'signal'> & {
  parts: RunningParts;
  line: StatusLine;
  startedAtMs: number;
  rate: number;
  logPath: string;
};

/** Everything is up: shows it, keeps the demo going, and returns when told to stop. */
async function run({ parts, line, startedAtMs, options, rate, output, signal, logPath }: Run): Promise<void> {
  const { api, inbox, key, wasEmpty } = parts;
  output.json({
    ok: true,
    apiUrl: api.url,
    inboxUrl: inbox?.httpUrl ?? null,
    key,
    databaseUrl: parts.found.url,
  });
  for (const text of welcomeText({ ...parts, logPath, demoRate: options.demo ? rate : undefined }))
    output.line(text);
  const watching = watchSystem({
    counter: await openCounter(parts.db, parts.queues),
    line,
    inbox,
    startedAtMs,
  });
  const shop = options.demo
    ? await openShopOn(parts, {
        rate,
        showFirst: wasEmpty,
        submit: submitThrough(api.url, key),
        trouble: (problem) =>
          line.say(`demo shop: ${problem instanceof Error ? problem.message : String(problem)}`),
      })
    : undefined;
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  line.end();
  output.line('Stopping ...');
  await shop?.stop();
  const counts = await watching.stop();
  const minutes = Math.round((Date.now() - startedAtMs) / 6_000) / 10;
  if (counts !== undefined) output.line(`In ${minutes} minutes: ${describe(counts)}.`);
}

/** Orders as a shop with HTTP alone sends them; stock commands take the queue. */
function submitThrough(url: string, key: string): (event: ShopEvent) => Promise<boolean> {
  const client = createAdminClient({ url, key });
  return async (event) => {
    if (!event.type.startsWith('order.')) return false;
    await client.orders.submit.mutate({ event: event as OrderEventInput });
    return true;
  };
}
