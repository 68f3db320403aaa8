// Rendering: what each mail says, and what its data cannot make it say.
import { EngineError, mailTemplates } from '@stockroom/contracts';
import { describe, expect, test } from 'vitest';
import { createRenderer } from '../src/renderer.ts';
import { samples } from './samples.ts';

const renderer = createRenderer({ baseUrl: 'https://admin.example.com/', shopName: 'Tea & Tins' });

function failureOf(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe.each(mailTemplates)('%s', (template) => {
  const mail = renderer.render({ template, data: samples[template] });

  test('has a subject, an HTML part and a text part without any gap left by a template', () => {
    expect(mail.subject.length).toBeGreaterThan(10);
    for (const part of [mail.subject, mail.html, mail.text]) {
      expect(part).not.toMatch(/\{\{|\}\}|undefined|null|NaN|\[object/);
    }
    expect(mail.html).toMatch(/^<!doctype html>/);
    expect(mail.text).not.toMatch(/<[a-z]|&amp;|&#x?\d/i);
    expect(mail.text).not.toMatch(/\n{4,}/);
  });

  test('says in the text part all that the HTML part says', () => {
    const withoutPreheader = mail.html
      .replace(/<div style="display:none.*?<\/div>/s, '')
      .replace(/<title>.*?<\/title>/s, '');
    const words = withoutPreheader
      .replace(/<!--.*?-->/gs, ' ')
      .replace(/<[^>]+>/g, ' ')
      .replaceAll('&amp;', '&')
      .match(/[\p{L}\p{N}][\p{L}\p{N}.,&-]*[\p{L}\p{N}]/gu);
    const columnTitles = ['Item', 'Ordered', 'Follows', 'Arrived', 'Still'];
    const missing = [...new Set(words)].filter(
      (word) =>
        !mail.text.toLowerCase().includes(word.toLowerCase()) &&
        !columnTitles.includes(word) &&
        word !== 'nbsp' &&
        word !== 'Buy',
    );
    expect(missing).toEqual([]);
    expect(words?.length).toBeGreaterThan(20);
  });

  test('refuses to render when any field it needs is missing, and names the field', () => {
    const required = Object.keys(samples[template]).filter(
      (field) => !['adminUrl', 'orderUrl', 'customerName'].includes(field),
    );
    expect(required.length).toBeGreaterThan(2);
    for (const field of required) {
      const { [field]: _left, ...rest } = samples[template] as Record<string, unknown>;
      const error = failureOf(() => renderer.render({ template, data: rest }));
      expect(error).toBeInstanceOf(EngineError);
      expect(error).toMatchObject({ code: 'template_error', retry: 'never' });
      expect((error as Error).message).toContain(`${field}: `);
    }
  });

  test('renders the same mail from the same data', () => {
    expect(renderer.render({ template, data: samples[template] })).toEqual(mail);
  });
});

test('a low-stock mail tells product, numbers, cause, person, time and where to go', () => {
  const { subject, text, html } = renderer.render({ template: 'low-stock', data: samples['low-stock'] });
  expect(subject).toBe('Low stock: Earl Grey loose leaf, 250 g tin (TEA-EARL-250), 4 left to sell');
  for (const fact of [
    'On hand: 14',
    'Can be sold: 4',
    'threshold: 5',
    'Order 10-4711 took 3',
    'Web shop',
    '22 Nov 2026, 09:41 UTC',
  ]) {
    expect(text).toContain(fact);
  }
  expect(html).toContain('href="https://admin.example.com/products/TEA-EARL-250"');
  expect(text).toContain('https://admin.example.com/products/TEA-EARL-250');
});

test('the low-stock mail speaks of the number that the threshold is compared with', () => {
  const data = { ...samples['low-stock'], basis: 'on_hand' as const, onHand: 5, salable: null };
  const { subject, text } = renderer.render({ template: 'low-stock', data });
  expect(subject).toContain('5 on hand');
  expect(text).toContain('Can be sold: unlimited');
});

test.each([
  ['out_of_stock', /^Out of stock: /, 'turned down'],
  ['backorder', /^Now on backorder: /, 'still taken'],
  ['discontinued', /^Sold out and discontinued: /, 'will not be ordered again'],
] as const)('an out-of-stock mail in state %s says what happens to new orders', (state, subject, words) => {
  const mail = renderer.render({ template: 'out-of-stock', data: { ...samples['out-of-stock'], state } });
  expect(mail.subject).toMatch(subject);
  expect(mail.html).toContain(words);
  expect(mail.text).toContain(words);
});

test('times are told in UTC, whatever offset they came with', () => {
  expect(renderer.render({ template: 'out-of-stock', data: samples['out-of-stock'] }).text).toContain(
    '22 Nov 2026, 14:02 UTC',
  );
});

test('a filled backorder says what still waits, and says that all has come when nothing does', () => {
  const sample = samples['backorder-filled'];
  expect(renderer.render({ template: 'backorder-filled', data: sample }).text).toContain(
    '0.5 arrived, 0.5 still to come',
  );
  const complete = { ...sample, lines: sample.lines.map((line) => ({ ...line, stillWaiting: 0 })) };
  const mail = renderer.render({ template: 'backorder-filled', data: complete });
  expect(mail.text).toContain('everything you waited for has arrived');
  expect(mail.html).not.toContain('Still to come');
});

test('a mail without a link shows no button', () => {
  const { adminUrl: _left, ...data } = samples['low-stock'];
  const mail = renderer.render({ template: 'low-stock', data });
  expect(mail.html).not.toContain('<a ');
  expect(mail.text).not.toContain('Open this product');
  const pathWithoutBase = createRenderer().render({ template: 'low-stock', data: samples['low-stock'] });
  expect(pathWithoutBase.html).not.toContain('<a ');
});

describe('data cannot', () => {
  const render = (changes: object) =>
    renderer.render({ template: 'low-stock', data: { ...samples['low-stock'], ...changes } });

  test('bring markup into the HTML part', () => {
    const { html, text } = render({ productName: `<img src=x onerror="alert(1)"> & 'Co'` });
    expect(html).not.toContain('<img');
    expect(html).toContain('&lt;img src&#x3D;x onerror&#x3D;&quot;alert(1)&quot;&gt; &amp; &#x27;Co&#x27;');
    expect(text).toContain(`<img src=x onerror="alert(1)"> & 'Co'`);
  });

  test('break out of a link or make it run code', () => {
    expect(render({ adminUrl: 'https://a.test/"onmouseover="x' }).html).not.toContain('"onmouseover');
    expect(() => render({ adminUrl: 'javascript:alert(1)' })).toThrow(/adminUrl: must be an http\(s\) URL/);
    expect(() => render({ adminUrl: '//evil.test/' })).toThrow(/adminUrl/);
  });

  test('add a header to the mail or a line to its text part', () => {
    const { subject, text } = render({ productName: 'Tea\r\nBcc: all@x.test\n\nOn hand: 999\u2028\u0000' });
    for (const character of '\r\n\u2028\u0000') expect(subject).not.toContain(character);
    expect(text).not.toMatch(/^On hand: 999/m);
    expect(text).not.toMatch(/^Bcc/m);
  });

  test('turn the writing direction or leave half a character', () => {
    const { subject } = render({ productName: 'a\u202Eb\ud800c' });
    expect(subject).toContain('a b\ufffdc');
  });

  test('run as a template', () => {
    expect(render({ productName: '{{constructor}} {{> fact.html}}' }).text).toContain(
      '{{constructor}} {{> fact.html}}',
    );
  });

  test('reach a prototype', () => {
    const data = JSON.parse('{"__proto__": {"storeName": "inherited"}}') as object;
    const { storeName: _left, ...rest } = samples['low-stock'];
    expect(() => renderer.render({ template: 'low-stock', data: { ...rest, ...data } })).toThrow(
      /storeName: /,
    );
    expect(() =>
      renderer.render({ template: 'low-stock', data: Object.create(samples['low-stock']) }),
    ).toThrow(/sku: /);
  });

  test('name a template that is none', () => {
    for (const template of ['', 'nope', '__proto__', 'constructor', '../low-stock', 'partials']) {
      expect(failureOf(() => renderer.render({ template, data: {} }))).toMatchObject({
        code: 'template_error',
        retry: 'never',
      });
    }
  });

  test('be a number that is none, or the wrong kind of value', () => {
    for (const onHand of [Number.NaN, Number.POSITIVE_INFINITY, '4', null, {}]) {
      expect(() => render({ onHand })).toThrow(/onHand: /);
    }
    for (const data of [null, undefined, 'text', 4, []]) {
      expect(() => renderer.render({ template: 'low-stock', data })).toThrow(EngineError);
    }
  });
});

test('a very long name gives a long but bounded subject', () => {
  const mail = renderer.render({
    template: 'low-stock',
    data: { ...samples['low-stock'], productName: '茶'.repeat(300) },
  });
  expect([...mail.subject].length).toBeLessThanOrEqual(250);
  expect(mail.text).toContain('茶'.repeat(300));
});

test('an order with 1,000 waiting lines renders within two seconds', () => {
  const [line] = samples['backorder-notice'].lines;
  const data = { ...samples['backorder-notice'], lines: Array.from({ length: 1_000 }, () => line!) };
  const startedAt = performance.now();
  const { text } = renderer.render({ template: 'backorder-notice', data });
  expect(text.match(/follow later, expected/g)).toHaveLength(1_000);
  expect(performance.now() - startedAt).toBeLessThan(2_000);
});
