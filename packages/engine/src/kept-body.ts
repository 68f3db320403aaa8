// What was refused is kept for a person to read: as JSON that Postgres takes, whatever it was.

/** JSON of anything that came in; what Postgres cannot keep in JSON (NUL, lone surrogates) is replaced, what is endless is cut. */
export function keptBody(body: unknown): string {
  const text = jsonOf(body);
  const kept =
    text.length <= refusedBodyMax && depthOf(text) <= refusedDepthMax
      ? text
      : JSON.stringify({ cutAfter: refusedBodyMax, text: text.slice(0, refusedBodyMax) });
  return kept.replaceAll('\\u0000', '\\ufffd').replaceAll(/\\ud[89a-f][0-9a-f]{2}/gi, '\\ufffd');
}

/** A refused body is kept for a person to read, not to be sent again. */
const refusedBodyMax = 100_000;
/** Postgres and JavaScript read nested JSON on their stacks. */
const refusedDepthMax = 200;

function jsonOf(body: unknown): string {
  try {
    return JSON.stringify(body ?? null) ?? 'null';
  } catch (error) {
    return JSON.stringify({ unreadable: String(error) });
  }
}

/** How deep brackets nest; those inside texts count too, which at worst keeps a body as text. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    depth += bracket === '[' || bracket === '{' ? 1 : -1;
    if (depth > deepest) deepest = depth;
  }
  return deepest;
}
