// The wire contract as JSON Schema, for producers in other languages. The committed files under docs/schemas are made from this.

import { z } from 'zod';
import { orderEvent } from './order-event.ts';
import { acceptance, outcomesJob } from './outcome.ts';
import { itemQuantity, key, levelQuantity, quantityMax, signedQuantity } from './primitives.ts';
import { stockEvent } from './stock-event.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

const decimal = '(0|[1-9]\\d{0,11})(\\.\\d{1,4})?';

/** What our own checks say in code, said again in the words of JSON Schema. */
const inWords = new Map<z.ZodType, JsonSchema>([
  [
    key,
    { type: 'string', minLength: 1, maxLength: 200, pattern: '^[^\\s\\p{Cc}]([^\\p{Cc}]*[^\\s\\p{Cc}])?$' },
  ],
  [
    itemQuantity,
    {
      description: 'more than 0, at most 4 decimal places; text keeps every digit',
      anyOf: [
        { type: 'number', exclusiveMinimum: 0, maximum: quantityMax },
        { type: 'string', maxLength: 20, pattern: `^(?!0+(\\.0+)?$)${decimal}$` },
      ],
    },
  ],
  [
    levelQuantity,
    {
      description: '0 or more, at most 4 decimal places; text keeps every digit',
      anyOf: [
        { type: 'number', minimum: 0, maximum: quantityMax },
        { type: 'string', maxLength: 20, pattern: `^${decimal}$` },
      ],
    },
  ],
  [
    signedQuantity,
    {
      description: 'of either sign, at most 4 decimal places; text keeps every digit',
      anyOf: [
        { type: 'number', minimum: -quantityMax, maximum: quantityMax },
        { type: 'string', maxLength: 20, pattern: `^-?${decimal}$` },
      ],
    },
  ],
]);

function asJson(title: string, schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const { $schema, ...rest } = z.toJSONSchema(schema, {
    io,
    target: 'draft-2020-12',
    override({ zodSchema, jsonSchema }) {
      const words = inWords.get(zodSchema as unknown as z.ZodType);
      if (words === undefined) return;
      for (const name of Object.keys(jsonSchema)) delete (jsonSchema as Record<string, unknown>)[name];
      Object.assign(jsonSchema, words);
    },
  });
  return { $schema, title, ...rest };
}

/** Schemas by file name: what producers send (`input`: defaults may be left out), and what they get back. */
export function jsonSchemas(): Readonly<Record<string, JsonSchema>> {
  return {
    'order-event.json': asJson('Order event: data of a job on queue order-events', orderEvent, 'input'),
    'stock-event.json': asJson('Stock event: data of a job on queue order-events', stockEvent, 'input'),
    'acceptance.json': asJson(
      'Acceptance: return value of a job on queue order-events',
      acceptance,
      'output',
    ),
    'outcomes-job.json': asJson('Outcomes: data of a job on queue order-outcomes', outcomesJob, 'output'),
  };
}
