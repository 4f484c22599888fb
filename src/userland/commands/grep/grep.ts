/** Read first: grep(1). Not modelled: -P beyond what JavaScript's expressions share (and \\K), -z, binary files. */
import { STRERROR } from '../../../engine/uapi/errno.ts';
import type { Command, Context } from '../../host.ts';
import type { Wait } from '../../../engine/sim/process.ts';
import { compileRegex, quoteRegex, RegexError } from '../../text/regex.ts';
import type { Options } from '../../text/getopt.ts';
import { utf8 } from '../../../engine/wire/bytes.ts';
import { Exit, gnu, lineReader, pathOf, print, readFile, splitLines, warn } from '../kit.ts';

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
    if (options.has('P')) return perl(p);
    return compileRegex(p, flavour).source.replace(/^\(\?:\)$/, '');
  });
  let source = sources.map((s) => `(?:${s})`).join('|');
  if (options.has('w')) source = `(?<!\\w)(?:${source})(?!\\w)`;
  if (options.has('x')) source = `^(?:${source})$`;
  return new RegExp(source, `g${options.has('i') || options.has('y') ? 'i' : ''}`);
}

/** `a\\Kb`: a has to stand before, and is not part of the match. */
function perl(pattern: string): string {
  const cut = pattern.lastIndexOf('\\K');
  return new RegExp(cut < 0 ? pattern : `(?<=${pattern.slice(0, cut)})${pattern.slice(cut + 2)}`).source;
}

const shellGlob = (pattern: string): RegExp => new RegExp(`^${pattern.replace(/[.+^${}()|\\]/g, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.')}$`);

/** GREP_COLORS of an untouched system. */
const paint = (sgr: string, text: string): string => `\x1b[${sgr}m\x1b[K${text}\x1b[m\x1b[K`;

function* files(context: Context, names: readonly string[], recursive: boolean, bare = false): Generator<string | { readonly directory: string }> {
  for (const name of names) {
    if (name === '-' || context.host.fs.kind(pathOf(context, name)) !== 'directory') yield name;
    else if (!recursive) yield { directory: name };
    else {
      const inner = context.host.fs.list(pathOf(context, name));
      if (inner.ok) yield* files(context, inner.value.map((n) => (bare ? n : `${name.replace(/\/$/, '')}/${n}`)), true);
    }
  }
}

export const grep: Command = gnu({
  name: 'grep', aliases: ['egrep', 'fgrep'], usageCode: 2, usage: 'Usage: grep [OPTION]... PATTERNS [FILE]...\n',
  models: '-E -F -P -i -v -n -c -o -w -x -q -s -l -L -h -H -r -m -A -B -C -e -f -b --include --exclude --color', notModelled: '-z',
  short: 'EFGPivncowxqslLhHrRm:A:B:C:e:f:d:yabT', long: {
    'extended-regexp': 'E', 'fixed-strings': 'F', 'perl-regexp': 'P', 'ignore-case': 'i', 'invert-match': 'v', 'line-number': 'n', count: 'c', 'only-matching': 'o', 'word-regexp': 'w', 'line-regexp': 'x', quiet: 'q', silent: 'q',
    'no-messages': 's', 'files-with-matches': 'l', 'files-without-match': 'L', 'no-filename': 'h', 'with-filename': 'H', recursive: 'r', 'max-count': 'm:', 'after-context': 'A:', 'before-context': 'B:', context: 'C:', regexp: 'e:', color: 'color::', colour: 'color::', 'line-buffered': 'u', file: 'f:', include: 'include:', exclude: 'exclude:', 'exclude-dir': 'exclude-dir:', 'byte-offset': 'b', directories: 'd:', 'dereference-recursive': 'R', 'no-ignore-case': 'noi', text: 'a', 'initial-tab': 'T',
  },
  rewrite: (args) => args.flatMap((a) => (/^-\d+$/.test(a) ? ['-C', a.slice(1)] : [a])),
  *run(context, options) {
    const name = context.args[0] ?? 'grep';
    const rest = [...options.rest];
    const given = [...(options.given.get('e') ?? [])];
    for (const file of options.given.get('f') ?? []) {
      const text = yield* readFile(context, file, (t) => {
        throw new Exit(2, `${name}: ${t}\n`);
      });
      given.push(...splitLines(text ?? ''));
    }
    if (given.length === 0 && !options.has('f')) {
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
    const amount = (letter: string): number => {
      const text = options.value(letter) ?? options.value('C') ?? '0';
      if (!/^\d+$/.test(text)) throw new Exit(2, `${name}: ${text}: invalid context length argument\n`);
      return Number(text);
    };
    const after = amount('A');
    const before = amount('B');
    if (!/^\d*$/.test(options.value('m') ?? '')) throw new Exit(2, `${name}: invalid max count\n`);
    const limit = Number(options.value('m') ?? Infinity);
    const included = (options.given.get('include') ?? []).map(shellGlob);
    const excluded = (options.given.get('exclude') ?? []).map(shellGlob);
    const apart = (options.given.get('exclude-dir') ?? []).map(shellGlob);
    const colour = options.value('color');
    const coloured = colour === 'always' || (colour !== undefined && colour !== 'never' && context.tty);
    const marked = (line: string): string => (coloured && !options.has('v') ? line.replace(regex, (m) => (m === '' ? '' : paint('01;31', m))) : line);
    let found = false;
    let broken = false;
    let separate = false;
    for (const file of files(context, targets, recursive, rest.length === 0)) {
      if (typeof file !== 'string') {
        if (options.value('d') === 'skip') continue;
        if (!options.has('s')) warn(context, `${name}: ${file.directory}: Is a directory\n`);
        broken = true;
        continue;
      }
      const base = file.slice(file.lastIndexOf('/') + 1);
      if ((included.length > 0 && !included.some((g) => g.test(base))) || excluded.some((g) => g.test(base)) || file.split('/').slice(0, -1).some((d) => apart.some((g) => g.test(d)))) continue;
      const source = yield* linesOf(context, file);
      if ('error' in source) {
        if (!options.has('s')) warn(context, `${name}: ${file}: ${source.error}\n`);
        broken = true;
        continue;
      }
      const shown = file === '-' ? '(standard input)' : file;
      let offset = 0;
      const head = (n: number, mark: string, at: number): string => [...(named ? [['35', shown]] : []), ...(options.has('n') ? [['32', String(n)]] : []), ...(options.has('b') ? [['32', String(at)]] : [])]
        .map(([sgr = '', text = '']) => (coloured ? paint(sgr, text) + paint('36', mark) : text + mark)).join('');
      const held: { readonly n: number; readonly line: string; readonly at: number }[] = [];
      let count = 0;
      let trailing = 0;
      let lastPrinted = 0;
      for (let n = 1; count < limit || trailing > 0; n++) {
        const raw = yield* source.next();
        if (raw === undefined) break;
        const line = raw.replace(/\n$/, '');
        const at = offset;
        offset += utf8(line).length + 1;
        regex.lastIndex = 0;
        const hit = count < limit && patterns.length > 0 && regex.test(line) !== options.has('v');
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
            if (!options.has('v')) for (const m of line.matchAll(regex)) if (m[0] !== '') print(context, `${head(n, ':', at + utf8(line.slice(0, m.index)).length)}${coloured ? paint('01;31', m[0]) : m[0]}\n`);
            continue;
          }
          const first = held[0]?.n ?? n;
          if ((after > 0 || before > 0) && separate && first > lastPrinted + 1) print(context, coloured ? `${paint('36', '--')}\n` : '--\n');
          for (const h of held.splice(0)) print(context, `${head(h.n, '-', h.at)}${h.line}\n`);
          print(context, `${head(n, ':', at)}${marked(line)}\n`);
          separate = true;
          lastPrinted = n;
          trailing = after;
        } else if (trailing > 0) {
          trailing--;
          lastPrinted = n;
          if (!options.has('o') && !options.has('c') && !options.has('l') && !options.has('L')) print(context, `${head(n, '-', at)}${line}\n`);
        } else if (before > 0) {
          held.push({ n, line, at });
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
