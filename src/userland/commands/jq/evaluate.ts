/** Runs a filter on a value: a list of results, in order. Models: jq 1.6 src/execute.c, builtin.c as far as {@link ./syntax.ts} goes. */
import { toBase64 } from '../../../base/base64.ts';
import { utf8 } from '../../../engine/wire/bytes.ts';
import { call, CORE } from './builtins.ts';
import { CompileError, pointed, type Filter, type Format, type Operator } from './syntax.ts';
import { compare, isArray, isObject, kindOf, text, truthy, type Json, type JsonObject } from './values.ts';

/** An error while running; `try` catches it. */
export class RunError extends Error {
  readonly value: Json;
  constructor(value: Json) {
    super(typeof value === 'string' ? value : `${text(value)} (not a string)`);
    this.value = value;
  }
}

export type Variables = ReadonlyMap<string, Json>;

/** What a value looks like in an error: cut to 11 bytes. */
export const shown = (v: Json): string => {
  const whole = text(v);
  return `${kindOf(v)} (${whole.length > 10 ? `${whole.slice(0, 10)}...` : whole})`;
};

function index(of: Json, key: Json): Json {
  if (isObject(of) && typeof key === 'string') return of.get(key);
  if (isArray(of) && typeof key === 'number') return of[Math.floor(key < 0 ? key + of.length : key)];
  if (of === undefined && (typeof key === 'string' || typeof key === 'number' || key === undefined)) return undefined;
  throw new RunError(`Cannot index ${kindOf(of)} with ${typeof key === 'string' ? `string "${key}"` : kindOf(key)}`);
}

function slice(of: Json, from: Json, to: Json): Json {
  if (of === undefined) return undefined;
  if (!isArray(of) && typeof of !== 'string') throw new RunError(`Cannot index ${kindOf(of)} with object`);
  if ((from !== undefined && typeof from !== 'number') || (to !== undefined && typeof to !== 'number')) throw new RunError('Start and end indices of an array slice must be numbers');
  const items = typeof of === 'string' ? [...of] : of;
  const cut = items.slice(from === undefined ? 0 : Math.floor(from), to === undefined ? items.length : Math.ceil(to));
  return typeof of === 'string' ? cut.join('') : cut;
}

export function iterate(of: Json): readonly Json[] {
  if (isArray(of)) return of;
  if (isObject(of)) return [...of.values()];
  throw new RunError(`Cannot iterate over ${of === undefined ? 'null (null)' : shown(of)}`);
}

function merged(a: JsonObject, b: JsonObject): JsonObject {
  const out = new Map(a);
  for (const [k, v] of b) {
    const old = out.get(k);
    out.set(k, isObject(old) && isObject(v) ? merged(old, v) : v);
  }
  return out;
}

function arithmetic(op: Operator, a: Json, b: Json): Json {
  const refuse = (words: string): never => {
    throw new RunError(`${shown(a)} and ${shown(b)} cannot be ${words}`);
  };
  const numbers = typeof a === 'number' && typeof b === 'number';
  switch (op) {
    case '+':
      if (a === undefined) return b;
      if (b === undefined) return a;
      if (numbers) return a + b;
      if (typeof a === 'string' && typeof b === 'string') return a + b;
      if (isArray(a) && isArray(b)) return [...a, ...b];
      return isObject(a) && isObject(b) ? new Map([...a, ...b]) : refuse('added');
    case '-':
      if (numbers) return a - b;
      return isArray(a) && isArray(b) ? a.filter((x) => !b.some((y) => compare(x, y) === 0)) : refuse('subtracted');
    case '*':
      if (numbers) return a * b;
      if (isObject(a) && isObject(b)) return merged(a, b);
      if (typeof a === 'string' && typeof b === 'number') return b > 0 ? a.repeat(Math.max(1, Math.ceil(b))) : undefined;
      return refuse('multiplied');
    case '/':
      if (numbers) return b === 0 ? refuse('divided because the divisor is zero') : a / b;
      return typeof a === 'string' && typeof b === 'string' ? (a === '' ? [] : a.split(b)) : refuse('divided');
    case '%':
      if (!numbers) return refuse('divided');
      return Math.trunc(b) === 0 ? refuse('divided because the divisor is zero') : Math.trunc(a) % Math.abs(Math.trunc(b));
    case '==': return compare(a, b) === 0;
    case '!=': return compare(a, b) !== 0;
    case '<': return compare(a, b) < 0;
    case '<=': return compare(a, b) <= 0;
    case '>': return compare(a, b) > 0;
    case '>=': return compare(a, b) >= 0;
    default: return undefined;
  }
}

export const plain = (v: Json): string => (typeof v === 'string' ? v : text(v));

function row(v: Json, format: Format, cell: (v: Json) => string, separator: string): string {
  if (!isArray(v)) throw new RunError(`${shown(v)} cannot be ${format === '@csv' ? 'csv' : 'tsv'}-formatted, only an array can be`);
  return v.map(cell).join(separator);
}

function formatted(v: Json, format: Format): string {
  switch (format) {
    case '@text': return plain(v);
    case '@json': return text(v);
    case '@base64': return toBase64(utf8(plain(v)));
    case '@csv': return row(v, format, (c) => (typeof c === 'string' ? `"${c.replaceAll('"', '""')}"` : c === undefined ? '' : text(c)), ',');
    case '@tsv': return row(v, format, (c) => (typeof c === 'string' ? c.replaceAll('\\', '\\\\').replaceAll('\t', '\\t').replaceAll('\n', '\\n').replaceAll('\r', '\\r') : c === undefined ? '' : text(c)), '\t');
    case '@html': return plain(v).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll("'", '&#39;').replaceAll('"', '&quot;');
    case '@sh': return (isArray(v) ? v : [v]).map((w) => (typeof w === 'string' ? `'${w.replaceAll("'", "'\\''")}'` : text(w))).join(' ');
    case '@uri': return encodeURIComponent(plain(v)).replaceAll(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  }
}

/** Every combination, the last list running slowest (as jq does with the right side first). */
const pairs = (left: readonly Json[], right: readonly Json[]): readonly (readonly [Json, Json])[] => right.flatMap((r) => left.map((l) => [l, r] as const));

function objects(entries: readonly (readonly [Filter, Filter])[], input: Json, vars: Variables): readonly JsonObject[] {
  return entries.reduce<readonly JsonObject[]>((made, [key, value]) => {
    const keys = run(key, input, vars);
    const values = run(value, input, vars);
    return made.flatMap((o) => keys.flatMap((k) => {
      if (typeof k !== 'string') throw new RunError(`Object keys must be strings`);
      return values.map((v) => new Map([...o, [k, v]]));
    }));
  }, [new Map()]);
}

function caught(filter: Filter & { readonly is: 'try' }, input: Json, vars: Variables): readonly Json[] {
  try {
    return run(filter.body, input, vars);
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    return filter.handler === undefined ? [] : run(filter.handler, error.value, vars);
  }
}

export function descend(v: Json): readonly Json[] {
  return [v, ...(isArray(v) || isObject(v) ? iterate(v).flatMap(descend) : [])];
}

function binary(filter: Filter & { readonly is: 'binary' }, input: Json, vars: Variables): readonly Json[] {
  const { op, left, right } = filter;
  switch (op) {
    case '|': return run(left, input, vars).flatMap((v) => run(right, v, vars));
    case ',': return [...run(left, input, vars), ...run(right, input, vars)];
    case '//': {
      const good = caught({ is: 'try', body: left, handler: undefined }, input, vars).filter(truthy);
      return good.length > 0 ? good : run(right, input, vars);
    }
    case 'and': return run(left, input, vars).flatMap((l) => (truthy(l) ? run(right, input, vars).map(truthy) : [false]));
    case 'or': return run(left, input, vars).flatMap((l) => (truthy(l) ? [true] : run(right, input, vars).map(truthy)));
    default: return pairs(run(left, input, vars), run(right, input, vars)).map(([a, b]) => arithmetic(op, a, b));
  }
}

export function run(filter: Filter, input: Json, vars: Variables): readonly Json[] {
  switch (filter.is) {
    case 'identity': return [input];
    case 'descend': return descend(input);
    case 'number': return [filter.value];
    case 'format': return [formatted(input, filter.format)];
    case 'string':
      return filter.parts.reduce<readonly string[]>((made, part) =>
        (typeof part === 'string' ? made.map((m) => m + part) : run(part, input, vars).flatMap((v) => made.map((m) => m + formatted(v, filter.format)))), ['']);
    case 'field': return run(filter.of, input, vars).flatMap((of) => run(filter.key, input, vars).map((key) => index(of, key)));
    case 'slice':
      return run(filter.of, input, vars).flatMap((of) => {
        const froms = filter.from === undefined ? [undefined] : run(filter.from, input, vars);
        const tos = filter.to === undefined ? [undefined] : run(filter.to, input, vars);
        return tos.flatMap((to) => froms.map((from) => slice(of, from, to)));
      });
    case 'iterate': return run(filter.of, input, vars).flatMap(iterate);
    case 'try': return caught(filter, input, vars);
    case 'binary': return binary(filter, input, vars);
    case 'negate': return run(filter.of, input, vars).map((v) => (typeof v === 'number' ? -v : undefined));
    case 'array': return [filter.of === undefined ? [] : run(filter.of, input, vars)];
    case 'object': return objects(filter.entries, input, vars);
    case 'if': return run(filter.when, input, vars).flatMap((c) => run(truthy(c) ? filter.then : filter.otherwise, input, vars));
    case 'variable': return [vars.get(filter.name)];
    case 'bind': return run(filter.source, input, vars).flatMap((v) => run(filter.body, input, new Map([...vars, [filter.name, v]])));
    case 'call': return call(filter.name, filter.args, input, vars);
  }
}

/** Names that exist, before anything runs. Throws a {@link CompileError}. */
export function check(filter: Filter, program: string, vars: ReadonlySet<string>): void {
  const inner = (f: Filter, more: ReadonlySet<string> = vars): void => check(f, program, more);
  switch (filter.is) {
    case 'string': for (const p of filter.parts) if (typeof p !== 'string') inner(p); return;
    case 'field': inner(filter.of); return inner(filter.key);
    case 'slice': for (const f of [filter.of, filter.from, filter.to]) if (f !== undefined) inner(f); return;
    case 'iterate': case 'negate': return inner(filter.of);
    case 'array': return filter.of === undefined ? undefined : inner(filter.of);
    case 'try': inner(filter.body); return filter.handler === undefined ? undefined : inner(filter.handler);
    case 'binary': inner(filter.left); return inner(filter.right);
    case 'object': for (const [k, v] of filter.entries) [k, v].forEach((f) => inner(f)); return;
    case 'if': [filter.when, filter.then, filter.otherwise].forEach((f) => inner(f)); return;
    case 'bind': inner(filter.source); return inner(filter.body, new Set([...vars, filter.name]));
    case 'variable':
      if (!vars.has(filter.name)) throw new CompileError(`$${filter.name} is not defined at <top-level>, line 1:\n${pointed(program, `$${filter.name}`)}`);
      return;
    case 'call':
      if (!CORE.has(`${filter.name}/${filter.args.length}`)) throw CORE.absent(filter.name, filter.args.length, program);
      filter.args.forEach((f) => inner(f));
      return;
    case 'identity': case 'descend': case 'number': case 'format': return;
  }
}
