/**
 * -o go-template. Read first: pkg.go.dev/text/template. Models: text/template over what JSON decodes to, kubectl's exists and base64decode (cli-runtime/pkg/printers/template.go, v1.29).
 * Not modelled: define, template, block, break, continue, methods, call, html, js, urlquery, most verbs of printf (refused); the place and the data that kubectl prints when a template fails.
 */
import { fromBase64 } from '../../base/base64.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { fromUtf8 } from '../../engine/wire/bytes.ts';
import { goValue } from './jsonpath.ts';

class TemplateError extends Error {}
const fail = (text: string): never => {
  throw new TemplateError(text);
};

interface Command {
  readonly words: readonly Operand[];
}
type Operand =
  | { readonly is: 'field'; readonly base: Operand | undefined; readonly names: readonly string[] }
  | { readonly is: 'variable' | 'function'; readonly name: string }
  | { readonly is: 'constant'; readonly value: unknown }
  | { readonly is: 'pipe'; readonly pipe: Pipe };
interface Pipe {
  readonly declares: readonly string[];
  readonly assigns: boolean;
  readonly commands: readonly Command[];
}
type Node =
  | { readonly is: 'text'; readonly text: string }
  | { readonly is: 'action'; readonly pipe: Pipe }
  | { readonly is: 'if' | 'range' | 'with'; readonly pipe: Pipe; readonly body: readonly Node[]; readonly otherwise: readonly Node[] };

const TOKEN = /\s*(?:("(?:[^"\\\n]|\\.)*"|`[^`]*`)|(-?\d+(?:\.\d+)?)|(:=|=|\||\(|\)|,)|(\$\w*(?:\.\w+)*)|(\.(?:\w+(?:\.\w+)*)?)|(\w+))/y;
const FUNCTIONS: readonly string[] = ['and', 'or', 'not', 'len', 'index', 'slice', 'print', 'println', 'printf', 'eq', 'ne', 'lt', 'le', 'gt', 'ge', 'exists', 'base64decode'];

const unquoted = (text: string): string => (text.startsWith('`') ? text.slice(1, -1) : text.slice(1, -1).replaceAll(/\\(.)/g, (_, c: string) => ({ n: '\n', t: '\t', r: '\r' })[c] ?? c));

class Parser {
  readonly #pieces: readonly { readonly text: string; readonly action: boolean; readonly line: number }[];
  #at = 0;

  constructor(source: string) {
    const pieces: { text: string; action: boolean; line: number }[] = [];
    let rest = source;
    let line = 1;
    for (let open = rest.indexOf('{{'); open >= 0; open = rest.indexOf('{{')) {
      line += rest.slice(0, open).split('\n').length - 1;
      const close = rest.indexOf('}}', open);
      if (close < 0) fail(`template: output:${line}: unclosed action`);
      const [left, right] = [rest.startsWith('{{- ', open), rest.slice(close - 2, close) === ' -'];
      pieces.push({ text: left ? rest.slice(0, open).trimEnd() : rest.slice(0, open), action: false, line });
      pieces.push({ text: rest.slice(open + (left ? 3 : 2), close - (right ? 1 : 0)).trim(), action: true, line });
      rest = right ? rest.slice(close + 2).trimStart() : rest.slice(close + 2);
    }
    pieces.push({ text: rest, action: false, line });
    this.#pieces = pieces;
  }

  root(): readonly Node[] {
    const { nodes, end } = this.#list();
    return end === '' ? nodes : fail(`template: output:1: unexpected {{${end}}}`);
  }

  #list(): { readonly nodes: readonly Node[]; readonly end: string } {
    const nodes: Node[] = [];
    while (this.#at < this.#pieces.length) {
      const piece = this.#pieces[this.#at++];
      if (piece === undefined) break;
      if (!piece.action) {
        if (piece.text !== '') nodes.push({ is: 'text', text: piece.text });
        continue;
      }
      if (piece.text.startsWith('/*')) continue;
      const [, word = '', rest = ''] = /^(\w*)\s*([^]*)$/.exec(piece.text) ?? [];
      if (word === 'end' || word === 'else') return { nodes, end: piece.text };
      if (word === 'if' || word === 'range' || word === 'with') {
        nodes.push(this.#block(word, rest, piece.line));
        continue;
      }
      if (['define', 'template', 'block', 'break', 'continue'].includes(word)) fail(`${word} in a template is not modelled in this lab`);
      nodes.push({ is: 'action', pipe: parsePipe(piece.text, piece.line) });
    }
    return { nodes, end: '' };
  }

  #block(is: 'if' | 'range' | 'with', rest: string, line: number): Node {
    const pipe = parsePipe(rest, line);
    const body = this.#list();
    if (body.end === '') fail(`template: output:${line}: unexpected EOF`);
    if (body.end === 'end') return { is, pipe, body: body.nodes, otherwise: [] };
    const more = /^else\s+if\s+([^]*)$/.exec(body.end)?.[1];
    if (more !== undefined) return { is, pipe, body: body.nodes, otherwise: [this.#block('if', more, line)] };
    const otherwise = this.#list();
    return { is, pipe, body: body.nodes, otherwise: otherwise.nodes };
  }
}

function parsePipe(text: string, line: number): Pipe {
  const tokens: { readonly kind: string; readonly text: string; readonly tight: boolean }[] = [];
  TOKEN.lastIndex = 0;
  while (text.slice(TOKEN.lastIndex).trim() !== '') {
    const from = TOKEN.lastIndex;
    const found = TOKEN.exec(text);
    if (found === null) return fail(`template: output:${line}: unexpected ${JSON.stringify(text.slice(from).trim().charAt(0))} in command`);
    const kinds = ['string', 'number', 'punctuation', 'variable', 'field', 'word'];
    const i = found.slice(1).findIndex((t) => t !== undefined);
    tokens.push({ kind: kinds[i] ?? '', text: found[i + 1] ?? '', tight: !/^\s/.test(found[0]) });
  }
  let at = 0;
  const assign = tokens.findIndex((t) => t.text === ':=' || t.text === '=');
  const declares = assign < 0 ? [] : tokens.slice(0, assign).filter((t) => t.kind === 'variable').map((t) => t.text);
  if (assign >= 0) at = assign + 1;
  const operand = (): Operand => {
    const t = tokens[at++];
    if (t === undefined) return fail(`template: output:${line}: missing value for command`);
    const dotted = (base: Operand): Operand => {
      const next = tokens[at];
      if (next?.kind !== 'field' || !next.tight || next.text === '.') return base;
      at++;
      return { is: 'field', base, names: next.text.slice(1).split('.') };
    };
    if (t.kind === 'string') return { is: 'constant', value: unquoted(t.text) };
    if (t.kind === 'number') return { is: 'constant', value: Number(t.text) };
    if (t.text === '(') {
      const inner = pipe();
      if (tokens[at++]?.text !== ')') return fail(`template: output:${line}: unclosed left paren`);
      return dotted({ is: 'pipe', pipe: { declares: [], assigns: false, commands: inner } });
    }
    if (t.kind === 'variable') {
      const [name = '', ...names] = t.text.split('.');
      return names.length === 0 ? { is: 'variable', name } : { is: 'field', base: { is: 'variable', name }, names };
    }
    if (t.kind === 'field') return { is: 'field', base: undefined, names: t.text === '.' ? [] : t.text.slice(1).split('.') };
    if (t.text === 'true' || t.text === 'false') return { is: 'constant', value: t.text === 'true' };
    if (t.text === 'nil') return { is: 'constant', value: null };
    if (t.kind === 'word') return FUNCTIONS.includes(t.text) ? { is: 'function', name: t.text } : fail(`template: output:${line}: function ${JSON.stringify(t.text)} not defined`);
    return fail(`template: output:${line}: unexpected ${JSON.stringify(t.text)} in operand`);
  };
  const pipe = (): readonly Command[] => {
    const commands: Command[] = [];
    for (;;) {
      const words: Operand[] = [];
      while (at < tokens.length && tokens[at]?.text !== '|' && tokens[at]?.text !== ')') words.push(operand());
      if (words.length === 0) return fail(`template: output:${line}: missing value for command`);
      commands.push({ words });
      if (tokens[at]?.text !== '|') return commands;
      at++;
    }
  };
  return { declares, assigns: tokens[assign]?.text === '=', commands: pipe() };
}

const isRecord = (v: unknown): v is Readonly<Record<string, unknown>> => typeof v === 'object' && v !== null && !Array.isArray(v);
const truth = (v: unknown): boolean => (Array.isArray(v) ? v.length > 0 : isRecord(v) ? Object.keys(v).length > 0 : Boolean(v));
const shown = (v: unknown): string => (v === undefined ? '<no value>' : goValue(v));
const number = (v: unknown): number | undefined => (typeof v === 'number' ? v : undefined);

/** Below what is not there is nothing either (missingkey=default). */
const field = (from: unknown, names: readonly string[]): unknown =>
  names.reduce<unknown>((v, name) => (isRecord(v) ? v[name] : v === undefined || v === null ? undefined : fail(`can't evaluate field ${name} in type interface {}`)), from);

function printf(format: string, args: readonly unknown[]): string {
  let at = 0;
  return format.replaceAll(/%(-?\d*)([a-z%])/g, (_, width: string, verb: string) => {
    if (verb === '%') return '%';
    if (at >= args.length) return `%!${verb}(MISSING)`;
    const arg = args[at++];
    const plain = verb === 'v' || verb === 's' ? (verb === 's' && typeof arg === 'number' ? `%!s(int64=${arg})` : shown(arg)) : verb === 'q' ? JSON.stringify(shown(arg)) : verb === 'd' ? (typeof arg === 'number' ? String(arg) : `%!d(${typeof arg}=${shown(arg)})`) : undefined;
    if (plain === undefined) return fail(`the verb %${verb} of printf is not modelled in this lab`);
    return width.startsWith('-') ? plain.padEnd(Number(width.slice(1))) : plain.padStart(Number(width || 0));
  });
}

function compare(name: string, [a, b, ...more]: readonly unknown[]): boolean {
  if (name === 'eq') return [b, ...more].some((v) => {
    if (v !== null && a !== null && v !== undefined && a !== undefined && typeof a !== typeof v) return fail(`error calling ${name}: incompatible types for comparison`);
    return a === v;
  });
  if (name === 'ne') return !compare('eq', [a, b]);
  if (typeof a !== typeof b) return fail(`error calling ${name}: incompatible types for comparison`);
  const [x, y] = [a, b];
  const less = typeof x === 'string' && typeof y === 'string' ? x < y : typeof x === 'number' && typeof y === 'number' ? x < y : fail(`error calling ${name}: invalid type for comparison`);
  return name === 'lt' ? less : name === 'le' ? less || x === y : name === 'gt' ? !less && x !== y : !less;
}

function call(name: string, args: readonly unknown[]): unknown {
  const [first, ...rest] = args;
  switch (name) {
    case 'and': return args.find((a) => !truth(a)) ?? args.at(-1);
    case 'or': return args.find(truth) ?? args.at(-1);
    case 'not': return !truth(first);
    case 'len': return typeof first === 'string' || Array.isArray(first) ? first.length : isRecord(first) ? Object.keys(first).length : fail(`error calling len: len of ${first === undefined || first === null ? 'nil pointer' : `type ${typeof first}`}`);
    case 'index': return rest.reduce<unknown>((v, key) => {
      if (isRecord(v) && typeof key === 'string') return v[key];
      const i = number(key);
      if (!Array.isArray(v) || i === undefined) return fail(v === undefined || v === null ? 'error calling index: index of untyped nil' : `error calling index: cannot index slice/array with type ${typeof key}`);
      return i < 0 || i >= v.length ? fail(`error calling index: reflect: slice index out of range`) : v[i];
    }, first);
    case 'slice': return Array.isArray(first) || typeof first === 'string' ? first.slice(number(rest[0]) ?? 0, number(rest[1])) : fail('error calling slice: slice of untyped nil');
    case 'print': return args.map(shown).join(args.some((a) => typeof a === 'string') ? '' : ' ');
    case 'println': return `${args.map(shown).join(' ')}\n`;
    case 'printf': return printf(typeof first === 'string' ? first : '', rest);
    case 'exists': return rest.reduce<unknown>((v, key) => (isRecord(v) && typeof key === 'string' ? v[key] : Array.isArray(v) ? v[number(key) ?? -1] : undefined), first) !== undefined;
    case 'base64decode': {
      const bytes = typeof first === 'string' ? fromBase64(first) : undefined;
      return bytes === undefined ? fail('error calling base64decode: illegal base64 data at input byte 0') : fromUtf8(bytes);
    }
    default: return compare(name, args);
  }
}

type Scope = Map<string, unknown>;

function value(operand: Operand, dot: unknown, scope: Scope): unknown {
  switch (operand.is) {
    case 'constant': return operand.value;
    case 'variable': return scope.has(operand.name) ? scope.get(operand.name) : fail(`undefined variable ${JSON.stringify(operand.name)}`);
    case 'function': return call(operand.name, []);
    case 'pipe': return piped(operand.pipe, dot, scope);
    case 'field': return field(operand.base === undefined ? dot : value(operand.base, dot, scope), operand.names);
  }
}

function piped(pipe: Pipe, dot: unknown, scope: Scope): unknown {
  let last: readonly unknown[] = [];
  for (const { words: [head, ...args] } of pipe.commands) {
    if (head === undefined) continue;
    last = [head.is === 'function' ? call(head.name, [...args.map((a) => value(a, dot, scope)), ...last]) : value(head, dot, scope)];
  }
  const [result] = last;
  const [name] = pipe.declares;
  if (name !== undefined) scope.set(name, result);
  return result;
}

function execute(nodes: readonly Node[], dot: unknown, outer: Scope): string {
  const scope: Scope = new Map(outer);
  let out = '';
  for (const node of nodes) {
    if (node.is === 'text') out += node.text;
    else if (node.is === 'action') {
      const result = piped(node.pipe, dot, scope);
      if (node.pipe.declares.length === 0) out += shown(result);
      else if (node.pipe.assigns) for (const name of node.pipe.declares) outer.set(name, result);
    } else out += block(node, dot, scope);
  }
  return out;
}

function block({ is, pipe, body, otherwise }: Extract<Node, { readonly is: 'if' | 'range' | 'with' }>, dot: unknown, scope: Scope): string {
  const inner: Scope = new Map(scope);
  const result = piped(pipe, dot, inner);
  if (is !== 'range') return truth(result) ? execute(body, is === 'with' ? result : dot, inner) : execute(otherwise, dot, scope);
  const entries: readonly (readonly [unknown, unknown])[] = Array.isArray(result) ? result.map((v: unknown, i) => [i, v] as const) : isRecord(result) ? Object.entries(result).sort(([a], [b]) => (a < b ? -1 : 1)) : result === undefined || result === null ? [] : fail(`range can't iterate over ${shown(result)}`);
  if (entries.length === 0) return execute(otherwise, dot, scope);
  const [first, second] = pipe.declares;
  return entries.map(([key, item]) => {
    const each: Scope = new Map(inner);
    if (first !== undefined) each.set(first, second === undefined ? item : key);
    if (second !== undefined) each.set(second, item);
    return execute(body, item, each);
  }).join('');
}

/** The text, or kubectl's sentence. */
export function goTemplate(template: string, root: unknown): Result<string, string> {
  let nodes: readonly Node[];
  try {
    nodes = new Parser(template).root();
  } catch (error) {
    if (error instanceof TemplateError) return err(`error: error parsing template ${template}, ${error.message}`);
    throw error;
  }
  try {
    return ok(execute(nodes, root, new Map([['$', root]])));
  } catch (error) {
    if (error instanceof TemplateError) return err(`error: error executing template ${JSON.stringify(template)}: ${error.message}`);
    throw error;
  }
}
