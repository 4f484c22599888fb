/** Read first: sort(1). C locale. Not modelled: --parallel, -S, -T. */
import type { Command } from '../../host.ts';
import { Exit, fail, gnu, pathOf, print, readFile } from '../kit.ts';

interface SortKey {
  readonly from: number;
  readonly fromChar: number;
  readonly to: number | undefined;
  readonly toChar: number;
  readonly flags: string;
}

function sortKey(text: string): SortKey {
  const match = /^(\d+)(?:\.(\d+))?([bdfghiMnrV]*)(?:,(\d+)(?:\.(\d+))?([bdfghiMnrV]*))?$/.exec(text);
  if (match === null) throw new Exit(2, `sort: invalid number at field start: invalid count at start of ‘${text}’\n`);
  if (match[1] === '0') throw new Exit(2, `sort: field number is zero: invalid field specification ‘${text}’\n`);
  return { from: Number(match[1]), fromChar: Number(match[2] ?? 1), to: match[4] === undefined ? undefined : Number(match[4]), toChar: Number(match[5] ?? 0), flags: `${match[3] ?? ''}${match[6] ?? ''}` };
}

const numeric = (text: string): number => Number.parseFloat(/^[ \t]*(-?(?:\d+\.?\d*|\.\d+))/.exec(text)?.[1] ?? '0');

/** The suffix counts more than the number: 3K is less than 2M. */
function human(text: string): readonly [number, number] {
  const match = /^\s*(-?(?:\d+\.?\d*|\.\d+))([kKMGTPEZY]?)/.exec(text);
  if (match === null) return [0, 0];
  const n = Number(match[1]);
  return [Math.sign(n) * ' KMGTPEZY'.indexOf((match[2] ?? '').toUpperCase() || ' '), n];
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];

/** filevercmp() of gnulib: digits compare as numbers, letters come before other characters, `~` before all. */
function version(a: string, b: string): number {
  if (a === '' || b === '') return a === b ? 0 : a === '' ? -1 : 1;
  const order = (c: string): number => (c === '' || /\d/.test(c) ? 0 : /[A-Za-z]/.test(c) ? c.charCodeAt(0) : c === '~' ? -1 : c.charCodeAt(0) + 256);
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    while ((i < a.length && !/\d/.test(a.charAt(i))) || (j < b.length && !/\d/.test(b.charAt(j)))) {
      const difference = order(a.charAt(i)) - order(b.charAt(j));
      if (difference !== 0) return difference;
      i++;
      j++;
    }
    const x = /^\d*/.exec(a.slice(i))?.[0] ?? '';
    const y = /^\d*/.exec(b.slice(j))?.[0] ?? '';
    if (Number(x) !== Number(y)) return Number(x) - Number(y);
    i += x.length;
    j += y.length;
  }
  return 0;
}

function compareBy(flags: string, a: string, b: string): number {
  let x = a;
  let y = b;
  if (flags.includes('b')) [x, y] = [x.trimStart(), y.trimStart()];
  if (flags.includes('f')) [x, y] = [x.toUpperCase(), y.toUpperCase()];
  if (flags.includes('d')) [x, y] = [x.replace(/[^A-Za-z0-9\s]/g, ''), y.replace(/[^A-Za-z0-9\s]/g, '')];
  let result: number;
  if (flags.includes('n')) result = numeric(x) - numeric(y);
  else if (flags.includes('g')) result = (Number.parseFloat(x) || -Infinity) - (Number.parseFloat(y) || -Infinity);
  else if (flags.includes('h')) {
    const [p, n] = human(x);
    const [q, m] = human(y);
    result = p - q || n - m;
  }
  else if (flags.includes('M')) result = MONTHS.indexOf(x.trim().slice(0, 3).toUpperCase()) - MONTHS.indexOf(y.trim().slice(0, 3).toUpperCase());
  else if (flags.includes('V')) result = version(x, y);
  else result = x < y ? -1 : x > y ? 1 : 0;
  if (Number.isNaN(result)) result = 0;
  return flags.includes('r') ? -result : result;
}

function keyText(line: string, key: SortKey, separator: string | undefined): string {
  // Without -t a field starts with the blanks before it.
  const fields = separator === undefined ? line.match(/\s*\S+/g) ?? [] : line.split(separator);
  const glue = separator ?? '';
  const picked = fields.slice(key.from - 1, key.to === undefined ? undefined : key.toChar > 0 ? key.to - 1 : key.to);
  let text = picked.join(glue);
  if (key.to !== undefined && key.toChar > 0) {
    const last = fields[key.to - 1] ?? '';
    text = key.to === key.from ? last.slice(0, key.toChar) : text + glue + last.slice(0, key.toChar);
  }
  return text.slice(key.fromChar - 1);
}

export const sort: Command = gnu({
  name: 'sort', models: '-n -g -h -V -M -r -u -f -b -d -i -k -t -s -o -c -C -m -R -z', usageCode: 2, short: 'nghVMrufbdik:t:so:cCzRm', long: {
    'numeric-sort': 'n', 'general-numeric-sort': 'g', 'human-numeric-sort': 'h', 'version-sort': 'V', reverse: 'r', unique: 'u', 'ignore-case': 'f', key: 'k:', 'field-separator': 't:', stable: 's', output: 'o:', check: 'c', 'month-sort': 'M', 'random-sort': 'R', 'zero-terminated': 'z', merge: 'm', 'ignore-leading-blanks': 'b', 'dictionary-order': 'd',
  },
  *run(context, options) {
    const end = options.has('z') ? '\0' : '\n';
    const separator = options.value('t');
    const keys = (options.given.get('k') ?? []).map(sortKey);
    const global = 'bdfghMnrV'.split('').filter((l) => options.has(l)).join('');
    const order = (a: string, b: string): number => {
      for (const key of keys) {
        const flags = key.flags === '' ? global : key.flags;
        const result = compareBy(flags, keyText(a, key, separator), keyText(b, key, separator));
        if (result !== 0) return result;
      }
      if (keys.length === 0) {
        const result = compareBy(global, a, b);
        if (result !== 0) return result;
      }
      if (options.has('s') || options.has('u')) return 0;
      return compareBy(options.has('r') ? 'r' : '', a, b);
    };
    const lines: string[] = [];
    for (const file of options.rest.length === 0 ? ['-'] : options.rest) {
      const text = yield* readFile(context, file, (t) => {
        throw new Exit(2, `sort: cannot read: ${t}\n`);
      });
      const pieces = (text ?? '').split(end);
      if (pieces.at(-1) === '') pieces.pop();
      lines.push(...pieces);
    }
    if (options.has('c') || options.has('C')) {
      const at = lines.findIndex((l, i) => i > 0 && order(lines[i - 1] ?? '', l) > 0);
      return at < 0 ? 0 : options.has('C') ? 1 : fail(context, `${options.rest[0] ?? '-'}:${at + 1}: disorder: ${lines[at] ?? ''}`);
    }
    let sorted = [...lines].sort(order);
    if (options.has('R')) {
      // Equal lines stay together, as their hashes would.
      const random = context.kernel.random('sort -R');
      const places = new Map([...new Set(lines)].map((l) => [l, random.u32()]));
      sorted = [...lines].sort((a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0) || (a < b ? -1 : a > b ? 1 : 0));
    }
    if (options.has('u')) sorted = sorted.filter((l, i) => i === 0 || order(sorted[i - 1] ?? '', l) !== 0);
    const text = sorted.map((l) => l + end).join('');
    const target = options.value('o');
    if (target === undefined) print(context, text);
    else context.host.fs.write(pathOf(context, target), text);
    return 0;
  },
});
