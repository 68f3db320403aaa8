// Takes out of a text what could break a header line, fake a line of the text version, or turn the writing direction.

// Controls, line and paragraph separators, and the marks that turn the writing direction.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed here.
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g;

/** One line, well-formed, without spaces at the ends. */
export function cleanText(text: string): string {
  return text.toWellFormed().replace(UNSAFE, ' ').trim();
}

/** The same value with every text in it cleaned, at any depth; a plain copy, so that no prototype comes along. */
export function cleanTexts(value: unknown): unknown {
  if (typeof value === 'string') return cleanText(value);
  if (Array.isArray(value)) return value.map(cleanTexts);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, cleanTexts(inner)]));
}
