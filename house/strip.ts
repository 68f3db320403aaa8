// Takes comments, and where asked strings, out of TypeScript text, so that a rule reads code and not what is said about it.

type Mode = 'comments' | 'comments and strings';

/** The text without comments. Strings stay (SQL lives in them), and so do all line breaks. */
export const withoutComments = (text: string): string => strip(text, 'comments');

/** The text without comments and without what stands between quotes; `${...}` in templates stays, because it is code. */
export const codeOnly = (text: string): string => strip(text, 'comments and strings');

// A slash opens a regular expression where a value may begin, and divides everywhere else.
const valueMayBegin = /(?:^|[(,=:[!&|?{};+\-*%~^<>]|\b(?:return|typeof|case|in|of|void|throw|await))\s*$/;
const opening = /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|["'`/{}]/g;

function strip(text: string, mode: Mode): string {
  let out = '';
  let at = 0;
  // For each `${` that is open: how many plain braces are open inside it.
  const templates: number[] = [];
  const keep = (until: number, asString: boolean): void => {
    const piece = text.slice(at, until);
    out += asString && mode === 'comments and strings' ? piece.replace(/[^\n]/g, ' ') : piece;
    at = until;
  };
  while (at < text.length) {
    opening.lastIndex = at;
    const found = opening.exec(text);
    if (found === null) break;
    keep(found.index, false);
    const token = found[0];
    if (token.length > 1) {
      out += token.replace(/[^\n]/g, ' ');
      at += token.length;
    } else if (token === '`' || (token === '}' && templates.at(-1) === 0)) {
      if (token === '}') templates.pop();
      keep(at + 1, false);
      const end = templateEnd(text, at);
      keep(end.at, true);
      keep(Math.min(end.at + (end.opens ? 2 : 1), text.length), false);
      if (end.opens) templates.push(0);
    } else if (token === '{' || token === '}') {
      const open = templates.pop();
      if (open !== undefined) templates.push(open + (token === '{' ? 1 : -1));
      keep(at + 1, false);
    } else if (token === '/' && !valueMayBegin.test(out.slice(-40))) {
      keep(at + 1, false);
    } else {
      keep(at + 1, false);
      keep(quotedEnd(text, at, token), true);
      keep(Math.min(at + 1, text.length), false);
    }
  }
  return out + text.slice(at);
}

function templateEnd(text: string, from: number): { at: number; opens: boolean } {
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '`') return { at, opens: false };
    else if (text[at] === '$' && text[at + 1] === '{') return { at, opens: true };
  }
  return { at: text.length, opens: false };
}

// Where the string or regular expression ends. A line break ends it too: what looked like one was none.
function quotedEnd(text: string, from: number, quote: string): number {
  let inClass = false;
  for (let at = from; at < text.length; at++) {
    const char = text[at];
    if (char === '\\') at++;
    else if (char === '\n') return at;
    else if (quote === '/' && char === '[') inClass = true;
    else if (quote === '/' && char === ']') inClass = false;
    else if (char === quote && !inClass) return at;
  }
  return text.length;
}
