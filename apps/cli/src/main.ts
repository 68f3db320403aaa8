#!/usr/bin/env node
// The stockroom command.

const [major = 0] = process.versions.node.split('.').map(Number);
if (major < 24) {
  process.stderr.write(
    `Stockroom runs on Node 24 or newer; this is ${process.version}. "npm start" and "npx pnpm stockroom" bring their own.\n`,
  );
  process.exit(3);
}
const { runProgram } = await import('./program.ts');
await runProgram(process.argv.slice(2));

export {};
