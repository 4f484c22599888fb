/** JSON values as jq has them: kinds, order, equality, text. Models: jq 1.6 src/jv.c, jv_aux.c (jv_cmp), jv_print.c. */

export type Json = undefined | boolean | number | string | readonly Json[] | JsonObject;
/** Keys in the order in which they came; null is `undefined`. */
export type JsonObject = ReadonlyMap<string, Json>;

export const isArray = (v: Json): v is readonly Json[] => Array.isArray(v);
export const isObject = (v: Json): v is JsonObject => v instanceof Map;

export function kindOf(v: Json): 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object' {
  if (v === undefined) return 'null';
  if (typeof v === 'boolean') return 'boolean';
  if (typeof v === 'number') return 'number';
  if (typeof v === 'string') return 'string';
  return isArray(v) ? 'array' : 'object';
}

export const truthy = (v: Json): boolean => v !== undefined && v !== false;

/** Strings compare by code point, as their UTF-8 does. */
function compareText(a: string, b: string): number {
  const x = [...a];
  const y = [...b];
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const d = (x[i]?.codePointAt(0) ?? 0) - (y[i]?.codePointAt(0) ?? 0);
    if (d !== 0) return d;
  }
  return x.length - y.length;
}

export const sortedKeys = (o: JsonObject): readonly string[] => [...o.keys()].sort(compareText);

const RANK = (v: Json): number => (v === undefined ? 0 : v === false ? 1 : v === true ? 2 : typeof v === 'number' ? 3 : typeof v === 'string' ? 4 : isArray(v) ? 5 : 6);

export function compare(a: Json, b: Json): number {
  const rank = RANK(a) - RANK(b);
  if (rank !== 0) return rank;
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  if (isArray(a) && isArray(b)) {
    for (let i = 0; i < Math.min(a.length, b.length); i++) {
      const d = compare(a[i], b[i]);
      if (d !== 0) return d;
    }
    return a.length - b.length;
  }
  if (isObject(a) && isObject(b)) {
    const keys = sortedKeys(a);
    return compare(keys, sortedKeys(b)) || keys.map((k) => compare(a.get(k), b.get(k))).find((d) => d !== 0) || 0;
  }
  return 0;
}

/** What JSON.parse gives, with null as undefined and objects as maps. */
export function fromParsed(value: unknown): Json {
  if (typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(fromParsed);
  return typeof value === 'object' && value !== null ? new Map(Object.entries(value).map(([k, v]) => [k, fromParsed(v)])) : undefined;
}

const quote = (text: string): string => JSON.stringify(text).replaceAll('\u007f', '\\u007f');
const number = (n: number): string => (Number.isNaN(n) ? 'null' : n === Infinity ? '1.7976931348623157e+308' : n === -Infinity ? '-1.7976931348623157e+308' : Math.abs(n) >= 1e17 ? n.toExponential() : String(n));

export interface Style {
  /** 0: one line. */
  readonly indent: number;
  readonly tab: boolean;
  readonly sortKeys: boolean;
}

export const COMPACT: Style = { indent: 0, tab: false, sortKeys: false };

export function text(v: Json, style: Style = COMPACT, depth = 0): string {
  if (typeof v === 'string') return quote(v);
  if (typeof v === 'number') return number(v);
  if (!isArray(v) && !isObject(v)) return v === undefined ? 'null' : String(v);
  const [open, close] = isArray(v) ? ['[', ']'] : ['{', '}'];
  const pretty = style.tab || style.indent > 0;
  const items = isArray(v) ? v.map((i) => text(i, style, depth + 1))
    : (style.sortKeys ? sortedKeys(v) : [...v.keys()]).map((k) => `${quote(k)}:${pretty ? ' ' : ''}${text(v.get(k), style, depth + 1)}`);
  if (items.length === 0) return open + close;
  if (!pretty) return `${open}${items.join(',')}${close}`;
  const unit = style.tab ? '\t' : ' '.repeat(style.indent);
  return `${open}\n${items.map((i) => unit.repeat(depth + 1) + i).join(',\n')}\n${unit.repeat(depth)}${close}`;
}
