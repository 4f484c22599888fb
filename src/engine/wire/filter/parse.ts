/**
 * Read first: pcap-filter(7).
 * Models: grammar.y of libpcap 1.10: `and` and `or` have the same precedence and associate to the left, `not` binds closer,
 * an address without qualifiers takes those of the one before it.
 * Not modelled: IPv6 addresses, MPLS, PPPoE, geneve, wlan and protochain.
 */
import { err, ok, type Result } from '../../../base/result.ts';
import { ANY } from '../addresses.ts';
import { binary, bytesOf, CONSTANTS, hasBytes, relation, type Expression } from './arithmetic.ts';
import { tokenize, type Token } from './lexer.ts';
import { type Predicate } from './packet.ts';
import {
  addressPredicate, castPredicate, dotted, FilterError, isProtocolKeyword, macPredicate, namedHost, namedPorts, namedProtocol, netPredicate, numberedProtocol,
  portPredicate, protocolPredicate, vlanPredicate, type AddressType, type Direction, type Lookup, type Qualifiers,
} from './primitives.ts';

const SYNTAX = "can't parse filter expression: syntax error";
const DIRECTIONS: Readonly<Record<string, Direction>> = { src: 'src', dst: 'dst' };
const TYPES: Readonly<Record<string, AddressType>> = { host: 'host', net: 'net', port: 'port', portrange: 'portrange', proto: 'proto', gateway: 'gateway' };
const RELATIONS = new Set(['>', '<', '>=', '<=', '=', '==', '!=']);
/** C's precedence, low to high. */
const LEVELS: readonly (readonly string[])[] = [['|'], ['^'], ['&'], ['<<', '>>'], ['+', '-'], ['*', '/', '%']];

class Parser {
  readonly #tokens: readonly Token[];
  readonly #lookup: Lookup;
  #at = 0;
  #vlans = 0;
  #last: Qualifiers | undefined;

  constructor(tokens: readonly Token[], lookup: Lookup) {
    this.#tokens = tokens;
    this.#lookup = lookup;
  }

  whole(): Predicate {
    const predicate = this.#expression();
    if (this.#at < this.#tokens.length) throw new FilterError(SYNTAX);
    return predicate;
  }

  #peek(ahead = 0): Token | undefined {
    return this.#tokens[this.#at + ahead];
  }

  #is(...texts: readonly string[]): boolean {
    const t = this.#peek();
    return t !== undefined && (t.kind === 'op' || t.kind === 'word') && texts.includes(t.text);
  }

  #take(...texts: readonly string[]): boolean {
    if (!this.#is(...texts)) return false;
    this.#at++;
    return true;
  }

  #next(): Token {
    const t = this.#peek();
    if (t === undefined) throw new FilterError(SYNTAX);
    this.#at++;
    return t;
  }

  #need(text: string): void {
    if (!this.#take(text)) throw new FilterError(SYNTAX);
  }

  #expression(): Predicate {
    let left = this.#term();
    for (;;) {
      if (this.#take('and', '&&')) {
        const [a, b] = [left, this.#term()];
        left = (p) => a(p) && b(p);
      } else if (this.#take('or', '||')) {
        const [a, b] = [left, this.#term()];
        left = (p) => a(p) || b(p);
      } else return left;
    }
  }

  #term(): Predicate {
    if (this.#take('not', '!')) {
      const inner = this.#term();
      return (p) => !inner(p);
    }
    if (this.#is('(')) {
      const relational = this.#tryRelation();
      if (relational !== undefined) return relational;
      this.#at++;
      const inner = this.#expression();
      this.#need(')');
      return inner;
    }
    return this.#tryRelation() ?? this.#primitive();
  }

  /** `expr relop expr`: tried first where it could begin; undefined and nothing taken when it is something else. */
  #tryRelation(): Predicate | undefined {
    const start = this.#at;
    const first = this.#peek();
    const second = this.#peek(1);
    const possible = first !== undefined && (first.kind === 'number' || (first.kind === 'op' && (first.text === '(' || first.text === '-'))
      || (first.kind === 'word' && (first.text === 'len' || first.text === 'length' || CONSTANTS[first.text] !== undefined || (hasBytes(first.text) && second?.kind === 'op' && second.text === '['))));
    if (!possible) return undefined;
    try {
      const left = this.#arithmetic(0);
      const op = this.#peek();
      if (op?.kind === 'op' && RELATIONS.has(op.text)) {
        this.#at++;
        return relation(op.text, left, this.#arithmetic(0));
      }
    } catch (error) {
      if (!(error instanceof FilterError) || error.message !== SYNTAX) throw error;
    }
    this.#at = start;
    return undefined;
  }

  #arithmetic(level: number): Expression {
    const ops = LEVELS[level];
    if (ops === undefined) return this.#factor();
    let left = this.#arithmetic(level + 1);
    for (;;) {
      const t = this.#peek();
      if (t?.kind !== 'op' || !ops.includes(t.text)) return left;
      this.#at++;
      left = binary(t.text, left, this.#arithmetic(level + 1));
    }
  }

  #factor(): Expression {
    const t = this.#next();
    if (t.kind === 'number') return () => t.value;
    if (t.kind === 'op' && t.text === '(') {
      const inner = this.#arithmetic(0);
      this.#need(')');
      return inner;
    }
    if (t.kind === 'op' && t.text === '-') return binary('-', () => 0, this.#factor());
    if (t.kind !== 'word') throw new FilterError(SYNTAX);
    if (t.text === 'len' || t.text === 'length') return (p) => p.length;
    const constant = CONSTANTS[t.text];
    if (constant !== undefined) return () => constant;
    if (!hasBytes(t.text) || !this.#take('[')) throw new FilterError(SYNTAX);
    const offset = this.#arithmetic(0);
    let size = 1;
    if (this.#take(':')) {
      const n = this.#next();
      if (n.kind !== 'number') throw new FilterError(SYNTAX);
      size = n.value;
    }
    this.#need(']');
    if (size !== 1 && size !== 2 && size !== 4) throw new FilterError('data size must be 1, 2, or 4');
    return bytesOf(t.text, offset, size, this.#vlans);
  }

  #primitive(): Predicate {
    const t = this.#peek();
    if (t === undefined) throw new FilterError(SYNTAX);
    if (t.kind === 'word') {
      switch (t.text) {
        case 'vlan': return this.#vlan();
        case 'less':
        case 'greater': return this.#length(t.text);
        case 'broadcast':
        case 'multicast':
          this.#at++;
          return castPredicate(undefined, t.text, this.#vlans);
        case 'inbound':
        case 'outbound': {
          const wanted = t.text === 'inbound' ? 'in' : 'out';
          this.#at++;
          return (p) => p.direction === wanted;
        }
        case 'mpls': case 'pppoes': case 'pppoed': case 'geneve': case 'protochain': case 'iso': case 'rnr': case 'ifname':
          throw new FilterError(`'${t.text}' is not modelled in this lab`);
      }
      if (isProtocolKeyword(t.text) || DIRECTIONS[t.text] !== undefined || TYPES[t.text] !== undefined) return this.#qualified();
    }
    // An address alone repeats the qualifiers before it; the first of an expression has none to repeat.
    if (this.#last === undefined) throw new FilterError(SYNTAX);
    return this.#address(this.#last);
  }

  #vlan(): Predicate {
    this.#at++;
    const t = this.#peek();
    let id: number | undefined;
    if (t?.kind === 'number') {
      id = t.value;
      this.#at++;
    }
    const predicate = vlanPredicate(id);
    // What follows looks behind the tag.
    this.#vlans++;
    return predicate;
  }

  #length(word: string): Predicate {
    this.#at++;
    const t = this.#next();
    if (t.kind !== 'number') throw new FilterError(SYNTAX);
    return word === 'less' ? (p) => p.length <= t.value : (p) => p.length >= t.value;
  }

  #qualified(): Predicate {
    let proto: string | undefined;
    const first = this.#peek();
    if (first?.kind === 'word' && isProtocolKeyword(first.text)) {
      proto = first.text;
      this.#at++;
      if (this.#is('broadcast', 'multicast')) {
        const kind = this.#take('broadcast') ? 'broadcast' : 'multicast';
        if (kind === 'multicast') this.#take('multicast');
        return castPredicate(proto, kind, this.#vlans);
      }
    }
    let direction: Direction = 'either';
    let directed = false;
    if (this.#take('src')) {
      directed = true;
      direction = 'src';
      if (this.#is('or', '||') && this.#wordAt(1) === 'dst') {
        this.#at += 2;
        direction = 'either';
      } else if (this.#is('and', '&&') && this.#wordAt(1) === 'dst') {
        this.#at += 2;
        direction = 'both';
      }
    } else if (this.#take('dst')) {
      directed = true;
      direction = 'dst';
      if (this.#is('or', '||') && this.#wordAt(1) === 'src') {
        this.#at += 2;
        direction = 'either';
      } else if (this.#is('and', '&&') && this.#wordAt(1) === 'src') {
        this.#at += 2;
        direction = 'both';
      }
    }
    const typeWord = this.#peek();
    const type = typeWord?.kind === 'word' ? TYPES[typeWord.text] : undefined;
    if (type !== undefined) this.#at++;
    if (type === undefined && !directed) {
      if (proto === undefined) throw new FilterError(SYNTAX);
      this.#last = { proto, direction, type: 'default' };
      return protocolPredicate(proto, this.#vlans);
    }
    const qualifiers: Qualifiers = { proto, direction, type: type ?? 'default' };
    this.#last = qualifiers;
    if (type !== undefined && this.#is('(')) return this.#list(qualifiers);
    return this.#address(qualifiers);
  }

  #wordAt(ahead: number): string | undefined {
    const t = this.#peek(ahead);
    return t?.kind === 'word' ? t.text : undefined;
  }

  /** `port (80 or 443)`. */
  #list(q: Qualifiers): Predicate {
    this.#need('(');
    this.#last = q;
    const inner = this.#expression();
    this.#need(')');
    return inner;
  }

  #address(q: Qualifiers): Predicate {
    const depth = this.#vlans;
    const t = this.#next();
    if (q.type === 'gateway') throw new FilterError("'gateway' is not modelled in this lab");
    switch (t.kind) {
      case 'op': throw new FilterError(SYNTAX);
      case 'mac':
        if (q.proto !== 'ether' && q.proto !== 'link') throw new FilterError('ethernet address used in non-ether expression');
        return macPredicate(q, t.text);
      case 'number':
        if (q.type === 'port' || q.type === 'portrange') return portPredicate(q, t.value, t.value, depth);
        if (q.type === 'proto') return numberedProtocol(q, t.value, depth);
        if (q.type === 'net') return this.#net(q, t.text);
        if (q.proto === 'ether') throw new FilterError('illegal link layer address');
        return addressPredicate(q, t.value, 0xffffffff, depth);
      case 'dotted': {
        if (q.type === 'port' || q.type === 'portrange') throw new FilterError(q.type === 'port' ? `illegal port number` : SYNTAX);
        if (q.proto === 'ether' || q.proto === 'link') throw new FilterError('illegal link layer address');
        if (q.type === 'net') return this.#net(q, t.text);
        if (this.#is('/') || this.#is('mask')) {
          if (q.type === 'host') throw new FilterError('Mask syntax for networks only');
          return this.#net(q, t.text);
        }
        const { address, bits } = dotted(t.text);
        return addressPredicate(q, address, bits === 32 || q.type === 'host' ? 0xffffffff : 0xffffffff << (32 - bits), depth);
      }
      case 'word': {
        if (t.text === 'and' || t.text === 'or' || t.text === 'not' || TYPES[t.text] !== undefined || DIRECTIONS[t.text] !== undefined) throw new FilterError(SYNTAX);
        if (q.type === 'port' || q.type === 'portrange') return namedPorts(q, t.text, depth);
        if (q.type === 'proto') return namedProtocol(q, t.text, depth);
        if (isProtocolKeyword(t.text)) throw new FilterError(SYNTAX);
        if (q.proto === 'ether' || q.proto === 'link') throw new FilterError(`unknown ether host '${t.text}'`);
        if (q.type === 'net') throw new FilterError(`unknown network '${t.text}'`);
        return namedHost(q, t.text, this.#lookup, depth);
      }
    }
  }

  #net(q: Qualifiers, text: string): Predicate {
    if (this.#take('/')) {
      const n = this.#next();
      if (n.kind !== 'number') throw new FilterError(SYNTAX);
      return netPredicate(q, text, n.value, undefined, this.#vlans);
    }
    if (this.#take('mask')) {
      const n = this.#next();
      if (n.kind !== 'dotted') throw new FilterError(SYNTAX);
      return netPredicate(q, text, undefined, n.text, this.#vlans);
    }
    return netPredicate(q, text, undefined, undefined, this.#vlans);
  }
}

/** A predicate, or libpcap's error text. `lookup` resolves host names; the empty text matches everything. */
export function parseFilter(text: string, lookup: Lookup = () => undefined): Result<Predicate, string> {
  if (text.trim() === '') return ok(() => true);
  const tokens = tokenize(text);
  if (tokens === undefined) return err(SYNTAX);
  try {
    return ok(new Parser(tokens, lookup).whole());
  } catch (error) {
    if (error instanceof FilterError) return err(error.message);
    throw error;
  }
}

/** Host names in an expression, to be resolved before {@link parseFilter}. */
export function filterHostNames(text: string): readonly string[] {
  const names: string[] = [];
  parseFilter(text, (name) => {
    names.push(name);
    return [ANY];
  });
  return names;
}

export { FilterPacket } from './packet.ts';
export type { Predicate } from './packet.ts';
