/** Read first: grep(1). Not modelled: -P beyond what JavaScript's expressions share, -f, --exclude, binary files. */
import { STRERROR } from '../../../engine/uapi/errno.ts';
import type { Command, Context } from '../../host.ts';
import type { Wait } from '../../../engine/sim/process.ts';
import { compileRegex, quoteRegex, RegexError } from '../../text/regex.ts';
import type { Options } from '../../text/getopt.ts';
import { Exit, gnu, lineReader, pathOf, print, splitLines, warn } from '../kit.ts';

function* linesOf(context: Context, file: string): Generator<Wait, AsyncLines, void> {
  if (file === '-') return { next: () => lineReader(context).line() };
  const text = context.host.fs.read(pathOf(context, file));
  if (!text.ok) return { error: STRERROR[text.error] };
  const lines = splitLines(text.value);
  let i = 0;
  return { *next() { return lines[i++]; } }; // the same shape as a stream's
}

type AsyncLines = { readonly next: () => Generator<Wait, string | undefined, void> } | { readonly error: string };

function matcher(name: string, options: Options, patterns: readonly string[]): RegExp {
  const flavour = options.has('E') || name === 'egrep' ? 'extended' : 'basic';
  const sources = patterns.map((p) => {
    if (options.has('F') || name === 'fgrep') return quoteRegex(p);
    if (options.has('P')) return new RegExp(p).source;
    return compileRegex(p, flavour).source.replace(/^\(\?:\)$/, '');
  });
  let source = sources.map((s) => `(?:${s})`).join('|');
  if (options.has('w')) source = `(?<!\\w)(?:${source})(?!\\w)`;
  if (options.has('x')) source = `^(?:${source})$`;
  return new RegExp(source, `g${options.has('i') || options.has('y') ? 'i' : ''}`);
}

function* files(context: Context, names: readonly string[], recursive: boolean): Generator<string | { readonly directory: string }> {
  for (const name of names) {
    if (name === '-' || context.host.fs.kind(pathOf(context, name)) !== 'directory') yield name;
    else if (!recursive) yield { directory: name };
    else {
      const inner = context.host.fs.list(pathOf(context, name));
      if (inner.ok) yield* files(context, inner.value.map((n) => `${name.replace(/\/$/, '')}/${n}`), true);
    }
  }
}

export const grep: Command = gnu({
  name: 'grep', aliases: ['egrep', 'fgrep'], usageCode: 2,
  models: '-E -F -P -i -v -n -c -o -w -x -q -s -l -L -h -H -r -m -A -B -C -e', notModelled: '-f, --include, -z',
  short: 'EFGPivncowxqslLhHrRm:A:B:C:e:yab', long: {
    'extended-regexp': 'E', 'fixed-strings': 'F', 'perl-regexp': 'P', 'ignore-case': 'i', 'invert-match': 'v', 'line-number': 'n', count: 'c', 'only-matching': 'o', 'word-regexp': 'w', 'line-regexp': 'x', quiet: 'q', silent: 'q',
    'no-messages': 's', 'files-with-matches': 'l', 'files-without-match': 'L', 'no-filename': 'h', 'with-filename': 'H', recursive: 'r', 'max-count': 'm:', 'after-context': 'A:', 'before-context': 'B:', context: 'C:', regexp: 'e:', color: 'color::', colour: 'color::', 'line-buffered': 'u',
  },
  rewrite: (args) => args.flatMap((a) => (/^-\d+$/.test(a) ? ['-C', a.slice(1)] : [a])),
  *run(context, options) {
    const name = context.args[0] ?? 'grep';
    const rest = [...options.rest];
    const given = [...(options.given.get('e') ?? [])];
    if (given.length === 0) {
      const pattern = rest.shift();
      if (pattern === undefined) throw new Exit(2, `Usage: ${name} [OPTION]... PATTERNS [FILE]...\nTry '${name} --help' for more information.\n`);
      given.push(pattern);
    }
    const patterns = given.flatMap((p) => p.split('\n'));
    let regex: RegExp;
    try {
      regex = matcher(name, options, patterns);
    } catch (error) {
      if (error instanceof RegexError || error instanceof SyntaxError) throw new Exit(2, `${name}: ${error.message}\n`);
      throw error;
    }
    const recursive = options.has('r') || options.has('R');
    const targets = rest.length > 0 ? rest : recursive ? ['.'] : ['-'];
    const named = !options.has('h') && (options.has('H') || recursive || rest.length > 1);
    const amount = (letter: string): number => Number(options.value(letter) ?? options.value('C') ?? 0);
    const after = amount('A');
    const before = amount('B');
    const limit = Number(options.value('m') ?? Infinity);
    let found = false;
    let broken = false;
    let separate = false;
    for (const file of files(context, targets, recursive)) {
      if (typeof file !== 'string') {
        if (!options.has('s')) warn(context, `${name}: ${file.directory}: Is a directory\n`);
        broken = true;
        continue;
      }
      const source = yield* linesOf(context, file);
      if ('error' in source) {
        if (!options.has('s')) warn(context, `${name}: ${file}: ${source.error}\n`);
        broken = true;
        continue;
      }
      const shown = file === '-' ? '(standard input)' : file;
      const head = (n: number, mark: string): string => `${named ? shown + mark : ''}${options.has('n') ? n + mark : ''}`;
      const held: { readonly n: number; readonly line: string }[] = [];
      let count = 0;
      let trailing = 0;
      let lastPrinted = 0;
      for (let n = 1; count < limit || trailing > 0; n++) {
        const raw = yield* source.next();
        if (raw === undefined) break;
        const line = raw.replace(/\n$/, '');
        regex.lastIndex = 0;
        const hit = count < limit && regex.test(line) !== options.has('v');
        if (hit) {
          count++;
          found = true;
          if (options.has('q')) return 0;
          if (options.has('c') || options.has('l') || options.has('L')) {
            if (options.has('l')) break;
            continue;
          }
          if (options.has('o')) {
            regex.lastIndex = 0; // matchAll starts where test stopped
            if (!options.has('v')) for (const m of line.matchAll(regex)) if (m[0] !== '') print(context, `${head(n, ':')}${m[0]}\n`);
            continue;
          }
          const first = held[0]?.n ?? n;
          if ((after > 0 || before > 0) && separate && first > lastPrinted + 1) print(context, '--\n');
          for (const h of held.splice(0)) print(context, `${head(h.n, '-')}${h.line}\n`);
          print(context, `${head(n, ':')}${line}\n`);
          separate = true;
          lastPrinted = n;
          trailing = after;
        } else if (trailing > 0) {
          trailing--;
          lastPrinted = n;
          if (!options.has('o') && !options.has('c') && !options.has('l') && !options.has('L')) print(context, `${head(n, '-')}${line}\n`);
        } else if (before > 0) {
          held.push({ n, line });
          if (held.length > before) held.shift();
        }
      }
      if (options.has('c')) print(context, `${named ? `${shown}:` : ''}${count}\n`);
      if (options.has('l') && count > 0) print(context, `${shown}\n`);
      if (options.has('L') && count === 0) print(context, `${shown}\n`);
    }
    return broken ? 2 : found ? 0 : 1;
  },
});
