// Stories: a few events about a few products, what each was answered, and what is there in the end.

import type { SettingValues } from '@stockroom/db';
import { uniqueId } from '@stockroom/testkit';
import { expect } from 'vitest';
import { nextMinute } from './events.ts';
import type { Levels, Shop } from './shop.ts';

/** `3 A` or `3 A as first`: three of product A on line `first`, by default on line `A`. */
export type Said = string;

/** An event as a table says it; order and products by their short names, `after` = minutes by which it is said too late. */
export interface Step {
  readonly place?: readonly Said[];
  readonly say?: string;
  /** `A`, or `2 A`: lines by their ids, with units. */
  readonly of?: readonly Said[];
  readonly with?: Record<string, unknown>;
  readonly order?: string;
  /** It happened this many minutes before it was said. */
  readonly minutesAgo?: number;
  /** What the outcome must contain. */
  readonly is: string;
  /** Of the lines answered, by line id: `applied 2`, `accepted 2+1` (from stock + backordered), or `rejected insufficient_stock`. */
  readonly lines?: Readonly<Record<string, string>>;
}

export interface Story {
  readonly name: string;
  readonly settings?: SettingValues;
  readonly stock?: Readonly<Record<string, number>>;
  readonly steps: readonly Step[];
  readonly ends: Readonly<Record<string, Partial<Levels>>>;
  readonly state?: string;
}

/** Tells a story and checks every answer and the end. */
export async function tellStory(shop: Shop, story: Story): Promise<void> {
  await shop.globally(story.settings ?? {});
  const skus = new Map<string, string>();
  for (const [name, onHand] of Object.entries(story.stock ?? { A: 10 }))
    skus.set(name, await shop.product(onHand));
  const skuOf = (name: string) => skus.get(name) ?? uniqueId('unknown');
  const orders = new Map<string, string>();
  const orderOf = (name: string) => {
    const known = orders.get(name) ?? uniqueId(name);
    orders.set(name, known);
    return known;
  };
  for (const step of story.steps) {
    const [outcome] = await shop.tell(eventOf(step, orderOf(step.order ?? 'order'), skuOf));
    expect({ step, status: outcome?.status }).toEqual({ step, status: step.is });
    if (step.lines === undefined) continue;
    const said = Object.fromEntries((outcome?.lines ?? []).map((line) => [line.line, wordsOf(line)]));
    expect(said).toEqual(step.lines);
  }
  for (const [name, levels] of Object.entries(story.ends)) {
    expect({ name, levels: await shop.levels(skuOf(name)) }).toMatchObject({ name, levels });
  }
  if (story.state !== undefined) expect((await shop.order(orderOf('order'))).state).toBe(story.state);
}

function eventOf(step: Step, order: string, skuOf: (name: string) => string): object {
  const at = new Date(Date.parse(nextMinute()) - (step.minutesAgo ?? 0) * 60_000).toISOString();
  const head = { id: uniqueId('event'), at, order, ...step.with };
  if (step.place !== undefined) {
    const lines = step.place.map((said) => {
      const { quantity, name, line } = parse(said);
      return { line: line ?? name, sku: skuOf(name), quantity };
    });
    return { ...head, type: 'order.placed', lines };
  }
  const type = `order.${step.say}`;
  if (step.of === undefined) return { ...head, type };
  const lines = step.of.map((said) => {
    const { quantity, name, line } = parse(said);
    return {
      line: line ?? name,
      ...(quantity === undefined ? {} : { quantity }),
      ...(line === undefined ? {} : { sku: skuOf(name) }),
    };
  });
  return { ...head, type, lines };
}

function parse(said: Said): { quantity: number | undefined; name: string; line: string | undefined } {
  const [, quantity, name = '', line] = /^(?:([\d.]+) )?(\S+)(?: as (\S+))?$/.exec(said) ?? [];
  return { quantity: quantity === undefined ? undefined : Number(quantity), name, line };
}

function wordsOf(line: {
  result: string;
  fromStock: number;
  backordered: number;
  moved: number;
  rejection?: { code: string } | undefined;
}): string {
  const code = line.rejection === undefined ? '' : ` ${line.rejection.code}`;
  if (line.result === 'accepted') return `accepted ${line.fromStock}+${line.backordered}${code}`;
  return `${line.result}${line.moved === 0 ? '' : ` ${line.moved}`}${code}`;
}
