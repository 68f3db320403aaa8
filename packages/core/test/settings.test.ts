// Settings: the chain, and what is accepted from outside.

import { describe, expect, test } from 'vitest';
import { defaultSettings, resolveSettings, settingKeys, units, validateSettings } from '../src/index.ts';

describe('the chain', () => {
  test('nobody has set anything: the engine default', () => {
    expect(resolveSettings([])).toBe(defaultSettings);
    expect(resolveSettings([null, null])).toBe(defaultSettings);
  });

  test('for each key the strongest level that has it wins', () => {
    const resolved = resolveSettings([
      { 'oos.threshold': units(3) },
      null,
      { 'oos.threshold': units(9), 'deduct.on': 'paid' },
      { 'deduct.on': 'ordered', 'hold.ttl': 60 },
    ]);
    expect(resolved).toStrictEqual({
      ...defaultSettings,
      'oos.threshold': units(3),
      'deduct.on': 'paid',
      'hold.ttl': 60,
    });
  });

  test('null is a value and not a gap: a stronger level can switch an alert off', () => {
    const resolved = resolveSettings([{ 'notify.threshold': null }, { 'notify.threshold': units(5) }]);
    expect(resolved['notify.threshold']).toBeNull();
  });

  test('resolving changes no level', () => {
    const layer = Object.freeze({ 'oos.threshold': units(3) });
    resolveSettings([layer]);
    expect(defaultSettings['oos.threshold']).toBe(0);
  });
});

describe('settings from outside', () => {
  test('quantities are read exactly, instants become milliseconds', () => {
    expect(
      validateSettings({
        'oos.threshold': '-50',
        'backorder.limit': 12.5,
        'preorder.availableAt': '2026-05-04T12:00:00+02:00',
        'cart.allowed': [6, 12, '24', 6],
        'notify.recipients': ['group:buyers', 'ann@shop.example'],
      }),
    ).toStrictEqual({
      ok: true,
      settings: {
        'oos.threshold': units(-50),
        'backorder.limit': units(12.5),
        'preorder.availableAt': Date.UTC(2026, 4, 4, 10),
        'cart.allowed': [units(6), units(12), units(24)],
        'notify.recipients': ['group:buyers', 'ann@shop.example'],
      },
    });
  });

  test('"inherit" is the same as a missing key', () => {
    expect(validateSettings({ 'deduct.on': 'inherit', 'hold.ttl': 5 })).toStrictEqual({
      ok: true,
      settings: { 'hold.ttl': 5 },
    });
  });

  test('an empty list of recipients is a value: nobody is mailed', () => {
    expect(validateSettings({ 'notify.recipients': [] })).toStrictEqual({
      ok: true,
      settings: { 'notify.recipients': [] },
    });
  });

  test.each<[key: string, raw: unknown]>([
    ['deduct.on', 'never'],
    ['deduct.on', null],
    ['backorder.limit', -1],
    ['backorder.limit', 'some'],
    ['oos.threshold', Number.NaN],
    ['oos.threshold', '1.00001'],
    ['oos.threshold', null],
    ['notify.threshold', -1],
    ['notify.threshold', '5 units'],
    ['notify.rearm', null],
    ['notify.sources', 'order'],
    ['notify.sources', ['order', 'weather']],
    ['notify.recipients', ['store-managers']],
    ['notify.recipients', ['group:']],
    ['notify.recipients', ['ann@shop.example, bob@shop.example']],
    ['notify.recipients', ['a@b\r\nBcc: c@d']],
    ['status.map', { in: 'yes' }],
    ['status.map', { in: 'a', out: 'b', back: 'c', discontinued: 'd', other: 'e' }],
    ['preorder.enabled', 'yes'],
    ['preorder.availableAt', '2026-05-04'],
    ['preorder.availableAt', '2026-13-04T00:00:00Z'],
    ['cart.minQty', 0],
    ['cart.maxQty', 0],
    ['cart.increment', 0],
    ['hold.ttl', 0],
    ['hold.ttl', 1.5],
    ['hold.ttl', '15'],
    ['backInStock.max', 0],
    ['no.such.key', 1],
    ['constructor', 1],
    ['toString', 'inherit'],
  ])('%s = %j is refused by name, with what was expected', (key, raw) => {
    expect(validateSettings({ 'hold.ttl': 5, [key]: raw })).toMatchObject({
      ok: false,
      rejection: { code: 'invalid_input', field: key, expected: expect.stringMatching(/\w/) },
    });
  });

  test.each([[null], [undefined], ['{}'], [[]], [5]])('%j is no object of settings', (input) => {
    expect(validateSettings(input)).toMatchObject({ ok: false, rejection: { field: 'settings' } });
  });

  test('every key accepts its own default, so that a form can send back what it was shown', () => {
    expect(settingKeys.length).toBeGreaterThan(40);
    for (const key of settingKeys) {
      const shown = defaultSettings[key];
      const raw =
        typeof shown === 'number' && key !== 'hold.ttl' && key !== 'backInStock.max' ? shown / 10_000 : shown;
      expect(validateSettings({ [key]: raw }), key).toStrictEqual({ ok: true, settings: { [key]: shown } });
    }
  });
});
