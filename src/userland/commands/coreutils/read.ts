/** Read first: cat(1), head(1), tail(1), tee(1), tac(1), rev(1). */
import { utf8 } from '../../../engine/wire/bytes.ts';
import { millis, plus } from '../../../engine/sim/time.ts';
import type { Command, Context } from '../../host.ts';
import { gnu, lineReader, numberArgument, pathOf, print, readFile, splitLines, fail } from '../kit.ts';
import { STRERROR } from '../../../engine/uapi/errno.ts';

/** `cat -v` of a character beyond ASCII: its bytes, as M- and what is left without the top bit. */
const visible = (char: string): string => [...utf8(char)].map((b) => {
  const low = b & 127;
  return `M-${low < 32 ? `^${String.fromCharCode(low + 64)}` : low === 127 ? '^?' : String.fromCharCode(low)}`;
}).join('');

const cat: Command = gnu({
  name: 'cat', aliases: ['less', 'more'], models: 'less and more print all; files, -, -n, -b, -E, -T, -A, -s', short: 'nbETAsuevt',
  long: { number: 'n', 'number-nonblank': 'b', 'show-ends': 'E', 'show-tabs': 'T', 'show-all': 'A', 'squeeze-blank': 's' },
  *run(context, options) {
    let code = 0;
    let number = 0;
    const shows = (letters: string): boolean => [...letters].some((l) => options.has(l));
    const decorate = (line: string): string => {
      let text = line;
      if (shows('vAet')) text = text.replace(/[\x00-\x08\x0b-\x1f]/g, (c) => `^${String.fromCharCode(c.charCodeAt(0) + 64)}`).replace(/\x7f/g, '^?').replace(/[\u0080-\u{10ffff}]/gu, visible);
      if (shows('TAt')) text = text.replace(/\t/g, '^I');
      if (shows('EAe')) text += '$';
      if (options.has('b') ? line !== '' : options.has('n')) text = `${String(++number).padStart(6)}\t${text}`;
      return text;
    };
    const shown = (line: string): string => (line.endsWith('\n') ? `${decorate(line.slice(0, -1))}\n` : decorate(line).replace(/\$$/, (m) => (shows('EAe') ? '' : m)));
    const plain = !shows('nbETAsetv');
    for (const file of options.rest.length === 0 ? ['-'] : options.rest) {
      if (file === '-') {
        const reader = lineReader(context);
        if (plain) {
          for (let chunk = reader.read(); chunk !== 'eof'; chunk = reader.read()) {
            if (chunk === undefined) yield { on: [reader.readable] };
            else print(context, chunk);
          }
          continue;
        }
        for (let line = yield* reader.line(); line !== undefined; line = yield* reader.line()) print(context, shown(line));
        continue;
      }
      const text = yield* readFile(context, file);
      if (text === undefined) code = 1;
      else if (plain) print(context, text);
      else {
        let lines = splitLines(text);
        if (options.has('s')) lines = lines.filter((l, i) => l !== '' || lines[i - 1] !== '');
        print(context, lines.map((l, i) => shown(i === lines.length - 1 && !text.endsWith('\n') ? l : `${l}\n`)).join(''));
      }
    }
    return code;
  },
});

/** `-5` means `-n 5`. */
const oldStyle = (args: readonly string[]): readonly string[] => args.flatMap((a, i) => (/^-\d+$/.test(a) && !/^-[nc]$|^--(lines|bytes)$/.test(args[i - 1] ?? '') ? ['-n', a.slice(1)] : [a]));

const banner = (file: string, index: number): string => `${index === 0 ? '' : '\n'}==> ${file === '-' ? 'standard input' : file} <==\n`;

const opening = (context: Context, file: string) => (text: string): void => void fail(context, `cannot open '${file}' for reading: ${text.slice(file.length + 2)}`);

const head: Command = gnu({
  name: 'head', models: '-n N (also -N, -n -N), -c, -q, -v', short: 'n:c:qv', long: { lines: 'n:', bytes: 'c:', quiet: 'q', verbose: 'v' }, rewrite: oldStyle,
  *run(context, options) {
    const bytes = options.value('c');
    const count = numberArgument(context, bytes ?? options.value('n') ?? '10', bytes === undefined ? 'number of lines' : 'number of bytes');
    const fromEnd = (bytes ?? options.value('n') ?? '').startsWith('-');
    const files = options.rest.length === 0 ? ['-'] : options.rest;
    let code = 0;
    for (const [i, file] of files.entries()) {
      const named = (files.length > 1 && !options.has('q')) || options.has('v');
      if (file === '-' && bytes === undefined && !fromEnd) {
        if (named) print(context, banner(file, i));
        const reader = lineReader(context);
        for (let n = 0; n < count; n++) {
          const line = yield* reader.line();
          if (line === undefined) break;
          print(context, line);
        }
        continue;
      }
      const text = yield* readFile(context, file, opening(context, file));
      if (text === undefined) {
        code = 1;
        continue;
      }
      if (named) print(context, banner(file, i));
      if (bytes !== undefined) print(context, fromEnd ? text.slice(0, Math.max(0, text.length + count)) : text.slice(0, count));
      else {
        const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
        print(context, (fromEnd ? lines.slice(0, Math.max(0, lines.length + count)) : lines.slice(0, count)).join(''));
      }
    }
    return code;
  },
});

const tail: Command = gnu({
  name: 'tail', models: '-n N (also -N, +N), -c, -f, -F, -q, -v', notModelled: '--pid, --retry', short: 'n:c:fqvF', long: { lines: 'n:', bytes: 'c:', follow: 'f::', quiet: 'q', verbose: 'v' }, rewrite: oldStyle,
  *run(context, options) {
    const bytes = options.value('c');
    const wanted = bytes ?? options.value('n') ?? '10';
    const count = Math.abs(numberArgument(context, wanted, bytes === undefined ? 'number of lines' : 'number of bytes'));
    const fromStart = wanted.startsWith('+');
    const files = options.rest.length === 0 ? ['-'] : options.rest;
    /** What has been shown of each file; undefined: it is not there yet. */
    const seen = new Map<string, number | undefined>();
    let code = 0;
    for (const [i, file] of files.entries()) {
      const text = yield* readFile(context, file, opening(context, file));
      if (text === undefined) {
        code = 1;
        if (options.has('F')) seen.set(file, undefined);
        continue;
      }
      if ((files.length > 1 && !options.has('q')) || options.has('v')) print(context, banner(file, i));
      seen.set(file, text.length);
      if (bytes !== undefined) print(context, fromStart ? text.slice(count - 1) : count === 0 ? '' : text.slice(-count));
      else {
        const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
        print(context, (fromStart ? lines.slice(Math.max(0, count - 1)) : count === 0 ? [] : lines.slice(-count)).join(''));
      }
    }
    if (!options.has('f') && !options.has('F')) return code;
    if (seen.size === 0) return fail(context, 'no files remaining');
    for (;;) {
      yield { until: plus(context.kernel.clock.now, millis(500)) };
      for (const [file, length] of seen) {
        if (file === '-') continue;
        const text = context.host.fs.read(pathOf(context, file));
        if (!text.ok || text.value.length === length) continue;
        if (length === undefined) context.stderr.write(`tail: '${file}' has appeared;  following new file\n`);
        print(context, length !== undefined && text.value.length > length ? text.value.slice(length) : text.value);
        seen.set(file, text.value.length);
      }
    }
  },
});

const tee: Command = gnu({
  name: 'tee', models: '-a, several files', short: 'ai', long: { append: 'a', 'ignore-interrupts': 'i' },
  *run(context, options) {
    let code = 0;
    const files: string[] = [];
    for (const file of options.rest) {
      const made = context.host.fs.write(pathOf(context, file), '', options.has('a') ? 'append' : 'truncate');
      if (made.ok) files.push(file);
      else code = fail(context, `${file}: ${STRERROR[made.error]}`);
    }
    for (;;) {
      const chunk = context.stdin.read();
      if (chunk === 'eof') return code;
      if (chunk === undefined) {
        yield { on: [context.stdin.readable] };
        continue;
      }
      for (const file of files) {
        const written = context.host.fs.write(pathOf(context, file), chunk, 'append');
        if (!written.ok) code = fail(context, `${file}: ${STRERROR[written.error]}`);
      }
      print(context, chunk);
    }
  },
});

const perLine = (name: string, models: string, change: (lines: string[]) => string[]): Command => gnu({
  name, models, short: '',
  *run(context, options) {
    let code = 0;
    for (const file of options.rest.length === 0 ? ['-'] : options.rest) {
      const text = yield* readFile(context, file);
      if (text === undefined) code = 1;
      else print(context, change(splitLines(text)).map((l) => `${l}\n`).join(''));
    }
    return code;
  },
});

export const readers: readonly Command[] = [cat, head, tail, tee, perLine('tac', 'lines, last first', (l) => l.reverse()), perLine('rev', 'characters, last first', (l) => l.map((x) => [...x].reverse().join('')))];
