/**
 * Read first: regex(7), grep(1). POSIX basic and extended expressions as JavaScript's.
 * Not modelled: the longest of several alternatives (JavaScript takes the first that matches), collation, `\`` and `\'`.
 */

const CLASSES: Readonly<Record<string, string>> = {
  alpha: 'A-Za-z', digit: '0-9', alnum: 'A-Za-z0-9', upper: 'A-Z', lower: 'a-z', space: '\\s', blank: ' \\t', punct: '!-\\/:-@\\[-`{-~', xdigit: '0-9A-Fa-f', cntrl: '\\x00-\\x1f', print: ' -~', graph: '!-~', word: '\\w',
};

export const quoteRegex = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

export class RegexError extends Error {
  override readonly name = 'RegexError';
}

/** Index of the `]` that closes the bracket at `start`. */
function bracketEnd(pattern: string, start: number): number {
  let end = start + 1;
  if (pattern.charAt(end) === '^') end++;
  if (pattern.charAt(end) === ']') end++;
  while (end < pattern.length && pattern.charAt(end) !== ']') end += pattern.startsWith('[:', end) ? Math.max(1, pattern.indexOf(':]', end) + 2 - end) : 1;
  if (end >= pattern.length) throw new RegexError('Unmatched [, [^, [:, [., or [=');
  return end;
}

/** What stands between `[` and `]`; a backslash is itself there. */
function bracket(inside: string): string {
  const negate = inside.startsWith('^');
  const set = (negate ? inside.slice(1) : inside).replace(/\\/g, '\\\\').replace(/\[:(\w+):\]/g, (_, name: string) => {
    if (CLASSES[name] === undefined) throw new RegexError('Invalid character class name');
    return `\u0000${name}\u0000`;
  }).replace(/[[\]^]/g, '\\$&').replace(/\u0000(\w+)\u0000/g, (_, name: string) => CLASSES[name] ?? '');
  return `[${negate ? '^' : ''}${set}]`;
}

/** `mawk`: braces are ordinary characters. */
export type RegexFlavour = 'basic' | 'extended' | 'mawk';

export function toJsRegex(pattern: string, flavour: RegexFlavour): string {
  const extended = flavour !== 'basic';
  let out = '';
  /** Where the last thing that a quantifier can repeat starts, and whether one has repeated it already. */
  let atom = -1;
  let repeated = false;
  const groups: number[] = [];
  const emit = (text: string): void => {
    atom = out.length;
    repeated = false;
    out += text;
  };
  const anchor = (text: string): void => {
    out += text;
    atom = -1;
  };
  const quantify = (text: string): void => {
    // JavaScript has no `a**`, and its `a+?` means something else.
    if (repeated) out = `${out.slice(0, atom)}(?:${out.slice(atom)})`;
    out += text;
    repeated = true;
  };
  const open = (): void => {
    groups.push(out.length);
    anchor('(');
  };
  const close = (): void => {
    const start = groups.pop();
    if (start === undefined) throw new RegexError('Unmatched ) or \\)');
    out += ')';
    atom = start;
    repeated = false;
  };
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern.charAt(i);
    if (c === '[') {
      const end = bracketEnd(pattern, i);
      emit(bracket(pattern.slice(i + 1, end)));
      i = end;
      continue;
    }
    let op = extended ? c : '';
    if (c === '\\') {
      const next = pattern.charAt(++i);
      if (next === '') throw new RegexError('Trailing backslash');
      if (!extended && '(){}|+?'.includes(next)) op = next;
      else {
        if (next === '<') anchor('\\b(?=\\w)');
        else if (next === '>') anchor('\\b(?<=\\w)');
        else if (next === 'b' || next === 'B') anchor(`\\${next}`);
        else if (/[wWsS1-9nt]/.test(next)) emit(`\\${next}`);
        else emit(quoteRegex(next));
        continue;
      }
    }
    if (c === '*') {
      if (atom >= 0) quantify('*');
      else if (!extended) emit('\\*');
    } else if (op === '(') open();
    else if (op === ')') close();
    else if (op === '|') anchor('|');
    else if (op === '+' || op === '?') {
      if (atom >= 0) quantify(op);
      else emit(`\\${op}`);
    } else if (op === '{' && flavour !== 'mawk') {
      const from = i + 1;
      const bounds = (extended ? /^(\d*)(,?)(\d*)\}/ : /^(\d*)(,?)(\d*)\\\}/).exec(pattern.slice(from));
      if (bounds === null || atom < 0) {
        if (!extended) throw new RegexError(bounds === null ? 'Unmatched \\{' : 'Invalid preceding regular expression');
        emit('\\{');
        continue;
      }
      quantify(`{${bounds[1] === '' ? '0' : bounds[1] ?? ''}${bounds[2] ?? ''}${bounds[3] ?? ''}}`);
      i += bounds[0].length;
    } else if (c === '^' && c === pattern.charAt(i)) {
      const before = pattern.slice(0, i);
      if (extended || i === 0 || before.endsWith('\\(') || before.endsWith('\\|')) anchor('^');
      else emit('\\^');
    } else if (c === '$') {
      const after = pattern.slice(i + 1);
      if (extended || after === '' || after.startsWith('\\)') || after.startsWith('\\|')) anchor('$');
      else emit('\\$');
    } else if (c === '.') emit('[^]');
    else emit(quoteRegex(c === '\\' ? pattern.charAt(i) : c));
  }
  if (groups.length > 0) throw new RegexError('Unmatched ( or \\(');
  return out;
}

export function compileRegex(pattern: string, flavour: RegexFlavour, flags = ''): RegExp {
  try {
    return new RegExp(toJsRegex(pattern, flavour), flags);
  } catch (error) {
    if (error instanceof SyntaxError) throw new RegexError(error.message.includes('out of order in character class') ? 'Invalid range end' : 'Invalid preceding regular expression');
    throw error;
  }
}

/** sed and awk turn `\\t` and its like into characters before the expression is read, in brackets too. */
export const withEscapes = (source: string): string => source.replace(/\\([\s\S])/g, (whole, c: string) => ({ t: '\t', n: '\n', f: '\f', v: '\v', r: '\r', a: '\x07' }[c] ?? whole));
