/** Read first: bash(1), PARAMETERS and Arrays: `name=`, `name+=`, `name[subscript]=`, `[subscript]=` in a list. */
import type { ArrayElement, Assignment, Word, WordPart } from './ast.ts';

/** A word that starts with `[`, cut behind its `]=` or `]+=`. */
function subscripted(parts: readonly WordPart[]): { readonly subscript: WordPart[]; readonly append: boolean; readonly value: WordPart[] } | undefined {
  const subscript: WordPart[] = [];
  let depth = 0;
  for (const [i, part] of parts.entries()) {
    if (part.kind !== 'text' || part.quoted) {
      subscript.push(part);
      continue;
    }
    for (let k = 0; k < part.text.length; k++) {
      const c = part.text.charAt(k);
      if (c === '[') depth++;
      if (c !== ']' || --depth > 0) continue;
      const operator = /^\]\+?=/.exec(part.text.slice(k))?.[0];
      if (operator === undefined) return undefined;
      subscript.push({ kind: 'text', text: part.text.slice(0, k), quoted: false });
      const [first, ...others] = subscript;
      if (first?.kind !== 'text') return undefined;
      const tail = part.text.slice(k + operator.length);
      return {
        subscript: [{ ...first, text: first.text.slice(1) }, ...others],
        append: operator.length === 3,
        value: [...(tail === '' ? [] : [{ kind: 'text', text: tail, quoted: false } as const]), ...parts.slice(i + 1)],
      };
    }
    subscript.push(part);
  }
  return undefined;
}

const wordOf = (parts: readonly WordPart[], raw: string): Word => ({ parts: parts.filter((p) => p.kind !== 'text' || p.quoted || p.text !== ''), raw });

/** `NAME=value` or `NAME[subscript]=value` as a word. */
export function asAssignment(word: Word): Assignment | undefined {
  const [first, ...rest] = word.parts;
  if (first === undefined || first.kind !== 'text' || first.quoted) return undefined;
  const match = /^([A-Za-z_]\w*)(?:(\+?)=|(?=\[))/.exec(first.text);
  if (match === null) return undefined;
  const [head, name = '', plus] = match;
  const tail = first.text.slice(head.length);
  const parts = tail === '' ? rest : [{ kind: 'text', text: tail, quoted: false } as const, ...rest];
  if (plus !== undefined) return { name, append: plus === '+', value: { parts, raw: word.raw.slice(head.length) } };
  const cut = subscripted(parts);
  if (cut === undefined) return undefined;
  return { name, subscript: wordOf(cut.subscript, word.raw), append: cut.append, value: { parts: cut.value, raw: word.raw } };
}

export function asElement(word: Word): ArrayElement {
  const [first] = word.parts;
  const cut = first?.kind === 'text' && !first.quoted && first.text.startsWith('[') ? subscripted(word.parts) : undefined;
  return cut === undefined ? { key: undefined, value: word } : { key: wordOf(cut.subscript, word.raw), value: { parts: cut.value, raw: word.raw } };
}
