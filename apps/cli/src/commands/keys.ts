// `stockroom keys`: makes, lists and revokes the keys of services and tools.
import { type ApiKey, createApiKey, listApiKeys, revokeApiKey } from '@stockroom/db';
import type { Command } from 'commander';
import { CliError, exitCodes } from '../exit-codes.ts';
import { openSystem } from '../open-system.ts';
import { table } from '../output.ts';
import { action, type CommonOptions, wholeNumber } from '../run-command.ts';

const roles = ['admin', 'ops', 'editor', 'service', 'reader'] as const;
type Role = (typeof roles)[number];

type CreateOptions = CommonOptions & { name: string; role: string; stores?: string; days?: string };

export function registerKeys(program: Command): void {
  const keys = program.command('keys').description('API keys of services and tools');
  registerCreate(keys);
  registerList(keys);
  registerRevoke(keys);
}

function registerCreate(keys: Command): void {
  const command = keys
    .command('create')
    .description('make a key and print it; it cannot be read again')
    .requiredOption('--name <name>', 'what it is for')
    .requiredOption('--role <role>', roles.join(', '))
    .option('--stores <codes>', 'stores it may speak for, with commas; absent: all')
    .option('--days <n>', 'days until it expires; absent: never');
  action<CreateOptions>(command, async ({ options, env, output }) => {
    const role = roles.find((known) => known === options.role);
    if (role === undefined) {
      throw new CliError(
        exitCodes.usage,
        `--role must be one of ${roles.join(', ')}; found "${options.role}".`,
      );
    }
    const days = options.days === undefined ? null : wholeNumber('--days', options.days, 1, 36_500);
    const system = await openSystem(env, options.data);
    try {
      const made = await createApiKey(system.db, {
        name: options.name,
        role,
        ...limits(options.stores, days),
      });
      if (!made.ok) throw new CliError(exitCodes.usage, `${made.problem.field}: ${made.problem.message}`);
      const { key, apiKey } = made.value;
      output.json({ ok: true, key, ...shown(apiKey) });
      output.line(key);
      output.news(
        `This is the only copy. Role ${role satisfies Role}, revoke it with: stockroom keys revoke ${apiKey.prefix}`,
      );
      return exitCodes.ok;
    } finally {
      await system.close();
    }
  });
}

function limits(stores: string | undefined, days: number | null) {
  return {
    stores: stores === undefined ? null : stores.split(',').map((code) => code.trim()),
    expiresAt: days === null ? null : new Date(Date.now() + days * 86_400_000),
  };
}

function registerList(keys: Command): void {
  action(keys.command('list').description('all keys, newest first'), async ({ options, env, output }) => {
    const system = await openSystem(env, options.data);
    try {
      const found = (await listApiKeys(system.db, { limit: 1_000 })).map(shown);
      output.json({ ok: true, keys: found });
      const rows = found.map((key) => [
        key.prefix,
        key.role,
        key.state,
        key.stores?.join(',') ?? 'all stores',
        key.name,
      ]);
      for (const line of table([['prefix', 'role', 'state', 'stores', 'name'], ...rows])) output.line(line);
      return exitCodes.ok;
    } finally {
      await system.close();
    }
  });
}

function registerRevoke(keys: Command): void {
  const command = keys
    .command('revoke')
    .description('refuse a key from now on')
    .argument('<prefix>', 'the part of the key between the underscores');
  action(command, async ({ options, args, env, output }) => {
    const system = await openSystem(env, options.data);
    try {
      const prefix = (args[0] ?? '').replace(/^sk_/, '').slice(0, 12);
      const revoked = await revokeApiKey(system.db, prefix);
      if (!revoked.ok) throw new CliError(exitCodes.failed, revoked.problem.message);
      output.json({ ok: true, ...shown(revoked.value) });
      output.line(
        `Key ${prefix} (${revoked.value.name}) is refused since ${revoked.value.revokedAt?.toISOString()}.`,
      );
      return exitCodes.ok;
    } finally {
      await system.close();
    }
  });
}

function shown(key: ApiKey) {
  const expired = key.expiresAt !== null && key.expiresAt <= new Date();
  return {
    prefix: key.prefix,
    name: key.name,
    role: key.role,
    stores: key.stores,
    state: key.revokedAt !== null ? 'revoked' : expired ? 'expired' : 'active',
    createdAt: key.createdAt,
    expiresAt: key.expiresAt,
    revokedAt: key.revokedAt,
    lastUsedAt: key.lastUsedAt,
  };
}
