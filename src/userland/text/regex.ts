/** Read first: regex(7), grep(1). POSIX basic and extended expressions as JavaScript's. Not modelled: back-reference subtleties, collation. */

const CLASSES: Readonly<Record<string, string>> = {
  alpha: 'A-Za-z', digit: '0-9', alnum: 'A-Za-z0-9', upper: 'A-Z', lower: 'a-z', space: '\\s', blank: ' \\t', punct: '!-\\/:-@\\[-`{-~', xdigit: '0-9A-Fa-f', cntrl: '\\x00-\\x1f', print: ' -~', graph: '!-~', word: '\\w',
};

export const quoteRegex = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

export class RegexError extends Error {
  override readonly name = 'RegexError';
}

export function toJsRegex(pattern: string, flavour: 'basic' | 'extended'): string {
  const extended = flavour === 'extended';
  let out = '';
  let depth = 0;
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern.charAt(i);
    if (c === '[') {
      let end = i + 1;
      if (pattern.charAt(end) === '^') end++;
      if (pattern.charAt(end) === ']') end++;
      while (end < pattern.length && pattern.charAt(end) !== ']') end += pattern.startsWith('[:', end) ? Math.max(1, pattern.indexOf(':]', end) + 2 - end) : 1;
      if (end >= pattern.length) throw new RegexError('Unmatched [, [^, [:, [., or [=');
      let set = pattern.slice(i + 1, end);
      const negate = set.startsWith('^');
      if (negate) set = set.slice(1);
      set = set.replace(/\\/g, '\\\\').replace(/\[:(\w+):\]/g, (_, name: string) => {
        const chars = CLASSES[name];
        if (chars === undefined) throw new RegexError('Invalid character class name');
        return `\u0000${name}\u0000`;
      }).replace(/[[\]]/g, '\\$&').replace(/\u0000(\w+)\u0000/g, (_, name: string) => CLASSES[name] ?? '');
      out += `[${negate ? '^' : ''}${set}]`;
      i = end;
    } else if (c === '\\') {
      const next = pattern.charAt(++i);
      if (next === '') throw new RegexError('Trailing backslash');
      if (!extended && '(){}|+?'.includes(next)) {
        if (next === '(') depth++;
        if (next === ')' && --depth < 0) throw new RegexError('Unmatched ) or \\)');
        out += next;
      } else if (next === '<') out += '\\b(?=\\w)';
      else if (next === '>') out += '\\b(?<=\\w)';
      else if (/[wWsSbB1-9]/.test(next)) out += `\\${next}`;
      else if (next === 'n' || next === 't') out += `\\${next}`;
      else out += quoteRegex(next);
    } else if (extended && '(){}|+?'.includes(c)) {
      if (c === '(') depth++;
      if (c === ')' && --depth < 0) throw new RegexError('Unmatched ) or \\)');
      if ('+?{'.includes(c) && (out === '' || out.endsWith('(') || out.endsWith('|'))) out += `\\${c}`;
      else if (c === '{' && !/^\{\d*,?\d*\}/.test(pattern.slice(i))) out += '\\{';
      else if (c === '}' && !/\{\d*,?\d*$/.test(out)) out += '\\}';
      else out += c;
    } else if (!extended && '(){}|+?'.includes(c)) out += `\\${c}`;
    else if (c === '*' && (out === '' || out.endsWith('(') || out.endsWith('|') || (out === '^'))) out += '\\*';
    else if (c === '^' && !extended && i > 0 && !pattern.slice(0, i).endsWith('\\(') && !pattern.slice(0, i).endsWith('\\|')) out += '\\^';
    else if (c === '$' && !extended && i < pattern.length - 1 && !pattern.slice(i + 1).startsWith('\\)') && !pattern.slice(i + 1).startsWith('\\|')) out += '\\$';
    else if (c === '/') out += '\\/';
    else out += c;
  }
  if (depth > 0) throw new RegexError('Unmatched ( or \\(');
  return out;
}

export function compileRegex(pattern: string, flavour: 'basic' | 'extended', flags = ''): RegExp {
  try {
    return new RegExp(toJsRegex(pattern, flavour), flags);
  } catch (error) {
    if (error instanceof SyntaxError) throw new RegexError('Invalid preceding regular expression');
    throw error;
  }
}
