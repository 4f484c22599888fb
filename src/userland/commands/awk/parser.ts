/** Read first: POSIX.1 awk, Grammar. Tokens to tree; errors as mawk says them. */
import { Exit, NOT_MODELLED } from '../kit.ts';
import { FUNCTIONS, KEYWORDS, tokenize, unescapeAwk, type Token } from './lexer.ts';

export type Expr =
  | { readonly k: 'num'; readonly v: number }
  | { readonly k: 'str'; readonly v: string }
  | { readonly k: 'regex'; readonly source: string }
  | { readonly k: 'var'; readonly name: string }
  | { readonly k: 'field'; readonly e: Expr }
  | { readonly k: 'index'; readonly name: string; readonly subs: readonly Expr[] }
  | { readonly k: 'unary'; readonly op: string; readonly e: Expr }
  | { readonly k: 'binary'; readonly op: string; readonly a: Expr; readonly b: Expr }
  | { readonly k: 'assign'; readonly op: string; readonly to: Expr; readonly e: Expr }
  | { readonly k: 'incdec'; readonly op: string; readonly prefix: boolean; readonly to: Expr }
  | { readonly k: 'cond'; readonly c: Expr; readonly a: Expr; readonly b: Expr }
  | { readonly k: 'in'; readonly subs: readonly Expr[]; readonly name: string }
  | { readonly k: 'call'; readonly name: string; readonly args: readonly Expr[]; readonly user: boolean }
  | { readonly k: 'group'; readonly list: readonly Expr[] };

export type Stmt =
  | { readonly k: 'expr'; readonly e: Expr }
  | { readonly k: 'print'; readonly args: readonly Expr[]; readonly format: boolean; readonly to: { readonly op: '>' | '>>' | '|'; readonly target: Expr } | undefined }
  | { readonly k: 'if'; readonly c: Expr; readonly a: Stmt; readonly b: Stmt | undefined }
  | { readonly k: 'while'; readonly c: Expr; readonly body: Stmt; readonly after: boolean }
  | { readonly k: 'for'; readonly init: Stmt | undefined; readonly c: Expr | undefined; readonly step: Stmt | undefined; readonly body: Stmt }
  | { readonly k: 'forin'; readonly name: string; readonly array: string; readonly body: Stmt }
  | { readonly k: 'block'; readonly list: readonly Stmt[] }
  | { readonly k: 'jump'; readonly what: 'next' | 'break' | 'continue' }
  | { readonly k: 'exit' | 'return'; readonly e: Expr | undefined }
  | { readonly k: 'delete'; readonly name: string; readonly subs: readonly Expr[] };

export interface Rule {
  readonly kind: 'BEGIN' | 'END' | 'main';
  readonly from: Expr | undefined;
  readonly to: Expr | undefined;
  readonly body: Stmt | undefined;
}

export interface AwkProgram {
  readonly rules: readonly Rule[];
  readonly functions: ReadonlyMap<string, { readonly params: readonly string[]; readonly body: Stmt }>;
}

export function parseAwk(source: string): AwkProgram {
  const tokens = tokenize(source);
  let pos = 0;
  let noIn = 0;
  let noGt = 0;
  const peek = (n = 0): Token => tokens[pos + n] ?? { t: 'eof', v: '', at: source.length };
  const is = (...vs: string[]): boolean => (peek().t === 'op' || peek().t === 'name') && vs.includes(peek().v) && (peek().t === 'op' || KEYWORDS.has(peek().v));
  const called = new Set<string>();
  let depth = 0;
  const lineOf = (at: number): number => source.slice(0, at).split('\n').length;
  const fail = (): never => {
    const token = peek();
    const line = lineOf(token.at);
    if (token.t === 'eof' && depth > 0) throw new Exit(2, `awk: line ${line + 1}: missing } near end of file\n`);
    const extra = token.t === 'op' && token.v === '}' && depth === 0;
    throw new Exit(2, `${extra ? `awk: line ${line}: extra '}'\n` : ''}awk: line ${line}: syntax error at or near ${extra || token.t === 'eof' || token.t === 'nl' ? 'end of line' : token.v}\n`);
  };
  const refuse = (what: string): never => {
    throw new Exit(1, `awk: ${what} is ${NOT_MODELLED}\n`);
  };
  const take = (v?: string): Token => {
    const token = peek();
    if (v !== undefined && (token.v !== v || (token.t !== 'op' && token.t !== 'name'))) fail();
    pos++;
    return token;
  };
  const newlines = (): void => {
    while (peek().t === 'nl') pos++;
  };
  const terminators = (): void => {
    while (peek().t === 'nl' || is(';')) pos++;
  };

  const block = (): Stmt => {
    take('{');
    depth++;
    const list: Stmt[] = [];
    terminators();
    while (!is('}')) {
      if (peek().t === 'eof') fail();
      list.push(statement());
      terminators();
    }
    depth--;
    take('}');
    return { k: 'block', list };
  };
  const simple = (): Stmt => {
    if (is('print', 'printf')) {
      const format = take().v === 'printf';
      let args: readonly Expr[] = [];
      if (peek().t !== 'nl' && peek().t !== 'eof' && !is(';', '}', '>', '>>', '|')) {
        noGt++;
        args = exprList();
        noGt--;
        const [first] = args;
        if (args.length === 1 && first?.k === 'group') args = first.list;
      }
      if (format && args.length === 0) throw new Exit(2, `awk: line ${lineOf(peek().at)}: no arguments in call to printf\n`);
      if (!is('>', '>>', '|')) return { k: 'print', args, format, to: undefined };
      const op = take().v;
      noGt++;
      const target = concat();
      noGt--;
      return { k: 'print', args, format, to: { op: op === '>>' || op === '|' ? op : '>', target } };
    }
    if (is('delete')) {
      take();
      const name = take().v;
      let subs: readonly Expr[] = [];
      if (is('[')) {
        take();
        subs = exprList();
        take(']');
      }
      return { k: 'delete', name, subs };
    }
    return { k: 'expr', e: expr() };
  };
  const body = (): Stmt => {
    newlines();
    if (is(';')) {
      take();
      return { k: 'block', list: [] };
    }
    return statement();
  };
  const statement = (): Stmt => {
    if (is('{')) return block();
    if (is('if')) {
      take();
      take('(');
      const c = expr();
      take(')');
      const a = body();
      const save = pos;
      terminators();
      if (!is('else')) {
        pos = save;
        return { k: 'if', c, a, b: undefined };
      }
      take();
      return { k: 'if', c, a, b: body() };
    }
    if (is('while')) {
      take();
      take('(');
      const c = expr();
      take(')');
      return { k: 'while', c, body: body(), after: false };
    }
    if (is('do')) {
      take();
      const inner = body();
      terminators();
      take('while');
      take('(');
      const c = expr();
      take(')');
      return { k: 'while', c, body: inner, after: true };
    }
    if (is('for')) {
      take();
      take('(');
      if (peek().t === 'name' && peek(1).v === 'in' && peek(3).v === ')') {
        const name = take().v;
        take('in');
        const array = take().v;
        take(')');
        return { k: 'forin', name, array, body: body() };
      }
      const init = is(';') ? undefined : simple();
      take(';');
      newlines();
      const c = is(';') ? undefined : expr();
      take(';');
      newlines();
      const step = is(')') ? undefined : simple();
      take(')');
      return { k: 'for', init, c, step, body: body() };
    }
    if (is('next', 'break', 'continue')) {
      const what = take().v;
      return { k: 'jump', what: what === 'next' ? 'next' : what === 'break' ? 'break' : 'continue' };
    }
    if (is('nextfile')) refuse('nextfile');
    if (is('exit', 'return')) {
      const k = take().v === 'exit' ? 'exit' : 'return';
      const e = peek().t === 'nl' || peek().t === 'eof' || is(';', '}') ? undefined : expr();
      return { k, e };
    }
    return simple();
  };

  const exprList = (): Expr[] => {
    const out = [expr()];
    while (is(',')) {
      take();
      newlines();
      out.push(expr());
    }
    return out;
  };
  const expr = (): Expr => ternary();
  const ternary = (): Expr => {
    const c = or();
    if (is('?')) {
      take();
      newlines();
      const a = ternary();
      newlines();
      take(':');
      newlines();
      return { k: 'cond', c, a, b: ternary() };
    }
    if (is('=', '+=', '-=', '*=', '/=', '%=', '^=') && (c.k === 'var' || c.k === 'field' || c.k === 'index')) {
      const op = take().v;
      newlines();
      return { k: 'assign', op, to: c, e: ternary() };
    }
    return c;
  };
  const left = (next: () => Expr, ...ops: string[]) => (): Expr => {
    let a = next();
    while (is(...ops)) {
      const op = take().v;
      newlines();
      a = { k: 'binary', op, a, b: next() };
    }
    return a;
  };
  const or = (): Expr => left(and, '||')();
  const and = (): Expr => left(membership, '&&')();
  const membership = (): Expr => {
    let a = match();
    while (is('in') && noIn === 0) {
      take();
      a = { k: 'in', subs: a.k === 'group' ? a.list : [a], name: take().v };
    }
    return a;
  };
  const match = (): Expr => left(comparison, '~', '!~')();
  const comparison = (): Expr => {
    const a = concat();
    if (!is('<', '<=', '==', '!=', '>=') && !(is('>') && noGt === 0)) return a;
    const op = take().v;
    return { k: 'binary', op, a, b: concat() };
  };
  const startsOperand = (): boolean => {
    const token = peek();
    if (token.t === 'num' || token.t === 'str' || token.t === 'regex' || token.t === 'func') return true;
    if (token.t === 'name') return !KEYWORDS.has(token.v);
    return is('$', '!', '(', '-', '+', '++', '--');
  };
  const concat = (): Expr => {
    let a = additive();
    while (startsOperand() && !is('in') && !is('+', '-')) a = { k: 'binary', op: ' ', a, b: additive() };
    return a;
  };
  const additive = (): Expr => left(term, '+', '-')();
  const term = (): Expr => left(unary, '*', '/', '%')();
  const unary = (): Expr => {
    if (is('!', '-', '+')) return { k: 'unary', op: take().v, e: unary() };
    return power();
  };
  const power = (): Expr => {
    const a = postfix();
    if (!is('^')) return a;
    take();
    return { k: 'binary', op: '^', a, b: is('-', '+', '!') ? unary() : power() };
  };
  const postfix = (): Expr => {
    const a = primary();
    if (is('++', '--') && (a.k === 'var' || a.k === 'field' || a.k === 'index')) return { k: 'incdec', op: take().v, prefix: false, to: a };
    return a;
  };
  const args = (): Expr[] => {
    take('(');
    newlines();
    const saved = [noIn, noGt] as const;
    noIn = 0;
    noGt = 0;
    const list = is(')') ? [] : exprList();
    [noIn, noGt] = saved;
    newlines();
    if (!is(')') && peek().t === 'op') throw new Exit(2, `awk: line ${lineOf(peek().at)}: missing ) near ${peek().v}\n`);
    take(')');
    return list;
  };
  const primary = (): Expr => {
    const token = peek();
    switch (token.t) {
      case 'num': take(); return { k: 'num', v: Number(token.v) };
      case 'str': take(); return { k: 'str', v: unescapeAwk(token.v) };
      case 'regex': take(); return { k: 'regex', source: token.v };
      case 'func': take(); called.add(token.v); return { k: 'call', name: token.v, args: args(), user: true };
      case 'name': {
        if (token.v === 'getline') refuse('getline');
        if (KEYWORDS.has(token.v)) fail();
        take();
        if (FUNCTIONS.has(token.v)) {
          if (token.v === 'system') refuse('system()');
          return { k: 'call', name: token.v, args: is('(') ? args() : [], user: false };
        }
        if (is('[')) {
          take();
          const subs = exprList();
          take(']');
          return { k: 'index', name: token.v, subs };
        }
        return { k: 'var', name: token.v };
      }
      default: break;
    }
    if (is('$')) {
      take();
      if (is('++', '--')) return { k: 'field', e: { k: 'incdec', op: take().v, prefix: true, to: primary() } };
      if (is('-')) return { k: 'field', e: unary() };
      return { k: 'field', e: primary() };
    }
    if (is('++', '--')) return { k: 'incdec', op: take().v, prefix: true, to: primary() };
    if (is('(')) {
      const list = args();
      return { k: 'group', list };
    }
    return fail();
  };

  const rules: Rule[] = [];
  const functions = new Map<string, { params: string[]; body: Stmt }>();
  terminators();
  while (peek().t !== 'eof') {
    if (is('function', 'func')) {
      take();
      const name = take().v;
      take('(');
      const params: string[] = [];
      while (!is(')')) {
        params.push(take().v);
        if (is(',')) take();
      }
      take(')');
      newlines();
      functions.set(name, { params, body: block() });
    } else if (is('BEGIN', 'END')) {
      const kind = take().v === 'BEGIN' ? 'BEGIN' : 'END';
      newlines();
      rules.push({ kind, from: undefined, to: undefined, body: block() });
    } else {
      let from: Expr | undefined;
      let to: Expr | undefined;
      if (!is('{')) {
        from = expr();
        if (is(',')) {
          take();
          newlines();
          to = expr();
        }
      }
      rules.push({ kind: 'main', from, to, body: is('{') ? block() : undefined });
    }
    terminators();
  }
  const unknown = [...called].find((name) => !functions.has(name));
  if (unknown !== undefined) throw new Exit(2, `awk: line ${lineOf(source.length) + 1}: function ${unknown} never defined\n`);
  return { rules, functions };
}
