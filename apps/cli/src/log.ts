// The log of the parts that run inside a command: one plain line each, on stderr.
import type { Log } from '@stockroom/queues';
import type { CliEnv } from './env.ts';

const levels = ['debug', 'info', 'warn', 'error', 'silent'] as const;

export function createLog(
  level: CliEnv['logLevel'],
  write: (line: string) => void = (line) => process.stderr.write(`${line}\n`),
): Log {
  const least = levels.indexOf(level);
  const at = (name: 'info' | 'warn' | 'error') => (facts: Record<string, unknown>, message: string) => {
    if (levels.indexOf(name) < least) return;
    const told = Object.entries(facts).map(
      ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
    );
    write(`${name}: ${message}${told.length === 0 ? '' : ` (${told.join(', ')})`}`);
  };
  return { info: at('info'), warn: at('warn'), error: at('error') };
}
