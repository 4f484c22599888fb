/** Read first: ls(1), mkdir(1), rm(1), cp(1), mv(1), touch(1), basename(1). No permissions, links or times: `ls -l` says what there is. */
import { STRERROR, type Errno } from '../../../engine/uapi/errno.ts';
import type { Command, Context } from '../../host.ts';
import { strftime } from '../../text/strftime.ts';
import { Exit, fail, gnu, pathOf, print } from '../kit.ts';

const sizeOf = (context: Context, path: string): number => {
  const text = context.host.fs.read(path);
  return text.ok ? text.value.length : 4096;
};

function longLine(context: Context, name: string, path: string, width: number): string {
  const folder = context.host.fs.kind(path) === 'directory';
  const when = strftime('%b %e %H:%M', context.kernel.clock.wallMillis() - context.kernel.clock.now / 1e6);
  return `${folder ? 'drwxr-xr-x' : '-rw-r--r--'} 1 root root ${String(sizeOf(context, path)).padStart(width)} ${when} ${name}\n`;
}

const ls: Command = gnu({
  name: 'ls', models: '-l -a -A -1 -d -h -R -r', notModelled: 'owners, modes and times (one of each is shown), colours', usageCode: 2, short: 'laA1dhRrtF', long: { all: 'a', 'almost-all': 'A', directory: 'd', recursive: 'R', reverse: 'r', 'human-readable': 'h', color: 'color::' },
  run(context, options) {
    const { fs } = context.host;
    let code = 0;
    const show = (entries: readonly { readonly name: string; readonly path: string }[], total: boolean): void => {
      const sorted = options.has('r') ? [...entries].reverse() : entries;
      if (options.has('l')) {
        if (total) print(context, `total ${entries.length * 4}\n`);
        const width = Math.max(1, ...entries.map((e) => String(sizeOf(context, e.path)).length));
        for (const e of sorted) print(context, longLine(context, e.name, e.path, width));
      } else if (context.tty && !options.has('1')) {
        if (entries.length > 0) print(context, `${sorted.map((e) => e.name).join('  ')}\n`);
      } else for (const e of sorted) print(context, `${e.name}\n`);
    };
    const files: { name: string; path: string }[] = [];
    const folders: { name: string; path: string }[] = [];
    for (const name of options.rest.length === 0 ? ['.'] : [...options.rest].sort()) {
      const path = pathOf(context, name);
      const kind = fs.kind(path);
      if (kind === undefined) code = fail(context, `cannot access '${name}': ${STRERROR.ENOENT}`, 2);
      else if (kind === 'directory' && !options.has('d')) folders.push({ name, path });
      else files.push({ name, path });
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
      const entries = [...(options.has('a') ? ['.', '..'] : []), ...shown].map((name) => ({ name, path: pathOf(context, `${at.path}/${name}`) }));
      if (headed) print(context, `${first ? '' : '\n'}${folder.name}:\n`);
      first = false;
      show(entries, true);
      if (options.has('R')) folders.unshift(...entries.filter((e) => fs.kind(e.path) === 'directory' && e.name !== '.' && e.name !== '..').map((e) => ({ name: `${at.name}/${e.name}`, path: e.path })));
    }
    return code;
  },
});

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
      if (context.host.fs.kind(path) !== undefined) continue;
      const made = context.host.fs.write(path, '');
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

const chmod: Command = gnu({
  name: 'chmod', aliases: ['chown'], models: 'accepted; files have no modes or owners here', short: 'Rvfrwx',
  run(context, options) {
    if (options.rest.length < 2) missing(context, options.rest.length === 0 ? 'missing operand' : `missing operand after ‘${options.rest[0] ?? ''}’`);
    let code = 0;
    for (const name of options.rest.slice(1)) if (context.host.fs.kind(pathOf(context, name)) === undefined) code = fail(context, `cannot access '${name}': ${STRERROR.ENOENT}`);
    return code;
  },
});

export const fileTools: readonly Command[] = [ls, mkdir, rm, rmdir, transfer('cp'), transfer('mv'), touch, basename, dirname, readlink, chmod];
