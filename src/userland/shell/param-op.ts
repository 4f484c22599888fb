/** `${x#…}`, `${x%…}`, `${x/…/…}`, `${x:…}`, case changes: pure text operations. */
import { globSource } from './glob.ts';

export function applyParamOp(op: string, value: string, pattern: string, second: string | undefined, number: (text: string) => number): string {
  const source = globSource(pattern, false);
  const whole = new RegExp(`^(?:${source})$`);
  switch (op) {
    case '#': case '##':
      for (const n of lengths(value, op === '#')) if (whole.test(value.slice(0, n))) return value.slice(n);
      return value;
    case '%': case '%%':
      for (const n of lengths(value, op === '%')) if (whole.test(value.slice(value.length - n))) return value.slice(0, value.length - n);
      return value;
    case '/': case '//': {
      if (pattern === '') return value;
      const replacement = (second ?? '').replace(/\$/g, '$$$$');
      return value.replace(new RegExp(source, op === '//' ? 'g' : ''), replacement);
    }
    case '/#': return value.replace(new RegExp(`^(?:${source})`), second ?? '');
    case '/%': return value.replace(new RegExp(`(?:${source})$`), second ?? '');
    case '^': return value.charAt(0).toUpperCase() + value.slice(1);
    case '^^': return value.toUpperCase();
    case ',': return value.charAt(0).toLowerCase() + value.slice(1);
    case ',,': return value.toLowerCase();
    case ':': {
      let from = number(pattern.replace(/\\(.)/g, '$1'));
      if (from < 0) from = Math.max(value.length + from, 0);
      if (second === undefined) return value.slice(from);
      const length = number(second);
      return length < 0 ? value.slice(from, value.length + length) : value.slice(from, from + length);
    }
    default: return value;
  }
}

/** Lengths of a prefix to try: shortest first, or longest first. */
function* lengths(value: string, shortest: boolean): IterableIterator<number> {
  for (let i = 0; i <= value.length; i++) yield shortest ? i : value.length - i;
}
