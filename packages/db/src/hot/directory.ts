// SQL of the small tables every decision needs: stores with their locations, and the settings above the product.

import type { StoreView } from '@stockroom/core';
import type { Sql } from '../sql.ts';
import { statement } from '../sql.ts';

export interface StoreEntry {
  readonly view: StoreView;
  readonly name: string;
  /** Sparse settings as stored. */
  readonly settings: unknown;
}

/** Stores, places and global settings, as they are in the transaction that reads them. */
export interface Directory {
  readonly stores: ReadonlyMap<number, StoreEntry>;
  readonly storesByCode: ReadonlyMap<string, StoreEntry>;
  /** Goods locations by code. */
  readonly locationsByCode: ReadonlyMap<string, number>;
  readonly locationCodes: ReadonlyMap<number, string>;
  readonly globalSettings: unknown;
}

interface RawDirectory {
  stores: { id: number; code: string; name: string; pool_id: number; settings: unknown }[] | null;
  places: { id: number; code: string; kind: string; enabled: boolean; in_stock: boolean }[] | null;
  links: { store_id: number; location_id: number }[] | null;
  global: unknown;
}

const directoryStatement = statement(
  'directory',
  `select (select json_agg(json_build_object('id', id, 'code', code, 'name', name, 'pool_id', pool_id, 'settings', settings) order by id)
             from stockroom.store) as stores,
          (select json_agg(json_build_object('id', id, 'code', code, 'kind', kind, 'enabled', enabled, 'in_stock', in_stock))
             from stockroom.location) as places,
          (select json_agg(json_build_object('store_id', store_id, 'location_id', location_id) order by store_id, priority, location_id)
             from stockroom.store_location) as links,
          (select value from stockroom.setting where scope = 'global') as global`,
);

export async function loadDirectory(sql: Sql): Promise<Directory> {
  const [row] = await sql.query<RawDirectory>(directoryStatement, []);
  const places = new Map((row?.places ?? []).map((place) => [place.id, place]));
  const stores = new Map<number, StoreEntry>();
  for (const store of row?.stores ?? []) {
    const locations = (row?.links ?? [])
      .filter((link) => link.store_id === store.id)
      .flatMap((link) => {
        const place = places.get(link.location_id);
        return place === undefined
          ? []
          : [{ placeId: place.id, code: place.code, enabled: place.enabled, inStock: place.in_stock }];
      });
    stores.set(store.id, {
      view: { storeId: store.id, code: store.code, poolId: store.pool_id, locations },
      name: store.name,
      settings: store.settings,
    });
  }
  const goods = [...places.values()].filter((place) => place.kind === 'location');
  return {
    stores,
    storesByCode: new Map([...stores.values()].map((entry) => [entry.view.code, entry])),
    locationsByCode: new Map(goods.map((place) => [place.code, place.id])),
    locationCodes: new Map([...places.values()].map((place) => [place.id, place.code])),
    globalSettings: row?.global ?? null,
  };
}
