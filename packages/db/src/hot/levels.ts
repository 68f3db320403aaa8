// The one file that writes levels: those of a settlement, and those a new product begins with.

import { type ItemState, type Quantity, sqlFromQuantity } from '@stockroom/core';
import type { Sql } from '../sql.ts';
import { statement } from '../sql.ts';

const updateLevelsStatement = statement(
  'settle_update_levels',
  `update stockroom.stock_level l
      set on_hand = u.on_hand, unavailable = u.unavailable, committed = u.committed, held = u.held, incoming = u.incoming,
          sequence = u.sequence, low_fired = u.low_fired
     from unnest($1::bigint[], $2::int[], $3::numeric[], $4::numeric[], $5::numeric[], $6::numeric[], $7::numeric[], $8::bigint[],
                 $9::boolean[])
          as u(item, place, on_hand, unavailable, committed, held, incoming, sequence, low_fired)
    where l.stock_item_id = u.item and l.location_id = u.place`,
);

const insertLevelsStatement = statement(
  'settle_insert_levels',
  `insert into stockroom.stock_level
     (stock_item_id, location_id, kind, on_hand, unavailable, committed, held, incoming, sequence, low_fired)
   select u.item, u.place, u.kind, u.on_hand, u.unavailable, u.committed, u.held, u.incoming, u.sequence, u.low_fired
     from unnest($1::bigint[], $2::int[], $3::numeric[], $4::numeric[], $5::numeric[], $6::numeric[], $7::numeric[], $8::bigint[],
                 $9::boolean[], $10::text[])
          as u(item, place, on_hand, unavailable, committed, held, incoming, sequence, low_fired, kind)`,
);

/** An item as it was loaded and as it is now. */
export interface ChangedItem {
  readonly before: ItemState;
  readonly after: ItemState;
}

/** Writes the levels that differ. Rows that did not exist when the item was loaded are inserted. */
export async function saveLevels(sql: Sql, items: readonly ChangedItem[]): Promise<void> {
  const updated: { itemId: number; level: ItemState['levels'][number] }[] = [];
  const inserted: typeof updated = [];
  for (const { before, after } of items) {
    for (const level of after.levels) {
      const known = before.levels.find((candidate) => candidate.placeId === level.placeId);
      if (known === undefined) inserted.push({ itemId: after.itemId, level });
      else if (known !== level) updated.push({ itemId: after.itemId, level });
    }
  }
  const columns = (rows: typeof updated) => [
    rows.map((row) => row.itemId),
    rows.map((row) => row.level.placeId),
    rows.map((row) => sqlFromQuantity(row.level.onHand)),
    rows.map((row) => sqlFromQuantity(row.level.unavailable)),
    rows.map((row) => sqlFromQuantity(row.level.committed)),
    rows.map((row) => sqlFromQuantity(row.level.held)),
    rows.map((row) => sqlFromQuantity(row.level.incoming)),
    rows.map((row) => row.level.sequence),
    rows.map((row) => row.level.lowFired),
  ];
  if (updated.length > 0) await sql.query(updateLevelsStatement, columns(updated));
  if (inserted.length > 0) {
    await sql.query(insertLevelsStatement, [...columns(inserted), inserted.map((row) => row.level.kind)]);
  }
}

/** A stock item that has just been created, and what lies at the opening location. */
export interface OpeningItem {
  readonly itemId: number;
  readonly onHand: Quantity;
}

const openLevelsStatement = statement(
  'levels_open',
  `insert into stockroom.stock_level (stock_item_id, location_id, kind, on_hand, sequence)
   select u.item, l.id, l.kind, case when l.opening then u.on_hand else 0 end,
          case when l.opening and u.on_hand <> 0 then 1 else 0 end
     from unnest($1::bigint[], $2::numeric[]) as u(item, on_hand)
    cross join (
      select id, kind, id is not distinct from $3::int as opening from stockroom.location o
       where id = $3::int or exists (select 1 from stockroom.store s where s.pool_id = o.id)
          or exists (select 1 from stockroom.store_location sl where sl.location_id = o.id)) l`,
);

const openMovementsStatement = statement(
  'levels_open_movements',
  `insert into stockroom.movement (stock_item_id, location_id, sequence, bucket, delta, balance_after, kind, event_seq)
   select u.item, $3, 1, 'on_hand', u.on_hand, u.on_hand, 'receive', $4
     from unnest($1::bigint[], $2::numeric[]) as u(item, on_hand) where u.on_hand <> 0`,
);

/**
 * Gives new items their levels at every place that stores sell from or count in, so that the first order need not create them, and
 * books their opening stock.
 * @param opening where the stock lies and the event that brought it; null = all begin at zero
 */
export async function openLevels(
  sql: Sql,
  items: readonly OpeningItem[],
  opening: { readonly locationId: number; readonly eventSeq: number } | null,
): Promise<void> {
  const columns = [items.map((item) => item.itemId), items.map((item) => sqlFromQuantity(item.onHand))];
  await sql.query(openLevelsStatement, [...columns, opening?.locationId ?? null]);
  if (opening !== null)
    await sql.query(openMovementsStatement, [...columns, opening.locationId, opening.eventSeq]);
}
