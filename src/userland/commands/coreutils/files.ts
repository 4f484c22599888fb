/** Read first: mkdir(1), rm(1), cp(1), mv(1), touch(1), chmod(1), basename(1). Modes are kept and shown; only execution asks for one. No links, no owners. */
import { STRERROR, type Errno } from '../../../engine/uapi/errno.ts';
import type { Command, Context } from '../../host.ts';
import { done } from '../../../base/result.ts';
import { catching, Exit, fail, gnu, pathOf, print } from '../kit.ts';

const missing = (context: Context, what = 'missing operand'): never => {
  const name = context.args[0] ?? '';
  throw new Exit(1, `${name}: ${what}\nTry '${name} --help' for more information.\n`);
};

const mkdir: Command = gnu({
  name: 'mkdir', models: '-p', short: 'pvm:', long: { parents: 'p' },
  run(context, options) {
    if (options.rest.length === 0) missing(context);
    let code = 0;
    for (const name of options.rest) {
      const path = pathOf(context, name);
      const paths = options.has('p') ? path.split('/').slice(1).map((_, i, all) => `/${all.slice(0, i + 1).join('/')}`) : [path];
      for (const p of paths) {
        const made = context.host.fs.mkdir(p);
        if (made.ok || (options.has('p') && made.error === 'EEXIST' && context.host.fs.kind(p) === 'directory')) continue;
        code = fail(context, `cannot create directory ‘${name}’: ${STRERROR[made.error]}`);
        break;
      }
    }
    return code;
  },
});

function removeTree(context: Context, path: string): Errno | undefined {
  const names = context.host.fs.list(path);
  if (names.ok) {
    for (const name of names.value) {
      const error = removeTree(context, `${path === '/' ? '' : path}/${name}`);
      if (error !== undefined) return error;
    }
  }
  const removed = context.host.fs.remove(path);
  return removed.ok ? undefined : removed.error;
}

const rm: Command = gnu({
  name: 'rm', models: '-r -f', short: 'rRfvi', long: { recursive: 'r', force: 'f' },
  run(context, options) {
    if (options.rest.length === 0 && !options.has('f')) missing(context);
    let code = 0;
    for (const name of options.rest) {
      const path = pathOf(context, name);
      const kind = context.host.fs.kind(path);
      if (kind === undefined) {
        if (!options.has('f')) code = fail(context, `cannot remove '${name}': ${STRERROR.ENOENT}`);
        continue;
      }
      if (kind === 'directory' && !options.has('r') && !options.has('R')) {
        code = fail(context, `cannot remove '${name}': Is a directory`);
        continue;
      }
      const error = removeTree(context, path);
      if (error !== undefined) code = fail(context, `cannot remove '${name}': ${STRERROR[error]}`);
    }
    return code;
  },
});

const rmdir: Command = gnu({
  name: 'rmdir', models: 'empty folders', short: 'p',
  run(context, options) {
    let code = 0;
    for (const name of options.rest) {
      const path = pathOf(context, name);
      const names = context.host.fs.list(path);
      const error = !names.ok ? STRERROR[names.error] : names.value.length > 0 ? 'Directory not empty' : undefined;
      if (error !== undefined) code = fail(context, `failed to remove '${name}': ${error}`);
      else context.host.fs.remove(path);
    }
    return code;
  },
});

function copyTree(context: Context, from: string, to: string): Errno | undefined {
  const { fs } = context.host;
  if (fs.kind(from) === 'directory') {
    if (fs.kind(to) === undefined) {
      const made = fs.mkdir(to);
      if (!made.ok) return made.error;
    }
    const names = fs.list(from);
    if (!names.ok) return names.error;
    for (const name of names.value) {
      const error = copyTree(context, `${from}/${name}`, `${to}/${name}`);
      if (error !== undefined) return error;
    }
    return undefined;
  }
  const text = fs.read(from);
  if (!text.ok) return text.error;
  const written = fs.write(to, text.value);
  const status = fs.stat(from);
  if (written.ok && status.ok && !from.startsWith('/proc/') && !from.startsWith('/sys/')) fs.chmod(to, status.value.mode & ~0o022);
  return written.ok ? undefined : written.error;
}

const transfer = (name: 'cp' | 'mv'): Command => gnu({
  name, models: name === 'cp' ? 'files, -r, -a' : 'files and folders', short: name === 'cp' ? 'rRafpv' : 'fvn', long: { recursive: 'r', archive: 'a', force: 'f' },
  run(context, options) {
    const sources = options.rest.slice(0, -1);
    const target = options.rest.at(-1);
    const [first] = options.rest;
    if (first === undefined) missing(context, 'missing file operand');
    if (target === undefined || sources.length === 0) missing(context, `missing destination file operand after '${first ?? ''}'`);
    const { fs } = context.host;
    const into = fs.kind(pathOf(context, target ?? '')) === 'directory';
    if (sources.length > 1 && !into) return fail(context, `target '${target ?? ''}' is not a directory`);
    let code = 0;
    for (const source of sources) {
      const from = pathOf(context, source);
      const kind = fs.kind(from);
      if (kind === undefined) {
        code = fail(context, `cannot stat '${source}': ${STRERROR.ENOENT}`);
        continue;
      }
      if (name === 'cp' && kind === 'directory' && !options.has('r') && !options.has('R') && !options.has('a')) {
        code = fail(context, `-r not specified; omitting directory '${source}'`);
        continue;
      }
      const to = pathOf(context, into ? `${target ?? ''}/${from.slice(from.lastIndexOf('/') + 1)}` : target ?? '');
      const error = from === to ? undefined : copyTree(context, from, to);
      if (error !== undefined) code = fail(context, `cannot create regular file '${target ?? ''}': ${STRERROR[error]}`);
      else if (name === 'mv' && from !== to) removeTree(context, from);
    }
    return code;
  },
});

const touch: Command = gnu({
  name: 'touch', models: 'makes files', short: 'camt:d:',
  run(context, options) {
    if (options.rest.length === 0) missing(context, 'missing file operand');
    let code = 0;
    for (const name of options.rest) {
      const path = pathOf(context, name);
      const made = context.host.fs.kind(path) !== undefined ? context.host.fs.touch(path) : options.has('c') ? done : context.host.fs.write(path, '');
      if (!made.ok) code = fail(context, `cannot touch '${name}': ${STRERROR[made.error]}`);
    }
    return code;
  },
});

const basename: Command = gnu({
  name: 'basename', models: 'name and suffix, -a, -s, -z', short: 'as:z', long: { multiple: 'a', suffix: 's:', zero: 'z' }, stopAtOperand: true,
  run(context, options) {
    const { rest } = options;
    if (rest.length === 0) return missing(context);
    const several = options.has('a') || options.has('s');
    if (!several && rest.length > 2) return missing(context, `extra operand ‘${rest[2] ?? ''}’`);
    const suffix = options.value('s') ?? (several ? undefined : rest[1]);
    for (const name of several ? rest : rest.slice(0, 1)) {
      const base = name.replace(/\/+$/, '').split('/').at(-1) ?? '';
      const shown = suffix !== undefined && base.endsWith(suffix) && base !== suffix ? base.slice(0, base.length - suffix.length) : base === '' && name !== '' ? '/' : base;
      print(context, `${shown}${options.has('z') ? '\0' : '\n'}`);
    }
    return 0;
  },
});

const dirname: Command = gnu({
  name: 'dirname', models: 'name', short: '',
  run(context, options) {
    if (options.rest.length === 0) missing(context);
    for (const name of options.rest) {
      const trimmed = name.replace(/\/+$/, '');
      const cut = trimmed.lastIndexOf('/');
      print(context, `${cut < 0 ? (trimmed === '' && name !== '' ? '/' : '.') : cut === 0 ? '/' : trimmed.slice(0, cut)}\n`);
    }
    return 0;
  },
});

const readlink: Command = gnu({
  name: 'readlink', aliases: ['realpath'], models: '-f: the absolute path', short: 'fem',
  run(context, options) {
    for (const name of options.rest) {
      if (context.args[0] !== 'realpath' && !options.has('f') && !options.has('e') && !options.has('m')) return 1; // nothing here is a link
      print(context, `${pathOf(context, name)}\n`);
    }
    return 0;
  },
});

/** `755`, `u+x,go-w`, `+x` of a mode; undefined: no mode. */
function newMode(text: string, old: number, folder: boolean): number | undefined {
  if (/^[0-7]{1,4}$/.test(text)) return Number.parseInt(text, 8);
  let mode = old;
  for (const clause of text.split(',')) {
    const match = /^([ugoa]*)([-+=])([rwxX]*)$/.exec(clause);
    if (match === null) return undefined;
    const [, who = '', op, what = ''] = match;
    let bits = 0;
    for (const letter of what) bits |= letter === 'r' ? 4 : letter === 'w' ? 2 : letter === 'x' || folder || (old & 0o111) !== 0 ? 1 : 0;
    for (const [letter, shift] of [['u', 6], ['g', 3], ['o', 0]] as const) {
      if (who !== '' && !who.includes(letter) && !who.includes('a')) continue;
      const mask = bits << shift;
      // Without a who the umask (022) holds back.
      const allowed = who === '' ? mask & ~0o022 : mask;
      if (op === '+') mode |= allowed;
      else if (op === '-') mode &= ~allowed;
      else mode = (mode & ~(7 << shift)) | allowed;
    }
  }
  return mode;
}

const chmod: Command = {
  name: 'chmod', models: 'octal and symbolic modes, -R', notModelled: 's, t, --reference',
  run: function* (context) {
    const words = context.args.slice(1);
    const recursive = words.some((w) => w === '-R' || w === '--recursive');
    const [text, ...names] = words.filter((w) => !/^-([Rvfc]+|-recursive|-verbose|-)$/.test(w));
    if (text === undefined || names.length === 0) {
      context.stderr.write(`chmod: missing operand${text === undefined ? '' : ` after ‘${text}’`}\nTry 'chmod --help' for more information.\n`);
      return 1;
    }
    let code = 0;
    const change = (path: string, name: string): void => {
      const status = context.host.fs.stat(path);
      if (!status.ok) {
        code = fail(context, `cannot access '${name}': ${STRERROR[status.error]}`);
        return;
      }
      const mode = newMode(text, status.value.mode, status.value.kind === 'directory');
      if (mode === undefined) throw new Exit(1, `chmod: invalid mode: ‘${text}’\nTry 'chmod --help' for more information.\n`);
      const changed = context.host.fs.chmod(path, mode);
      if (!changed.ok) code = fail(context, `changing permissions of '${name}': ${STRERROR[changed.error]}`);
      const inner = context.host.fs.list(path);
      if (recursive && inner.ok) for (const child of inner.value) change(`${path}/${child}`, `${name}/${child}`);
    };
    return yield* catching(context, (function* () {
      for (const name of names) change(pathOf(context, name), name);
      return code;
    })());
  },
};

const chown: Command = gnu({
  name: 'chown', models: 'accepted; files have no owners here', short: 'Rvf',
  run(context, options) {
    if (options.rest.length < 2) missing(context, options.rest.length === 0 ? 'missing operand' : `missing operand after ‘${options.rest[0] ?? ''}’`);
    let code = 0;
    for (const name of options.rest.slice(1)) if (context.host.fs.kind(pathOf(context, name)) === undefined) code = fail(context, `cannot access '${name}': ${STRERROR.ENOENT}`);
    return code;
  },
});

export const fileTools: readonly Command[] = [mkdir, rm, rmdir, transfer('cp'), transfer('mv'), touch, basename, dirname, readlink, chmod, chown];
