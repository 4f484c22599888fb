/** Read first: bash(1), SHELL BUILTIN COMMANDS: variables, folders, options. */
import { STRERROR } from '../../../engine/uapi/errno.ts';
import { arithmetic } from '../expand.ts';
import { resolvePath } from '../glob.ts';
import { stderr } from '../redirect.ts';
import type { Builtin, BuiltinCall } from './builtin.ts';

const NAME = /^[A-Za-z_]\w*$/;

const OPTION_LETTERS: Readonly<Record<string, string>> = { a: 'allexport', e: 'errexit', f: 'noglob', u: 'nounset', x: 'xtrace', C: 'noclobber', v: 'verbose' };
const OPTION_NAMES = new Set([...Object.values(OPTION_LETTERS), 'pipefail', 'emacs', 'history']);

export const shellQuote = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replace(/'/g, "'\\''")}'`);

const declareQuote = (text: string): string => `"${text.replace(/["$`\\]/g, '\\$&')}"`;

/** `NAME`, `NAME=value` arguments of export, readonly, local, declare. */
function declare(call: BuiltinCall, args: readonly string[], apply: (name: string, value: string | undefined) => void): number {
  let status = 0;
  for (const arg of args) {
    const cut = arg.indexOf('=');
    const name = cut < 0 ? arg : arg.slice(0, cut).replace(/\+$/, '');
    if (!NAME.test(name)) {
      status = call.fail(`\`${arg}': not a valid identifier`);
      continue;
    }
    const append = cut > 0 && arg.charAt(cut - 1) === '+';
    apply(name, cut < 0 ? undefined : (append ? call.state.get(name) ?? '' : '') + arg.slice(cut + 1));
  }
  return status;
}

const split = (args: readonly string[]): { readonly flags: string; readonly rest: readonly string[] } => {
  let flags = '';
  let i = 1;
  for (; i < args.length; i++) {
    const arg = args[i] ?? '';
    if (arg === '--') return { flags, rest: args.slice(i + 1) };
    if (!/^[-+][A-Za-z]+$/.test(arg)) break;
    flags += arg.slice(1);
  }
  return { flags, rest: args.slice(i) };
};

function local(call: BuiltinCall): number {
  const { flags, rest } = split(call.args);
  const locals = call.shell.locals;
  if (call.args[0] === 'local' && locals === undefined) return call.fail('can only be used in a function');
  if (rest.length === 0) {
    for (const name of [...call.state.variables.keys()].sort()) {
      if (flags.includes('x') && !call.state.exported.has(name)) continue;
      call.out(flags.includes('p') || flags.includes('x') ? `declare -${call.state.exported.has(name) ? 'x' : '-'} ${name}=${declareQuote(call.state.get(name) ?? '')}\n` : `${name}=${shellQuote(call.state.get(name) ?? '')}\n`);
    }
    return 0;
  }
  if (flags.includes('p')) return printed(call, rest);
  return declare(call, rest, (name, value) => {
    if (locals !== undefined && !flags.includes('g') && !locals.has(name)) locals.set(name, call.state.hide(name));
    if (/[aA]/.test(flags) && !call.state.arrays.has(name)) call.state.makeArray(name, flags.includes('A'));
    if (value !== undefined) call.state.set(name, flags.includes('i') ? String(arithmetic(call.state, value)) : value);
    else if (locals !== undefined && !/[aA]/.test(flags)) call.state.set(name, '');
    if (flags.includes('x')) call.state.exported.add(name);
    if (flags.includes('r')) call.state.readonlyNames.add(name);
  });
}

/** `declare -p` */
function printed(call: BuiltinCall, names: readonly string[]): number {
  let status = 0;
  for (const name of names) {
    const { state } = call;
    const array = state.arrays.get(name);
    const value = state.get(name);
    const letters = `${array === undefined ? '' : array.associative ? 'A' : 'a'}${state.readonlyNames.has(name) ? 'r' : ''}${state.exported.has(name) ? 'x' : ''}`;
    if (array === undefined && value === undefined) status = call.fail(`${name}: not found`);
    else if (array === undefined) call.out(`declare -${letters === '' ? '-' : letters} ${name}=${declareQuote(value ?? '')}\n`);
    else call.out(`declare -${letters} ${name}=(${state.subscripts(name).map((key) => `[${key}]=${declareQuote(array.cells.get(key) ?? '')}`).join(' ')}${array.associative && array.cells.size > 0 ? ' ' : ''})\n`);
  }
  return status;
}

export const variableBuiltins: Readonly<Record<string, Builtin>> = {
  local,
  declare: local,
  typeset: local,
  export: (call) => {
    const { flags, rest } = split(call.args);
    if (rest.length === 0) {
      for (const name of [...call.state.exported].sort()) {
        const value = call.state.get(name);
        call.out(value === undefined ? `declare -x ${name}\n` : `declare -x ${name}=${declareQuote(value)}\n`);
      }
      return 0;
    }
    return declare(call, rest, (name, value) => {
      if (value !== undefined && !call.shell.assign(call.fds, name, value)) return;
      if (flags.includes('n')) call.state.exported.delete(name);
      else call.state.exported.add(name);
    });
  },
  readonly: (call) => declare(call, split(call.args).rest, (name, value) => {
    if (value !== undefined && !call.shell.assign(call.fds, name, value)) return;
    call.state.readonlyNames.add(name);
  }),
  unset: (call) => {
    const { flags, rest } = split(call.args);
    if (/[^fvn]/.test(flags)) {
      call.fail(`-${flags}: invalid option`, 2);
      stderr(call.fds).write('unset: usage: unset [-f] [-v] [-n] [name ...]\n');
      return 2;
    }
    let status = 0;
    for (const name of rest) {
      if (call.state.readonlyNames.has(name)) status = call.fail(`${name}: cannot unset: readonly variable`);
      else if (flags.includes('f') || !call.state.unset(name)) call.state.functions.delete(name);
    }
    return status;
  },
  set: (call) => {
    const args = call.args.slice(1);
    if (args.length === 0) {
      for (const name of [...call.state.variables.keys()].sort()) call.out(`${name}=${shellQuote(call.state.get(name) ?? '')}\n`);
      return 0;
    }
    for (let i = 0; i < args.length; i++) {
      const arg = args[i] ?? '';
      if (arg === '--') {
        call.state.positional = args.slice(i + 1);
        return 0;
      }
      if (!/^[-+]./.test(arg)) {
        call.state.positional = args.slice(i);
        return 0;
      }
      for (const letter of arg.slice(1)) {
        const name = letter === 'o' ? args[++i] ?? '' : OPTION_LETTERS[letter] ?? '';
        if (!OPTION_NAMES.has(name)) return call.fail(letter === 'o' ? `${name}: invalid option name` : `-${letter}: invalid option`, letter === 'o' ? 1 : 2);
        if (arg.startsWith('-')) call.state.options.add(name);
        else call.state.options.delete(name);
      }
    }
    return 0;
  },
  shift: (call) => {
    const n = Number(call.args[1] ?? 1);
    if (!(n >= 0) || n > call.state.positional.length) return 1;
    call.state.positional = call.state.positional.slice(n);
    return 0;
  },
  let: (call) => {
    let result = 0;
    for (const text of call.args.slice(1)) result = arithmetic(call.state, text);
    return result === 0 ? 1 : 0;
  },
  alias: (call) => {
    const args = call.args.slice(1);
    if (args.length === 0) for (const [name, text] of [...call.state.aliases].sort()) call.out(`alias ${name}='${text}'\n`);
    let status = 0;
    for (const arg of args) {
      const cut = arg.indexOf('=');
      const known = call.state.aliases.get(arg);
      if (cut > 0) call.state.aliases.set(arg.slice(0, cut), arg.slice(cut + 1));
      else if (known !== undefined) call.out(`alias ${arg}='${known}'\n`);
      else status = call.fail(`${arg}: not found`);
    }
    return status;
  },
  unalias: (call) => {
    let status = 0;
    for (const name of call.args.slice(1)) {
      if (name === '-a') call.state.aliases.clear();
      else if (!call.state.aliases.delete(name)) status = call.fail(`${name}: not found`);
    }
    return status;
  },
  cd: (call) => {
    const args = call.args.slice(1).filter((a) => a !== '-L' && a !== '-P' && a !== '--');
    if (args.length > 1) return call.fail('too many arguments');
    let [target] = args;
    if (target === undefined) {
      target = call.state.get('HOME');
      if (target === undefined) return call.fail('HOME not set');
    }
    const back = target === '-';
    if (back) {
      target = call.state.get('OLDPWD');
      if (target === undefined) return call.fail('OLDPWD not set');
    }
    const path = resolvePath(call.state.cwd, target);
    const kind = call.state.host.fs.kind(path);
    if (kind !== 'directory') return call.fail(`${target}: ${STRERROR[kind === undefined ? 'ENOENT' : 'ENOTDIR']}`);
    call.state.set('OLDPWD', call.state.cwd);
    call.state.cwd = path;
    call.state.set('PWD', path);
    if (back) call.out(`${path}\n`);
    return 0;
  },
  pwd: (call) => {
    call.out(`${call.state.cwd}\n`);
    return 0;
  },
  umask: (call) => {
    if (call.args.length === 1) call.out('0022\n');
    return 0;
  },
  ulimit: (call) => {
    call.out('unlimited\n');
    return 0;
  },
  shopt: () => 0,
  trap: (call) => (call.args.length === 1 ? 0 : call.fail('not modelled in this lab')),
  getopts: (call) => call.fail('not modelled in this lab', 2),
};
