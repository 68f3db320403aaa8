// The JSON Schemas that producers in other languages read say the same as the code that refuses.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { jsonSchemas, orderEventTypes, parseInbound } from '../src/index.ts';

const folder = join(import.meta.dirname, '..', '..', '..', 'docs', 'schemas');
const schemas = jsonSchemas();

describe('the committed JSON Schemas', () => {
  test('are those that the code makes; after a change run node scripts/write-schemas.ts and the formatter', () => {
    expect(readdirSync(folder).toSorted()).toEqual(Object.keys(schemas).toSorted());
    for (const [name, schema] of Object.entries(schemas)) {
      expect(JSON.parse(readFileSync(join(folder, name), 'utf8')), name).toEqual(schema);
    }
  });

  test('know every order event, and let producers leave out what has a default', () => {
    const { oneOf } = schemas['order-event.json'] as {
      oneOf: { properties: { type: { const: string } }; required: string[]; additionalProperties: boolean }[];
    };
    expect(oneOf.map((each) => each.properties.type.const)).toEqual(orderEventTypes);
    for (const { required, additionalProperties } of oneOf) {
      expect(required.toSorted()).toEqual(expect.arrayContaining(['at', 'id', 'order', 'type']));
      expect(required).not.toContain('store');
      expect(additionalProperties).toBe(false);
    }
  });

  test.each([
    ['1', true],
    ['1.5', true],
    ['0.0001', true],
    ['0', false],
    ['0.0000', false],
    ['-1', false],
    ['1e3', false],
    ['1.00001', false],
    ['', false],
  ])('say of the quantity text "%s" what the code says', (text, good) => {
    const { $defs, oneOf } = schemas['order-event.json'] as {
      $defs?: Record<string, unknown>;
      oneOf: {
        properties: { lines?: { items: { properties: { quantity: { anyOf: { pattern?: string }[] } } } } };
      }[];
    };
    expect($defs).toBeUndefined();
    const pattern = oneOf[0]?.properties.lines?.items.properties.quantity.anyOf[1]?.pattern;
    expect(new RegExp(pattern as string, 'u').test(text)).toBe(good);
    const event = {
      type: 'order.placed',
      id: 'e',
      order: 'o',
      at: '2026-05-04T10:00:00Z',
      lines: [{ sku: 'A', quantity: text }],
    };
    expect(parseInbound(event).ok).toBe(good);
  });

  test.each([
    ['SKU 1', true],
    ['é', true],
    [' a', false],
    ['a ', false],
    ['a\nb', false],
    ['', false],
    ['x'.repeat(201), false],
  ])('say of the id %j what the code says', (id, good) => {
    const { oneOf } = schemas['order-event.json'] as {
      oneOf: { properties: { id: { pattern: string; maxLength: number } } }[];
    };
    const { pattern, maxLength } = oneOf[1]?.properties.id ?? { pattern: '', maxLength: 0 };
    expect(new RegExp(pattern, 'u').test(id) && id.length <= maxLength).toBe(good);
    expect(parseInbound({ type: 'order.paid', id, order: 'o', at: '2026-05-04T10:00:00Z' }).ok).toBe(good);
  });
});
