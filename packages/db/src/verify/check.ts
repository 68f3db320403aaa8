// One invariant as one set-based query that returns what breaks it.

export interface Check {
  /** Of the list of invariants: I1 to I8. */
  readonly id: string;
  /** The invariant as a sentence. */
  readonly name: string;
  /** The table whose rows it looks at. */
  readonly examines: string;
  /** A select of the differences; may use $1, the age in seconds from which something due is overdue. */
  readonly text: string;
}
