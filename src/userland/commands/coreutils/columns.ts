/** Read first: wc(1), sort(1), uniq(1), cut(1), tr(1), column(1), nl(1). C locale. */
import type { Command, Context } from '../../host.ts';
import type { Wait } from '../../../engine/sim/process.ts';
import { unescapeC } from '../../shell/lexer.ts';
import { Exit, gnu, pathOf, print, readFile, splitLines, fail } from '../kit.ts';

const utf8Length = (text: string): number => {
  let n = 0;
  for (const c of text) {
    const code = c.codePointAt(0) ?? 0;
    n += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return n;
};

const wc: Command = gnu({
  name: 'wc', models: '-l -w -c -m -L', short: 'lwcmL', long: { lines: 'l', words: 'w', bytes: 'c', chars: 'm', 'max-line-length': 'L' },
  *run(context, options) {
    const shown = 'lwmcL'.split('').filter((l) => options.has(l));
    const columns = shown.length === 0 ? ['l', 'w', 'c'] : shown;
    const rows: { readonly counts: readonly number[]; readonly file: string }[] = [];
    let code = 0;
    for (const file of options.rest.length === 0 ? [''] : options.rest) {
      const text = yield* readFile(context, file === '' ? '-' : file);
      if (text === undefined) {
        code = 1;
        continue;
      }
      const all: Readonly<Record<string, number>> = {
        l: text.split('\n').length - 1, w: text.split(/\s+/).filter((w) => w !== '').length, m: [...text].length, c: utf8Length(text), L: Math.max(0, ...text.split('\n').map((l) => l.length)),
      };
      rows.push({ counts: columns.map((c) => all[c] ?? 0), file });
    }
    if (rows.length > 1) rows.push({ counts: columns.map((_, i) => rows.reduce((n, r) => n + (r.counts[i] ?? 0), 0)), file: 'total' });
    const single = rows.length === 1 && columns.length === 1;
    const width = single ? 1 : options.rest.length === 0 ? 7 : Math.max(1, ...rows.flatMap((r) => r.counts.map((c) => String(c).length)));
    for (const row of rows) print(context, `${row.counts.map((c) => String(c).padStart(width)).join(' ')}${row.file === '' ? '' : ` ${row.file}`}\n`);
    return code;
  },
});

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
  if (match[1] === '0') throw new Exit(2, `sort: -: invalid field specification ‘${text}’: field number is zero\n`);
  return { from: Number(match[1]), fromChar: Number(match[2] ?? 1), to: match[4] === undefined ? undefined : Number(match[4]), toChar: Number(match[5] ?? 0), flags: `${match[3] ?? ''}${match[6] ?? ''}` };
}

const human = (text: string): number => {
  const match = /^\s*(-?[\d.]+)([KMGTPE]?)/i.exec(text);
  return match === null ? 0 : Number(match[1]) * 1024 ** ' KMGTPE'.indexOf((match[2] ?? '').toUpperCase() || ' ');
};

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];

/** strverscmp-like: digits compare as numbers. */
function version(a: string, b: string): number {
  const pieces = (t: string): string[] => t.match(/\d+|\D+/g) ?? [];
  const x = pieces(a);
  const y = pieces(b);
  for (let i = 0; i < Math.max(x.length, y.length); i++) {
    const p = x[i] ?? '';
    const q = y[i] ?? '';
    if (p === q) continue;
    if (/^\d/.test(p) && /^\d/.test(q) && Number(p) !== Number(q)) return Number(p) - Number(q);
    return p < q ? -1 : 1;
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
  if (flags.includes('n')) result = (Number.parseFloat(x.trim()) || 0) - (Number.parseFloat(y.trim()) || 0);
  else if (flags.includes('g')) result = (Number.parseFloat(x) || -Infinity) - (Number.parseFloat(y) || -Infinity);
  else if (flags.includes('h')) result = human(x) - human(y);
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

const sort: Command = gnu({
  name: 'sort', models: '-n -g -h -V -M -r -u -f -b -d -k -t -s -o -c', notModelled: '-m, -R, -S', usageCode: 2, short: 'nghVMrufbdk:t:so:czR', long: {
    'numeric-sort': 'n', 'general-numeric-sort': 'g', 'human-numeric-sort': 'h', 'version-sort': 'V', reverse: 'r', unique: 'u', 'ignore-case': 'f', key: 'k:', 'field-separator': 't:', stable: 's', output: 'o:', check: 'c', 'month-sort': 'M',
  },
  *run(context, options) {
    if (options.has('R') || options.has('z')) throw new Exit(2, 'sort: -R and -z are not modelled in this lab\n');
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
      lines.push(...splitLines(text ?? ''));
    }
    if (options.has('c')) {
      const at = lines.findIndex((l, i) => i > 0 && order(lines[i - 1] ?? '', l) > 0);
      return at < 0 ? 0 : fail(context, `-:${at + 1}: disorder: ${lines[at] ?? ''}`);
    }
    let sorted = [...lines].sort(order);
    if (options.has('u')) sorted = sorted.filter((l, i) => i === 0 || order(sorted[i - 1] ?? '', l) !== 0);
    const text = sorted.map((l) => `${l}\n`).join('');
    const target = options.value('o');
    if (target === undefined) print(context, text);
    else context.host.fs.write(pathOf(context, target), text);
    return 0;
  },
});

function* oneInput(context: Context, file: string | undefined): Generator<Wait, string[], void> {
  const text = yield* readFile(context, file ?? '-');
  if (text === undefined) throw new Exit(1);
  return splitLines(text);
}

const uniq: Command = gnu({
  name: 'uniq', models: '-c -d -u -i -f N', short: 'cduif:', long: { count: 'c', repeated: 'd', unique: 'u', 'ignore-case': 'i', 'skip-fields': 'f:' },
  *run(context, options) {
    const skip = Number(options.value('f') ?? 0);
    const key = (line: string): string => {
      const rest = skip === 0 ? line : line.replace(new RegExp(`^(\\s*\\S+){0,${skip}}`), '');
      return options.has('i') ? rest.toLowerCase() : rest;
    };
    let last: string | undefined;
    let count = 0;
    const flush = (): void => {
      if (last === undefined || (options.has('d') && count < 2) || (options.has('u') && count > 1)) return;
      print(context, `${options.has('c') ? `${String(count).padStart(7)} ` : ''}${last}\n`);
    };
    for (const line of yield* oneInput(context, options.rest[0])) {
      if (last !== undefined && key(line) === key(last)) {
        count++;
        continue;
      }
      flush();
      last = line;
      count = 1;
    }
    flush();
    return 0;
  },
});

/** `1,3-5,7-`: whether position n (from 1) is in. */
function ranges(context: Context, list: string): (n: number) => boolean {
  const parts = list.split(',').map((part): readonly [number, number] => {
    const match = /^(\d*)(-?)(\d*)$/.exec(part);
    if (match === null || part === '' || part === '-') throw new Exit(1, `cut: invalid field value ‘${part}’\nTry '${context.args[0] ?? ''} --help' for more information.\n`);
    const from = match[1] === '' ? 1 : Number(match[1]);
    if (from === 0) throw new Exit(1, "cut: fields are numbered from 1\nTry 'cut --help' for more information.\n");
    return [from, match[2] === '' ? from : match[3] === '' ? Infinity : Number(match[3])];
  });
  return (n) => parts.some(([a, b]) => n >= a && n <= b);
}

const cut: Command = gnu({
  name: 'cut', models: '-f -d -c -b -s --complement --output-delimiter', short: 'f:d:c:b:s', long: { fields: 'f:', delimiter: 'd:', characters: 'c:', bytes: 'b:', 'only-delimited': 's', complement: 'complement', 'output-delimiter': 'od:' },
  *run(context, options) {
    const list = options.value('f') ?? options.value('c') ?? options.value('b');
    if (list === undefined) throw new Exit(1, "cut: you must specify a list of bytes, characters, or fields\nTry 'cut --help' for more information.\n");
    const inside = ranges(context, list);
    const wanted = options.has('complement') ? (n: number): boolean => !inside(n) : inside;
    const delimiter = options.value('d') ?? '\t';
    if ([...delimiter].length !== 1) throw new Exit(1, "cut: the delimiter must be a single character\nTry 'cut --help' for more information.\n");
    let code = 0;
    for (const file of options.rest.length === 0 ? ['-'] : options.rest) {
      const text = yield* readFile(context, file);
      if (text === undefined) {
        code = 1;
        continue;
      }
      for (const line of splitLines(text)) {
        if (!options.has('f')) print(context, `${[...line].filter((_, i) => wanted(i + 1)).join('')}\n`);
        else if (!line.includes(delimiter)) {
          if (!options.has('s')) print(context, `${line}\n`);
        } else print(context, `${line.split(delimiter).filter((_, i) => wanted(i + 1)).join(options.value('od') ?? delimiter)}\n`);
      }
    }
    return code;
  },
});

const SETS: Readonly<Record<string, string>> = {
  lower: 'a-z', upper: 'A-Z', alpha: 'A-Za-z', digit: '0-9', alnum: '0-9A-Za-z', space: '\\t\\n\\v\\f\\r ', blank: '\\t ', punct: '!-/:-@[-`{-~', xdigit: '0-9A-Fa-f',
};

function trSet(text: string): string[] {
  const plain = unescapeC(text.replace(/\[:(\w+):\]/g, (_, name: string) => SETS[name] ?? ''));
  const out: string[] = [];
  const chars = [...plain];
  for (let i = 0; i < chars.length; i++) {
    const c = chars[i] ?? '';
    const end = chars[i + 2];
    if (chars[i + 1] === '-' && end !== undefined) {
      for (let k = c.charCodeAt(0); k <= end.charCodeAt(0); k++) out.push(String.fromCharCode(k));
      i += 2;
    } else out.push(c);
  }
  return out;
}

const tr: Command = gnu({
  name: 'tr', models: 'sets, ranges, classes, -d -s -c', short: 'dscCt', long: { delete: 'd', 'squeeze-repeats': 's', complement: 'c', 'truncate-set1': 't' },
  *run(context, options) {
    const [a, b] = options.rest;
    if (a === undefined) throw new Exit(1, "tr: missing operand\nTry 'tr --help' for more information.\n");
    if (b === undefined && !options.has('d') && !options.has('s')) throw new Exit(1, `tr: missing operand after ‘${a}’\nTwo strings must be given when translating.\nTry 'tr --help' for more information.\n`);
    const first = trSet(a);
    const second = trSet(b ?? '');
    const inverted = options.has('c') || options.has('C');
    const inFirst = (c: string): boolean => first.includes(c) !== inverted;
    const squeezed = options.has('s') ? (b === undefined ? inFirst : (c: string): boolean => second.includes(c)) : (): boolean => false;
    const text = yield* readFile(context, '-');
    let out = '';
    let last = '';
    for (const c of text ?? '') {
      let to = c;
      if (inFirst(c)) {
        if (options.has('d')) continue;
        if (b !== undefined) to = (inverted ? second.at(-1) : second[first.indexOf(c)] ?? second.at(-1)) ?? c;
      }
      if (to === last && squeezed(to)) continue;
      out += to;
      last = to;
    }
    print(context, out);
    return 0;
  },
});

const column: Command = gnu({
  name: 'column', models: '-t -s -o', notModelled: 'filling columns without -t', short: 'ts:o:nN:', long: { table: 't', separator: 's:', 'output-separator': 'o:', 'table-columns': 'N:' },
  *run(context, options) {
    const lines = yield* oneInput(context, options.rest[0]);
    if (!options.has('t')) {
      print(context, lines.map((l) => `${l}\n`).join(''));
      return 0;
    }
    const separator = options.value('s');
    const rows = lines.filter((l) => l.trim() !== '').map((l) => (separator === undefined ? l.trim().split(/\s+/) : l.split(new RegExp(`[${separator.replace(/[\\\]^-]/g, '\\$&')}]`))));
    const head = options.value('N');
    if (head !== undefined) rows.unshift(head.split(','));
    const widths: number[] = [];
    for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
    const glue = options.value('o') ?? '  ';
    for (const row of rows) print(context, `${row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0))).join(glue)}\n`);
    return 0;
  },
});

const nl: Command = gnu({
  name: 'nl', models: 'numbers non-empty lines; -ba', short: 'b:w:',
  *run(context, options) {
    let n = 0;
    for (const line of yield* oneInput(context, options.rest[0])) print(context, line === '' && options.value('b') !== 'a' ? '       \n' : `${String(++n).padStart(6)}\t${line}\n`);
    return 0;
  },
});

const paste: Command = gnu({
  name: 'paste', models: 'files side by side, -s, -d', short: 'sd:', long: { serial: 's', delimiters: 'd:' },
  *run(context, options) {
    const delimiter = unescapeC(options.value('d') ?? '\\t').charAt(0);
    const inputs: string[][] = [];
    for (const file of options.rest.length === 0 ? ['-'] : options.rest) {
      const text = yield* readFile(context, file);
      if (text === undefined) throw new Exit(1);
      inputs.push(splitLines(text));
    }
    if (options.has('s')) for (const lines of inputs) print(context, `${lines.join(delimiter)}\n`);
    else for (let i = 0; i < Math.max(0, ...inputs.map((l) => l.length)); i++) print(context, `${inputs.map((l) => l[i] ?? '').join(delimiter)}\n`);
    return 0;
  },
});

const diff: Command = gnu({
  name: 'diff', models: 'normal and unified (-u) output of two files, -q', short: 'uqNrb', long: { unified: 'u', brief: 'q' }, usageCode: 2,
  *run(context, options) {
    const [a, b] = options.rest;
    if (a === undefined || b === undefined) throw new Exit(2, `diff: missing operand after '${a ?? 'diff'}'\ndiff: Try 'diff --help' for more information.\n`);
    const read = function* (file: string): Generator<Wait, string[], void> {
      const text = yield* readFile(context, file, (t) => {
        throw new Exit(2, `diff: ${t}\n`);
      });
      return splitLines(text ?? '');
    };
    const left = yield* read(a);
    const right = yield* read(b);
    if (left.join('\n') === right.join('\n')) return 0;
    if (options.has('q')) {
      print(context, `Files ${a} and ${b} differ\n`);
      return 1;
    }
    const hunks = changes(left, right);
    const span = (from: number, count: number, comma = ','): string => (count === 1 ? String(from + 1) : `${from + 1}${comma}${from + count}`);
    if (!options.has('u')) {
      for (const h of hunks) {
        const kind = h.removed === 0 ? 'a' : h.added === 0 ? 'd' : 'c';
        print(context, `${h.removed === 0 ? h.left : span(h.left, h.removed)}${kind}${h.added === 0 ? h.right : span(h.right, h.added)}\n`);
        for (let i = 0; i < h.removed; i++) print(context, `< ${left[h.left + i] ?? ''}\n`);
        if (kind === 'c') print(context, '---\n');
        for (let i = 0; i < h.added; i++) print(context, `> ${right[h.right + i] ?? ''}\n`);
      }
      return 1;
    }
    print(context, `--- ${a}\n+++ ${b}\n`);
    for (const group of joined(hunks)) {
      const [first] = group;
      const last = group.at(-1);
      if (first === undefined || last === undefined) continue;
      const from = Math.max(0, first.left - 3);
      const fromRight = Math.max(0, first.right - (first.left - from));
      const to = Math.min(left.length, last.left + last.removed + 3);
      const toRight = Math.min(right.length, last.right + last.added + 3);
      const range = (start: number, count: number): string => `${count === 0 ? start : start + 1}${count === 1 ? '' : `,${count}`}`;
      print(context, `@@ -${range(from, to - from)} +${range(fromRight, toRight - fromRight)} @@\n`);
      let at = from;
      for (const h of group) {
        for (; at < h.left; at++) print(context, ` ${left[at] ?? ''}\n`);
        for (let i = 0; i < h.removed; i++) print(context, `-${left[at++] ?? ''}\n`);
        for (let i = 0; i < h.added; i++) print(context, `+${right[h.right + i] ?? ''}\n`);
      }
      for (; at < to; at++) print(context, ` ${left[at] ?? ''}\n`);
    }
    return 1;
  },
});

interface Hunk {
  readonly left: number;
  readonly removed: number;
  readonly right: number;
  readonly added: number;
}

/** Longest common subsequence, quadratic: files here are small. */
function changes(a: readonly string[], b: readonly string[]): Hunk[] {
  const width = b.length + 1;
  const table = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number): number => table[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) for (let j = b.length - 1; j >= 0; j--) table[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const hunks: Hunk[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      i++;
      j++;
      continue;
    }
    const left = i;
    const right = j;
    while ((i < a.length || j < b.length) && !(i < a.length && j < b.length && a[i] === b[j])) {
      if (i < a.length && (j >= b.length || at(i + 1, j) >= at(i, j + 1))) i++;
      else j++;
    }
    hunks.push({ left, removed: i - left, right, added: j - right });
  }
  return hunks;
}

/** Hunks closer than six lines share one header. */
function joined(hunks: readonly Hunk[]): Hunk[][] {
  const groups: Hunk[][] = [];
  for (const hunk of hunks) {
    const last = groups.at(-1);
    const before = last?.at(-1);
    if (last !== undefined && before !== undefined && hunk.left - (before.left + before.removed) <= 6) last.push(hunk);
    else groups.push([hunk]);
  }
  return groups;
}

export const columnTools: readonly Command[] = [wc, sort, uniq, cut, tr, column, nl, paste, diff];
