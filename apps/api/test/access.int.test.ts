// Who may call what: every procedure, with every role, for the own store, a foreign one, and with a key of all stores.
import { createAdminClient } from '@stockroom/client';
import { createStore } from '@stockroom/db';
import { backends, uniqueId } from '@stockroom/testkit';
import { TRPCError } from '@trpc/server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Caller, everyone } from '../src/auth/rule.ts';
import { appRouter } from '../src/router.ts';
import { openSystem, type System } from './open-system.ts';

type Role = Caller['role'];
type Expected = {
  readonly roles: readonly Role[];
  /** `named`: the store of the input or of what is found decides. `all`: only keys of all stores. `any`: every key. */
  readonly stores: 'named' | 'all' | 'any';
  readonly input: (about: About) => unknown;
};
type About = { readonly store: string; readonly sku: string; readonly eventId: string };

const at = '2026-05-04T10:00:00Z';
const editors = ['admin', 'editor'] as const;
const senders = ['admin', 'service'] as const;
const operators = ['admin', 'ops'] as const;
const fresh = (sku: string) => ({ key: uniqueId('key'), sku, at, wait: false });
const event = (store: string) => ({
  type: 'order.paid',
  id: uniqueId('event'),
  order: uniqueId('order'),
  store,
  at,
});
const nothing = () => undefined;

/** Written by hand beside the rules, so that a rule that was loosened by mistake differs from something. */
const table: Record<string, Expected> = {
  'orders.submit': { roles: senders, stores: 'named', input: ({ store }) => ({ event: event(store) }) },
  'orders.submitMany': {
    roles: senders,
    stores: 'named',
    input: ({ store }) => ({ events: [event(store), event(store)] }),
  },
  'orders.outcome': { roles: everyone, stores: 'named', input: ({ eventId }) => ({ eventId }) },
  'orders.get': { roles: everyone, stores: 'named', input: ({ store }) => ({ store, order: 'none' }) },
  'orders.list': { roles: everyone, stores: 'named', input: ({ store }) => ({ store }) },
  'stock.get': { roles: everyone, stores: 'any', input: ({ sku }) => ({ sku }) },
  'stock.adjust': { roles: editors, stores: 'all', input: ({ sku }) => ({ ...fresh(sku), by: 1 }) },
  'stock.set': { roles: editors, stores: 'all', input: ({ sku }) => ({ ...fresh(sku), onHand: 1 }) },
  'stock.receive': { roles: editors, stores: 'all', input: ({ sku }) => ({ ...fresh(sku), quantity: 1 }) },
  'stock.count': {
    roles: editors,
    stores: 'all',
    input: ({ sku }) => ({ ...fresh(sku), counted: 1, asOf: at }),
  },
  'stock.incoming': { roles: editors, stores: 'all', input: ({ sku }) => ({ ...fresh(sku), by: 1 }) },
  'stock.transfer': {
    roles: editors,
    stores: 'all',
    input: ({ sku }) => ({ ...fresh(sku), from: 'main', to: 'main', quantity: 1 }),
  },
  'stock.hold': {
    roles: ['admin', 'editor', 'service'],
    stores: 'named',
    input: ({ sku, store }) => ({ ...fresh(sku), store, hold: uniqueId('hold'), quantity: 1 }),
  },
  'stock.release': {
    roles: ['admin', 'editor', 'service'],
    stores: 'named',
    input: ({ sku, store }) => ({ ...fresh(sku), store, hold: uniqueId('hold') }),
  },
  'ledger.ofSku': { roles: everyone, stores: 'all', input: ({ sku }) => ({ sku }) },
  'ledger.ofOrder': { roles: everyone, stores: 'named', input: ({ store }) => ({ store, order: 'none' }) },
  'availability.get': {
    roles: everyone,
    stores: 'named',
    input: ({ store, sku }) => ({ store, skus: [sku] }),
  },
  'products.list': { roles: everyone, stores: 'all', input: () => ({}) },
  'products.get': { roles: everyone, stores: 'any', input: ({ sku }) => ({ sku }) },
  'products.create': { roles: editors, stores: 'all', input: () => ({ sku: uniqueId('sku'), name: 'New' }) },
  'products.update': { roles: editors, stores: 'all', input: ({ sku }) => ({ sku, name: 'Other' }) },
  'queues.counts': { roles: operators, stores: 'all', input: nothing },
  'queues.pause': { roles: operators, stores: 'all', input: () => ({ queue: 'sweep' }) },
  'queues.resume': { roles: operators, stores: 'all', input: () => ({ queue: 'sweep' }) },
  'queues.failed': { roles: operators, stores: 'all', input: () => ({ queue: 'mail' }) },
  'queues.retry': { roles: operators, stores: 'all', input: () => ({ queue: 'mail', jobId: 'none' }) },
  'queues.retryAll': { roles: operators, stores: 'all', input: () => ({ queue: 'mail' }) },
  'queues.removeFailed': { roles: operators, stores: 'all', input: () => ({ queue: 'mail', jobId: 'none' }) },
  'parked.list': { roles: operators, stores: 'all', input: () => ({}) },
  'parked.retry': { roles: operators, stores: 'all', input: () => ({ commandIds: [1] }) },
  'refused.list': { roles: operators, stores: 'all', input: () => ({}) },
  'notifications.list': { roles: operators, stores: 'all', input: () => ({}) },
  'notifications.retry': { roles: operators, stores: 'all', input: () => ({ notificationIds: [1] }) },
  'system.whoami': { roles: everyone, stores: 'any', input: nothing },
  'system.health': { roles: everyone, stores: 'any', input: nothing },
};

const procedures = Object.keys(appRouter._def.procedures);

describe('access to procedures', () => {
  let system: System;
  let own: About;
  let foreign: About;

  beforeAll(async () => {
    const [backend] = backends();
    if (backend?.available !== true) throw new Error('there is no backend to test on');
    system = await openSystem(backend, { settles: false });
    const sku = await system.product();
    const about = async (name: string): Promise<About> => {
      const store = uniqueId(name);
      const made = await createStore(system.db, { code: store, name: store, locations: ['main'] });
      if (!made.ok) throw new Error(made.problem.message);
      const sent = event(store);
      const client = createAdminClient({ url: system.url, key: await system.key('admin') });
      await client.orders.submit.mutate({ event: sent as never });
      return { store, sku, eventId: sent.id };
    };
    own = await about('own');
    foreign = await about('foreign');
  });
  afterAll(() => system.close());

  /** Calls as the server would after it has found the caller. */
  async function verdict(path: string, caller: Caller | null, about: About): Promise<'admitted' | string> {
    const context = { parts: system.parts, caller, requestId: 'test' };
    const [noun = '', verb = ''] = path.split('.');
    const callable = appRouter.createCaller(context) as unknown as Record<
      string,
      Record<string, (input: unknown) => Promise<unknown>>
    >;
    try {
      await callable[noun]?.[verb]?.(table[path]?.input(about));
      return 'admitted';
    } catch (error) {
      if (!(error instanceof TRPCError)) throw error;
      if (error.code === 'UNAUTHORIZED' || error.code === 'FORBIDDEN') return error.code;
      // Past the gate: it looked for something that is not there.
      expect(error.code, error.message).toBe('NOT_FOUND');
      return 'admitted';
    }
  }

  const caller = (role: Role, stores: readonly string[] | null): Caller => ({
    name: role,
    prefix: 'test',
    role,
    stores,
  });

  test('the table names every procedure there is, and every procedure has a rule', () => {
    expect(procedures.toSorted()).toEqual(Object.keys(table).toSorted());
    for (const path of procedures) {
      const { meta } = (
        appRouter._def.procedures as unknown as Record<string, { _def: { meta?: { rule?: object } } }>
      )[path]?._def ?? { meta: {} };
      expect(meta?.rule, path).toBeDefined();
    }
  });

  test.each(procedures)('%s is refused without a key', async (path) => {
    expect(await verdict(path, null, own)).toBe('UNAUTHORIZED');
  });

  test.each(procedures)('%s admits its roles and its stores, and nobody else', async (path) => {
    const { roles, stores } = table[path] as Expected;
    const seen: Record<string, string> = {};
    const wanted: Record<string, string> = {};
    for (const role of everyone) {
      const may = (admitted: boolean) => (roles.includes(role) && admitted ? 'admitted' : 'FORBIDDEN');
      seen[`${role}, all stores`] = await verdict(path, caller(role, null), own);
      wanted[`${role}, all stores`] = may(true);
      seen[`${role}, own store`] = await verdict(path, caller(role, [own.store]), own);
      wanted[`${role}, own store`] = may(stores !== 'all');
      seen[`${role}, foreign store`] = await verdict(path, caller(role, [own.store]), foreign);
      wanted[`${role}, foreign store`] = may(stores === 'any');
    }
    expect(seen).toEqual(wanted);
  });

  test('one foreign store among many events refuses the whole batch', async () => {
    const parts = system.parts;
    const api = appRouter.createCaller({ parts, caller: caller('service', [own.store]), requestId: 'test' });
    const events = [event(own.store), event(foreign.store)] as never;
    await expect(api.orders.submitMany({ events })).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });

  test('a list over every store needs a key of all stores', async () => {
    const parts = system.parts;
    const limited = appRouter.createCaller({
      parts,
      caller: caller('reader', [own.store]),
      requestId: 'test',
    });
    await expect(limited.orders.list({})).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });

  test('a key of one store sees no pool of another store', async () => {
    const parts = system.parts;
    const limited = appRouter.createCaller({
      parts,
      caller: caller('reader', [own.store]),
      requestId: 'test',
    });
    const sku = await system.product();
    const { places } = await limited.stock.get({ sku });
    expect(places.map((place) => place.code).toSorted()).toEqual(['main', `${own.store}-pool`]);
  });
});
