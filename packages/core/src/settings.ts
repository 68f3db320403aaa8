// Settings of the rule book (section 3) as resolved plain data: the table of keys, their defaults, and the chain.

import type { Quantity } from './quantity.ts';
import { units, zero } from './quantity.ts';

/** What can change stock, for `notify.sources`. */
export type Cause = 'order' | 'receive' | 'adjust' | 'count' | 'transfer' | 'import' | 'hold';
export type StatusTrigger = 'order' | 'receive' | 'import' | 'sync' | 'manual';
export type RestockPolicy = 'auto_unshipped' | 'auto_all' | 'prompt' | 'never';
export type OrderPolicy = 'all_or_nothing' | 'partial' | 'accept_all';

/** Resolved settings of one stock item in one store. */
export interface Settings {
  readonly 'tracking.mode': 'none' | 'product' | 'variant';
  readonly 'variant.fallback': 'product' | 'untracked' | 'none';
  readonly 'reserve.on': 'none' | 'checkout' | 'ordered' | 'paid';
  readonly 'deduct.on': 'ordered' | 'paid' | 'shipped';
  readonly 'order.policy': OrderPolicy;
  readonly 'negative.onHand': 'allow' | 'clamp_zero' | 'reject';
  readonly 'backorder.mode': 'deny' | 'allow' | 'allow_notify';
  /** `from_threshold`: a negative out-of-stock threshold is the limit, zero or more means no limit. */
  readonly 'backorder.limit': 'from_threshold' | 'unlimited' | Quantity;
  readonly 'preorder.enabled': boolean;
  /** null = no limit. */
  readonly 'preorder.limit': Quantity | null;
  /** Milliseconds since the epoch; null = not known. */
  readonly 'preorder.availableAt': number | null;
  readonly 'oos.threshold': Quantity;
  readonly 'oos.thresholdFrom': 'own' | 'notify';
  readonly 'oos.signRule': 'as_is' | 'by_backorder_mode';
  readonly 'oos.basis': 'on_hand' | 'salable';
  readonly 'oos.visibility': 'show' | 'show_unbuyable' | 'hide';
  readonly 'lowStock.threshold': Quantity | null;
  readonly 'lowStock.action': 'none' | 'disable_buy' | 'unpublish';
  readonly 'lowStock.compare': 'lt' | 'lte';
  readonly restoreOnRise: 'auto' | 'only_if_auto' | 'never';
  /** null = no low-stock alert. */
  readonly 'notify.threshold': Quantity | null;
  readonly 'notify.compare': 'lt' | 'lte';
  readonly 'notify.basis': 'on_hand' | 'salable';
  readonly 'notify.trigger': 'crossing' | 'every_decrease' | 'digest';
  /** Units above the threshold to which stock must rise before the next alert. */
  readonly 'notify.rearm': Quantity;
  /** Changes that may cause a mail to the managers. */
  readonly 'notify.sources': readonly Cause[];
  /** `group:<code>` or a mail address. Nobody = no mail. */
  readonly 'notify.recipients': readonly string[];
  readonly 'status.map': {
    readonly in: string;
    readonly out: string;
    readonly back: string;
    readonly discontinued: string;
  };
  readonly 'status.autoTriggers': readonly StatusTrigger[];
  readonly 'display.availability': boolean;
  readonly 'display.quantity': boolean;
  readonly 'display.onlyXLeft': Quantity;
  readonly 'display.eta': boolean;
  readonly 'cart.minQty': Quantity;
  /** null = no limit. */
  readonly 'cart.maxQty': Quantity | null;
  readonly 'cart.increment': Quantity;
  /** null = every quantity. */
  readonly 'cart.allowed': readonly Quantity[] | null;
  readonly 'cart.scope': 'line' | 'sku_in_cart' | 'customer_total';
  readonly 'atp.includeIncoming': 'no' | 'yes' | 'by_eta';
  readonly 'backInStock.enabled': boolean;
  /** Subscriptions per customer. */
  readonly 'backInStock.max': number;
  readonly 'cancel.restock': RestockPolicy;
  readonly 'delete.restock': RestockPolicy;
  readonly 'cancel.target': 'same_location' | 'pool';
  readonly 'return.restock': 'default_yes' | 'default_no' | 'never';
  /** Minutes. */
  readonly 'hold.ttl': number;
}

export type SettingKey = keyof Settings;

/** One level of the chain: only the keys somebody set there. A missing key inherits. */
export type SparseSettings = { readonly [Key in SettingKey]?: Settings[Key] };

/** What holds when nobody has set anything. */
export const defaultSettings: Settings = {
  'tracking.mode': 'product',
  'variant.fallback': 'product',
  'reserve.on': 'ordered',
  'deduct.on': 'shipped',
  'order.policy': 'all_or_nothing',
  'negative.onHand': 'reject',
  'backorder.mode': 'deny',
  'backorder.limit': 'from_threshold',
  'preorder.enabled': false,
  'preorder.limit': null,
  'preorder.availableAt': null,
  'oos.threshold': zero,
  'oos.thresholdFrom': 'own',
  'oos.signRule': 'as_is',
  'oos.basis': 'salable',
  'oos.visibility': 'show_unbuyable',
  'lowStock.threshold': null,
  'lowStock.action': 'none',
  'lowStock.compare': 'lte',
  restoreOnRise: 'only_if_auto',
  'notify.threshold': null,
  'notify.compare': 'lte',
  'notify.basis': 'salable',
  'notify.trigger': 'crossing',
  'notify.rearm': zero,
  'notify.sources': ['order', 'receive', 'adjust', 'count', 'transfer', 'import', 'hold'],
  'notify.recipients': ['group:store-managers'],
  'status.map': { in: 'in_stock', out: 'out_of_stock', back: 'back_order', discontinued: 'discontinued' },
  'status.autoTriggers': ['order', 'receive', 'import', 'sync', 'manual'],
  'display.availability': true,
  'display.quantity': false,
  'display.onlyXLeft': zero,
  'display.eta': true,
  'cart.minQty': units(1),
  'cart.maxQty': null,
  'cart.increment': units(1),
  'cart.allowed': null,
  'cart.scope': 'sku_in_cart',
  'atp.includeIncoming': 'no',
  'backInStock.enabled': true,
  'backInStock.max': 200,
  'cancel.restock': 'auto_unshipped',
  'delete.restock': 'auto_unshipped',
  'cancel.target': 'same_location',
  'return.restock': 'default_no',
  'hold.ttl': 15,
};

/** Every key there is, in the order of the rule book. */
export const settingKeys = Object.keys(defaultSettings) as readonly SettingKey[];

/**
 * Resolves the chain: for each key the strongest layer that has it wins, the engine default last.
 *
 * @param layers strongest first; null = a level at which nobody has set anything
 */
export function resolveSettings(layers: readonly (SparseSettings | null)[]): Settings {
  let resolved: Settings = defaultSettings;
  for (let at = layers.length - 1; at >= 0; at -= 1) {
    const layer = layers[at];
    if (layer !== null && layer !== undefined) resolved = { ...resolved, ...layer };
  }
  return resolved;
}
