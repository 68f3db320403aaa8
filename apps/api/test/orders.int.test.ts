// Orders and stock over the API, on both queue backends.
import { createAdminClient } from '@stockroom/client';
import { parkCommands, statement } from '@stockroom/db';
import { describeOnBackends, eventually, uniqueId } from '@stockroom/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSystem, type System } from './open-system.ts';

const now = () => new Date().toISOString();

describeOnBackends('orders and stock over the API', (backend) => {
  let system: System;
  let client: ReturnType<typeof createAdminClient>;

  beforeAll(async () => {
    system = await openSystem(backend);
    client = createAdminClient({ url: system.url, key: await system.key('admin') });
  });
  afterAll(() => system.close());

  function placed(sku: string, quantity: number) {
    return {
      type: 'order.placed' as const,
      id: uniqueId('event'),
      order: uniqueId('order'),
      at: now(),
      lines: [{ sku, quantity }],
    };
  }

  test('an order placed with wait is answered with its outcome, and stock shows what it took', async () => {
    const sku = await system.product();
    const received = await client.stock.receive.mutate({ key: uniqueId('key'), sku, quantity: 5 });
    expect(received.outcome).toMatchObject({ status: 'applied', onHand: 5 });

    const outcome = await client.placeOrder(placed(sku, 2));

    expect(outcome).toMatchObject({ status: 'accepted', lines: [{ sku, requested: 2, fromStock: 2 }] });
    const { places } = await client.stock.get.query({ sku });
    expect(places.find((place) => place.kind === 'location')).toMatchObject({ code: 'main', onHand: 5 });
    expect(places.find((place) => place.kind === 'pool')).toMatchObject({ committed: 2 });
  });

  test('without wait the acceptance comes alone, and the outcome can be asked for later', async () => {
    const sku = await system.product();
    const event = placed(sku, 1);
    const { acceptance, outcome } = await client.orders.submit.mutate({ event });
    expect({ acceptance, outcome }).toEqual({
      acceptance: { status: 'accepted', eventId: event.id },
      outcome: null,
    });
    await eventually(async () => {
      const found = await client.orders.outcome.query({ eventId: event.id });
      expect(found).toMatchObject({
        progress: 'settled',
        outcome: {
          status: 'rejected',
          lines: [{ sku, result: 'rejected', rejection: { code: 'insufficient_stock' } }],
        },
      });
    });
  });

  test('a repeat of an event is answered like the first, another body under its id is refused', async () => {
    const sku = await system.product();
    await client.stock.receive.mutate({ key: uniqueId('key'), sku, quantity: 9 });
    const event = placed(sku, 4);
    const first = await client.placeOrder(event);
    expect(await client.placeOrder(event)).toEqual(first);
    const changed = { ...event, lines: [{ sku, quantity: 5 }] };
    await expect(client.placeOrder(changed)).rejects.toMatchObject({ code: 'event_id_reused', field: 'id' });
    const { places } = await client.stock.get.query({ sku });
    expect(places.find((place) => place.kind === 'pool')?.committed).toBe(4);
  });

  test('one bad event among many is refused with its field, and the others are accepted', async () => {
    const sku = await system.product();
    await client.stock.receive.mutate({ key: uniqueId('key'), sku, quantity: 9 });
    const [good, bad, unknown] = [placed(sku, 1), placed(sku, -1), { ...placed(sku, 1), store: 'nowhere' }];
    const { answers } = await client.orders.submitMany.mutate({ events: [good, bad, unknown], wait: true });
    expect(answers).toMatchObject([
      { acceptance: { status: 'accepted' }, outcome: { status: 'accepted' } },
      { acceptance: { status: 'refused', code: 'invalid_input', field: 'lines.0.quantity' }, outcome: null },
      { acceptance: { status: 'refused', code: 'unknown_store', field: 'store' }, outcome: null },
    ]);
    const refused = await client.refused.list.query({});
    expect(refused.rows.map((row) => row.eventId)).toEqual(expect.arrayContaining([bad.id, unknown.id]));
  });

  test('a stock event cannot be sent as an order', async () => {
    const stockEvent = {
      type: 'stock.adjust',
      id: uniqueId('event'),
      sku: await system.product(),
      at: now(),
      by: 5,
    };
    await expect(client.orders.submit.mutate({ event: stockEvent as never })).rejects.toMatchObject({
      data: { code: 'BAD_REQUEST' },
    });
    await expect(client.orders.submitMany.mutate({ events: [stockEvent as never] })).rejects.toMatchObject({
      data: { code: 'BAD_REQUEST', field: 'events.0' },
    });
  });

  test('an order shows its lines, its events with their outcomes, and its entries in the ledger', async () => {
    const sku = await system.product();
    await client.stock.receive.mutate({
      key: uniqueId('key'),
      sku,
      quantity: 5,
      reason: 'delivery 7',
      actor: 'Ada',
    });
    const event = placed(sku, 2);
    await client.placeOrder(event);
    const shipped = { type: 'order.shipped' as const, id: uniqueId('event'), order: event.order, at: now() };
    expect(await client.placeOrder(shipped)).toMatchObject({ status: 'applied' });

    const order = await client.orders.get.query({ order: event.order });
    expect(order).toMatchObject({
      store: 'main',
      order: event.order,
      lines: [{ sku, requested: 2, shipped: 2, committed: 0, deducted: [{ location: 'main', quantity: 2 }] }],
      events: [
        { eventId: event.id, type: 'order.placed', outcome: { status: 'accepted' } },
        { eventId: shipped.id, type: 'order.shipped', outcome: { status: 'applied' } },
      ],
    });
    const ofOrder = await client.ledger.ofOrder.query({ order: event.order });
    const summary = ofOrder.rows.map(({ place, bucket, delta, cause }) => [
      place === 'main',
      bucket,
      delta,
      cause.eventId,
    ]);
    expect(summary).toContainEqual([true, 'on_hand', -2, shipped.id]);

    const pages: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await client.ledger.ofSku.query({
        sku,
        limit: 1,
        ...(cursor === undefined ? {} : { cursor }),
      });
      for (const { place, bucket, delta } of page.rows) pages.push(`${place} ${bucket} ${delta}`);
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    expect(pages.toSorted()).toEqual(
      ['main on_hand 5', 'main on_hand -2', 'main-pool committed 2', 'main-pool committed -2'].toSorted(),
    );
    const whole = await client.ledger.ofSku.query({ sku, place: 'main' });
    expect(whole.rows.at(-1)?.cause).toMatchObject({ actor: 'Ada', reason: 'delivery 7', source: 'api' });
  });

  test('set compares: a stale expected value is an answer with the current one, and changes nothing', async () => {
    const sku = await system.product();
    await client.stock.set.mutate({ key: uniqueId('key'), sku, onHand: 7 });
    const stale = await client.stock.set.mutate({ key: uniqueId('key'), sku, onHand: 1, expected: 6 });
    expect(stale.outcome).toMatchObject({ status: 'rejected', rejection: { code: 'conflict', current: 7 } });
    const right = await client.stock.set.mutate({ key: uniqueId('key'), sku, onHand: 1, expected: 7 });
    expect(right.outcome).toMatchObject({ status: 'applied', onHand: 1 });
  });

  test('a command repeated with its key has one effect, also when its time was filled in and when it comes in parallel', async () => {
    const sku = await system.product();
    const command = { key: uniqueId('key'), sku, by: 3 };
    const answers = await Promise.all(Array.from({ length: 5 }, () => client.stock.adjust.mutate(command)));
    answers.push(await client.stock.adjust.mutate(command));
    for (const { acceptance, outcome } of answers) {
      expect(acceptance).toEqual({ status: 'accepted', eventId: command.key });
      expect(outcome).toMatchObject({ status: 'applied', onHand: 3 });
    }
    const other = await client.stock.adjust.mutate({ ...command, by: 4 });
    expect(other).toMatchObject({
      acceptance: { status: 'refused', code: 'event_id_reused' },
      outcome: null,
    });
  });

  test('every stock command does what its name says', async () => {
    const sku = await system.product();
    const key = () => uniqueId('key');
    await client.stock.incoming.mutate({ key: key(), sku, by: 10 });
    await client.stock.receive.mutate({ key: key(), sku, quantity: 10, fromIncoming: true });
    await client.stock.count.mutate({ key: key(), sku, counted: 8, asOf: now() });
    await client.stock.adjust.mutate({ key: key(), sku, by: 1, bucket: 'unavailable' });
    const hold = uniqueId('hold');
    await client.stock.hold.mutate({ key: key(), sku, hold, quantity: 2, minutes: 5 });
    const [held] = (await client.availability.get.query({ skus: [sku] })).items;
    expect(held).toMatchObject({
      onHand: 8,
      unavailable: 1,
      held: 2,
      incoming: 0,
      salable: 5,
      buyable: true,
    });
    await client.stock.release.mutate({ key: key(), sku, hold });
    const below = await client.stock.adjust.mutate({ key: key(), sku, by: -9 });
    expect(below.outcome).toMatchObject({ status: 'rejected', rejection: { code: 'would_be_negative' } });
    const after = await client.availability.get.query({ skus: [sku, 'no-such-sku'] });
    expect(after).toMatchObject({ items: [{ salable: 7, status: 'in_stock' }], unknown: ['no-such-sku'] });
  });

  test('a product is made, found, changed and listed; a setting that is wrong is refused by its key', async () => {
    const sku = uniqueId('sku');
    const made = await client.products.create.mutate({
      sku,
      name: 'Green tea',
      settings: { 'oos.threshold': 2 },
    });
    expect(made).toMatchObject({ sku, decimals: 0, published: true, settings: { 'oos.threshold': 2 } });
    await expect(client.products.create.mutate({ sku, name: 'Again' })).rejects.toMatchObject({
      data: { code: 'CONFLICT', reason: 'already_exists', field: 'sku' },
    });
    for (const settings of [{ 'order.policy': 'perhaps' }, { 'no.such.key': 1 }]) {
      const [field] = Object.keys(settings);
      await expect(client.products.update.mutate({ sku, settings })).rejects.toMatchObject({
        data: {
          code: 'BAD_REQUEST',
          reason: 'invalid_input',
          field: expect.stringContaining(field as string),
        },
      });
    }
    const changed = await client.products.update.mutate({
      sku,
      published: false,
      settings: { 'oos.threshold': 'inherit' },
    });
    expect(changed).toMatchObject({ name: 'Green tea', published: false, settings: {} });
    expect(await client.products.get.query({ sku })).toEqual(changed);
    const { rows } = await client.products.list.query({ search: sku });
    expect(rows).toMatchObject([{ sku, name: 'Green tea', onHand: 0 }]);
    await expect(client.products.get.query({ sku: 'no-such-sku' })).rejects.toMatchObject({
      data: { code: 'NOT_FOUND', reason: 'unknown_sku', field: 'sku' },
    });
  });

  test('queues are counted, paused and resumed, and a job that failed is tried again', async () => {
    await client.queues.pause.mutate({ queue: 'mail' });
    const paused = (await client.queues.counts.query()).find((each) => each.queue === 'mail');
    expect(paused).toMatchObject({ paused: true });
    await client.queues.resume.mutate({ queue: 'mail' });

    let good = false;
    const worker = system.queues.worker('mail', async () => {
      if (!good) throw new Error('not yet');
    });
    const id = await system.queues.add('mail', { name: 'send', data: {}, options: { attempts: 1 } });
    await eventually(async () => {
      const [job] = await client.queues.failed.query({ queue: 'mail' });
      expect(job).toMatchObject({ id, reason: 'not yet' });
    });
    good = true;
    expect(await client.queues.retry.mutate({ queue: 'mail', jobId: id })).toEqual({ done: true });
    await eventually(async () => expect(await client.queues.failed.query({ queue: 'mail' })).toEqual([]));
    expect(await client.queues.removeFailed.mutate({ queue: 'mail', jobId: id })).toEqual({ done: false });
    await worker.close({ timeoutMs: 1_000 });
  });

  test('a parked command is listed, and settles after a retry', async () => {
    const sku = await system.product();
    const event = placed(sku, 1);
    await system.queues.queue('stock').pause();
    await client.orders.submit.mutate({ event });
    const parkedIds = await system.db.transaction(async (sql) => {
      const found = await sql.query<{ id: string }>(
        statement(
          't_find_command',
          `select c.id from stockroom.stock_command c join stockroom.event e on e.seq = c.event_seq where e.id = $1`,
        ),
        [event.id],
      );
      const ids = found.map((row) => Number(row.id));
      await parkCommands(sql, ids, 'it was poisonous', 'defect');
      return ids;
    });
    await system.queues.queue('stock').resume();
    expect((await client.parked.list.query({})).rows).toContainEqual(
      expect.objectContaining({ commandId: parkedIds[0], sku, eventId: event.id, error: 'it was poisonous' }),
    );
    expect(await client.orders.outcome.query({ eventId: event.id })).toMatchObject({ progress: 'parked' });
    expect(await client.parked.retry.mutate({ commandIds: parkedIds })).toEqual({ retried: 1 });
    await eventually(async () => {
      expect((await client.orders.outcome.query({ eventId: event.id })).progress).toBe('settled');
    });
    expect(await client.parked.retry.mutate({ commandIds: parkedIds })).toEqual({ retried: 0 });
  });

  test('a dead mail is listed by its state, and is due again after a retry', async () => {
    const sku = await system.product({ 'notify.threshold': 5 });
    await client.stock.set.mutate({ key: uniqueId('key'), sku, onHand: 9 });
    await client.placeOrder(placed(sku, 5));
    const mail = await eventually(async () => {
      const { rows } = await client.notifications.list.query({ state: 'pending' });
      return rows.find((row) => row.sku === sku) ?? false;
    });
    expect(mail).toMatchObject({ template: 'low-stock', recipient: 'store-managers', attempts: 0 });
    await system.db.transaction((sql) =>
      sql.affected(
        statement(
          't_kill_mail',
          `update stockroom.notification set state = 'dead', attempts = 9 where id = $1`,
        ),
        [mail.notificationId],
      ),
    );
    const dead = await client.notifications.list.query({ state: 'dead' });
    expect(dead.rows).toMatchObject([{ notificationId: mail.notificationId, attempts: 9 }]);
    expect(await client.notifications.retry.mutate({ notificationIds: [mail.notificationId] })).toEqual({
      retried: 1,
    });
    expect((await client.notifications.list.query({ state: 'dead' })).rows).toEqual([]);
  });

  test('a cursor that no list has given is refused', async () => {
    await expect(client.products.list.query({ cursor: 'nonsense' })).rejects.toMatchObject({
      data: { code: 'BAD_REQUEST', reason: 'invalid_cursor' },
    });
  });
});
