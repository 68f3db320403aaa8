// Settings from outside: raw JSON of one level of the chain becomes sparse settings, or is refused by key.

import type { InputRejection, Quantity } from './quantity.ts';
import { parseQuantity } from './quantity.ts';
import type { SettingKey, Settings, SparseSettings } from './settings.ts';
import { defaultSettings } from './settings.ts';

export type ValidatedSettings =
  | { readonly ok: true; readonly settings: SparseSettings }
  | { readonly ok: false; readonly rejection: InputRejection };

/** Reads one raw value: the value the core works with, or `refused`. */
interface Rule<Value> {
  readonly expected: string;
  read(raw: unknown): Value | typeof refused;
}

const refused = Symbol('refused');

function oneOf<const Word extends string>(...words: readonly Word[]): Rule<Word> {
  return {
    expected: `one of ${words.join(', ')}`,
    read: (raw) => words.find((word) => word === raw) ?? refused,
  };
}

const yesOrNo: Rule<boolean> = {
  expected: 'true or false',
  read: (raw) => (typeof raw === 'boolean' ? raw : refused),
};

function decimal(what: string, accepts: (quantity: Quantity) => boolean): Rule<Quantity> {
  return {
    expected: `${what} with at most 4 places`,
    read(raw) {
      if (typeof raw !== 'number' && typeof raw !== 'string') return refused;
      const parsed = parseQuantity(raw, '');
      return parsed.ok && accepts(parsed.quantity) ? parsed.quantity : refused;
    },
  };
}

const anyDecimal = decimal('a decimal', () => true);
const zeroOrMore = decimal('a decimal of 0 or more', (quantity) => quantity >= 0);
const moreThanZero = decimal('a decimal above 0', (quantity) => quantity > 0);

function wholeNumber(min: number, max: number): Rule<number> {
  return {
    expected: `a whole number from ${min} to ${max}`,
    read: (raw) =>
      typeof raw === 'number' && Number.isInteger(raw) && raw >= min && raw <= max ? raw : refused,
  };
}

function orNull<Value>(rule: Rule<Value>): Rule<Value | null> {
  return {
    expected: `${rule.expected}, or null`,
    read: (raw) => (raw === null ? null : rule.read(raw)),
  };
}

function either<A, B>(first: Rule<A>, second: Rule<B>): Rule<A | B> {
  return {
    expected: `${first.expected}, or ${second.expected}`,
    read(raw) {
      const value = first.read(raw);
      return value === refused ? second.read(raw) : value;
    },
  };
}

function listOf<Value>(rule: Rule<Value>): Rule<readonly Value[]> {
  return {
    expected: `a list, each of it ${rule.expected}`,
    read(raw) {
      if (!Array.isArray(raw)) return refused;
      const values: Value[] = [];
      for (const element of raw) {
        const value = rule.read(element);
        if (value === refused) return refused;
        if (!values.includes(value)) values.push(value);
      }
      return values;
    },
  };
}

const instant: Rule<number> = {
  expected: 'an instant such as 2026-05-04T10:00:00Z',
  read(raw) {
    if (typeof raw !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(raw))
      return refused;
    const at = Date.parse(raw);
    return Number.isNaN(at) ? refused : at;
  },
};

const recipient: Rule<string> = {
  expected: '"group:<code>" or a mail address',
  read: (raw) =>
    typeof raw === 'string' &&
    raw.length <= 260 &&
    /^(group:[A-Za-z0-9][A-Za-z0-9._-]{0,63}|[^\s@<>,;:"]+@[^\s@<>,;:"]+)$/.test(raw)
      ? raw
      : refused,
};

const statusNames = ['in', 'out', 'back', 'discontinued'] as const;
const statusMap: Rule<Settings['status.map']> = {
  expected: 'an object with a text for each of in, out, back and discontinued',
  read(raw) {
    if (!isRecord(raw) || Object.keys(raw).length !== statusNames.length) return refused;
    const { in: inStock, out, back, discontinued } = raw;
    return isText(inStock) && isText(out) && isText(back) && isText(discontinued)
      ? { in: inStock, out, back, discontinued }
      : refused;
  },
};

const restock = oneOf('auto_unshipped', 'auto_all', 'prompt', 'never');
const compare = oneOf('lt', 'lte');
const basis = oneOf('on_hand', 'salable');

const rules: { readonly [Key in SettingKey]: Rule<Settings[Key]> } = {
  'tracking.mode': oneOf('none', 'product', 'variant'),
  'variant.fallback': oneOf('product', 'untracked', 'none'),
  'reserve.on': oneOf('none', 'checkout', 'ordered', 'paid'),
  'deduct.on': oneOf('ordered', 'paid', 'shipped'),
  'order.policy': oneOf('all_or_nothing', 'partial', 'accept_all'),
  'negative.onHand': oneOf('allow', 'clamp_zero', 'reject'),
  'backorder.mode': oneOf('deny', 'allow', 'allow_notify'),
  'backorder.limit': either(oneOf('from_threshold', 'unlimited'), zeroOrMore),
  'preorder.enabled': yesOrNo,
  'preorder.limit': orNull(zeroOrMore),
  'preorder.availableAt': orNull(instant),
  'oos.threshold': anyDecimal,
  'oos.thresholdFrom': oneOf('own', 'notify'),
  'oos.signRule': oneOf('as_is', 'by_backorder_mode'),
  'oos.basis': basis,
  'oos.visibility': oneOf('show', 'show_unbuyable', 'hide'),
  'lowStock.threshold': orNull(zeroOrMore),
  'lowStock.action': oneOf('none', 'disable_buy', 'unpublish'),
  'lowStock.compare': compare,
  restoreOnRise: oneOf('auto', 'only_if_auto', 'never'),
  'notify.threshold': orNull(zeroOrMore),
  'notify.compare': compare,
  'notify.basis': basis,
  'notify.trigger': oneOf('crossing', 'every_decrease', 'digest'),
  'notify.rearm': zeroOrMore,
  'notify.sources': listOf(oneOf('order', 'receive', 'adjust', 'count', 'transfer', 'import', 'hold')),
  'notify.recipients': listOf(recipient),
  'status.map': statusMap,
  'status.autoTriggers': listOf(oneOf('order', 'receive', 'import', 'sync', 'manual')),
  'display.availability': yesOrNo,
  'display.quantity': yesOrNo,
  'display.onlyXLeft': zeroOrMore,
  'display.eta': yesOrNo,
  'cart.minQty': moreThanZero,
  'cart.maxQty': orNull(moreThanZero),
  'cart.increment': moreThanZero,
  'cart.allowed': orNull(listOf(moreThanZero)),
  'cart.scope': oneOf('line', 'sku_in_cart', 'customer_total'),
  'atp.includeIncoming': oneOf('no', 'yes', 'by_eta'),
  'backInStock.enabled': yesOrNo,
  'backInStock.max': wholeNumber(1, 1_000_000),
  'cancel.restock': restock,
  'delete.restock': restock,
  'cancel.target': oneOf('same_location', 'pool'),
  'return.restock': oneOf('default_yes', 'default_no', 'never'),
  'hold.ttl': wholeNumber(1, 525_600),
};

/**
 * Validates one level of the chain as it is stored and as the API gives it: plain JSON, quantities in units, instants as text.
 * What is kept is this JSON, never the result (its quantities are scaled).
 *
 * @returns the keys that were set; `"inherit"` and a missing key are the same. Or a rejection that names the key, what was
 *   expected and what was found; unknown keys are refused too.
 */
export function validateSettings(input: unknown): ValidatedSettings {
  if (!isRecord(input)) return refusal('settings', 'an object of settings', input);
  const settings: Partial<Record<SettingKey, unknown>> = {};
  for (const [key, raw] of Object.entries(input)) {
    if (!isSettingKey(key)) return refusal(key, 'a key of the rule book', raw);
    if (raw === 'inherit') continue;
    const rule = rules[key];
    const value = rule.read(raw);
    if (value === refused) return refusal(key, `${rule.expected}, or "inherit"`, raw);
    settings[key] = value;
  }
  // Each value was read by the rule of its own key.
  return { ok: true, settings: settings as SparseSettings };
}

function refusal(field: string, expected: string, found: unknown): ValidatedSettings {
  const text = JSON.stringify(found) ?? String(found);
  return { ok: false, rejection: { code: 'invalid_input', field, expected, found: text.slice(0, 80) } };
}

function isSettingKey(key: string): key is SettingKey {
  return Object.hasOwn(defaultSettings, key);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= 100;
}
