/** Read first: printf(1), bash(1) printf: `%s %d %i %u %x %X %o %c %b %q %e %f %g %%`, width, precision, `*`, `%(fmt)T`. */
import { utf8 } from '../../engine/wire/bytes.ts';
import { unescapeC } from '../shell/lexer.ts';
import { strftime } from './strftime.ts';

export function formatPrintf(format: string, values: readonly string[], wallMillis = 0): { readonly text: string; readonly errors: readonly string[] } {
  const errors: string[] = [];
  let text = '';
  let next = 0;
  const pattern = /\\(?:x[0-9a-fA-F]{1,2}|u[0-9a-fA-F]{1,4}|[0-7]{1,3}|[\s\S])|%(?:\(([^)]*)\)T|%|([-+ #0]*)(\*|\d+)?(?:\.(\*|\d+)?)?[hlqLjzt]*([a-zA-Z]))|[\s\S]/g;
  do {
    const start = next;
    pattern.lastIndex = 0;
    for (let m = pattern.exec(format); m !== null; m = pattern.exec(format)) {
      const [piece, time, flags = '', widthText, precisionText, letter] = m;
      if (piece.startsWith('\\')) {
        text += unescapeC(piece);
        continue;
      }
      if (!piece.startsWith('%') || piece === '%%') {
        text += piece === '%%' ? '%' : piece;
        continue;
      }
      const take = (): string | undefined => (next < values.length ? values[next++] : undefined);
      if (time !== undefined) {
        const at = take();
        text += strftime(time === '' ? '%X' : time, at === undefined || at === '-1' ? wallMillis : Number(at) * 1000);
        continue;
      }
      const size = (t: string | undefined): number | undefined => (t === undefined ? undefined : t === '*' ? Number(take() ?? 0) : Number(t));
      const width = size(widthText);
      const precision = piece.includes('.') ? size(precisionText) ?? 0 : undefined;
      const value = take();
      const converted = convert(letter ?? '', value, flags, precision, errors);
      if (converted === undefined) {
        errors.push(`\`${letter ?? ''}': invalid format character`);
        return { text, errors };
      }
      text += pad(converted, width, flags, /[diuxXoeEfFgG]/.test(letter ?? ''));
    }
    if (next === start) break; // a format that uses no argument is printed once
  } while (next < values.length);
  return { text, errors };
}

function convert(letter: string, value: string | undefined, flags: string, precision: number | undefined, errors: string[]): string | undefined {
  const number = (): number => {
    if (value === undefined || value === '') return 0;
    if (/^['"]/.test(value)) return value.charCodeAt(1);
    const n = /^-?0[0-7]+$/.test(value) ? Number.parseInt(value, 8) : Number(value);
    if (Number.isNaN(n)) {
      errors.push(`${value}: invalid number`);
      return Number.parseFloat(value) || 0;
    }
    return n;
  };
  const sign = (n: number, digits: string): string => (n < 0 ? `-${digits}` : flags.includes('+') ? `+${digits}` : flags.includes(' ') ? ` ${digits}` : digits);
  switch (letter) {
    case 's': return precision === undefined ? value ?? '' : (value ?? '').slice(0, precision);
    case 'b': return unescapeC(value ?? '');
    case 'q': return /^[\w@%+=:,./-]+$/.test(value ?? '') ? value ?? '' : value === undefined || value === '' ? "''" : value.replace(/[^\w@%+=:,./-]/g, '\\$&');
    case 'c': return (value ?? '').charAt(0);
    case 'd': case 'i': { const n = Math.trunc(number()); return sign(n, String(Math.abs(n)).padStart(precision ?? 0, '0')); }
    case 'u': return String(BigInt.asUintN(64, BigInt(Math.trunc(number())))).padStart(precision ?? 0, '0');
    case 'x': return (flags.includes('#') ? '0x' : '') + Math.trunc(number()).toString(16).padStart(precision ?? 0, '0');
    case 'X': return (flags.includes('#') ? '0X' : '') + Math.trunc(number()).toString(16).toUpperCase().padStart(precision ?? 0, '0');
    case 'o': return Math.trunc(number()).toString(8).padStart(precision ?? 0, '0');
    case 'f': case 'F': { const n = number(); return sign(n, Math.abs(n).toFixed(precision ?? 6)); }
    case 'e': case 'E': { const t = number().toExponential(precision ?? 6).replace(/e([+-])(\d)$/, 'e$10$2'); return letter === 'E' ? t.toUpperCase() : t; }
    case 'g': case 'G': { const t = general(number(), precision === undefined ? 6 : Math.max(1, precision), flags.includes('#')); return letter === 'G' ? t.toUpperCase() : t; }
    default: return undefined;
  }
}

/** %g: the shorter of %e and %f, without trailing zeros. */
function general(n: number, precision: number, zeros: boolean): string {
  if (!Number.isFinite(n)) return Number.isNaN(n) ? 'nan' : n > 0 ? 'inf' : '-inf';
  const [, exponent = '0'] = n.toExponential(precision - 1).split('e');
  const power = Number(exponent);
  const strip = (text: string): string => (zeros || !text.includes('.') ? text : text.replace(/\.?0+$/, ''));
  if (power >= -4 && power < precision) return strip(n.toFixed(precision - 1 - power));
  const [mantissa = ''] = n.toExponential(precision - 1).split('e');
  return `${strip(mantissa)}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

function pad(text: string, width: number | undefined, flags: string, numeric: boolean): string {
  if (width === undefined) return text;
  // bash counts bytes.
  const room = Math.abs(width) - (utf8(text).length - text.length);
  if (width < 0 || flags.includes('-')) return text.padEnd(room);
  if (flags.includes('0') && numeric) {
    const sign = /^[-+ ]/.exec(text)?.[0] ?? '';
    return sign + text.slice(sign.length).padStart(width - sign.length, '0');
  }
  return text.padStart(room);
}
