/** Models: scanner.l of libpcap 1.10. */
export type Token =
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'number'; readonly text: string; readonly value: number }
  /** 10.1, 10.0.0.1 */
  | { readonly kind: 'dotted'; readonly text: string }
  | { readonly kind: 'mac'; readonly text: string }
  | { readonly kind: 'op'; readonly text: string };

const RULES: readonly (readonly [RegExp, (text: string) => Token])[] = [
  [/^[0-9a-f]{1,2}(?:[:.-][0-9a-f]{1,2}){5}(?![\w.:-])/i, (text) => ({ kind: 'mac', text })],
  [/^(?:\d+)(?:\.\d+){1,3}(?![\w.-])/, (text) => ({ kind: 'dotted', text })],
  [/^0x[0-9a-f]+(?![\w.])/i, (text) => ({ kind: 'number', text, value: Number.parseInt(text, 16) })],
  [/^\d+(?![\w.-])/, (text) => ({ kind: 'number', text, value: Number.parseInt(text, text.startsWith('0') ? 8 : 10) })],
  [/^(?:&&|\|\||<<|>>|>=|<=|!=|==)/, (text) => ({ kind: 'op', text })],
  [/^[()[\]!&|^+\-*/%<>=:]/, (text) => ({ kind: 'op', text })],
  // A backslash makes a name of what would be a keyword.
  [/^\\[^ !()\n\t]+/, (text) => ({ kind: 'word', text })],
  [/^[A-Za-z0-9](?:[-_.A-Za-z0-9]*[.A-Za-z0-9])?/, (text) => ({ kind: 'word', text })],
];

/** undefined: a character that begins nothing. */
export function tokenize(text: string): readonly Token[] | undefined {
  const tokens: Token[] = [];
  let rest = text.trimStart();
  while (rest !== '') {
    const hit = RULES.map(([pattern, make]) => ({ found: pattern.exec(rest)?.[0], make })).find((r) => r.found !== undefined);
    if (hit?.found === undefined) return undefined;
    tokens.push(hit.make(hit.found));
    rest = rest.slice(hit.found.length).trimStart();
  }
  return tokens;
}
