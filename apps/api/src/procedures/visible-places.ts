// Which places a key of single stores may see: the pools of its stores and the locations they sell from.

import type { Database } from '@stockroom/db';
import { loadDirectory } from '@stockroom/db';
import type { Caller } from '../auth/rule.ts';

export async function visiblePlaces(
  db: Database,
  { stores }: Pick<Caller, 'stores'>,
): Promise<ReadonlySet<number> | 'all'> {
  if (stores === null) return 'all';
  const { storesByCode } = await loadDirectory(db.read);
  const own = stores.flatMap((code) => storesByCode.get(code)?.view ?? []);
  return new Set(own.flatMap((store) => [store.poolId, ...store.locations.map(({ placeId }) => placeId)]));
}
