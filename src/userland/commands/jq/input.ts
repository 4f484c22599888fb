/** JSON texts one after the other, as jq's parser takes them. Models: jq 1.6 src/jv_parse.c, its two commonest complaints. */
import { fromParsed, type Json } from './values.ts';

export interface Parsed {
  readonly values: readonly Json[];
  /** What it says of the place where it gave up. */
  readonly error: string | undefined;
}

/** Where the value that begins at `at` ends; undefined: the text ends before it does. */
function endOf(text: string, at: number): number | undefined {
  let depth = 0;
  for (let i = at; i < text.length; i++) {
    const c = text.charAt(i);
    if (c === '"') {
      for (i++; i < text.length && text.charAt(i) !== '"'; i++) if (text.charAt(i) === '\\') i++;
      if (i >= text.length) return undefined;
      if (depth === 0) return i + 1;
    } else if (c === '[' || c === '{') depth++;
    else if (c === ']' || c === '}') {
      depth--;
      if (depth <= 0) return i + 1;
    } else if (depth === 0) {
      const word = /^[^\s[\]{}",:]+/.exec(text.slice(i))?.[0];
      return i + (word?.length ?? 1);
    }
  }
  return undefined;
}

const place = (text: string, at: number): string => {
  const before = text.slice(0, at).split('\n');
  return `line ${before.length}, column ${(before.at(-1) ?? '').length}`;
};

export function parseTexts(text: string): Parsed {
  const values: Json[] = [];
  for (let at = 0; ;) {
    while (/\s/.test(text.charAt(at))) at++;
    if (at >= text.length) return { values, error: undefined };
    const end = endOf(text, at);
    if (end === undefined) return { values, error: `Unfinished JSON term at EOF at ${place(text, text.length)}` };
    try {
      values.push(fromParsed(JSON.parse(text.slice(at, end))));
    } catch {
      return { values, error: `Invalid numeric literal at ${place(text, end)}` };
    }
    at = end;
  }
}
