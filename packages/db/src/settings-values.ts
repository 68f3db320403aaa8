// Sparse settings as they are stored: plain JSON of only the keys that somebody has set at this level.

import { validateSettings } from '@stockroom/core';

export type SettingValues = Readonly<Record<string, unknown>>;

export type ChangedSettings =
  | { readonly ok: true; readonly value: Record<string, unknown> | null }
  | { readonly ok: false; readonly field: string; readonly message: string };

/**
 * Applies changes to stored settings, if the core knows every key and value. `"inherit"` takes a key out; null is a value of its
 * own ("no threshold"). Nothing left = null.
 */
export function withChanges(stored: SettingValues | null, changes: SettingValues): ChangedSettings {
  const checked = validateSettings(changes);
  if (!checked.ok) {
    const { field, expected, found } = checked.rejection;
    return { ok: false, field, message: `${field} must be ${expected}; found ${found}` };
  }
  const merged = { ...stored, ...changes };
  const kept = Object.entries(merged).filter(([, value]) => value !== 'inherit' && value !== undefined);
  return { ok: true, value: kept.length === 0 ? null : Object.fromEntries(kept) };
}
