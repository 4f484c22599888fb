/** Read first: bash(1), EXPANSION: braces, tilde, parameters, commands, arithmetic, word splitting, path names, quote removal. */
import type { Wait } from '../../engine/sim/process.ts';
import type { Input } from '../host.ts';
import type { Param, Word, WordPart } from './ast.ts';
import { ArithmeticError, evaluate } from './arith.ts';
import { expandBraces } from './braces.ts';
import { MOST_TEXT } from './busy.ts';
import { expandGlob, hasGlob, matchesGlob, unescapeGlob } from './glob.ts';
import { applyParamOp } from './param-op.ts';
import { ExpansionError, type ShellState } from './state.ts';

type Gen<T> = Generator<Wait, T, void>;

export interface Expander {
  readonly state: ShellState;
  /** Runs `$( … )`: its output without trailing newlines. */
  substitute(source: string): Gen<string>;
  /** `<( … )`, `>( … )`: the name of a file that is what the command prints, or what it reads. */
  processFile(direction: '<' | '>', source: string): Gen<string>;
  /** `< <( … )`: what the command prints, as it prints it. */
  processInput(source: string): Gen<Input>;
}

/** A piece of a field while it is made. `pattern` has quoted characters escaped, for globbing. */
interface Field {
  text: string;
  pattern: string;
  /** Something quoted is in it: it stays although empty. */
  kept: boolean;
}

const escapePattern = (text: string): string => text.replace(/[\\*?[\]!^-]/g, '\\$&');

/** Words of a command: fully expanded. */
export function* expandWords(x: Expander, words: readonly Word[]): Gen<string[]> {
  const out: string[] = [];
  for (const word of words) {
    for (const braced of expandBraces(word)) {
      for (const field of yield* fields(x, braced, true)) {
        if (x.state.options.has('noglob') || !hasGlob(field.pattern)) {
          out.push(field.text);
          continue;
        }
        const paths = expandGlob(x.state.host.fs, x.state.cwd, field.pattern);
        if (paths.length === 0) out.push(field.text);
        else out.push(...paths.map((p) => unescapeGlob(p)));
      }
    }
  }
  return out;
}

/** A value that is never split or globbed: assignments, redirection targets, case words, here documents. */
export function* expandText(x: Expander, word: Word): Gen<string> {
  const [field] = yield* fields(x, word, false);
  return field?.text ?? '';
}

/** A pattern for `case`, `[[ == ]]`, `${x#…}`: quoted characters escaped. */
export function* expandPattern(x: Expander, word: Word): Gen<string> {
  const [field] = yield* fields(x, word, false);
  return field?.pattern ?? '';
}

function* fields(x: Expander, word: Word, split: boolean): Gen<Field[]> {
  const out: Field[] = [];
  let current: Field | undefined;
  const open = (): Field => {
    current ??= { text: '', pattern: '', kept: false };
    return current;
  };
  const close = (): void => {
    if (current !== undefined && (current.kept || current.text !== '')) out.push(current);
    current = undefined;
  };
  const literal = (text: string, quoted: boolean): void => {
    const f = open();
    if (f.text.length + text.length > MOST_TEXT) throw new ExpansionError(`xrealloc: cannot allocate ${f.text.length + text.length} bytes`, true, 2);
    f.text += text;
    f.pattern += quoted ? escapePattern(text) : text;
    f.kept ||= quoted;
  };

  for (const [i, part] of word.parts.entries()) {
    if (part.kind === 'text') {
      const text = i === 0 && !part.quoted ? tilde(x.state, part.text, word.parts[1]) : part.text;
      literal(text, part.quoted);
      continue;
    }
    const list = part.kind === 'param' ? yield* listOf(x, part.param) : undefined;
    if (list !== undefined) {
      const ifs = x.state.get('IFS') ?? ' \t\n';
      if (part.quoted && list.joined) literal(list.values.join(ifs.charAt(0)), true);
      else if (!split) literal(list.values.join(' '), part.quoted);
      else for (const [n, value] of list.values.entries()) {
        if (n > 0) close();
        if (part.quoted) literal(value, true);
        else for (const [k, piece] of splitFields(value, ifs).entries()) {
          if (k > 0) close();
          literal(piece, false);
        }
      }
      continue;
    }
    const value: string = yield* partValue(x, part);
    if (part.quoted || !split) {
      literal(value, part.quoted);
      continue;
    }
    const ifs = x.state.get('IFS') ?? ' \t\n';
    if (ifs === '') {
      literal(value, false);
      continue;
    }
    const blank = [...ifs].filter((c) => /\s/.test(c)).join('');
    if (value !== '' && blank !== '' && blank.includes(value.charAt(0))) close();
    for (const [k, piece] of splitFields(value, ifs).entries()) {
      if (k > 0) close();
      literal(piece, false);
      open().kept ||= piece === '' && k > 0;
    }
    if (value !== '' && blank !== '' && blank.includes(value.charAt(value.length - 1))) close();
  }
  if (!split && current === undefined) open();
  if (!split && current !== undefined) return [current];
  close();
  return out;
}

/** Word splitting: runs of IFS blanks separate, each other IFS character separates. */
export function splitFields(value: string, ifs: string): string[] {
  const blanks = new Set([...ifs].filter((c) => /\s/.test(c)));
  const others = new Set([...ifs].filter((c) => !/\s/.test(c)));
  const out: string[] = [];
  let field = '';
  let open = false;
  for (let i = 0; i < value.length; i++) {
    const c = value.charAt(i);
    if (blanks.has(c)) {
      if (open) out.push(field);
      field = '';
      open = false;
      while (blanks.has(value.charAt(i + 1))) i++;
      if (others.has(value.charAt(i + 1)) && out.length > 0) i++;
    } else if (others.has(c)) {
      out.push(field);
      field = '';
      open = false;
      while (blanks.has(value.charAt(i + 1))) i++;
    } else {
      field += c;
      open = true;
    }
  }
  if (open) out.push(field);
  return out;
}

function tilde(state: ShellState, text: string, next: WordPart | undefined): string {
  if (!text.startsWith('~')) return text;
  const match = /^~([A-Za-z0-9_-]*)(?=\/|$)/.exec(text);
  if (match === null || (match[0] === text && next !== undefined)) return text;
  const home = match[1] === '' ? state.get('HOME') ?? state.host.home : match[1] === 'root' ? '/root' : match[1] === state.host.user ? state.host.home : undefined;
  return home === undefined ? text : home + text.slice(match[0].length);
}

function* partValue(x: Expander, part: Exclude<WordPart, { kind: 'text' }>): Gen<string> {
  switch (part.kind) {
    case 'command': return yield* x.substitute(part.source);
    case 'process': return yield* x.processFile(part.direction, part.source);
    case 'arith': return String(arithmetic(x.state, yield* expandText(x, part.source)));
    case 'param': return yield* paramValue(x, part.param);
  }
}

export function arithmetic(state: ShellState, text: string): number {
  try {
    return evaluate(text, state);
  } catch (error) {
    if (error instanceof ArithmeticError) throw new ExpansionError(error.message, true);
    throw error;
  }
}

/** `$@`, `${a[@]}`, `${!a[@]}` and what is done to each of them; undefined: a single value. `joined`: `*`. */
function* listOf(x: Expander, param: Param): Gen<{ readonly values: readonly string[]; readonly joined: boolean } | undefined> {
  const { state } = x;
  const which = param.name === '@' || param.name === '*' ? param.name : param.subscript === '@' || param.subscript === '*' ? param.subscript : undefined;
  if (which === undefined || param.op === 'length' || param.op === 'bad') return undefined;
  const joined = which === '*';
  const positional = param.subscript === undefined;
  const values = positional ? state.positional : param.indirect === 'keys' ? state.subscripts(param.name) : state.values(param.name);
  const { op, argument } = param;
  if (op === undefined) return { values, joined };
  const empty = values.length === 0 || (op.startsWith(':') && values.join('') === '');
  switch (op) {
    case '-': case ':-': case '=': case ':=': case '?': case ':?':
      return empty ? undefined : { values, joined };
    case '+': case ':+':
      return empty || argument === undefined ? { values: [], joined } : { values: [yield* expandText(x, argument)], joined };
    case ':': {
      const all = positional ? [state.name, ...values] : values;
      const from = argument === undefined ? 0 : arithmetic(state, yield* expandText(x, argument));
      const start = from < 0 ? all.length + from : from;
      if (start < 0) return { values: [], joined };
      const count = param.second === undefined ? Infinity : arithmetic(state, yield* expandText(x, param.second));
      return { values: all.slice(start, start + count), joined };
    }
    default: {
      const pattern = argument === undefined ? '' : yield* expandPattern(x, argument);
      const second = param.second === undefined ? undefined : yield* expandText(x, param.second);
      return { values: values.map((value) => applyParamOp(op, value, pattern, second, (text) => arithmetic(state, text))), joined };
    }
  }
}

/** `name[subscript]` of a cell, as ShellState knows it. */
export function* cellName(x: Expander, name: string, subscript: Word): Gen<string> {
  const text = yield* expandText(x, subscript);
  return `${name}[${x.state.arrays.get(name)?.associative === true ? text : arithmetic(x.state, text)}]`;
}

function* paramValue(x: Expander, param: Param): Gen<string> {
  let name = typeof param.subscript === 'object' ? yield* cellName(x, param.name, param.subscript) : param.name;
  if (param.indirect === 'value') {
    const target = lookup(x.state, name);
    if (target === undefined) throw new ExpansionError(`${param.name}: invalid indirect expansion`, true);
    name = target;
  }
  const value = lookup(x.state, name);
  if (param.op === 'bad') throw new ExpansionError(`${param.raw}: bad substitution`, true);
  if (param.op === undefined) {
    if (value === undefined && x.state.options.has('nounset') && !'@*'.includes(param.name)) throw new ExpansionError(`${param.name}: unbound variable`, true, 127);
    return value ?? '';
  }
  const op = param.op;
  const argument = param.argument;
  const empty = value === undefined || (op.startsWith(':') && value === '');
  switch (op) {
    case 'length': return String(param.name === '@' || param.name === '*' ? x.state.positional.length : param.subscript === '@' || param.subscript === '*' ? x.state.subscripts(param.name).length : (value ?? '').length);
    case '-': case ':-': return empty && argument !== undefined ? yield* expandText(x, argument) : value ?? '';
    case '+': case ':+': return empty || argument === undefined ? '' : yield* expandText(x, argument);
    case '=': case ':=': {
      if (!empty || argument === undefined) return value ?? '';
      const text = yield* expandText(x, argument);
      x.state.set(name, text);
      return text;
    }
    case '?': case ':?': {
      if (!empty) return value;
      const text = argument === undefined ? '' : yield* expandText(x, argument);
      throw new ExpansionError(`${param.name}: ${text === '' ? (op === '?' ? 'parameter not set' : 'parameter null or not set') : text}`, true, 127);
    }
    default: {
      const pattern = argument === undefined ? '' : yield* expandPattern(x, argument);
      const second = param.second === undefined ? undefined : yield* expandText(x, param.second);
      return applyParamOp(op, value ?? '', pattern, second, (text) => arithmetic(x.state, text));
    }
  }
}

function lookup(state: ShellState, name: string): string | undefined {
  switch (name) {
    case '?': return String(state.status);
    case '$': return String(state.pid);
    case '!': return state.lastBackground === undefined ? undefined : String(state.lastBackground);
    case '#': return String(state.positional.length);
    case '@': case '*': return state.positional.length === 0 ? undefined : state.positional.join(' ');
    case '0': return state.name;
    case '-': return state.interactive ? 'himBHs' : 'hBc';
    case 'BASHPID': return String(state.subshellPid === 0 ? state.pid : state.subshellPid);
    case 'LINENO': return String(state.line);
    case 'SECONDS': return String(Math.floor((state.kernel.clock.now - state.startedAt) / 1e9));
    case 'EPOCHSECONDS': return String(Math.floor(state.kernel.clock.wallMillis() / 1000));
    case 'RANDOM': return String(state.kernel.random('bash RANDOM').below(32768));
    case 'HOSTNAME': return state.get(name) ?? state.host.hostname;
    case 'UID': case 'EUID': return state.user === 'root' ? '0' : '1000';
    case 'BASH': return '/bin/bash';
    case 'BASH_VERSION': return '5.1.16(1)-release';
    default: return /^\d+$/.test(name) ? state.positional[Number(name) - 1] : state.get(name);
  }
}

export const matches = (pattern: string, text: string): boolean => matchesGlob(pattern, text);
