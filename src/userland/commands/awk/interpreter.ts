/** Runs the tree. A value is a number, a string, or a "strnum": input text that looks like a number compares as one. */
import { assertNever } from '../../../base/assert.ts';
import { compileRegex, withEscapes } from '../../text/regex.ts';
import { formatPrintf } from '../../text/printf.ts';
import { strftime } from '../../text/strftime.ts';
import { Exit } from '../kit.ts';
import type { AwkProgram, Expr, Stmt } from './parser.ts';

interface StrNum {
  readonly text: string;
}
type Value = number | string | StrNum | undefined;
type Cells = Map<string, Value>;
type Slot = { kind: 'value'; v: Value } | { kind: 'array'; cells: Cells };

class Jump extends Error {
  override readonly name = 'Jump';
  readonly what: 'next' | 'break' | 'continue' | 'exit' | 'return';
  readonly value: Value;
  constructor(what: Jump['what'], value?: Value) {
    super(what);
    this.what = what;
    this.value = value;
  }
}

/** Turns of loops in one run. */
const MOST_TURNS = 20_000_000;

const NUMERIC = /^\s*[-+]?(\d+\.?\d*([eE][-+]?\d+)?|\.\d+([eE][-+]?\d+)?)\s*$/;

export class Awk {
  readonly #program: AwkProgram;
  readonly #print: (text: string) => void;
  readonly #globals = new Map<string, Slot>();
  #locals: Map<string, Slot> | undefined;
  #record = '';
  #fields: string[] = [];
  readonly #ranges = new Set<unknown>();
  readonly #regexes = new Map<string, RegExp>();
  readonly #random: () => number;
  readonly #redirect: (op: '>' | '>>' | '|', target: string, text: string) => void;
  readonly #close: (target: string) => number;
  #turns = 0;
  readonly #wallMillis: () => number;
  #exit: number | undefined;

  constructor(program: AwkProgram, environment: { readonly print: (text: string) => void; readonly random: () => number; readonly wallMillis: () => number; readonly env: ReadonlyMap<string, string>; readonly redirect: (op: '>' | '>>' | '|', target: string, text: string) => void; readonly close: (target: string) => number }) {
    this.#program = program;
    this.#print = environment.print;
    this.#random = environment.random;
    this.#redirect = environment.redirect;
    this.#close = environment.close;
    this.#wallMillis = environment.wallMillis;
    for (const [name, value] of [['FS', ' '], ['OFS', ' '], ['RS', '\n'], ['ORS', '\n'], ['SUBSEP', '\x1c'], ['OFMT', '%.6g'], ['CONVFMT', '%.6g'], ['NR', 0], ['FNR', 0], ['RSTART', 0], ['RLENGTH', -1], ['FILENAME', '']] as const) this.set(name, value);
    const cells = this.#array('ENVIRON');
    for (const [name, value] of environment.env) cells.set(name, { text: value });
  }

  get exitCode(): number | undefined {
    return this.#exit;
  }

  set(name: string, value: Value): void {
    this.#globals.set(name, { kind: 'value', v: value });
  }

  setArguments(args: readonly string[]): void {
    this.set('ARGC', args.length);
    const cells = this.#array('ARGV');
    for (const [i, arg] of args.entries()) cells.set(String(i), { text: arg });
  }

  /** `-v x=5`, `x=5` operands: text that may be a number. */
  assign(name: string, text: string): void {
    this.set(name, { text });
  }

  get recordSeparator(): string {
    return this.#text(this.#get('RS'));
  }

  get hasMain(): boolean {
    return this.#program.rules.some((r) => r.kind !== 'BEGIN');
  }

  special(kind: 'BEGIN' | 'END'): void {
    for (const rule of this.#program.rules) {
      if (rule.kind !== kind || rule.body === undefined) continue;
      if (!this.#guard(rule.body)) return;
    }
  }

  /** False: exit was called. */
  record(text: string): boolean {
    this.#setRecord(text);
    this.set('NR', this.#number(this.#get('NR')) + 1);
    this.set('FNR', this.#number(this.#get('FNR')) + 1);
    for (const rule of this.#program.rules) {
      if (rule.kind !== 'main') continue;
      try {
        if (rule.from !== undefined) {
          if (rule.to === undefined) {
            if (!this.#truth(this.#eval(rule.from))) continue;
          } else {
            if (!this.#ranges.has(rule) && !this.#truth(this.#eval(rule.from))) continue;
            if (this.#truth(this.#eval(rule.to))) this.#ranges.delete(rule);
            else this.#ranges.add(rule);
          }
        }
        if (rule.body === undefined) this.#print(`${this.#record}${this.#text(this.#get('ORS'))}`);
        else this.#run(rule.body);
      } catch (error) {
        if (!(error instanceof Jump)) throw error;
        if (error.what === 'next') return true;
        if (error.what === 'exit') return this.#leave(error);
        throw error;
      }
    }
    return true;
  }

  #leave(jump: Jump): false {
    this.#exit = jump.value === undefined ? this.#exit ?? 0 : this.#number(jump.value) & 255;
    return false;
  }

  #guard(body: Stmt): boolean {
    try {
      this.#run(body);
      return true;
    } catch (error) {
      if (error instanceof Jump && error.what === 'exit') return this.#leave(error);
      throw error;
    }
  }

  #setRecord(text: string): void {
    this.#record = text;
    this.#fields = this.#split(text, this.#text(this.#get('FS')));
  }

  #split(text: string, fs: string): string[] {
    if (text === '') return [];
    if (fs === ' ') return text.trim() === '' ? [] : text.trim().split(/[ \t\n]+/);
    if (fs === '') return [...text];
    if (fs.length === 1 && fs !== '\\' && fs !== '.') return text.split(fs === '|' || /[$^*+?()[\]{}]/.test(fs) ? fs : fs);
    if (fs === '.') return text.split('.');
    return text.split(new RegExp(this.#regex(fs).source));
  }

  #regex(source: string): RegExp {
    let regex = this.#regexes.get(source);
    if (regex === undefined) {
      regex = compileRegex(withEscapes(source), 'mawk');
      this.#regexes.set(source, regex);
    }
    return regex;
  }

  #slot(name: string): Slot | undefined {
    return this.#locals?.get(name) ?? this.#globals.get(name);
  }

  /** The second line of mawk's run time errors. */
  #where(): string {
    return `\tFILENAME="${this.#text(this.#get('FILENAME'))}" FNR=${this.#text(this.#get('FNR'))} NR=${this.#text(this.#get('NR'))}\n`;
  }

  #get(name: string): Value {
    if (name === 'NF') return this.#fields.length;
    const slot = this.#slot(name);
    if (slot?.kind === 'array') throw new Exit(2, `awk: cmd. line:1: fatal: attempt to use array \`${name}' in a scalar context\n`);
    return slot?.v;
  }

  #array(name: string): Cells {
    const slot = this.#slot(name);
    if (slot?.kind === 'array') return slot.cells;
    if (slot !== undefined && slot.v !== undefined) throw new Exit(2, `awk: cmd. line:1: fatal: attempt to use scalar \`${name}' as an array\n`);
    const made: Slot = { kind: 'array', cells: new Map() };
    (this.#locals?.has(name) === true ? this.#locals : this.#globals).set(name, made);
    return made.cells;
  }

  #number(v: Value): number {
    if (typeof v === 'number') return v;
    if (v === undefined) return 0;
    const n = Number.parseFloat(typeof v === 'string' ? v : v.text);
    return Number.isNaN(n) ? 0 : n;
  }

  #text(v: Value, format = 'CONVFMT'): string {
    if (v === undefined) return '';
    if (typeof v === 'string') return v;
    if (typeof v !== 'number') return v.text;
    // mawk's integers have 32 bits: what is larger is printed as OFMT says.
    if (Number.isInteger(v) && Math.abs(v) <= 0x7fff_ffff) return String(v);
    if (!Number.isFinite(v)) return Number.isNaN(v) ? 'nan' : v > 0 ? 'inf' : '-inf';
    return formatPrintf(this.#text(this.#globals.get(format)?.kind === 'value' ? this.#get(format) : '%.6g'), [String(v)]).text;
  }

  #truth(v: Value): boolean {
    if (typeof v === 'number') return v !== 0;
    if (v === undefined) return false;
    if (typeof v === 'string') return v !== '';
    return NUMERIC.test(v.text) ? Number(v.text) !== 0 : v.text !== '';
  }

  #compare(a: Value, b: Value): number {
    const numeric = (v: Value): boolean => typeof v === 'number' || v === undefined || (typeof v !== 'string' && NUMERIC.test(v.text));
    if (numeric(a) && numeric(b)) return this.#number(a) - this.#number(b);
    const x = this.#text(a);
    const y = this.#text(b);
    return x < y ? -1 : x > y ? 1 : 0;
  }

  #run(s: Stmt): void {
    switch (s.k) {
      case 'expr': this.#eval(s.e); return;
      case 'print': {
        const values = s.args.map((a) => this.#eval(a));
        const [format, ...rest] = values;
        const text = s.format ? this.#sprintf('printf', this.#text(format), rest) : `${values.length === 0 ? this.#record : values.map((v) => this.#text(v, 'OFMT')).join(this.#text(this.#get('OFS')))}${this.#text(this.#get('ORS'))}`;
        if (s.to === undefined) this.#print(text);
        else this.#redirect(s.to.op, this.#text(this.#eval(s.to.target)), text);
        return;
      }
      case 'if':
        if (this.#truth(this.#eval(s.c))) this.#run(s.a);
        else if (s.b !== undefined) this.#run(s.b);
        return;
      case 'while':
        if (s.after && !this.#loop(s.body)) return;
        while (this.#truth(this.#eval(s.c))) if (!this.#loop(s.body)) return;
        return;
      case 'for':
        if (s.init !== undefined) this.#run(s.init);
        while (s.c === undefined || this.#truth(this.#eval(s.c))) {
          if (!this.#loop(s.body)) return;
          if (s.step !== undefined) this.#run(s.step);
        }
        return;
      case 'forin':
        for (const key of [...this.#array(s.array).keys()]) {
          this.#store({ k: 'var', name: s.name }, { text: key });
          if (!this.#loop(s.body)) return;
        }
        return;
      case 'block': for (const inner of s.list) this.#run(inner); return;
      case 'jump': throw new Jump(s.what);
      case 'exit': case 'return': throw new Jump(s.k, s.e === undefined ? undefined : this.#eval(s.e));
      case 'delete': {
        const cells = this.#array(s.name);
        if (s.subs.length === 0) cells.clear();
        else cells.delete(this.#key(s.subs));
        return;
      }
      default: assertNever(s);
    }
  }

  /** False: break. */
  #loop(body: Stmt): boolean {
    // Nothing else runs meanwhile: a loop without end would stop the world.
    if (++this.#turns > MOST_TURNS) throw new Exit(2, 'awk: a loop without end is not modelled in this lab\n');
    try {
      this.#run(body);
      return true;
    } catch (error) {
      if (!(error instanceof Jump) || (error.what !== 'break' && error.what !== 'continue')) throw error;
      return error.what === 'continue';
    }
  }

  #key(subs: readonly Expr[]): string {
    return subs.map((e) => this.#text(this.#eval(e))).join(this.#text(this.#get('SUBSEP')));
  }

  #store(to: Expr, value: Value): void {
    if (to.k === 'var') {
      if (to.name === 'NF') {
        const n = this.#number(value);
        while (this.#fields.length < n) this.#fields.push('');
        this.#fields.length = n;
        this.#record = this.#fields.join(this.#text(this.#get('OFS')));
        return;
      }
      (this.#locals?.has(to.name) === true ? this.#locals : this.#globals).set(to.name, { kind: 'value', v: value });
    } else if (to.k === 'index') this.#array(to.name).set(this.#key(to.subs), value);
    else if (to.k === 'field') {
      const n = this.#number(this.#eval(to.e));
      const text = this.#text(value);
      if (n === 0) this.#setRecord(text);
      else {
        while (this.#fields.length < n) this.#fields.push('');
        this.#fields[n - 1] = text;
        this.#record = this.#fields.join(this.#text(this.#get('OFS')));
      }
    }
  }

  #eval(e: Expr): Value {
    switch (e.k) {
      case 'num': case 'str': return e.v;
      case 'regex': return Number(this.#regex(e.source).test(this.#record));
      case 'var': return this.#get(e.name);
      case 'field': {
        const n = this.#number(this.#eval(e.e));
        if (n < 0) throw new Exit(2, `awk: run time error: negative field index $${n}\n${this.#where()}`);
        const text = n === 0 ? this.#record : this.#fields[n - 1];
        return text === undefined ? undefined : { text };
      }
      case 'index': {
        const cells = this.#array(e.name);
        const key = this.#key(e.subs);
        if (!cells.has(key)) cells.set(key, undefined);
        return cells.get(key);
      }
      case 'group': {
        const [only] = e.list;
        if (only === undefined || e.list.length > 1) throw new Exit(1, 'awk: cmd. line:1: syntax error\n');
        return this.#eval(only);
      }
      case 'unary': {
        const v = this.#eval(e.e);
        return e.op === '!' ? Number(!this.#truth(v)) : e.op === '-' ? -this.#number(v) : this.#number(v);
      }
      case 'cond': return this.#eval(this.#truth(this.#eval(e.c)) ? e.a : e.b);
      case 'in': return Number(this.#array(e.name).has(this.#key(e.subs)));
      case 'assign': {
        const right = this.#eval(e.e);
        const value = e.op === '=' ? right : this.#arithmetic(e.op.slice(0, -1), this.#number(this.#eval(e.to)), this.#number(right));
        this.#store(e.to, value);
        return value;
      }
      case 'incdec': {
        const old = this.#number(this.#eval(e.to));
        const next = old + (e.op === '++' ? 1 : -1);
        this.#store(e.to, next);
        return e.prefix ? next : old;
      }
      case 'binary': return this.#binary(e);
      case 'call': return e.user ? this.#user(e.name, e.args) : this.#builtin(e.name, e.args);
      default: return assertNever(e);
    }
  }

  #arithmetic(op: string, a: number, b: number): number {
    switch (op) {
      case '+': return a + b;
      case '-': return a - b;
      case '*': return a * b;
      case '/':
        return a / b; // inf and nan too
      case '%': return a % b;
      default: return a ** b;
    }
  }

  #pattern(e: Expr): RegExp {
    return e.k === 'regex' ? this.#regex(e.source) : this.#regex(this.#text(this.#eval(e)));
  }

  #binary(e: Extract<Expr, { k: 'binary' }>): Value {
    switch (e.op) {
      case '&&': return Number(this.#truth(this.#eval(e.a)) && this.#truth(this.#eval(e.b)));
      case '||': return Number(this.#truth(this.#eval(e.a)) || this.#truth(this.#eval(e.b)));
      case '~': case '!~': {
        const text = this.#text(this.#eval(e.a));
        return Number(this.#pattern(e.b).test(text) === (e.op === '~'));
      }
      default: break;
    }
    const a = this.#eval(e.a);
    const b = this.#eval(e.b);
    switch (e.op) {
      case ' ': return this.#text(a) + this.#text(b);
      case '<': return Number(this.#compare(a, b) < 0);
      case '<=': return Number(this.#compare(a, b) <= 0);
      case '>': return Number(this.#compare(a, b) > 0);
      case '>=': return Number(this.#compare(a, b) >= 0);
      case '==': return Number(this.#compare(a, b) === 0);
      case '!=': return Number(this.#compare(a, b) !== 0);
      default: return this.#arithmetic(e.op, this.#number(a), this.#number(b));
    }
  }

  #user(name: string, args: readonly Expr[]): Value {
    const f = this.#program.functions.get(name);
    if (f === undefined) throw new Exit(2, `awk: function ${name} never defined\n`);
    const locals = new Map<string, Slot>();
    for (const [i, param] of f.params.entries()) {
      const arg = args[i];
      const slot = arg?.k === 'var' ? this.#slot(arg.name) : undefined;
      locals.set(param, slot?.kind === 'array' ? slot : { kind: 'value', v: arg === undefined ? undefined : this.#eval(arg) });
    }
    const saved = this.#locals;
    this.#locals = locals;
    try {
      this.#run(f.body);
      return undefined;
    } catch (error) {
      if (error instanceof Jump && error.what === 'return') return error.value;
      throw error;
    } finally {
      this.#locals = saved;
    }
  }

  #sprintf(name: string, format: string, values: readonly Value[]): string {
    let i = 0;
    const wanted = [...format.replace(/%%/g, '').matchAll(/%[-+ #0]*(\*)?\d*(?:\.(\*)?\d*)?[a-zA-Z]/g)].reduce((n, m) => n + 1 + (m[1] === undefined ? 0 : 1) + (m[2] === undefined ? 0 : 1), 0);
    if (wanted > values.length) throw new Exit(2, `awk: run time error: not enough arguments passed to ${name}("${format}")\n${this.#where()}`);
    return format.replace(/%(?:%|([-+ #0]*)(\*|\d+)?(?:\.(\*|\d+))?([a-zA-Z]))/g, (whole, flags: string | undefined, width: string | undefined, precision: string | undefined, letter: string | undefined) => {
      if (whole === '%%') return '%';
      const star = (t: string | undefined): string => (t === '*' ? String(this.#number(values[i++])) : t ?? '');
      const w = star(width);
      const p = precision === undefined ? '' : `.${star(precision)}`;
      const v = values[i++];
      const text = letter === 'c' ? (typeof v === 'number' ? String.fromCodePoint(v) : this.#text(v).charAt(0)) : /[diouxXeEfFgG]/.test(letter ?? '') ? String(/[dioxXu]/.test(letter ?? '') ? Math.trunc(this.#number(v)) : this.#number(v)) : this.#text(v);
      return formatPrintf(`%${flags ?? ''}${w}${p}${letter === 'c' ? 's' : letter ?? ''}`, [text]).text;
    });
  }

  #builtin(name: string, args: readonly Expr[]): Value {
    const text = (i: number): string => this.#text(args[i] === undefined ? undefined : this.#eval(args[i]));
    const number = (i: number): number => this.#number(args[i] === undefined ? undefined : this.#eval(args[i]));
    switch (name) {
      case 'length': {
        const [arg] = args;
        if (arg === undefined) return this.#record.length;
        if (arg.k === 'var' && this.#slot(arg.name)?.kind === 'array') return this.#array(arg.name).size;
        return text(0).length;
      }
      case 'substr': {
        const s = text(0);
        const from = Math.round(number(1));
        const length = args[2] === undefined ? Infinity : Math.round(number(2));
        return s.slice(Math.max(0, from - 1), Math.max(0, from - 1 + length));
      }
      case 'index': return text(0).indexOf(text(1)) + 1;
      case 'tolower': return text(0).toLowerCase();
      case 'toupper': return text(0).toUpperCase();
      case 'sprintf': return this.#sprintf('sprintf', text(0), args.slice(1).map((a) => this.#eval(a)));
      case 'int': return Math.trunc(number(0));
      case 'sqrt': return Math.sqrt(number(0));
      case 'exp': return Math.exp(number(0));
      case 'log': return Math.log(number(0));
      case 'sin': return Math.sin(number(0));
      case 'cos': return Math.cos(number(0));
      case 'atan2': return Math.atan2(number(0), number(1));
      case 'rand': return this.#random();
      case 'srand': case 'fflush': return 0;
      case 'close': return this.#close(text(0));
      case 'systime': return Math.floor(this.#wallMillis() / 1000);
      case 'strftime': return strftime(args.length === 0 ? '%a %b %e %H:%M:%S %Z %Y' : text(0), args[1] === undefined ? this.#wallMillis() : number(1) * 1000);
      case 'match': {
        const [, pattern] = args;
        const found = pattern === undefined ? null : this.#pattern(pattern).exec(text(0));
        this.set('RSTART', found === null ? 0 : found.index + 1);
        this.set('RLENGTH', found === null ? -1 : found[0].length);
        return found === null ? 0 : found.index + 1;
      }
      case 'split': {
        const s = text(0);
        const [, target, separator] = args;
        if (target?.k !== 'var') throw new Exit(1, 'awk: cmd. line:1: split: second argument is not an array\n');
        const cells = this.#array(target.name);
        const pieces = separator === undefined ? this.#split(s, this.#text(this.#get('FS'))) : separator.k === 'regex' ? (s === '' ? [] : s.split(new RegExp(this.#regex(separator.source).source))) : this.#split(s, this.#text(this.#eval(separator)));
        cells.clear();
        for (const [i, piece] of pieces.entries()) cells.set(String(i + 1), { text: piece });
        return pieces.length;
      }
      case 'sub': case 'gsub': {
        const [pattern, , target] = args;
        if (pattern === undefined) return 0;
        const regex = new RegExp(this.#pattern(pattern).source, name === 'gsub' ? 'g' : '');
        const replacement = text(1);
        const to: Expr = target ?? { k: 'field', e: { k: 'num', v: 0 } };
        let count = 0;
        const result = this.#text(this.#eval(to)).replace(regex, (whole: string) => {
          count++;
          return replacement.replace(/\\(.)|&/g, (m, c: string | undefined) => (c === undefined ? whole : c === '&' ? '&' : c === '\\' ? '\\' : m));
        });
        if (count > 0) this.#store(to, result);
        return count;
      }
      default: throw new Exit(2, `awk: ${name}() is not modelled in this lab\n`);
    }
  }
}
