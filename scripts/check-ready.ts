// The health check of the containers: asks one address and ends with 0 when the answer is a 2xx within 4 seconds.
const address = process.argv[2];
if (address === undefined)
  throw new Error('usage: node scripts/check-ready.ts <address of /readyz or /livez>');

try {
  const response = await fetch(address, { signal: AbortSignal.timeout(4_000) });
  const answer = await response.text();
  if (!response.ok) {
    console.log(`${address} answered ${response.status}: ${answer.slice(0, 500)}`);
    process.exitCode = 1;
  }
} catch (error) {
  console.log(`${address} did not answer: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
