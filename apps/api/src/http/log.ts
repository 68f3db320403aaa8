// The log: one JSON line per happening, without keys and without mail addresses, whatever text they hide in.

import type { DestinationStream, Logger, LoggerOptions } from 'pino';
import { pino } from 'pino';

const secrets: readonly (readonly [RegExp, string])[] = [
  [/sk_[0-9a-f]{12}_[A-Za-z0-9_-]{43}/g, 'sk_[redacted]'],
  // Passwords in addresses of servers; before mail addresses, which look alike.
  [/(:\/\/[^\s:@/"\\]*:)[^\s@/"\\]*@/g, '$1[redacted]@'],
  [/[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+/g, '[mail address]'],
];

/** @param destination default: standard output */
export function createLog(level: string, destination?: DestinationStream): Logger {
  const options: LoggerOptions = {
    level,
    base: { app: 'stockroom-api' },
    redact: { paths: ['authorization', 'cookie', '*.authorization', '*.cookie', '*.*.authorization'] },
    hooks: { streamWrite: redacted },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

function redacted(line: string): string {
  let text = line;
  for (const [pattern, instead] of secrets) text = text.replace(pattern, instead);
  return text;
}
