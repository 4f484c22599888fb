/** Read first: bash(1), Brace Expansion: `{a,b}`, `{1..9}`, `{01..10..2}`, `{a..f}`, nested. */
import type { Word, WordPart } from './ast.ts';
import { MOST_WORDS } from './busy.ts';
import { ExpansionError } from './state.ts';

/** A character of unquoted text, or any other part as a whole. */
type Atom = string | WordPart;

export function expandBraces(word: Word): readonly Word[] {
  if (!word.parts.some((p) => p.kind === 'text' && !p.quoted && p.text.includes('{'))) return [word];
  const atoms: Atom[] = word.parts.flatMap((p): Atom[] => (p.kind === 'text' && !p.quoted ? [...p.text] : [p]));
  return expand(atoms).map((a) => ({ parts: join(a), raw: word.raw }));
}

function expand(atoms: readonly Atom[]): Atom[][] {
  for (let i = 0; i < atoms.length; i++) {
    if (atoms[i] !== '{' || atoms[i - 1] === '$') continue;
    const group = readGroup(atoms, i);
    if (group === undefined) continue;
    const before = atoms.slice(0, i);
    const tails = expand(atoms.slice(group.end + 1));
    const out: Atom[][] = [];
    for (const choice of group.choices) for (const tail of tails) out.push([...before, ...choice, ...tail]);
    return out;
  }
  return [[...atoms]];
}

function readGroup(atoms: readonly Atom[], start: number): { readonly end: number; readonly choices: readonly Atom[][] } | undefined {
  let depth = 0;
  const commas: number[] = [];
  for (let i = start + 1; i < atoms.length; i++) {
    const a = atoms[i];
    if (a === '{') depth++;
    else if (a === '}' && depth > 0) depth--;
    else if (a === ',' && depth === 0) commas.push(i);
    else if (a === '}') {
      if (commas.length === 0) {
        const range = sequence(join(atoms.slice(start + 1, i)));
        return range === undefined ? undefined : { end: i, choices: range.map((text) => [...text]) };
      }
      const bounds = [start, ...commas, i];
      return { end: i, choices: bounds.slice(1).flatMap((to, k) => expand(atoms.slice((bounds[k] ?? start) + 1, to))) };
    }
  }
  return undefined;
}

function sequence(parts: readonly WordPart[]): string[] | undefined {
  const [part, ...more] = parts;
  if (part === undefined || part.kind !== 'text' || more.length > 0) return undefined;
  const numbers = /^(-?\d+)\.\.(-?\d+)(?:\.\.(-?\d+))?$/.exec(part.text);
  const letters = /^([A-Za-z])\.\.([A-Za-z])(?:\.\.(-?\d+))?$/.exec(part.text);
  const match = numbers ?? letters;
  if (match === null) return undefined;
  const [, a = '', b = '', s] = match;
  const from = numbers === null ? a.charCodeAt(0) : Number(a);
  const to = numbers === null ? b.charCodeAt(0) : Number(b);
  const step = Math.max(1, Math.abs(Number(s ?? 1)));
  const width = numbers !== null && (/^-?0\d/.test(a) || /^-?0\d/.test(b)) ? Math.max(a.length, b.length) : 0;
  const count = Math.floor(Math.abs(to - from) / step) + 1;
  if (count > MOST_WORDS) throw new ExpansionError(`brace expansion: failed to allocate memory for ${count} elements`);
  const out: string[] = [];
  for (let n = from; from <= to ? n <= to : n >= to; n += from <= to ? step : -step) {
    out.push(numbers === null ? String.fromCharCode(n) : n < 0 ? `-${String(-n).padStart(width - 1, '0')}` : String(n).padStart(width, '0'));
  }
  return out;
}

function join(atoms: readonly Atom[]): WordPart[] {
  const out: WordPart[] = [];
  let text = '';
  for (const atom of atoms) {
    if (typeof atom === 'string') {
      text += atom;
      continue;
    }
    if (text !== '') out.push({ kind: 'text', text, quoted: false });
    text = '';
    out.push(atom);
  }
  if (text !== '') out.push({ kind: 'text', text, quoted: false });
  return out;
}
