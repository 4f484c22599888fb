/** Read first: bash(1), SHELL GRAMMAR; POSIX.1 2.10. Recursive descent, one token of look-ahead. */
import { literalOf, ShellSyntaxError, type ArrayElement, type Assignment, type Condition, type Node, type Redirect, type Word } from './ast.ts';
import { Lexer, parseQuoted, type Token } from './lexer.ts';
import { asAssignment, asElement } from './assignment.ts';

const REDIRECTS = new Set(['<', '>', '>>', '>|', '<>', '>&', '<&', '&>', '&>>', '<<', '<<-', '<<<']);
const RESERVED = new Set(['if', 'then', 'elif', 'else', 'fi', 'do', 'done', 'case', 'esac', 'while', 'until', 'for', 'in', '{', '}', '!', '[[', 'function', 'time', 'select', 'coproc']);
const CLOSERS = new Set(['then', 'elif', 'else', 'fi', 'do', 'done', 'esac', '}']);

export const parseShell = (text: string): Node => new Parser(text).program();

class Parser {
  readonly #lexer: Lexer;
  #peeked: Token | undefined;

  constructor(text: string) {
    this.#lexer = new Lexer(text);
  }

  program(): Node {
    const list = this.#list(() => false);
    const token = this.#peek();
    if (token.kind !== 'eof') this.#unexpected(token);
    return list;
  }

  #peek(): Token {
    this.#peeked ??= this.#lexer.next();
    return this.#peeked;
  }

  #next(): Token {
    const token = this.#peek();
    this.#peeked = undefined;
    return token;
  }

  #unexpected(token: Token): never {
    switch (token.kind) {
      case 'eof': throw new ShellSyntaxError(token.line + 1, undefined);
      case 'newline': throw new ShellSyntaxError(token.line, 'newline');
      case 'op': throw new ShellSyntaxError(token.line, token.text);
      case 'io': throw new ShellSyntaxError(token.line, String(token.fd));
      case 'word': throw new ShellSyntaxError(token.line, token.word.raw);
    }
  }

  /** Missing the end is an error "newline" for bash when it waits for a word, an early end otherwise. */
  #unexpectedWordless(token: Token): never {
    if (token.kind === 'eof') throw new ShellSyntaxError(token.line, 'newline');
    this.#unexpected(token);
  }

  #isOp(...texts: string[]): boolean {
    const t = this.#peek();
    return t.kind === 'op' && texts.includes(t.text);
  }

  #reserved(): string | undefined {
    const t = this.#peek();
    if (t.kind !== 'word') return undefined;
    const text = literalOf(t.word);
    return text !== undefined && RESERVED.has(text) ? text : undefined;
  }

  #expect(word: string): void {
    const token = this.#next();
    if (token.kind !== 'word' || literalOf(token.word) !== word) this.#unexpected(token);
  }

  #newlines(): void {
    while (this.#peek().kind === 'newline') this.#next();
  }

  /** Commands up to a token that `stop` names; at least one unless at the top. */
  #list(stop: (word: string) => boolean): Node {
    const items: { node: Node; background: boolean; source: string }[] = [];
    for (;;) {
      this.#newlines();
      const token = this.#peek();
      if (token.kind === 'eof' || (token.kind === 'op' && (token.text === ')' || token.text.startsWith(';;') || token.text === ';&'))) break;
      const word = this.#reserved();
      if (word !== undefined && stop(word)) break;
      if (word !== undefined && CLOSERS.has(word)) this.#unexpected(token);
      const start = token.start;
      const node = this.#andOr();
      const end = this.#peek();
      const source = this.#lexer.text.slice(start, end.start).trim();
      const background = this.#isOp('&');
      items.push({ node, background, source });
      if (this.#isOp('&', ';')) this.#next();
      else if (end.kind !== 'newline') break;
    }
    return { kind: 'list', items };
  }

  #body(...stops: string[]): Node {
    const list = this.#list((w) => stops.includes(w));
    if (list.kind === 'list' && list.items.length === 0) this.#unexpected(this.#peek());
    return list;
  }

  #andOr(): Node {
    const first = this.#pipeline();
    const rest: { op: '&&' | '||'; node: Node }[] = [];
    while (this.#isOp('&&', '||')) {
      const token = this.#next();
      this.#newlines();
      rest.push({ op: token.kind === 'op' && token.text === '&&' ? '&&' : '||', node: this.#pipeline() });
    }
    return rest.length === 0 ? first : { kind: 'and-or', first, rest };
  }

  #pipeline(): Node {
    let negate = false;
    let timed: 'bash' | 'posix' | undefined;
    for (let word = this.#reserved(); word === '!' || word === 'time'; word = this.#reserved()) {
      this.#next();
      if (word === '!') negate = !negate;
      else {
        timed = 'bash';
        const option = this.#peek();
        if (option.kind === 'word' && literalOf(option.word) === '-p') {
          this.#next();
          timed = 'posix';
        }
      }
    }
    const commands: Node[] = [];
    for (;;) {
      commands.push(this.#command());
      if (!this.#isOp('|', '|&')) break;
      const token = this.#next();
      if (token.kind === 'op' && token.text === '|&') commands.push(withStderr(commands.pop()));
      this.#newlines();
    }
    const [only, ...others] = commands;
    if (only !== undefined && others.length === 0 && !negate && timed === undefined) return only;
    return { kind: 'pipeline', commands, negate, timed };
  }

  #command(): Node {
    const token = this.#peek();
    if (token.kind === 'op') {
      if (token.text === '(') return this.#parenthesis(token.start);
      if (!REDIRECTS.has(token.text)) this.#unexpected(token);
    }
    if (token.kind === 'eof' || token.kind === 'newline') this.#unexpected(token);
    switch (this.#reserved()) {
      case '{': {
        this.#next();
        const body = this.#body('}');
        this.#expect('}');
        return { kind: 'group', body, redirects: this.#redirects() };
      }
      case 'if': return this.#if();
      case 'while': return this.#while(false);
      case 'until': return this.#while(true);
      case 'for': return this.#for();
      case 'case': return this.#case();
      case '[[': return this.#condition();
      case 'function': {
        this.#next();
        const name = this.#word();
        if (this.#isOp('(')) {
          this.#next();
          this.#closeParenthesis();
        }
        this.#newlines();
        return { kind: 'function', name: literalOf(name) ?? name.raw, body: this.#command() };
      }
      case 'select': case 'coproc':
        throw new ShellSyntaxError(token.line, '', undefined, `${this.#reserved() ?? ''}: not modelled in this lab`);
      case undefined: case 'in': return this.#simple();
      default: return this.#unexpected(token);
    }
  }

  #parenthesis(start: number): Node {
    const line = this.#next().line;
    if (this.#lexer.text.charAt(start + 1) === '(') {
      this.#next();
      const source = this.#lexer.arithmetic();
      return { kind: 'arithmetic', line, source, redirects: this.#redirects() };
    }
    const body = this.#list(() => false);
    if (body.kind === 'list' && body.items.length === 0) this.#unexpected(this.#peek());
    this.#closeParenthesis();
    return { kind: 'subshell', body, redirects: this.#redirects() };
  }

  #closeParenthesis(): void {
    const token = this.#next();
    if (token.kind !== 'op' || token.text !== ')') this.#unexpected(token);
  }

  #if(): Node {
    this.#next();
    const clauses: { condition: Node; body: Node }[] = [];
    let otherwise: Node | undefined;
    for (;;) {
      const condition = this.#body('then');
      this.#expect('then');
      clauses.push({ condition, body: this.#body('elif', 'else', 'fi') });
      const word = this.#reserved();
      if (word === 'elif') {
        this.#next();
        continue;
      }
      if (word === 'else') {
        this.#next();
        otherwise = this.#body('fi');
      }
      this.#expect('fi');
      return { kind: 'if', clauses, otherwise, redirects: this.#redirects() };
    }
  }

  #while(until: boolean): Node {
    this.#next();
    const condition = this.#body('do');
    return { kind: 'while', until, condition, body: this.#do(), redirects: this.#redirects() };
  }

  #do(): Node {
    this.#expect('do');
    const body = this.#body('done');
    this.#expect('done');
    return body;
  }

  #for(): Node {
    this.#next();
    const token = this.#peek();
    if (token.kind === 'op' && token.text === '(' && this.#lexer.text.charAt(token.start + 1) === '(') {
      this.#next();
      this.#next();
      const [init = '', test = '', step = ''] = this.#lexer.arithmetic().raw.split(';');
      this.#separator();
      const body = this.#do();
      return { kind: 'for-arith', init: parseQuoted(init), test: parseQuoted(test), step: parseQuoted(step), body, redirects: this.#redirects() };
    }
    const name = this.#word();
    let words: Word[] | undefined;
    this.#newlines();
    if (this.#reserved() === 'in') {
      this.#next();
      words = [];
      while (this.#peek().kind === 'word') words.push(this.#word());
    }
    this.#separator();
    const body = this.#do();
    return { kind: 'for', name: name.raw, words, body, redirects: this.#redirects() };
  }

  #separator(): void {
    if (this.#isOp(';')) this.#next();
    this.#newlines();
  }

  #case(): Node {
    this.#next();
    const word = this.#word();
    this.#newlines();
    this.#expect('in');
    const items: { patterns: Word[]; body: Node | undefined; end: string }[] = [];
    for (;;) {
      this.#newlines();
      if (this.#reserved() === 'esac') break;
      if (this.#isOp('(')) this.#next();
      const patterns = [this.#caseWord()];
      while (this.#isOp('|')) {
        this.#next();
        patterns.push(this.#caseWord());
      }
      this.#closeParenthesis();
      const list = this.#list((w) => w === 'esac');
      const body = list.kind === 'list' && list.items.length === 0 ? undefined : list;
      let end = ';;';
      const token = this.#peek();
      if (token.kind === 'op' && (token.text.startsWith(';;') || token.text === ';&')) {
        end = token.text;
        this.#next();
      }
      items.push({ patterns, body, end });
    }
    this.#expect('esac');
    return { kind: 'case', word, items, redirects: this.#redirects() };
  }

  #caseWord(): Word {
    const token = this.#next();
    if (token.kind !== 'word') this.#unexpected(token);
    return token.word;
  }

  #condition(): Node {
    const line = this.#next().line;
    const expression = this.#conditionOr();
    this.#expect(']]');
    return { kind: 'condition', line, expression, redirects: this.#redirects() };
  }

  #conditionOr(): Condition {
    let left = this.#conditionAnd();
    while (this.#isOp('||')) {
      this.#next();
      this.#newlines();
      left = { kind: 'or', left, right: this.#conditionAnd() };
    }
    return left;
  }

  #conditionAnd(): Condition {
    let left = this.#conditionTerm();
    while (this.#isOp('&&')) {
      this.#next();
      this.#newlines();
      left = { kind: 'and', left, right: this.#conditionTerm() };
    }
    return left;
  }

  #conditionTerm(): Condition {
    if (this.#isOp('(')) {
      this.#next();
      const inner = this.#conditionOr();
      this.#closeParenthesis();
      return inner;
    }
    const left = this.#word();
    if (literalOf(left) === '!') return { kind: 'not', operand: this.#conditionTerm() };
    if (/^-[a-zA-Z]$/.test(left.raw) && this.#peek().kind === 'word' && literalOf(left) !== undefined) {
      const next = this.#peek();
      if (next.kind === 'word' && literalOf(next.word) !== ']]') return { kind: 'unary', op: left.raw, operand: this.#word() };
    }
    const token = this.#peek();
    if (token.kind === 'op' && (token.text === '<' || token.text === '>')) {
      this.#next();
      return { kind: 'binary', op: token.text, left, right: this.#word() };
    }
    if (token.kind === 'word') {
      const op = literalOf(token.word);
      if (op === '=~') {
        this.#next();
        return { kind: 'binary', op, left, right: this.#lexer.regexWord() };
      }
      if (op !== undefined && /^(==?|!=|-(eq|ne|lt|le|gt|ge|nt|ot|ef))$/.test(op)) {
        this.#next();
        return { kind: 'binary', op, left, right: this.#word() };
      }
      if (op !== ']]') throw new ShellSyntaxError(token.line, token.word.raw);
    }
    return { kind: 'unary', op: '-n', operand: left };
  }

  #word(): Word {
    const token = this.#next();
    if (token.kind !== 'word') this.#unexpectedWordless(token);
    return token.word;
  }

  #redirects(): Redirect[] {
    const out: Redirect[] = [];
    for (let r = this.#redirect(); r !== undefined; r = this.#redirect()) out.push(r);
    return out;
  }

  #redirect(): Redirect | undefined {
    let token = this.#peek();
    let fd: number | undefined;
    if (token.kind === 'io') {
      fd = token.fd;
      this.#next();
      token = this.#peek();
    }
    if (token.kind !== 'op' || !REDIRECTS.has(token.text)) {
      if (fd !== undefined) this.#unexpected(token);
      return undefined;
    }
    this.#next();
    const target = this.#word();
    const op = token.text as Redirect['op']; // in REDIRECTS, checked above
    if (op !== '<<' && op !== '<<-') return { fd, op, target };
    const redirect: { fd: number | undefined; op: typeof op; target: Word; body?: Word } = { fd, op, target };
    this.#lexer.expectHeredoc(redirect, (body) => { redirect.body = body; });
    return redirect;
  }

  #simple(): Node {
    const line = this.#peek().line;
    const assignments: Assignment[] = [];
    const arrays: Assignment[] = [];
    const words: Word[] = [];
    const redirects: Redirect[] = [];
    for (;;) {
      const redirect = this.#redirect();
      if (redirect !== undefined) {
        redirects.push(redirect);
        continue;
      }
      const token = this.#peek();
      if (token.kind !== 'word') break;
      this.#next();
      const [command] = words;
      const declares = command !== undefined && DECLARERS.has(literalOf(command) ?? '');
      const assignment = command === undefined || declares ? asAssignment(token.word) : undefined;
      const after = this.#peek();
      const list = assignment !== undefined && assignment.value.parts.length === 0 && after.kind === 'op' && after.text === '(' && after.start === token.start + token.word.raw.length;
      if (assignment !== undefined && list) {
        const elements = this.#elements();
        if (declares) {
          words.push({ parts: [{ kind: 'text', text: assignment.name, quoted: false }], raw: assignment.name });
          arrays.push({ ...assignment, elements });
        } else assignments.push({ ...assignment, elements });
        continue;
      }
      if (assignment !== undefined && command === undefined) {
        assignments.push(assignment);
        continue;
      }
      words.push(token.word);
      if (words.length === 1 && assignments.length === 0 && this.#isOp('(')) {
        this.#next();
        this.#closeParenthesis();
        this.#newlines();
        return { kind: 'function', name: token.word.raw, body: this.#command() };
      }
    }
    return { kind: 'simple', line, assignments, words, redirects, ...(arrays.length === 0 ? {} : { arrays }) };
  }

  /** `( … )` of an array. */
  #elements(): ArrayElement[] {
    this.#next();
    const out: ArrayElement[] = [];
    for (;;) {
      this.#newlines();
      const token = this.#next();
      if (token.kind === 'op' && token.text === ')') return out;
      if (token.kind !== 'word') this.#unexpected(token);
      else out.push(asElement(token.word));
    }
  }
}

/** Builtins whose arguments may be `name=( … )`. */
const DECLARERS = new Set(['declare', 'typeset', 'local', 'export', 'readonly']);

/** `a |& b` is `a 2>&1 | b`. */
function withStderr(node: Node | undefined): Node {
  const one: Redirect = { fd: 2, op: '>&', target: { parts: [{ kind: 'text', text: '1', quoted: false }], raw: '1' } };
  if (node === undefined) return { kind: 'list', items: [] };
  if (node.kind === 'simple') return { ...node, redirects: [...node.redirects, one] };
  return { kind: 'group', body: node, redirects: [one] };
}
