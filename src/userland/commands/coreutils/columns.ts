/** Read first: wc(1), uniq(1), cut(1), column(1), nl(1), paste(1), fold(1). C locale. */
import type { Wait } from '../../../engine/sim/process.ts';
import { utf8 } from '../../../engine/wire/bytes.ts';
import type { Command, Context } from '../../host.ts';
import { unescapeC } from '../../shell/lexer.ts';
import { Exit, gnu, lineReader, pathOf, print, readFile, splitLines } from '../kit.ts';

const wc: Command = gnu({
  name: 'wc', models: '-l -w -c -m -L', short: 'lwcmL', long: { lines: 'l', words: 'w', bytes: 'c', chars: 'm', 'max-line-length': 'L' },
  *run(context, options) {
    const shown = 'lwmcL'.split('').filter((l) => options.has(l));
    const columns = shown.length === 0 ? ['l', 'w', 'c'] : shown;
    const rows: { readonly counts: readonly number[]; readonly file: string }[] = [];
    let bytes = 0;
    let code = 0;
    for (const file of options.rest.length === 0 ? [''] : options.rest) {
      const text = yield* readFile(context, file === '' ? '-' : file);
      if (text === undefined) {
        code = 1;
        continue;
      }
      const all: Readonly<Record<string, number>> = {
        l: text.split('\n').length - 1, w: text.split(/\s+/).filter((w) => w !== '').length, m: [...text].length, c: utf8(text).length, L: text.split('\n').reduce((most, l) => Math.max(most, [...l].reduce((at, c) => (c === '\t' ? at + 8 - (at % 8) : at + 1), 0)), 0),
      };
      bytes += all['c'] ?? 0;
      rows.push({ counts: columns.map((c) => all[c] ?? 0), file });
    }
    if (rows.length > 1) rows.push({ counts: columns.map((_, i) => rows.reduce((n, r) => n + (r.counts[i] ?? 0), 0)), file: 'total' });
    const single = rows.length === 1 && columns.length === 1;
    const width = single ? 1 : options.rest.length === 0 || options.rest.includes('-') ? 7 : String(bytes).length;
    for (const row of rows) print(context, `${row.counts.map((c) => String(c).padStart(width)).join(' ')}${row.file === '' ? '' : ` ${row.file}`}\n`);
    return code;
  },
});

function* oneInput(context: Context, file: string | undefined): Generator<Wait, string[], void> {
  const text = yield* readFile(context, file ?? '-');
  if (text === undefined) throw new Exit(1);
  return splitLines(text);
}

const uniq: Command = gnu({
  name: 'uniq', models: '-c -d -D -u -i -f -s -w, an output file', short: 'cdDuif:s:w:', long: { count: 'c', repeated: 'd', 'all-repeated': 'D', unique: 'u', 'ignore-case': 'i', 'skip-fields': 'f:', 'skip-chars': 's:', 'check-chars': 'w:' },
  *run(context, options) {
    const amount = (letter: string, what: string): number => {
      const text = options.value(letter) ?? (letter === 'w' ? '9007199254740991' : '0');
      if (!/^\d+$/.test(text)) throw new Exit(1, `uniq: ${text}: invalid number of ${what}\n`);
      return Number(text);
    };
    const skip = amount('f', 'fields to skip');
    const skipChars = amount('s', 'bytes to skip');
    const width = amount('w', 'bytes to compare');
    const key = (line: string): string => {
      const rest = (skip === 0 ? line : line.replace(new RegExp(`^(\\s*\\S+){0,${skip}}`), '')).slice(skipChars, skipChars + width);
      return options.has('i') ? rest.toLowerCase() : rest;
    };
    let out = '';
    const target = options.rest[1];
    const show = (text: string): void => {
      if (target === undefined) print(context, text);
      else out += text;
    };
    let group: string[] = [];
    const flush = (): void => {
      const [first] = group;
      if (first === undefined || ((options.has('d') || options.has('D')) && group.length < 2) || (options.has('u') && group.length > 1)) return;
      for (const line of options.has('D') ? group : [first]) show(`${options.has('c') ? `${String(group.length).padStart(7)} ` : ''}${line}\n`);
    };
    for (const line of yield* oneInput(context, options.rest[0])) {
      if (group.length > 0 && key(line) === key(group[0] ?? '')) {
        group.push(line);
        continue;
      }
      flush();
      group = [line];
    }
    flush();
    if (target !== undefined && target !== '-') context.host.fs.write(pathOf(context, target), out);
    return 0;
  },
});

/** `1,3-5,7-`: whether position n (from 1) is in. */
function ranges(context: Context, list: string, fields: boolean): (n: number) => boolean {
  const hint = `Try '${context.args[0] ?? ''} --help' for more information.\n`;
  const parts = list.split(',').map((part): readonly [number, number] => {
    const match = /^(\d*)(-?)(\d*)$/.exec(part);
    if (match === null || part === '' || part === '-') throw new Exit(1, part === '-' ? `cut: invalid range with no endpoint: -\n${hint}` : `cut: invalid ${fields ? 'field value' : 'byte/character position'} ‘${part}’\n${hint}`);
    const from = match[1] === '' ? 1 : Number(match[1]);
    if (from === 0) throw new Exit(1, `cut: ${fields ? 'fields' : 'byte/character positions'} are numbered from 1\n${hint}`);
    if (match[3] !== '' && Number(match[3]) < from) throw new Exit(1, `cut: invalid decreasing range\n${hint}`);
    return [from, match[2] === '' ? from : match[3] === '' ? Infinity : Number(match[3])];
  });
  return (n) => parts.some(([a, b]) => n >= a && n <= b);
}

const cut: Command = gnu({
  name: 'cut', models: '-f -d -c -b -s --complement --output-delimiter', short: 'f:d:c:b:s', long: { fields: 'f:', delimiter: 'd:', characters: 'c:', bytes: 'b:', 'only-delimited': 's', complement: 'complement', 'output-delimiter': 'od:' },
  *run(context, options) {
    const list = options.value('f') ?? options.value('c') ?? options.value('b');
    if (list === undefined) throw new Exit(1, "cut: you must specify a list of bytes, characters, or fields\nTry 'cut --help' for more information.\n");
    const inside = ranges(context, list, options.has('f'));
    if (!options.has('f') && options.has('d')) throw new Exit(1, "cut: an input delimiter may be specified only when operating on fields\nTry 'cut --help' for more information.\n");
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
    // A short row has empty cells; only the last column is not padded.
    for (const row of rows) print(context, `${widths.map((width, i) => (i === widths.length - 1 ? row[i] ?? '' : (row[i] ?? '').padEnd(width))).join(glue)}\n`);
    return 0;
  },
});

const nl: Command = gnu({
  name: 'nl', models: '-b a|t|n -w -s -v -i -n', notModelled: 'sections', short: 'b:w:s:v:i:n:', long: { 'body-numbering': 'b:', 'number-width': 'w:', 'number-separator': 's:', 'starting-line-number': 'v:', 'line-increment': 'i:', 'number-format': 'n:' },
  *run(context, options) {
    const width = Number(options.value('w') ?? 6);
    const separator = options.value('s') ?? '\t';
    const style = options.value('b') ?? 't';
    let n = Number(options.value('v') ?? 1);
    const shape = options.value('n') ?? 'rn';
    for (const line of yield* oneInput(context, options.rest[0])) {
      if (style === 'n' || (style === 't' && line === '')) print(context, `${' '.repeat(width + separator.length)}${line}\n`);
      else {
        const number = shape === 'ln' ? String(n).padEnd(width) : String(n).padStart(width, shape === 'rz' ? '0' : ' ');
        print(context, `${number}${separator}${line}\n`);
        n += Number(options.value('i') ?? 1);
      }
    }
    return 0;
  },
});

const paste: Command = gnu({
  name: 'paste', models: 'files side by side, -s, -d', short: 'sd:', long: { serial: 's', delimiters: 'd:' },
  *run(context, options) {
    const delimiters = [...unescapeC(options.value('d') ?? '\\t').replace(/\0/g, '')];
    const glue = (pieces: readonly string[]): string => pieces.map((p, i) => (i === pieces.length - 1 ? p : p + (delimiters[i % Math.max(1, delimiters.length)] ?? ''))).join('');
    const reader = lineReader(context);
    const inputs: (() => Generator<Wait, string | undefined, void>)[] = [];
    for (const file of options.rest.length === 0 ? ['-'] : options.rest) {
      if (file === '-') {
        inputs.push(() => reader.line());
        continue;
      }
      const text = yield* readFile(context, file);
      if (text === undefined) throw new Exit(1);
      const lines = splitLines(text);
      inputs.push(function* () { return lines.shift(); }); // the same shape as a stream's
    }
    const chop = (line: string | undefined): string | undefined => line?.replace(/\n$/, '');
    if (options.has('s')) {
      for (const next of inputs) {
        const lines: string[] = [];
        for (let line = chop(yield* next()); line !== undefined; line = chop(yield* next())) lines.push(line);
        print(context, `${glue(lines)}\n`);
      }
      return 0;
    }
    for (;;) {
      const row: (string | undefined)[] = [];
      for (const next of inputs) row.push(chop(yield* next()));
      if (row.every((cell) => cell === undefined)) return 0;
      print(context, `${glue(row.map((cell) => cell ?? ''))}\n`);
    }
  },
});

const fold: Command = gnu({
  name: 'fold', models: '-w -s', short: 'w:sb', long: { width: 'w:', spaces: 's', bytes: 'b' }, rewrite: (args) => args.flatMap((a) => (/^-\d+$/.test(a) ? ['-w', a.slice(1)] : [a])),
  *run(context, options) {
    const width = Number(options.value('w') ?? 80);
    if (!(width > 0)) throw new Exit(1, `fold: invalid number of columns: ‘${options.value('w') ?? ''}’\n`);
    const text = yield* readFile(context, options.rest[0] ?? '-');
    if (text === undefined) return 1;
    print(context, text.split('\n').map((line) => {
      const rows: string[] = [];
      let left = line;
      while (left.length > width) {
        const blank = options.has('s') ? left.slice(0, width).lastIndexOf(' ') + 1 : 0;
        const cut = blank > 0 ? blank : width;
        rows.push(left.slice(0, cut));
        left = left.slice(cut);
      }
      return [...rows, left].join('\n');
    }).join('\n'));
    return 0;
  },
});

export const columnTools: readonly Command[] = [wc, uniq, cut, column, nl, paste, fold];
