// Finds a port to listen on.
import { createServer } from 'node:net';
import { CliError, exitCodes } from '../exit-codes.ts';

const portsToTry = 50;

/**
 * A chosen port must be free; of a usual one the next free one will do.
 * @throws CliError (environment) when there is none.
 */
export async function findPort(host: string, port: { chosen: number } | { usual: number }): Promise<number> {
  if ('chosen' in port) {
    if (port.chosen === 0 || (await isFree(host, port.chosen))) return port.chosen;
    throw new CliError(
      exitCodes.environment,
      `Port ${port.chosen} is taken: stop what listens there, or choose another.`,
    );
  }
  for (let candidate = port.usual; candidate < port.usual + portsToTry; candidate += 1) {
    if (await isFree(host, candidate)) return candidate;
  }
  throw new CliError(
    exitCodes.environment,
    `No port from ${port.usual} to ${port.usual + portsToTry - 1} is free.`,
  );
}

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}
