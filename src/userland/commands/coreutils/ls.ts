/** Read first: ls(1), stat(1), find(1). Not modelled: links, groups other than the owner's, colours, most tests of find. */
import { STRERROR } from '../../../engine/uapi/errno.ts';
import type { Command, FileStatus } from '../../host.ts';
import { strftime } from '../../text/strftime.ts';
import { Exit, fail, gnu, pathOf, print } from '../kit.ts';

/** Six months, as ls counts them: older files show their year. */
const RECENT_MILLIS = 31_556_952_000 / 2;

export function modeText(status: FileStatus): string {
  const triple = (bits: number): string => `${bits & 4 ? 'r' : '-'}${bits & 2 ? 'w' : '-'}${bits & 1 ? 'x' : '-'}`;
  return `${status.kind === 'directory' ? 'd' : '-'}${triple(status.mode >> 6)}${triple(status.mode >> 3)}${triple(status.mode)}`;
}

/** 1K blocks on an ext4 file system. */
const blocks = (status: FileStatus): number => Math.ceil(status.size / 4096) * 4;

function humanSize(size: number): string {
  let n = size;
  let unit = 0;
  while (n >= 1024) {
    n /= 1024;
    unit++;
  }
  return unit === 0 ? String(n) : `${n < 10 ? (Math.ceil(n * 10) / 10).toFixed(1) : Math.ceil(n)}${'KMGTPE'.charAt(unit - 1)}`;
}

interface Entry {
  readonly name: string;
  readonly path: string;
  readonly status: FileStatus;
}

/** Names in columns of an 80 column terminal, sorted downwards. */
function inColumns(names: readonly string[]): string {
  for (let rows = 1; ; rows++) {
    const columns: string[][] = [];
    for (let i = 0; i < names.length; i += rows) columns.push(names.slice(i, i + rows));
    const widths = columns.map((c) => Math.max(...c.map((n) => n.length)));
    if (rows < names.length && widths.reduce((n, w) => n + w + 2, -2) >= 80) continue;
    return Array.from({ length: rows }, (_, r) => `${columns.filter((c) => r < c.length).map((c, k, shown) => (k === shown.length - 1 ? c[r] ?? '' : (c[r] ?? '').padEnd((widths[k] ?? 0) + 2))).join('')}\n`).join('');
  }
}

const ls: Command = gnu({
  name: 'ls', models: '-l -a -A -1 -d -h -R -r -t -S -F', notModelled: 'links, groups, colours', usageCode: 2, short: 'laA1dhRrtSFgGnop', long: { all: 'a', 'almost-all': 'A', directory: 'd', recursive: 'R', reverse: 'r', 'human-readable': 'h', classify: 'F', color: 'color::' },
  run(context, options) {
    const { fs } = context.host;
    const now = context.kernel.clock.wallMillis();
    let code = 0;
    const decorated = (e: Entry): string => `${e.name}${options.has('F') || options.has('p') ? (e.status.kind === 'directory' ? '/' : options.has('F') && (e.status.mode & 0o111) !== 0 ? '*' : '') : ''}`;
    const size = (e: Entry): string => (options.has('h') ? humanSize(e.status.size) : String(e.status.size));
    const show = (entries: readonly Entry[], total: boolean): void => {
      const sorted = [...entries];
      if (options.has('t')) sorted.sort((a, b) => b.status.mtimeMillis - a.status.mtimeMillis);
      if (options.has('S')) sorted.sort((a, b) => b.status.size - a.status.size);
      if (options.has('r')) sorted.reverse();
      if (options.has('l') || options.has('n')) {
        const sum = entries.reduce((n, e) => n + blocks(e.status), 0);
        if (total) print(context, `total ${options.has('h') ? humanSize(sum * 1024) : sum}\n`);
        const widest = (text: (e: Entry) => string): number => Math.max(0, ...entries.map((e) => text(e).length));
        const links = widest((e) => String(e.status.links));
        const owner = widest((e) => e.status.owner);
        const width = widest(size);
        for (const e of sorted) {
          const when = strftime(Math.abs(now - e.status.mtimeMillis) < RECENT_MILLIS ? '%b %e %H:%M' : '%b %e  %Y', e.status.mtimeMillis);
          print(context, `${modeText(e.status)} ${String(e.status.links).padStart(links)} ${e.status.owner.padEnd(owner)} ${e.status.owner.padEnd(owner)} ${size(e).padStart(width)} ${when} ${decorated(e)}\n`);
        }
      } else if (context.tty && !options.has('1')) {
        if (entries.length > 0) print(context, inColumns(sorted.map(decorated)));
      } else for (const e of sorted) print(context, `${decorated(e)}\n`);
    };
    const files: Entry[] = [];
    const folders: { name: string; path: string }[] = [];
    for (const name of options.rest.length === 0 ? ['.'] : [...options.rest].sort()) {
      const path = pathOf(context, name);
      const status = fs.stat(path);
      if (!status.ok) code = fail(context, `cannot access '${name}': ${STRERROR[status.error]}`, 2);
      else if (status.value.kind === 'directory' && !options.has('d')) folders.push({ name, path });
      else files.push({ name, path, status: status.value });
    }
    show(files, false);
    const headed = options.has('R') || options.rest.length > 1;
    let first = files.length === 0;
    for (let folder = folders.shift(); folder !== undefined; folder = folders.shift()) {
      const names = fs.list(folder.path);
      if (!names.ok) {
        code = fail(context, `cannot open directory '${folder.name}': ${STRERROR[names.error]}`, 2);
        continue;
      }
      const shown = names.value.filter((n) => options.has('a') || options.has('A') || !n.startsWith('.'));
      const at = folder;
      const entries = [...(options.has('a') ? ['.', '..'] : []), ...shown].flatMap((name): Entry[] => {
        const path = pathOf(context, `${at.path}/${name}`);
        const status = fs.stat(path);
        return status.ok ? [{ name, path, status: status.value }] : [];
      });
      if (headed) print(context, `${first ? '' : '\n'}${folder.name}:\n`);
      first = false;
      show(entries, true);
      if (options.has('R')) folders.unshift(...entries.filter((e) => e.status.kind === 'directory' && e.name !== '.' && e.name !== '..').map((e) => ({ name: `${at.name}/${e.name}`, path: e.path })));
    }
    return code;
  },
});

const stat: Command = gnu({
  name: 'stat', models: '-c with %n %s %a %A %U %G %F %h %Y %y', notModelled: 'inodes and devices: without -c it is refused', short: 'c:Lft', long: { format: 'c:', printf: 'printf:' },
  run(context, options) {
    const format = options.value('c') ?? options.value('printf');
    if (options.rest.length === 0) throw new Exit(1, "stat: missing operand\nTry 'stat --help' for more information.\n");
    let code = 0;
    for (const name of options.rest) {
      const status = context.host.fs.stat(pathOf(context, name));
      if (!status.ok) {
        code = fail(context, `cannot statx '${name}': ${STRERROR[status.error]}`);
        continue;
      }
      if (format === undefined) return fail(context, 'inodes are not modelled in this lab; use -c');
      const s = status.value;
      const values: Readonly<Record<string, string>> = {
        n: name, s: String(s.size), a: s.mode.toString(8), A: modeText(s), U: s.owner, G: s.owner, F: s.kind === 'file' ? (s.size === 0 ? 'regular empty file' : 'regular file') : 'directory',
        h: String(s.links), Y: String(Math.floor(s.mtimeMillis / 1000)), y: strftime('%Y-%m-%d %H:%M:%S.%N %z', s.mtimeMillis), '%': '%',
      };
      print(context, format.replace(/%([a-zA-Z%])/g, (whole, letter: string) => values[letter] ?? whole) + (options.has('c') ? '\n' : ''));
    }
    return code;
  },
});

const globRegex = (pattern: string, flags: string): RegExp => new RegExp(`^${pattern.replace(/[.+^${}()|\\]/g, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.').replace(/\[!/g, '[^')}$`, flags);

type Test = (path: string, name: string, status: FileStatus) => boolean;

const find: Command = {
  name: 'find', models: '-name -iname -path -type -maxdepth -mindepth -empty -not ! -print -print0 -delete -exec {} ; and +', notModelled: '-o, -mtime, -size, -perm and others',
  *run(context) {
    const args = context.args.slice(1);
    const starts: string[] = [];
    while (args[0] !== undefined && !/^[-!(]/.test(args[0])) starts.push(args.shift() ?? '');
    const tests: Test[] = [];
    let most = Infinity;
    let least = 0;
    let action: 'print' | 'print0' | 'delete' = 'print';
    let exec: { readonly words: readonly string[]; readonly batch: boolean } | undefined;
    let negate = false;
    const bad = (text: string): number => fail(context, text);
    const { fs } = context.host;
    for (let word = args.shift(); word !== undefined; word = args.shift()) {
      const value = (): string | undefined => args.shift();
      const add = (test: Test): void => {
        const inverted = negate;
        negate = false;
        tests.push((...at) => test(...at) !== inverted);
      };
      if (word === '!' || word === '-not') negate = true;
      else if (word === '-a' || word === '-and') continue;
      else if (['-name', '-iname', '-path', '-wholename', '-type', '-maxdepth', '-mindepth'].includes(word)) {
        const operand = value();
        if (operand === undefined) return bad(`missing argument to \`${word}'`);
        if (word === '-name' || word === '-iname') {
          const regex = globRegex(operand, word === '-iname' ? 'i' : '');
          add((_, name) => regex.test(name));
        } else if (word === '-path' || word === '-wholename') {
          const regex = globRegex(operand, '');
          add((path) => regex.test(path));
        } else if (word === '-type') {
          if (!/^[fdlbcps](,[fdlbcps])*$/.test(operand)) return bad(`Unknown argument to -type: ${operand}`);
          add((_, __, status) => operand.split(',').includes(status.kind === 'file' ? 'f' : 'd'));
        } else if (!/^\d+$/.test(operand)) return bad(`Expected a positive decimal integer argument to ${word}, but got ‘${operand}’`);
        else if (word === '-maxdepth') most = Number(operand);
        else least = Number(operand);
      } else if (word === '-empty') {
        add((path, _, status) => {
          const names = fs.list(pathOf(context, path));
          return names.ok ? names.value.length === 0 : status.size === 0;
        });
      } else if (word === '-print' || word === '-print0' || word === '-delete') action = word === '-print' ? 'print' : word === '-print0' ? 'print0' : 'delete';
      else if (word === '-exec') {
        const end = args.findIndex((w, i) => w === ';' || (w === '+' && args[i - 1] === '{}'));
        if (end < 0) return bad("missing argument to `-exec'");
        const words = args.splice(0, end + 1);
        exec = { words: words.slice(0, -1), batch: words.at(-1) === '+' };
      } else if (/^-(o|or|mtime|mmin|newer|size|perm|user|group|links|regex|iregex|ls|prune|execdir|ok|printf|atime|ctime|follow|xdev|mount)$/.test(word)) return bad(`${word}: not modelled in this lab`);
      else return bad(word.startsWith('-') ? `unknown predicate \`${word}'` : `paths must precede expression: \`${word}'`);
    }
    let code = 0;
    const found: string[] = [];
    const walk = (shown: string, depth: number): void => {
      const path = pathOf(context, shown);
      const status = fs.stat(path);
      if (!status.ok) {
        code = fail(context, `‘${shown}’: ${STRERROR[status.error]}`);
        return;
      }
      const name = shown.replace(/\/+$/, '').split('/').at(-1) ?? shown;
      const deeper = (): void => {
        const names = status.value.kind === 'directory' && depth < most ? fs.list(path) : undefined;
        if (names?.ok === true) for (const child of names.value) walk(`${shown.replace(/\/$/, '')}/${child}`, depth + 1);
      };
      const hit = depth >= least && tests.every((test) => test(shown, name === '' ? '/' : name, status.value));
      if (action === 'delete') deeper();
      if (hit) found.push(shown);
      if (action !== 'delete') deeper();
    };
    for (const start of starts.length === 0 ? ['.'] : starts) walk(start, 0);
    if (exec === undefined) {
      for (const path of found) {
        if (action !== 'delete') print(context, `${path}${action === 'print0' ? '\0' : '\n'}`);
        else {
          const removed = fs.remove(pathOf(context, path));
          if (!removed.ok) code = fail(context, `cannot delete ‘${path}’: ${STRERROR[removed.error]}`);
        }
      }
      return code;
    }
    const { words, batch } = exec;
    if (batch) {
      if (found.length > 0) code = yield* context.exec([...words.slice(0, -1), ...found]);
      return code;
    }
    for (const path of found) yield* context.exec(words.map((w) => w.replaceAll('{}', path)));
    return code;
  },
};

export const listings: readonly Command[] = [ls, stat, find];
