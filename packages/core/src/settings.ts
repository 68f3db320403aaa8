// Settings of the rule book as resolved plain data.

/** Resolved settings of one stock item in one store. */
export interface Settings {
  readonly 'reserve.on': 'none' | 'checkout' | 'ordered' | 'paid';
}
