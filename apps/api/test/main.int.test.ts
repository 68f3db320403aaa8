// The API as a process: it starts only where it can work, says why when it cannot, and ends cleanly when told to.
import { fileURLToPath } from 'node:url';
import { createDatabase, describeOnBackends, spawnNode, uniqueId } from '@stockroom/testkit';
import { describe, expect, test } from 'vitest';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const bare = { REDIS_URL: undefined, QUEUE_BACKEND: undefined, PUBLIC_URL: undefined, PORT: '0' };

describe('the API process refuses to start', () => {
  test('without a database, and names what is missing', async () => {
    const child = spawnNode(main, { env: { ...bare, DATABASE_URL: undefined } });
    expect(await child.ended).toMatchObject({ exitCode: 2 });
    expect(child.lines.join('\n')).toContain('DATABASE_URL: is not set');
  });

  test('on a schema that is older than its code', async () => {
    const database = await createDatabase({ template: 'empty' });
    const child = spawnNode(main, { env: { ...bare, DATABASE_URL: database.url } });
    expect(await child.ended).toMatchObject({ exitCode: 1 });
    expect(child.lines.join('\n')).toMatch(/schema_older|stockroom migrate/);
    await database.drop();
  });

  test('on a port that is taken', async () => {
    const database = await createDatabase();
    const env = { ...bare, DATABASE_URL: database.url, QUEUE_PREFIX: uniqueId('q').replaceAll('-', '_') };
    const first = spawnNode(main, { env });
    const { url } = JSON.parse(await first.waitForLine(/API listens/)) as { url: string };
    const second = spawnNode(main, { env: { ...env, PORT: new URL(url).port } });
    expect(await second.ended).toMatchObject({ exitCode: 1 });
    expect(second.lines.join('\n')).toContain('EADDRINUSE');
    await first.stop();
    await database.drop();
  });
});

describeOnBackends('the API process', (backend) => {
  test.each(['SIGTERM', 'SIGINT'] as const)('is ready, and ends with 0 on %s', async (signal) => {
    const database = await createDatabase();
    const child = spawnNode(main, {
      env: {
        ...bare,
        DATABASE_URL: database.url,
        QUEUE_PREFIX: uniqueId('q').replaceAll('-', '_'),
        ...(backend.name === 'redis' ? { REDIS_URL: backend.redisUrl } : {}),
      },
    });
    const { url } = JSON.parse(await child.waitForLine(/API listens/)) as { url: string };
    const ready = await fetch(`${url}/readyz`);
    expect(await ready.json()).toMatchObject({ ok: true, queue: { backend: backend.name } });
    child.kill(signal);
    expect(await child.ended).toEqual({ exitCode: 0, signal: null });
    await database.drop();
  });
});
