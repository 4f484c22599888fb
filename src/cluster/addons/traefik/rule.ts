/**
 * Read first: doc.traefik.io/traefik/v2.10/routing/routers (Rule).
 * Models: pkg/rules of traefik 2.10: Host, Method, Path, PathPrefix with several values, `&&`, `||`, `!`, parentheses; a prefix ends anywhere, not at a slash.
 * Not modelled: HostRegexp, Headers, Query, ClientIP, patterns in paths.
 */
import { err, ok, type Result } from '../../../base/result.ts';

export interface Asked {
  readonly method: string;
  /** Without its port. */
  readonly host: string;
  readonly path: string;
}

export type Matcher = (asked: Asked) => boolean;

const MATCHERS: Readonly<Record<string, (value: string) => Matcher>> = {
  Host: (v) => ({ host }) => host.toLowerCase() === v.toLowerCase(),
  Method: (v) => ({ method }) => method === v.toUpperCase(),
  Path: (v) => ({ path }) => path === v,
  PathPrefix: (v) => ({ path }) => path.startsWith(v),
};
const ABSENT = ['HostHeader', 'HostRegexp', 'Headers', 'HeadersRegexp', 'Query', 'ClientIP'];

const TOKEN = /\s*(?:(&&|\|\||[!(),])|([A-Za-z]+)|`([^`]*)`|"([^"]*)")/y;

type Token = { readonly kind: 'sign' | 'name' | 'text'; readonly text: string };

function tokens(rule: string): readonly Token[] | undefined {
  const found: Token[] = [];
  TOKEN.lastIndex = 0;
  for (let at = 0; rule.slice(at).trim() !== ''; at = TOKEN.lastIndex) {
    const m = TOKEN.exec(rule);
    if (m === null) return undefined;
    found.push(m[1] !== undefined ? { kind: 'sign', text: m[1] } : m[2] !== undefined ? { kind: 'name', text: m[2] } : { kind: 'text', text: m[3] ?? m[4] ?? '' });
  }
  return found;
}

class Wrong extends Error {}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(list: readonly Token[]) {
    this.#tokens = list;
  }

  rule(): Matcher {
    const whole = this.#either();
    if (this.#at < this.#tokens.length) throw new Wrong(`unexpected ${JSON.stringify(this.#tokens[this.#at]?.text)}`);
    return whole;
  }

  #take(sign: string): boolean {
    const next = this.#tokens[this.#at];
    if (next?.kind !== 'sign' || next.text !== sign) return false;
    this.#at++;
    return true;
  }

  #need(sign: string): void {
    if (!this.#take(sign)) throw new Wrong(`expected ${JSON.stringify(sign)}`);
  }

  #either(): Matcher {
    let left = this.#both();
    while (this.#take('||')) {
      const [a, b] = [left, this.#both()];
      left = (asked) => a(asked) || b(asked);
    }
    return left;
  }

  #both(): Matcher {
    let left = this.#one();
    while (this.#take('&&')) {
      const [a, b] = [left, this.#one()];
      left = (asked) => a(asked) && b(asked);
    }
    return left;
  }

  #one(): Matcher {
    if (this.#take('!')) {
      const inner = this.#one();
      return (asked) => !inner(asked);
    }
    if (this.#take('(')) {
      const inner = this.#either();
      this.#need(')');
      return inner;
    }
    const name = this.#tokens[this.#at++];
    if (name?.kind !== 'name') throw new Wrong('expected a function');
    const make = MATCHERS[name.text];
    if (make === undefined) throw new Wrong(ABSENT.includes(name.text) ? `${name.text} is not modelled in this lab` : `unsupported function: ${name.text}`);
    this.#need('(');
    const values: string[] = [];
    do {
      const value = this.#tokens[this.#at++];
      if (value?.kind !== 'text') throw new Wrong('expected a value');
      values.push(value.text);
    } while (this.#take(','));
    this.#need(')');
    const any = values.map(make);
    return (asked) => any.some((m) => m(asked));
  }
}

/** Pure: text to what it matches; the error says what of it cannot be read. */
export function parseRule(rule: string): Result<Matcher, string> {
  const list = tokens(rule);
  if (list === undefined || list.length === 0) return err(`error while parsing rule ${rule}`);
  try {
    return ok(new Parser(list).rule());
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    return err(`error while parsing rule ${rule}: ${error.message}`);
  }
}
