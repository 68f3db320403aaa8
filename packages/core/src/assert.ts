// Assertions: a broken one is a defect of ours, never a "no" of the rules.

/** Throws when something that must be true is not. The message says what was found and what was expected. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`defect: ${message}`);
}

/** Ends a switch over a closed union: a new member that nobody handles does not compile. */
export function assertNever(value: never): never {
  throw new Error(`defect: nobody handles ${JSON.stringify(value)}`);
}
