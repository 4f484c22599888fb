/** Functions of filters. Models: jq 1.6 src/builtin.c, builtin.jq. To add one: a line in CORE's table. */
import { NOT_MODELLED } from '../kit.ts';
import { descend, iterate, plain, run, RunError, shown, type Variables } from './evaluate.ts';
import { CompileError, pointed, type Filter } from './syntax.ts';
import { compare, fromParsed, isArray, isObject, kindOf, sortedKeys, text, truthy, type Json } from './values.ts';

type Builtin = (input: Json, args: readonly Filter[], vars: Variables) => readonly Json[];

/** A function of its input and of the values of its arguments, every combination. */
const ofValues = (f: (input: Json, ...values: readonly Json[]) => Json): Builtin => (input, args, vars) =>
  args.reduce<readonly (readonly Json[])[]>((made, a) => run(a, input, vars).flatMap((v) => made.map((m) => [...m, v])), [[]]).map((values) => f(input, ...values));
const only = (kind: ReturnType<typeof kindOf>): Builtin => (input) => (kindOf(input) === kind ? [input] : []);

function needString(v: Json, other: Json, what: string): string {
  if (typeof v !== 'string' || typeof other !== 'string') throw new RunError(`${what} requires string inputs`);
  return v;
}

function arrayOf(v: Json, what: string): readonly Json[] {
  if (!isArray(v)) throw new RunError(`${shown(v)} cannot be ${what}, as it is not an array`);
  return v;
}

const keyed = (what: string, pick: (sorted: readonly { readonly key: Json; readonly value: Json }[]) => Json): Builtin => (input, [by], vars) => [pick(
  arrayOf(input, what).map((value) => ({ value, key: by === undefined ? value : run(by, value, vars) })).map((e, i) => ({ ...e, i })).sort((a, b) => compare(a.key, b.key) || a.i - b.i))];

function groups(sorted: readonly { readonly key: Json; readonly value: Json }[]): readonly (readonly Json[])[] {
  const out: { key: Json; values: Json[] }[] = [];
  for (const { key, value } of sorted) {
    const last = out.at(-1);
    if (last !== undefined && compare(last.key, key) === 0) last.values.push(value);
    else out.push({ key, values: [value] });
  }
  return out.map((g) => g.values);
}

function length(v: Json): Json {
  if (v === undefined) return 0;
  if (typeof v === 'string') return [...v].length;
  if (typeof v === 'number') return Math.abs(v);
  if (isArray(v)) return v.length;
  if (isObject(v)) return v.size;
  throw new RunError(`${shown(v)} has no length`);
}

function keys(v: Json, sort: boolean): Json {
  if (isArray(v)) return [...v.keys()];
  if (isObject(v)) return sort ? sortedKeys(v) : [...v.keys()];
  throw new RunError(`${shown(v)} has no keys`);
}

function has(v: Json, key: Json): Json {
  if (isObject(v) && typeof key === 'string') return v.has(key);
  if (isArray(v) && typeof key === 'number') return key >= 0 && key < v.length;
  throw new RunError(`Cannot check whether ${kindOf(v)} has a ${kindOf(key)} key`);
}

function contains(a: Json, b: Json): boolean {
  if (isObject(a) && isObject(b)) return [...b].every(([k, v]) => a.has(k) && contains(a.get(k), v));
  if (isArray(a) && isArray(b)) return b.every((y) => a.some((x) => contains(x, y)));
  if (typeof a === 'string' && typeof b === 'string') return a.includes(b);
  if (kindOf(a) !== kindOf(b)) throw new RunError(`${shown(a)} and ${shown(b)} cannot have their containment checked`);
  return compare(a, b) === 0;
}

const entries = (v: Json): readonly Json[] => {
  if (!isObject(v)) throw new RunError(`${shown(v)} has no keys`);
  return [...v].map(([key, value]) => new Map<string, Json>([['key', key], ['value', value]]));
};

function fromEntries(v: Json): Json {
  return new Map(iterate(v).map((e): [string, Json] => {
    const entry = isObject(e) ? e : new Map<string, Json>();
    const key = entry.get('key') ?? entry.get('k') ?? entry.get('name') ?? entry.get('Name') ?? entry.get('Key') ?? entry.get('K');
    return [typeof key === 'string' ? key : text(key), entry.has('value') ? entry.get('value') : (entry.get('v') ?? entry.get('Value') ?? entry.get('V'))];
  }));
}

function toNumber(v: Json): Json {
  if (typeof v === 'number') return v;
  if (typeof v !== 'string') throw new RunError(`${shown(v)} cannot be parsed as a number`);
  if (!/^\s*-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/.test(v)) throw new RunError(`Invalid numeric literal at EOF at line 1, column ${v.length} (while parsing '${v}')`);
  return Number(v);
}

function fromJson(v: Json): Json {
  try {
    return fromParsed(JSON.parse(plain(v)));
  } catch {
    throw new RunError(`Invalid numeric literal at EOF at line 1, column ${plain(v).length} (while parsing '${plain(v)}')`);
  }
}

function flatten(v: Json, depth: number): readonly Json[] {
  return iterate(v).flatMap((i) => (isArray(i) && depth > 0 ? flatten(i, depth - 1) : [i]));
}

function sum(v: Json, vars: Variables): Json {
  return iterate(v).reduce<Json>((a, b) => run({ is: 'binary', op: '+', left: { is: 'variable', name: 'a' }, right: { is: 'variable', name: 'b' } }, undefined, new Map([...vars, ['a', a], ['b', b]]))[0], undefined);
}

function test(v: Json, pattern: Json, flags: Json): Json {
  if (typeof v !== 'string') throw new RunError(`${shown(v)} cannot be matched, as it is not a string`);
  try {
    return new RegExp(plain(pattern), typeof flags === 'string' && flags.includes('i') ? 'iu' : 'u').test(v);
  } catch {
    throw new RunError(`${plain(pattern)} (at offset 0) is not a valid regex`);
  }
}

function mapped(input: Json, f: Filter, vars: Variables): Json {
  return iterate(input).flatMap((v) => run(f, v, vars));
}

const range = (from: Json, to: Json): readonly Json[] => {
  if (typeof from !== 'number' || typeof to !== 'number') throw new RunError('Range bounds must be numeric');
  return Array.from({ length: Math.max(0, Math.ceil(to - from)) }, (_, i) => from + i);
};

const IDENTITY: Filter = { is: 'identity' };
const arg = (args: readonly Filter[], i = 0): Filter => args[i] ?? IDENTITY;

const TABLE: Readonly<Record<string, Builtin>> = {
  'empty/0': () => [],
  'error/0': (input) => { throw new RunError(input); },
  'error/1': (input, args, vars) => { throw new RunError(run(arg(args), input, vars)[0]); },
  'not/0': (input) => [!truthy(input)],
  'length/0': (input) => [length(input)],
  'utf8bytelength/0': ofValues((v) => [...plain(v)].reduce((n, c) => n + ((c.codePointAt(0) ?? 0) < 0x80 ? 1 : (c.codePointAt(0) ?? 0) < 0x800 ? 2 : (c.codePointAt(0) ?? 0) < 0x10000 ? 3 : 4), 0)),
  'keys/0': (input) => [keys(input, true)],
  'keys_unsorted/0': (input) => [keys(input, false)],
  'has/1': ofValues(has),
  'in/1': ofValues((key, object) => has(object, key)),
  'contains/1': ofValues((a, b) => contains(a, b)),
  'inside/1': ofValues((a, b) => contains(b, a)),
  'map/1': (input, args, vars) => [mapped(input, arg(args), vars)],
  'map_values/1': (input, args, vars) => [isObject(input)
    ? new Map([...input].flatMap(([k, v]) => run(arg(args), v, vars).slice(0, 1).map((r): [string, Json] => [k, r])))
    : iterate(input).flatMap((v) => run(arg(args), v, vars).slice(0, 1))],
  'select/1': (input, args, vars) => run(arg(args), input, vars).flatMap((c) => (truthy(c) ? [input] : [])),
  'recurse/0': (input) => descend(input),
  'type/0': (input) => [kindOf(input)],
  'tostring/0': (input) => [plain(input)],
  'tonumber/0': (input) => [toNumber(input)],
  'tojson/0': (input) => [text(input)],
  'fromjson/0': (input) => [fromJson(input)],
  'to_entries/0': (input) => [entries(input)],
  'from_entries/0': (input) => [fromEntries(input)],
  'with_entries/1': (input, args, vars) => [fromEntries(mapped(entries(input), arg(args), vars))],
  'add/0': (input, _args, vars) => [sum(input, vars)],
  'any/0': (input) => [iterate(input).some(truthy)],
  'all/0': (input) => [iterate(input).every(truthy)],
  'any/1': (input, args, vars) => [iterate(mapped(input, arg(args), vars)).some(truthy)],
  'all/1': (input, args, vars) => [iterate(mapped(input, arg(args), vars)).every(truthy)],
  'sort/0': keyed('sorted', (s) => s.map((e) => e.value)),
  'sort_by/1': keyed('sorted', (s) => s.map((e) => e.value)),
  'group_by/1': keyed('grouped', groups),
  'unique/0': keyed('sorted', (s) => groups(s).map((g) => g[0])),
  'unique_by/1': keyed('grouped', (s) => groups(s).map((g) => g[0])),
  'min/0': keyed('sorted', (s) => s[0]?.value),
  'min_by/1': keyed('sorted', (s) => s[0]?.value),
  'max/0': keyed('sorted', (s) => s.at(-1)?.value),
  'max_by/1': keyed('sorted', (s) => s.at(-1)?.value),
  'first/0': (input) => run({ is: 'field', of: IDENTITY, key: { is: 'number', value: 0 } }, input, new Map()),
  'last/0': (input) => run({ is: 'field', of: IDENTITY, key: { is: 'number', value: -1 } }, input, new Map()),
  'first/1': (input, args, vars) => run(arg(args), input, vars).slice(0, 1),
  'last/1': (input, args, vars) => run(arg(args), input, vars).slice(-1),
  'limit/2': (input, args, vars) => run(arg(args), input, vars).flatMap((n) => (typeof n === 'number' && n > 0 ? run(arg(args, 1), input, vars).slice(0, n) : [])),
  'range/1': (input, args, vars) => run(arg(args), input, vars).flatMap((n) => range(0, n)),
  'range/2': (input, args, vars) => run(arg(args), input, vars).flatMap((a) => run(arg(args, 1), input, vars).flatMap((b) => range(a, b))),
  'reverse/0': (input) => [typeof input === 'string' ? [...input].reverse().join('') : [...iterate(input ?? [])].reverse()],
  'join/1': ofValues((v, by) => iterate(v).map((i) => (i === undefined ? '' : plain(i))).join(plain(by))),
  'split/1': ofValues((v, by) => {
    const whole = needString(v, by, 'split input and separator');
    return whole === '' ? [] : whole.split(plain(by));
  }),
  'test/1': ofValues((v, p) => test(v, p, undefined)),
  'test/2': ofValues(test),
  'startswith/1': ofValues((v, p) => needString(v, p, 'startswith()').startsWith(plain(p))),
  'endswith/1': ofValues((v, p) => needString(v, p, 'endswith()').endsWith(plain(p))),
  'ltrimstr/1': ofValues((v, p) => (typeof v === 'string' && typeof p === 'string' && v.startsWith(p) ? v.slice(p.length) : v)),
  'rtrimstr/1': ofValues((v, p) => (typeof v === 'string' && typeof p === 'string' && p !== '' && v.endsWith(p) ? v.slice(0, -p.length) : v)),
  'ascii_downcase/0': ofValues((v) => plain(v).replaceAll(/[A-Z]/g, (c) => c.toLowerCase())),
  'ascii_upcase/0': ofValues((v) => plain(v).replaceAll(/[a-z]/g, (c) => c.toUpperCase())),
  'flatten/0': (input) => [flatten(input, Infinity)],
  'flatten/1': ofValues((v, depth) => flatten(v, typeof depth === 'number' ? depth : 0)),
  'floor/0': ofValues((v) => (typeof v === 'number' ? Math.floor(v) : undefined)),
  'sqrt/0': ofValues((v) => (typeof v === 'number' ? Math.sqrt(v) : undefined)),
  'null/0': () => [undefined], 'true/0': () => [true], 'false/0': () => [false],
  'values/0': (input) => (input === undefined ? [] : [input]),
  'nulls/0': only('null'), 'booleans/0': only('boolean'), 'numbers/0': only('number'), 'strings/0': only('string'), 'arrays/0': only('array'), 'objects/0': only('object'),
  'scalars/0': (input) => (isArray(input) || isObject(input) ? [] : [input]),
  'iterables/0': (input) => (isArray(input) || isObject(input) ? [input] : []),
};

/** Functions of jq 1.6 that are not here. */
const ABSENT = new Set(['del', 'delpaths', 'paths', 'path', 'leaf_paths', 'getpath', 'setpath', 'match', 'capture', 'scan', 'splits', 'sub', 'gsub', 'env', 'halt', 'input', 'inputs', 'debug', 'now', 'mktime', 'gmtime', 'localtime',
  'strftime', 'strptime', 'todate', 'fromdate', 'walk', 'transpose', 'while', 'until', 'repeat', 'nth', 'index', 'rindex', 'indices', 'combinations', 'explode', 'implode', 'tostream', 'fromstream', 'limit', 'bsearch', 'ascii', 'pow', 'log',
  'isvalid', 'infinite', 'nan', 'isinfinite', 'isnan', 'builtins', 'input_line_number', 'getpath', 'min', 'recurse', 'range', 'split', 'recurse_down', 'ltrimstr', 'tojson', 'round', 'ceil', 'fabs', 'input_filename']);

export const CORE = {
  has: (signature: string): boolean => TABLE[signature] !== undefined,
  absent: (name: string, count: number, program: string): CompileError =>
    new CompileError(ABSENT.has(name) ? `${name}/${count} is ${NOT_MODELLED}` : `${name}/${count} is not defined at <top-level>, line 1:\n${pointed(program, name)}`),
};

export const call = (name: string, args: readonly Filter[], input: Json, vars: Variables): readonly Json[] => TABLE[`${name}/${args.length}`]?.(input, args, vars) ?? [];
