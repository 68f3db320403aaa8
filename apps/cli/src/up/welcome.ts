// The screen of text a newcomer sees: what is running where, and what to try next.
import { relative } from 'node:path';
import { demoProducts } from '../demo/demo-catalog.ts';
import { table } from '../output.ts';
import type { RunningParts } from './start-system.ts';

export type WelcomeFacts = RunningParts & {
  logPath: string;
  /** Absent: no demo orders. */
  demoRate: number | undefined;
};

export function welcomeText(facts: WelcomeFacts): string[] {
  return ['', 'Stockroom is running.', '', ...places(facts), '', ...tries(facts), ''];
}

function places({ api, inbox, queues, found, key, logPath, demoRate }: WelcomeFacts): string[] {
  const database = new URL(found.url);
  const from = found.kind === 'given' ? 'DATABASE_URL' : `embedded, data in ${shortPath(found.folder.path)}/`;
  const demo =
    demoRate === undefined
      ? 'no demo orders are sent'
      : 'with payments, shipping, returns and deliveries; --no-demo switches it off';
  return table([
    ['API', api.url, 'tRPC at /trpc, health at /readyz, numbers at /metrics'],
    ['Queue board', `${api.url}/ops/board`, 'any user name, the key as password'],
    inbox === undefined
      ? ['Mail', 'SMTP_URL', 'mails go out']
      : ['Inbox', inbox.httpUrl ?? '', `every mail lands here and goes nowhere else (${inbox.url})`],
    ['Database', `${database.hostname}:${database.port || 5432}${database.pathname}`, from],
    [
      'Queues',
      `BullMQ on ${queues.backend === 'redis' ? 'Redis' : 'Postgres'}`,
      'services add their events to "order-events"',
    ],
    ['Demo shop', demoRate === undefined ? 'off' : `${demoRate} orders/s`, demo],
    ['Log', shortPath(logPath), 'of everything that runs in here'],
    ['API key', `${shortPath(found.folder.path)}/api-key`, `role admin: ${key}`],
  ]);
}

function tries({ api, inbox, found }: WelcomeFacts): string[] {
  const sku = demoProducts.find(({ appeal }) => appeal === 5)?.sku ?? 'TEA-ASSAM-250';
  const number = Date.now().toString(36);
  const header = `-H "authorization: Bearer $(cat ${shortPath(found.folder.path)}/api-key)"`;
  const event = {
    event: {
      type: 'order.placed',
      id: `try-${number}`,
      order: `T-${number}`,
      at: new Date().toISOString(),
      lines: [{ sku, quantity: 2 }],
    },
    wait: true,
  };
  return [
    'Try next, in another terminal:',
    '',
    '  # place an order and wait for what becomes of it (the same again is answered the same and sells nothing twice)',
    `  curl -s ${api.url}/trpc/orders.submit ${header} \\`,
    `    -H 'content-type: application/json' -d '${JSON.stringify(event)}'`,
    '',
    '  # what can be sold now',
    `  curl -s -G ${api.url}/trpc/availability.get ${header} --data-urlencode 'input={"skus":["${sku}"]}'`,
    '',
    '  # who took it: the newest ledger entries',
    `  curl -s -G ${api.url}/trpc/ledger.ofSku ${header} --data-urlencode 'input={"sku":"${sku}"}'`,
    '',
    '  # prove that every number adds up, while orders come in',
    '  npx pnpm stockroom verify',
    '',
    '  // from TypeScript',
    `  import { createAdminClient } from '@stockroom/client';`,
    `  const stockroom = createAdminClient({ url: '${api.url}', key });`,
    `  const outcome = await stockroom.placeOrder({ type: 'order.placed', id, order, at, lines: [{ sku: '${sku}', quantity: 2 }] });`,
    '',
    ...(inbox === undefined ? [] : [`Low-stock mails arrive at ${inbox.httpUrl} within the first minute.`]),
    'Ctrl-C stops everything; the data stay. --reset starts anew.',
  ];
}

function shortPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short === '' ? '.' : short.startsWith('..') ? path : short;
}
