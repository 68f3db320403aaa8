// What the environment must say before the API starts.
import { describe, expect, test } from 'vitest';
import { readEnv } from '../src/env.ts';

const good = { DATABASE_URL: 'postgres://me:secret@db:5432/stockroom' };

describe('the environment of the API', () => {
  test('needs only a database; everything else has a default', () => {
    const read = readEnv({ ...good, REDIS_URL: '' });
    expect(read).toMatchObject({
      ok: true,
      env: {
        QUEUE_BACKEND: 'postgres',
        QUEUE_PREFIX: 'bullmq',
        HOST: '127.0.0.1',
        PORT: 3000,
        STOCK_BELLS: 64,
      },
    });
  });

  test('with an address of Redis the queues are on Redis', () => {
    expect(readEnv({ ...good, REDIS_URL: 'redis://cache:6379' })).toMatchObject({
      env: { QUEUE_BACKEND: 'redis' },
    });
    expect(readEnv({ ...good, REDIS_URL: 'redis://cache:6379', QUEUE_BACKEND: 'postgres' })).toMatchObject({
      env: { QUEUE_BACKEND: 'postgres' },
    });
  });

  test('tells all its problems at once, each with its name, and shows no password', () => {
    const read = readEnv({
      DATABASE_URL: 'mysql://me:secret@db/stockroom',
      QUEUE_BACKEND: 'redis',
      PORT: '70000',
      STOCK_BELLS: '63',
      POOL_MAX: 'many',
      LOG_LEVEL: 'loud',
    });
    if (read.ok) throw new Error('it was taken');
    for (const name of ['DATABASE_URL', 'REDIS_URL', 'PORT', 'STOCK_BELLS', 'POOL_MAX', 'LOG_LEVEL']) {
      expect(read.problems).toContain(`  ${name}: `);
    }
    expect(read.problems).not.toContain('secret');
  });

  test('says what is not set', () => {
    expect(readEnv({})).toEqual({
      ok: false,
      problems: 'The environment is not complete:\n  DATABASE_URL: is not set',
    });
  });
});
