/** Read first: kubernetes.io/docs/reference/kubectl/jsonpath. Models: client-go/util/jsonpath/{parser,node}.go (v1.29), its refusals too. */
export type Node =
  | { readonly is: 'list'; readonly nodes: readonly Node[] }
  | { readonly is: 'text' | 'field' | 'identifier'; readonly text: string }
  | { readonly is: 'number'; readonly value: number }
  | { readonly is: 'bool'; readonly value: boolean }
  | { readonly is: 'wildcard' | 'recursive' }
  | { readonly is: 'array'; readonly from: number | undefined; readonly to: number | undefined; readonly step: number | undefined; readonly one: boolean }
  | { readonly is: 'filter'; readonly left: List; readonly right: List; readonly operator: string }
  | { readonly is: 'union'; readonly lists: readonly List[] };
export type List = Extract<Node, { readonly is: 'list' }>;

/** Thrown and caught in this folder: Go's errors of the parser. */
export class JsonPathError extends Error {}

const fail = (text: string): never => {
  throw new JsonPathError(text);
};

const TERMINATORS = ' \t\r\n.,[]$@{}';
const isTerminator = (c: string): boolean => c === '' || TERMINATORS.includes(c);
const KEY = /^'([^']*)'$/;
const SLICE = /^(-?\d*)(:-?\d*)?(:-?\d*)?$/;
const COMPARISON = /^([^!<>=]+)([!<>=]+)(.+?)$/;

class Parser {
  readonly #input: string;
  #at = 0;
  #start = 0;

  constructor(input: string) {
    this.#input = input;
  }

  /** Text, then an action, and again. */
  root(): List {
    const nodes: Node[] = [];
    while (this.#at < this.#input.length) {
      const open = this.#input.indexOf('{', this.#at);
      this.#at = open < 0 ? this.#input.length : open;
      if (this.#at > this.#start) nodes.push({ is: 'text', text: this.#consume() });
      if (open < 0) break;
      this.#at++;
      this.#consume();
      nodes.push({ is: 'list', nodes: this.#action() });
    }
    return { is: 'list', nodes };
  }

  #consume(): string {
    const text = this.#input.slice(this.#start, this.#at);
    this.#start = this.#at;
    return text;
  }

  #next(): string {
    const c = this.#input.charAt(this.#at);
    if (c !== '') this.#at++;
    return c;
  }

  #ahead(text: string): boolean {
    return this.#input.startsWith(text, this.#at);
  }

  #action(): readonly Node[] {
    const nodes: Node[] = [];
    for (;;) {
      if (this.#ahead('}')) {
        this.#at++;
        this.#consume();
        return nodes;
      }
      if (this.#ahead('[?(')) nodes.push(this.#filter());
      else if (this.#ahead('..')) {
        if (nodes.at(-1)?.is === 'recursive') fail('invalid multiple recursive descent');
        this.#at += 2;
        this.#consume();
        nodes.push({ is: 'recursive' });
        if (/[\p{L}\p{Nd}_]/u.test(this.#input.charAt(this.#at))) nodes.push(this.#field());
      } else nodes.push(...this.#part());
    }
  }

  #part(): readonly Node[] {
    const c = this.#next();
    if (c === '' || c === '\r' || c === '\n') return fail('unclosed action');
    if (c === ' ' || c === '@' || c === '$') {
      this.#consume();
      return [];
    }
    if (c === '[') return this.#array();
    if (c === '"' || c === "'") return [this.#quoted(c)];
    if (c === '.') return [this.#field()];
    this.#at--;
    if (/[-+\d]/.test(c)) return [this.#number()];
    if (/[\p{L}_]/u.test(c)) return [this.#identifier()];
    return fail(`unrecognized character in action: U+${(c.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')} '${c}'`);
  }

  #identifier(): Node {
    while (!isTerminator(this.#input.charAt(this.#at))) this.#at++;
    const text = this.#consume();
    return text === 'true' || text === 'false' ? { is: 'bool', value: text === 'true' } : { is: 'identifier', text };
  }

  #number(): Node {
    if (/[-+]/.test(this.#input.charAt(this.#at))) this.#at++;
    while (/[.\d]/.test(this.#input.charAt(this.#at))) this.#at++;
    const text = this.#consume();
    const value = Number(text);
    return /\d/.test(text) && !Number.isNaN(value) ? { is: 'number', value } : fail(`cannot parse number ${text}`);
  }

  #field(): Node {
    this.#consume();
    for (let c = this.#input.charAt(this.#at); !isTerminator(c); c = this.#input.charAt(this.#at)) this.#at += c === '\\' ? 2 : 1;
    const text = this.#consume();
    return text === '*' ? { is: 'wildcard' } : { is: 'field', text: text.replaceAll('\\', '') };
  }

  #quoted(end: string): Node {
    for (let c = this.#next(); ; c = this.#next()) {
      if (c === '' || c === '\n') return fail('unterminated quoted string');
      if (c === end && this.#input.charAt(this.#at - 2) !== '\\') break;
    }
    const text = this.#consume().slice(1, -1);
    return { is: 'text', text: text.replaceAll(/\\(.)/g, (_, c: string) => ({ n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v' })[c] ?? c) };
  }

  #array(): readonly Node[] {
    for (let c = this.#next(); c !== ']'; c = this.#next()) if (c === '' || c === '\n') return fail('unterminated array');
    const text = this.#consume().slice(1, -1);
    const parts = (text === '*' ? ':' : text).split(',');
    if (parts.length > 1) return [{ is: 'union', lists: parts.map((p) => inside(`[${p.trim()}]`)) }];
    const [only = ''] = parts;
    const key = KEY.exec(only)?.[1];
    if (key !== undefined) return inside(`.${key}`).nodes;
    const slice = SLICE.exec(only);
    if (slice === null) return fail(`invalid array index ${only}`);
    const entry = (t: string | undefined): number | undefined => (t === undefined || t === '' || t === ':' ? undefined : Number(t.replace(':', '')));
    const [from, to] = [entry(slice[1]), entry(slice[2])];
    const one = (slice[2] ?? '') === '';
    return [{ is: 'array', from, to: one ? (from ?? 0) + 1 : to, step: entry(slice[3]), one }];
  }

  #filter(): Node {
    this.#at += 3;
    this.#consume();
    let [begun, ended, pair] = [false, false, ''];
    for (;;) {
      const c = this.#next();
      if (c === '' || c === '\n') return fail('unterminated filter');
      if (c === '"' || c === "'") {
        if (!begun) [begun, pair] = [true, c];
        else if (this.#input.charAt(this.#at - 2) !== '\\' && c === pair) ended = true;
      } else if (c === ')' && begun === ended) break;
    }
    if (this.#next() !== ']') return fail('unclosed array expect ]');
    const text = this.#consume().slice(0, -2);
    const [, left, operator = '', right = ''] = COMPARISON.exec(text) ?? [];
    if (left === undefined) return { is: 'filter', left: inside(text), right: { is: 'list', nodes: [] }, operator: 'exists' };
    return { is: 'filter', left: inside(left), right: inside(right), operator };
  }
}

/** parseAction: what stands between braces. */
function inside(text: string): List {
  const [first] = new Parser(`{${text}}`).root().nodes;
  return first?.is === 'list' ? first : { is: 'list', nodes: [] };
}

export const parseJsonPath = (template: string): List => new Parser(template).root();
