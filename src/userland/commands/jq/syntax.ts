/**
 * Filters as trees.
 * Read first: jq(1). Models: jq 1.6 src/parser.y (precedences) and lexer.l.
 * Not modelled: assignments, reduce, foreach, def, import, label, destructuring, `?//`, @formats other than those of FORMATS.
 */
import { NOT_MODELLED } from '../kit.ts';

export const FORMATS = ['@text', '@json', '@base64', '@csv', '@tsv', '@html', '@sh', '@uri'] as const;
export type Format = (typeof FORMATS)[number];
export const BINARY = ['or', 'and', '==', '!=', '<', '<=', '>', '>=', '+', '-', '*', '/', '%', '//', ',', '|'] as const;
export type Operator = (typeof BINARY)[number];

export type Filter =
  | { readonly is: 'identity' } | { readonly is: 'descend' }
  | { readonly is: 'number'; readonly value: number }
  | { readonly is: 'string'; readonly format: Format; readonly parts: readonly (string | Filter)[] }
  | { readonly is: 'format'; readonly format: Format }
  | { readonly is: 'field'; readonly of: Filter; readonly key: Filter }
  | { readonly is: 'slice'; readonly of: Filter; readonly from: Filter | undefined; readonly to: Filter | undefined }
  | { readonly is: 'iterate'; readonly of: Filter }
  | { readonly is: 'try'; readonly body: Filter; readonly handler: Filter | undefined }
  | { readonly is: 'binary'; readonly op: Operator; readonly left: Filter; readonly right: Filter }
  | { readonly is: 'negate'; readonly of: Filter }
  | { readonly is: 'array'; readonly of: Filter | undefined }
  | { readonly is: 'object'; readonly entries: readonly (readonly [key: Filter, value: Filter])[] }
  | { readonly is: 'if'; readonly when: Filter; readonly then: Filter; readonly otherwise: Filter }
  | { readonly is: 'variable'; readonly name: string }
  | { readonly is: 'bind'; readonly source: Filter; readonly name: string; readonly body: Filter }
  | { readonly is: 'call'; readonly name: string; readonly args: readonly Filter[] };

/** A filter that jq does not compile. */
export class CompileError extends Error {}

type Token = { readonly kind: 'op' | 'word' | 'field' | 'number' | 'variable' | 'format'; readonly text: string } | { readonly kind: 'string'; readonly parts: readonly (string | readonly Token[])[] };

const OPERATORS = ['?//', '|=', '+=', '-=', '*=', '/=', '%=', '==', '!=', '<=', '>=', '//', '..', '|', ',', '=', '<', '>', '+', '-', '*', '/', '%', '(', ')', '[', ']', '{', '}', ':', ';', '?', '.'];
const ABSENT_OPERATORS = ['?//', '|=', '+=', '-=', '*=', '/=', '%=', '='];
const ABSENT_WORDS = ['reduce', 'foreach', 'def', 'import', 'include', 'label', '__loc__'];
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', '/': '/', '\\': '\\', '"': '"' };

/** The program, then as many blanks as stand before what is meant. */
export const pointed = (program: string, what: string): string => program + ' '.repeat(Math.max(0, program.indexOf(what)));

const unexpected = (what: string, program: string): CompileError =>
  new CompileError(`syntax error, unexpected ${what} (Unix shell quoting issues?) at <top-level>, line 1:\n${what === '$end' ? program + ' '.repeat(Math.max(0, program.length - 1)) : program}`);

/** Tokens from `at` on; inside an interpolation up to its closing parenthesis. */
function lex(program: string, at: number, nested: boolean): { readonly tokens: readonly Token[]; readonly end: number } {
  const tokens: Token[] = [];
  let i = at;
  let depth = 0;
  while (i < program.length) {
    const rest = program.slice(i);
    const blank = /^(?:[\s]+|#[^\n]*)/.exec(rest)?.[0];
    if (blank !== undefined) {
      i += blank.length;
      continue;
    }
    if (rest.startsWith('"')) {
      const string = lexString(program, i + 1);
      tokens.push({ kind: 'string', parts: string.parts });
      i = string.end;
      continue;
    }
    const found = /^(?:(\.[A-Za-z_]\w*)|(\$(?:[A-Za-z_]\w*))|(@[a-z0-9]+)|((?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)|([A-Za-z_]\w*(?:::\w+)*))/.exec(rest);
    if (found !== null && found[0] !== '') {
      const [text, field, variable, format, number] = found;
      tokens.push({ kind: field !== undefined ? 'field' : variable !== undefined ? 'variable' : format !== undefined ? 'format' : number !== undefined ? 'number' : 'word', text });
      i += text.length;
      continue;
    }
    const op = OPERATORS.find((o) => rest.startsWith(o));
    if (op === undefined) throw unexpected('INVALID_CHARACTER', program);
    if (op === '(') depth++;
    if (op === ')') {
      if (nested && depth === 0) return { tokens, end: i + 1 };
      depth--;
    }
    if (ABSENT_OPERATORS.includes(op)) throw new CompileError(`${op} is ${NOT_MODELLED}`);
    tokens.push({ kind: 'op', text: op });
    i += op.length;
  }
  if (nested) throw unexpected('$end', program);
  return { tokens, end: i };
}

function lexString(program: string, at: number): { readonly parts: readonly (string | readonly Token[])[]; readonly end: number } {
  const parts: (string | readonly Token[])[] = [];
  let text = '';
  for (let i = at; i < program.length;) {
    const c = program.charAt(i);
    if (c === '"') return { parts: text === '' && parts.length > 0 ? parts : [...parts, text], end: i + 1 };
    if (c !== '\\') {
      text += c;
      i++;
      continue;
    }
    const next = program.charAt(i + 1);
    if (next === '(') {
      const inner = lex(program, i + 2, true);
      parts.push(text, inner.tokens);
      text = '';
      i = inner.end;
      continue;
    }
    const unicode = /^u([0-9a-fA-F]{4})/.exec(program.slice(i + 1))?.[1];
    const plain = ESCAPES[next];
    if (unicode === undefined && plain === undefined) throw unexpected('INVALID_CHARACTER', program);
    text += unicode === undefined ? plain ?? '' : String.fromCharCode(Number.parseInt(unicode, 16));
    i += unicode === undefined ? 2 : 6;
  }
  throw unexpected('$end, expecting QQSTRING_TEXT or QQSTRING_INTERP_START or QQSTRING_END', program);
}

/** Loosest first. `//` and `|` group to the right, comparisons do not chain. */
const LEVELS: readonly { readonly ops: readonly Operator[]; readonly right?: boolean; readonly once?: boolean }[] = [
  { ops: ['|'], right: true }, { ops: [','] }, { ops: ['//'], right: true }, { ops: ['or'] }, { ops: ['and'] },
  { ops: ['==', '!=', '<', '<=', '>', '>='], once: true }, { ops: ['+', '-'] }, { ops: ['*', '/', '%'] },
];
/** Values in an object are without commas and pipes. */
const OBJECT_VALUE = 2;

class Parser {
  readonly #tokens: readonly Token[];
  readonly #program: string;
  #at = 0;

  constructor(tokens: readonly Token[], program: string) {
    this.#tokens = tokens;
    this.#program = program;
  }

  whole(): Filter {
    if (this.#tokens.length === 0) return { is: 'identity' };
    const filter = this.#level(0);
    if (this.#at < this.#tokens.length) throw this.#wrong();
    return filter;
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#at];
  }

  #wrong(): CompileError {
    const token = this.#peek();
    return unexpected(token === undefined ? '$end' : token.kind === 'string' ? 'QQSTRING_START' : token.kind === 'field' ? 'FIELD' : token.kind === 'number' ? 'LITERAL' : token.kind === 'word' ? 'IDENT' : `'${token.text}'`, this.#program);
  }

  #is(text: string): boolean {
    const token = this.#peek();
    return token !== undefined && token.kind !== 'string' && (token.kind === 'op' || token.kind === 'word') && token.text === text;
  }

  #accept(text: string): boolean {
    if (!this.#is(text)) return false;
    this.#at++;
    return true;
  }

  #expect(text: string): void {
    if (!this.#accept(text)) throw this.#wrong();
  }

  #level(n: number): Filter {
    const level = LEVELS[n];
    if (level === undefined) return this.#postfix();
    const left = this.#level(n + 1);
    if (n === 0 && this.#accept('as')) return this.#bind(left);
    let filter = left;
    for (;;) {
      const op = level.ops.find((o) => this.#is(o));
      if (op === undefined) return filter;
      this.#at++;
      filter = { is: 'binary', op, left: filter, right: this.#level(level.right === true ? n : n + 1) };
      if (level.right === true) return filter;
      if (level.once === true && level.ops.some((o) => this.#is(o))) throw this.#wrong();
    }
  }

  #bind(source: Filter): Filter {
    const token = this.#peek();
    if (token?.kind !== 'variable') throw token?.kind === 'op' ? new CompileError(`destructuring is ${NOT_MODELLED}`) : this.#wrong();
    this.#at++;
    this.#expect('|');
    return { is: 'bind', source, name: token.text.slice(1), body: this.#level(0) };
  }

  #postfix(): Filter {
    if (this.#accept('try')) {
      const body = this.#postfix();
      return { is: 'try', body, handler: this.#accept('catch') ? this.#postfix() : undefined };
    }
    if (this.#accept('-')) return { is: 'negate', of: this.#postfix() };
    let filter = this.#term();
    for (;;) {
      const token = this.#peek();
      if (token?.kind === 'field') {
        this.#at++;
        filter = { is: 'field', of: filter, key: literal(token.text.slice(1)) };
      } else if (this.#is('.') && this.#tokens[this.#at + 1]?.kind === 'string') {
        this.#at++;
        filter = { is: 'field', of: filter, key: this.#string('@text') };
      } else if (this.#is('.') && this.#isOp(1, '[')) this.#at++;
      else if (this.#accept('[')) filter = this.#bracket(filter);
      else if (this.#accept('?')) filter = { is: 'try', body: filter, handler: undefined };
      else if (this.#accept('as')) return this.#bind(filter);
      else return filter;
    }
  }

  #isOp(ahead: number, text: string): boolean {
    const token = this.#tokens[this.#at + ahead];
    return token?.kind === 'op' && token.text === text;
  }

  /** After `[`: `]`, `key]`, `from:to]`. */
  #bracket(of: Filter): Filter {
    if (this.#accept(']')) return { is: 'iterate', of };
    if (this.#accept(':')) {
      const to = this.#level(0);
      this.#expect(']');
      return { is: 'slice', of, from: undefined, to };
    }
    const key = this.#level(0);
    if (this.#accept(':')) {
      const to = this.#is(']') ? undefined : this.#level(0);
      this.#expect(']');
      return { is: 'slice', of, from: key, to };
    }
    this.#expect(']');
    return { is: 'field', of, key };
  }

  #string(format: Format): Filter {
    const token = this.#peek();
    if (token?.kind !== 'string') throw this.#wrong();
    this.#at++;
    return { is: 'string', format, parts: token.parts.map((p) => (typeof p === 'string' ? p : new Parser(p, this.#program).whole())) };
  }

  #term(): Filter {
    const token = this.#peek();
    if (token === undefined) throw this.#wrong();
    if (token.kind === 'string') return this.#string('@text');
    switch (token.kind) {
      case 'number':
        this.#at++;
        return { is: 'number', value: Number(token.text) };
      case 'field':
        this.#at++;
        return { is: 'field', of: { is: 'identity' }, key: literal(token.text.slice(1)) };
      case 'variable':
        this.#at++;
        return { is: 'variable', name: token.text.slice(1) };
      case 'format': {
        const format = FORMATS.find((f) => f === token.text);
        if (format === undefined) throw new CompileError(`${token.text} is not a valid format at <top-level>, line 1:\n${this.#program}`);
        this.#at++;
        return this.#peek()?.kind === 'string' ? this.#string(format) : { is: 'format', format };
      }
      case 'word': return this.#word(token.text);
      case 'op': return this.#operator(token.text);
    }
  }

  #operator(text: string): Filter {
    this.#at++;
    switch (text) {
      case '.': return this.#peek()?.kind === 'string' ? { is: 'field', of: { is: 'identity' }, key: this.#string('@text') } : { is: 'identity' };
      case '..': return { is: 'descend' };
      case '(': {
        const inner = this.#level(0);
        this.#expect(')');
        return inner;
      }
      case '[': {
        if (this.#accept(']')) return { is: 'array', of: undefined };
        const inner = this.#level(0);
        this.#expect(']');
        return { is: 'array', of: inner };
      }
      case '{': return this.#object();
      default:
        this.#at--;
        throw this.#wrong();
    }
  }

  #object(): Filter {
    const entries: (readonly [Filter, Filter])[] = [];
    while (!this.#accept('}')) {
      if (entries.length > 0) this.#expect(',');
      entries.push(this.#entry());
    }
    return { is: 'object', entries };
  }

  #entry(): readonly [Filter, Filter] {
    const token = this.#peek();
    if (token === undefined) throw this.#wrong();
    if (this.#accept('(')) {
      const key = this.#level(0);
      this.#expect(')');
      this.#expect(':');
      return [key, this.#level(OBJECT_VALUE)];
    }
    if (token.kind === 'variable') {
      this.#at++;
      return [literal(token.text.slice(1)), { is: 'variable', name: token.text.slice(1) }];
    }
    const key = token.kind === 'string' ? this.#string('@text') : token.kind === 'word' ? literal(token.text) : undefined;
    if (key === undefined) throw this.#wrong();
    if (token.kind === 'word') this.#at++;
    return [key, this.#accept(':') ? this.#level(OBJECT_VALUE) : { is: 'field', of: { is: 'identity' }, key }];
  }

  #word(text: string): Filter {
    if (ABSENT_WORDS.includes(text)) throw new CompileError(`${text} is ${NOT_MODELLED}`);
    if (text === 'if') {
      this.#at++;
      return this.#condition();
    }
    if (['then', 'else', 'elif', 'end', 'and', 'or', 'as', 'catch'].includes(text)) throw this.#wrong();
    this.#at++;
    const args: Filter[] = [];
    if (this.#accept('(')) {
      do args.push(this.#level(0));
      while (this.#accept(';'));
      this.#expect(')');
    }
    return { is: 'call', name: text, args };
  }

  #condition(): Filter {
    const when = this.#level(0);
    this.#expect('then');
    const then = this.#level(0);
    if (this.#accept('elif')) return { is: 'if', when, then, otherwise: this.#condition() };
    this.#expect('else');
    const otherwise = this.#level(0);
    this.#expect('end');
    return { is: 'if', when, then, otherwise };
  }
}

const literal = (text: string): Filter => ({ is: 'string', format: '@text', parts: [text] });

/** Throws a {@link CompileError}. */
export const parseFilter = (program: string): Filter => new Parser(lex(program, 0, false).tokens, program).whole();
