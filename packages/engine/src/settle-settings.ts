// The resolved settings of every item and store of a settlement: each layer is checked once, each combination resolved once.

import type { Settings, SparseSettings } from '@stockroom/core';
import { resolveSettings, validateSettings } from '@stockroom/core';
import type { Directory, LoadedItem, ProductRow } from '@stockroom/db';

export interface SettingsReader {
  settings(itemId: number, storeId: number): Settings;
  storeSettings(storeId: number): Settings;
}

export function settingsReader(
  directory: Directory,
  products: ReadonlyMap<number, ProductRow>,
  loaded: ReadonlyMap<number, LoadedItem>,
): SettingsReader {
  const global = sparse(directory.globalSettings);
  const storeLayer = memo((storeId: number) => sparse(directory.stores.get(storeId)?.settings));
  const productLayer = memo((productId: number) => sparse(products.get(productId)?.settings));
  const storeSettings = memo((storeId: number) => resolveSettings([storeLayer(storeId), global]));
  const byItem = new Map<string, Settings>();
  return {
    storeSettings,
    settings(itemId, storeId) {
      const own = loaded.get(itemId);
      const product = own === undefined ? null : productLayer(own.item.productId);
      // The common case needs no key: nothing of its own.
      if ((own?.settings ?? null) === null && product === null) return storeSettings(storeId);
      const cacheKey = `${itemId}:${storeId}`;
      let settings = byItem.get(cacheKey);
      if (settings === undefined) {
        settings = resolveSettings([sparse(own?.settings), product, storeLayer(storeId), global]);
        byItem.set(cacheKey, settings);
      }
      return settings;
    },
  };
}

function memo<Value>(compute: (id: number) => Value): (id: number) => Value {
  const known = new Map<number, Value>();
  return (id) => {
    if (!known.has(id)) known.set(id, compute(id));
    return known.get(id) as Value;
  };
}

/** Stored settings were validated when they were written; what does not validate now is a defect. */
function sparse(stored: unknown): SparseSettings | null {
  if (stored === null || stored === undefined) return null;
  const checked = validateSettings(stored);
  if (!checked.ok) throw new Error(`stored settings are not valid: ${JSON.stringify(checked.rejection)}`);
  return checked.settings;
}
