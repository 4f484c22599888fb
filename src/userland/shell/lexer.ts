/** Read first: bash(1), QUOTING, EXPANSION. Characters to tokens; words keep their quoting as parts. */
import { ShellSyntaxError, type Param, type Redirect, type Word, type WordPart } from './ast.ts';

export type Token =
  | { readonly kind: 'word'; readonly word: Word; readonly line: number; readonly start: number }
  | { readonly kind: 'op'; readonly text: string; readonly line: number; readonly start: number }
  | { readonly kind: 'io'; readonly fd: number; readonly line: number; readonly start: number }
  | { readonly kind: 'newline' | 'eof'; readonly line: number; readonly start: number };

const OPERATORS = ['&>>', '<<<', '<<-', ';;&', '&&', '||', ';;', ';&', '>>', '<<', '>&', '<&', '&>', '>|', '<>', '|&', '|', '&', ';', '<', '>', '(', ')'];
const META = new Set([' ', '\t', '\n', '|', '&', ';', '<', '>', '(', ')']);
const NAME_START = /[A-Za-z_]/;
const NAME_CHAR = /[A-Za-z0-9_]/;
const SPECIAL = /[?$!#@*0-9-]/;
const PARAM_OPS = [':-', ':=', ':?', ':+', '##', '%%', '//', '/#', '/%', '^^', ',,', '-', '=', '?', '+', '#', '%', '/', '^', ',', ':'];

export class Lexer {
  readonly text: string;
  #pos = 0;
  #line = 1;
  readonly #heredocs: { readonly delimiter: string; readonly strip: boolean; readonly literal: boolean; readonly done: (body: Word) => void }[] = [];

  constructor(text: string) {
    this.text = text;
  }

  /** The next newline starts a here document's body for `redirect`. */
  expectHeredoc(redirect: Redirect, done: (body: Word) => void): void {
    const literal = redirect.target.parts.some((p) => p.kind === 'text' && p.quoted);
    const delimiter = redirect.target.parts.map((p) => (p.kind === 'text' ? p.text : '')).join('');
    this.#heredocs.push({ delimiter, strip: redirect.op === '<<-', literal, done });
  }

  next(): Token {
    this.#blanks();
    const line = this.#line;
    const start = this.#pos;
    const c = this.text.charAt(this.#pos);
    if (c === '') {
      this.#bodies();
      return { kind: 'eof', line, start };
    }
    if (c === '\n') {
      this.#pos++;
      this.#line++;
      this.#bodies();
      return { kind: 'newline', line, start };
    }
    const io = /^\d+(?=[<>])/.exec(this.text.slice(this.#pos, this.#pos + 8));
    if (io !== null) {
      this.#pos += io[0].length;
      return { kind: 'io', fd: Number(io[0]), line, start };
    }
    if (this.#atProcess()) return { kind: 'word', word: this.#word(), line, start };
    for (const text of OPERATORS) {
      if (this.text.startsWith(text, this.#pos)) {
        this.#pos += text.length;
        return { kind: 'op', text, line, start };
      }
    }
    return { kind: 'word', word: this.#word(), line, start };
  }

  #atProcess(): boolean {
    const c = this.text.charAt(this.#pos);
    return (c === '<' || c === '>') && this.text.charAt(this.#pos + 1) === '(';
  }

  /** Inside `((`: text up to the matching `))`. */
  arithmetic(): Word {
    const start = this.#pos;
    let depth = 0;
    for (; this.#pos < this.text.length; this.#pos++) {
      const c = this.text.charAt(this.#pos);
      if (c === '\n') this.#line++;
      if (c === '(') depth++;
      if (c === ')') {
        if (depth === 0 && this.text.charAt(this.#pos + 1) === ')') {
          const raw = this.text.slice(start, this.#pos);
          this.#pos += 2;
          return { ...parseQuoted(raw), raw };
        }
        depth--;
      }
    }
    throw new ShellSyntaxError(this.#line, undefined, ')');
  }

  /** One side of `=~`: everything up to a blank is one word, metacharacters too. */
  regexWord(): Word {
    this.#blanks();
    return this.#word(true);
  }

  #blanks(): void {
    for (;;) {
      const c = this.text.charAt(this.#pos);
      if (c === ' ' || c === '\t' || c === '\r') this.#pos++;
      else if (c === '\\' && this.text.charAt(this.#pos + 1) === '\n') {
        this.#pos += 2;
        this.#line++;
      } else if (c === '#') {
        while (this.#pos < this.text.length && this.text.charAt(this.#pos) !== '\n') this.#pos++;
      } else return;
    }
  }

  #bodies(): void {
    for (const doc of this.#heredocs.splice(0)) {
      let body = '';
      while (this.#pos < this.text.length) {
        let end = this.text.indexOf('\n', this.#pos);
        if (end < 0) end = this.text.length;
        let lineText = this.text.slice(this.#pos, end);
        this.#pos = Math.min(end + 1, this.text.length);
        this.#line++;
        if (doc.strip) lineText = lineText.replace(/^\t+/, '');
        if (lineText === doc.delimiter) break;
        body += `${lineText}\n`;
      }
      doc.done(doc.literal ? { parts: [{ kind: 'text', text: body, quoted: true }], raw: body } : parseQuoted(body, true));
    }
  }

  #word(regex = false): Word {
    const start = this.#pos;
    const parts: WordPart[] = [];
    let plain = '';
    let depth = 0;
    const flush = (): void => {
      if (plain !== '') parts.push({ kind: 'text', text: plain, quoted: false });
      plain = '';
    };
    for (;;) {
      const c = this.text.charAt(this.#pos);
      if (c === '') break;
      if (regex && (c === '(' || c === ')' || c === '|')) {
        if (c === '(') depth++;
        if (c === ')') depth--;
        if (depth < 0) break;
        plain += c;
        this.#pos++;
        continue;
      }
      if (!regex && this.#atProcess()) {
        flush();
        const end = closing(this.text, this.#pos + 2, this.#line);
        const source = this.text.slice(this.#pos + 2, end);
        this.#line += source.split('\n').length - 1;
        this.#pos = end + 1;
        parts.push({ kind: 'process', direction: c === '<' ? '<' : '>', source, quoted: false });
        continue;
      }
      if (META.has(c)) break;
      // The blanks of `name[a b]=` belong to the subscript.
      if (c === '[' && parts.length === 0 && /^[A-Za-z_]\w*$/.test(plain)) {
        const subscript = /^\[[^\][$`'"\n;|&<>()]*\]\+?=/.exec(this.text.slice(this.#pos))?.[0];
        if (subscript !== undefined) {
          plain += subscript;
          this.#pos += subscript.length;
          continue;
        }
      }
      if (c === '\\') {
        const next = this.text.charAt(this.#pos + 1);
        this.#pos += 2;
        if (next === '\n') { this.#line++; continue; }
        flush();
        parts.push({ kind: 'text', text: next === '' ? '\\' : next, quoted: true });
      } else if (c === "'") {
        flush();
        parts.push({ kind: 'text', text: this.#until("'"), quoted: true });
      } else if (c === '"') {
        flush();
        const inner = this.#doubleQuoted();
        parts.push(...(inner.length === 0 ? [{ kind: 'text', text: '', quoted: true } as const] : inner));
      } else if (c === '$' && this.text.charAt(this.#pos + 1) === "'") {
        flush();
        this.#pos++;
        parts.push({ kind: 'text', text: this.#ansiC(), quoted: true });
      } else if (c === '$' || c === '`') {
        const part = this.#dollar(false);
        if (part === undefined) {
          plain += c;
          this.#pos++;
        } else {
          flush();
          parts.push(part);
        }
      } else {
        plain += c;
        this.#pos++;
      }
    }
    flush();
    return { parts, raw: this.text.slice(start, this.#pos) };
  }

  /** At a quote character: the text up to the next one, both consumed. */
  #until(quote: string): string {
    const line = this.#line;
    const end = this.text.indexOf(quote, this.#pos + 1);
    if (end < 0) throw new ShellSyntaxError(line, undefined, quote);
    const text = this.text.slice(this.#pos + 1, end);
    this.#line += text.split('\n').length - 1;
    this.#pos = end + 1;
    return text;
  }

  #ansiC(): string {
    let end = this.#pos + 1;
    while (end < this.text.length && this.text.charAt(end) !== "'") end += this.text.charAt(end) === '\\' ? 2 : 1;
    if (end >= this.text.length) throw new ShellSyntaxError(this.#line, undefined, "'");
    const text = this.text.slice(this.#pos + 1, end);
    this.#pos = end + 1;
    return unescapeC(text);
  }

  #doubleQuoted(): WordPart[] {
    const line = this.#line;
    this.#pos++;
    const parts: WordPart[] = [];
    let plain = '';
    const flush = (): void => {
      if (plain !== '') parts.push({ kind: 'text', text: plain, quoted: true });
      plain = '';
    };
    for (;;) {
      const c = this.text.charAt(this.#pos);
      if (c === '') throw new ShellSyntaxError(line, undefined, '"');
      if (c === '"') break;
      if (c === '\n') this.#line++;
      if (c === '\\') {
        const next = this.text.charAt(this.#pos + 1);
        if (next === '\n') { this.#pos += 2; this.#line++; continue; }
        if (next !== '' && '$`"\\'.includes(next)) { plain += next; this.#pos += 2; continue; }
      }
      if (c === '$' || c === '`') {
        const part = this.#dollar(true);
        if (part !== undefined) {
          flush();
          parts.push(part);
          continue;
        }
      }
      plain += c;
      this.#pos++;
    }
    this.#pos++;
    flush();
    return parts;
  }

  /** Here document bodies and arithmetic: like double quotes, but `"` is an ordinary character. */
  quotedToEnd(heredoc: boolean): WordPart[] {
    const parts: WordPart[] = [];
    let plain = '';
    while (this.#pos < this.text.length) {
      const c = this.text.charAt(this.#pos);
      const next = this.text.charAt(this.#pos + 1);
      if (c === '\\' && next === '\n') { this.#pos += 2; continue; }
      if (c === '\\' && heredoc && next !== '' && '$`\\'.includes(next)) { plain += next; this.#pos += 2; continue; }
      if (c === '$' || c === '`') {
        const part = this.#dollar(true);
        if (part !== undefined) {
          if (plain !== '') parts.push({ kind: 'text', text: plain, quoted: true });
          plain = '';
          parts.push(part);
          continue;
        }
      }
      plain += c;
      this.#pos++;
    }
    if (plain !== '') parts.push({ kind: 'text', text: plain, quoted: true });
    return parts;
  }

  /** At `$` or a backtick: an expansion, consumed; undefined: the character stands for itself. */
  #dollar(quoted: boolean): WordPart | undefined {
    const text = this.text;
    if (text.charAt(this.#pos) === '`') return { kind: 'command', source: this.#backticks(quoted), quoted };
    const c = text.charAt(this.#pos + 1);
    if (c === '(') {
      if (text.charAt(this.#pos + 2) === '(') {
        const end = closing(text, this.#pos + 3, this.#line);
        // `$((` is arithmetic only when it ends with `))`; else a subshell in a command substitution.
        if (text.charAt(end + 1) === ')') {
          const raw = text.slice(this.#pos + 3, end);
          this.#pos = end + 2;
          return { kind: 'arith', source: parseQuoted(raw), quoted };
        }
      }
      const end = closing(text, this.#pos + 2, this.#line);
      const source = text.slice(this.#pos + 2, end);
      this.#line += source.split('\n').length - 1;
      this.#pos = end + 1;
      return { kind: 'command', source, quoted };
    }
    if (c === '{') return { kind: 'param', param: this.#braced(), quoted };
    if (NAME_START.test(c)) {
      let end = this.#pos + 2;
      while (NAME_CHAR.test(text.charAt(end))) end++;
      const name = text.slice(this.#pos + 1, end);
      this.#pos = end;
      return { kind: 'param', param: { name, raw: `$${name}` }, quoted };
    }
    if (c !== '' && SPECIAL.test(c)) {
      this.#pos += 2;
      return { kind: 'param', param: { name: c, raw: `$${c}` }, quoted };
    }
    return undefined;
  }

  #backticks(quoted: boolean): string {
    const line = this.#line;
    let out = '';
    let i = this.#pos + 1;
    for (;; i++) {
      const c = this.text.charAt(i);
      if (c === '') throw new ShellSyntaxError(line, undefined, '`');
      if (c === '`') break;
      const next = this.text.charAt(i + 1);
      if (c === '\\' && next !== '' && (quoted ? '$`\\"' : '$`\\').includes(next)) {
        out += next;
        i++;
      } else out += c;
    }
    this.#pos = i + 1;
    return out;
  }

  /** At `${`. */
  #braced(): Param {
    const start = this.#pos;
    const end = closingBrace(this.text, start + 2, this.#line);
    const raw = this.text.slice(start, end + 1);
    const inner = this.text.slice(start + 2, end);
    this.#pos = end + 1;
    if (/^#([A-Za-z_]\w*|[@*?$!#0-9])$/.test(inner)) return { name: inner.slice(1), raw, op: 'length' };
    const counted = /^#([A-Za-z_]\w*)\[([\s\S]+)\]$/.exec(inner);
    if (counted !== null) return { name: counted[1] ?? '', raw, op: 'length', subscript: subscriptOf(counted[2] ?? '') };
    const keys = /^!([A-Za-z_]\w*)\[[@*]\]$/.exec(inner);
    if (keys !== null) return { name: keys[1] ?? '', raw, subscript: inner.endsWith('*]') ? '*' : '@', indirect: 'keys' };
    const indirect = /^!(?=[A-Za-z_1-9])/.test(inner) ? 'value' as const : undefined;
    const text = indirect === undefined ? inner : inner.slice(1);
    const head = /^([A-Za-z_]\w*|\d+|[@*?$!#-])/.exec(text);
    if (head === null) return { name: inner, raw, op: 'bad' };
    const name = head[0];
    let rest = text.slice(name.length);
    let subscript: Param['subscript'];
    if (rest.startsWith('[') && /^[A-Za-z_]/.test(name)) {
      const close = closingBracket(rest);
      if (close < 2) return { name, raw, op: 'bad' };
      subscript = subscriptOf(rest.slice(1, close));
      rest = rest.slice(close + 1);
    }
    const at = { name, raw, subscript, indirect };
    if (rest === '') return at;
    const op = PARAM_OPS.find((o) => rest.startsWith(o));
    if (op === undefined) return { name, raw, op: 'bad' };
    const argument = rest.slice(op.length);
    if (op.startsWith('/') || op === ':') {
      const cut = splitAt(argument, op === ':' ? ':' : '/');
      return { ...at, op, argument: parseWordText(cut[0]), second: cut[1] === undefined ? undefined : parseWordText(cut[1]) };
    }
    return { ...at, op, argument: parseWordText(argument) };
  }
}

const subscriptOf = (text: string): Word | '@' | '*' => (text === '@' || text === '*' ? text : parseWordText(text));

/** Index of the `]` of a text that starts with `[`. */
function closingBracket(text: string): number {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    if (text.charAt(i) === '[') depth++;
    else if (text.charAt(i) === ']' && --depth === 0) return i;
  }
  return -1;
}

/** First `separator` that is not quoted. */
function splitAt(text: string, separator: string): [string, string | undefined] {
  for (let i = 0; i < text.length; i++) {
    const c = text.charAt(i);
    if (c === '\\') i++;
    else if (c === "'" || c === '"') i = Math.max(i, text.indexOf(c, i + 1));
    else if (c === separator) return [text.slice(0, i), text.slice(i + 1)];
  }
  return [text, undefined];
}

/** Index of the `)` that closes a substitution whose inside starts at `from`. */
function closing(text: string, from: number, line: number): number {
  let depth = 0;
  for (let i = from; i < text.length; i++) {
    const c = text.charAt(i);
    if (c === '\\') i++;
    else if (c === "'" || c === '"' || c === '`') {
      let j = i + 1;
      while (j < text.length && text.charAt(j) !== c) {
        if (c !== "'" && text.charAt(j) === '\\') j++;
        else if (c === '"' && text.startsWith('$(', j)) j = closing(text, j + 2, line);
        j++;
      }
      if (j >= text.length) throw new ShellSyntaxError(line, undefined, c);
      i = j;
    } else if (c === '(') depth++;
    else if (c === ')') {
      if (depth === 0) return i;
      depth--;
    }
  }
  throw new ShellSyntaxError(line + text.slice(from).split('\n').length, undefined, ')');
}

function closingBrace(text: string, from: number, line: number): number {
  let depth = 0;
  for (let i = from; i < text.length; i++) {
    const c = text.charAt(i);
    if (c === '\\') i++;
    else if (c === "'" || c === '"') {
      const j = text.indexOf(c, i + 1);
      if (j < 0) throw new ShellSyntaxError(line, undefined, c);
      i = j;
    } else if (c === '{' && text.charAt(i - 1) === '$') depth++;
    else if (c === '}') {
      if (depth === 0) return i;
      depth--;
    }
  }
  throw new ShellSyntaxError(line, undefined, '}');
}

/** A text as a here document's body or arithmetic: expansions, no quotes. */
export function parseQuoted(text: string, heredoc = false): Word {
  return { parts: new Lexer(text).quotedToEnd(heredoc), raw: text };
}

/** The argument inside `${x:-…}`: one word, blanks included. */
function parseWordText(text: string): Word {
  const parts: WordPart[] = [];
  for (const piece of text.split(/((?:\s|[|&;<>()])+)/)) {
    if (piece === '') continue;
    if (/^[\s|&;<>()]+$/.test(piece) || piece.startsWith('#')) parts.push({ kind: 'text', text: piece, quoted: false });
    else break;
  }
  const done = parts.reduce((n, p) => n + (p.kind === 'text' ? p.text.length : 0), 0);
  let rest = text.slice(done);
  while (rest !== '') {
    const token = new Lexer(rest.startsWith('#') ? `\\${rest}` : rest).next();
    if (token.kind !== 'word') {
      parts.push({ kind: 'text', text: rest.charAt(0), quoted: false });
      rest = rest.slice(1);
      continue;
    }
    const lead = /^\s*/.exec(rest)?.[0] ?? '';
    if (lead !== '') parts.push({ kind: 'text', text: lead, quoted: false });
    parts.push(...token.word.parts);
    rest = rest.slice(lead.length + token.word.raw.length - (rest.startsWith('#') ? 1 : 0));
  }
  return { parts, raw: text };
}

const ESCAPES: Readonly<Record<string, string>> = { a: '\x07', b: '\b', e: '\x1b', E: '\x1b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\', "'": "'", '"': '"', '?': '?' };

/** `$'…'`, echo -e and printf: backslash escapes of C. */
export function unescapeC(text: string): string {
  return text.replace(/\\(x[0-9a-fA-F]{1,2}|u[0-9a-fA-F]{1,4}|0[0-7]{0,3}|[0-7]{1,3}|[\s\S])/g, (whole, e: string) => {
    if (/^[xu]./.test(e)) return String.fromCharCode(Number.parseInt(e.slice(1), 16));
    if (/^[0-7]/.test(e)) return String.fromCharCode(Number.parseInt(e, 8));
    return ESCAPES[e] ?? whole;
  });
}
