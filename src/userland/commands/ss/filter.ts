/** Read first: ss(8) FILTER, iproute2 misc/ssfilter.y. `state` and `exclude` come first; then sport, dport, src, dst with operators, and, or, not, brackets. Not modelled: cgroup, fwmark of sockets (none is set). */
import { contains, parseCidr } from '../../../engine/wire/addresses.ts';
import type { SocketInfo } from '../../../engine/uapi/sockets.ts';
import { Exit, NOT_MODELLED } from '../kit.ts';
import { SERVICES } from '../net-tools/names.ts';
import { SS_USAGE } from './usage.ts';

export type Test = (s: SocketInfo) => boolean;

const ALL = ['ESTAB', 'SYN-SENT', 'SYN-RECV', 'FIN-WAIT-1', 'FIN-WAIT-2', 'TIME-WAIT', 'UNCONN', 'CLOSE-WAIT', 'LAST-ACK', 'LISTEN', 'CLOSING'] as const;
const without = (...names: readonly string[]): readonly string[] => ALL.filter((s) => !names.includes(s));

/** scan_state: what a word stands for. */
const STATES: Readonly<Record<string, readonly string[]>> = {
  all: ALL, connected: without('UNCONN', 'LISTEN'), synchronized: without('UNCONN', 'LISTEN', 'SYN-SENT'), bucket: ['SYN-RECV', 'TIME-WAIT'], big: without('SYN-RECV', 'TIME-WAIT'),
  established: ['ESTAB'], estab: ['ESTAB'], 'syn-sent': ['SYN-SENT'], 'syn-recv': ['SYN-RECV'], 'fin-wait-1': ['FIN-WAIT-1'], 'fin-wait-2': ['FIN-WAIT-2'], 'time-wait': ['TIME-WAIT'], closed: ['UNCONN'], unconnected: ['UNCONN'], unconn: ['UNCONN'],
  'close-wait': ['CLOSE-WAIT'], 'last-ack': ['LAST-ACK'], listen: ['LISTEN'], listening: ['LISTEN'], closing: ['CLOSING'],
};

export interface Filter {
  /** Asked for by `state` and `exclude`. */
  readonly states: ReadonlySet<string> | undefined;
  readonly test: Test;
}

export function readFilter(words: readonly string[]): Filter {
  let states: Set<string> | undefined;
  let i = 0;
  for (; ['state', 'exclude', 'excl'].includes(words[i] ?? ''); i += 2) {
    const name = words[i + 1];
    if (name === undefined) throw new Exit(255, 'Command line is not complete. Try option "help"\n');
    const meant = STATES[name.toLowerCase()];
    if (meant === undefined) throw new Exit(255, `ss: wrong state name: ${name}\n`);
    if (words[i] === 'state') states = new Set([...(states ?? []), ...meant]);
    else states = new Set([...(states ?? ALL)].filter((s) => !meant.includes(s)));
  }
  const rest = words.slice(i);
  return { states, test: rest.length === 0 ? () => true : new Parser(rest.join(' ')).whole() };
}

const bellows = (): Exit => new Exit(255, `ss: bison bellows (while parsing filter): "syntax error!" Sorry.\n${SS_USAGE}`);
const noPrefix = (host: string): Exit => new Exit(1, `Error: an inet prefix is expected rather than "${host}".\nCannot parse dst/src address.\n`);

const COMPARE: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '=': (a, b) => a === b, '!=': (a, b) => a !== b, '>': (a, b) => a > b, '<': (a, b) => a < b, '>=': (a, b) => a >= b, '<=': (a, b) => a <= b,
};
const OPERATORS: Readonly<Record<string, string>> = { '=': '=', '==': '=', eq: '=', '!=': '!=', ne: '!=', neq: '!=', '>': '>', gt: '>', '<': '<', lt: '<', '>=': '>=', ge: '>=', geq: '>=', '<=': '<=', le: '<=', leq: '<=' };

/** expr: and binds closer than or; two next to each other mean and. */
class Parser {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = text.match(/[()]|[!<>=]=?|&&?|\|\|?|[^\s()!<>=&|]+/g) ?? [];
  }

  whole(): Test {
    const test = this.#or();
    if (this.#at < this.#tokens.length) throw bellows();
    return test;
  }

  #take(...words: readonly string[]): boolean {
    const is = words.includes(this.#tokens[this.#at] ?? '');
    if (is) this.#at++;
    return is;
  }

  #or(): Test {
    let test = this.#and();
    while (this.#take('or', '|', '||')) {
      const [left, right] = [test, this.#and()];
      test = (s) => left(s) || right(s);
    }
    return test;
  }

  #and(): Test {
    let test = this.#not();
    for (;;) {
      const next = this.#tokens[this.#at];
      if (next === undefined || next === ')' || next === 'or' || next.startsWith('|')) return test;
      this.#take('and', '&', '&&');
      const [left, right] = [test, this.#not()];
      test = (s) => left(s) && right(s);
    }
  }

  #not(): Test {
    if (this.#take('not', '!')) {
      const test = this.#not();
      return (s) => !test(s);
    }
    if (!this.#take('(')) return this.#leaf();
    const test = this.#or();
    if (!this.#take(')')) throw bellows();
    return test;
  }

  #leaf(): Test {
    const word = this.#tokens[this.#at++];
    if (word === undefined) throw bellows();
    const operator = OPERATORS[this.#tokens[this.#at] ?? ''];
    if (operator !== undefined) this.#at++;
    const value = (): string => {
      const next = this.#tokens[this.#at++];
      if (next === undefined) throw bellows();
      return next;
    };
    switch (word) {
      case 'sport': case 'dport': {
        const wanted = portNumber(value());
        const compare = COMPARE[operator ?? '='] ?? bellows;
        return (s) => {
          const port = (word === 'sport' ? s.local : s.remote)?.port;
          return Boolean(compare(port ?? 0, wanted));
        };
      }
      case 'src': case 'dst': {
        const test = endpoint(word, value());
        return operator === '!=' ? (s) => !test(s) : test;
      }
      case 'autobound': return () => false;
      case 'dev': case 'fwmark': {
        value(); // of ours no socket is bound to a device, and none has a mark
        return () => operator === '!=';
      }
      case 'cgroup': throw new Exit(255, `ss: cgroup is ${NOT_MODELLED}\n`);
      default: throw noPrefix(word);
    }
  }
}

function portNumber(word: string): number {
  const text = word.replace(/^:/, '');
  if (/^\d+$/.test(text)) return Number(text);
  const named = Object.entries(SERVICES).find(([, name]) => name === text)?.[0];
  if (named === undefined) throw new Exit(1, `Error: "${text}" does not look like a port.\nCannot parse dst/src address.\n`);
  return Number(named);
}

function endpoint(which: 'src' | 'dst', word: string): Test {
  const [host = '', port] = word.split(':');
  const net = host === '' || host === '*' ? undefined : parseCidr(host);
  if (net === undefined && host !== '' && host !== '*') throw noPrefix(host);
  const wanted = port === undefined || port === '' || port === '*' ? undefined : portNumber(port);
  return (s) => {
    const end = which === 'src' ? s.local : s.remote;
    return end !== undefined && (net === undefined || contains(net, end.address)) && (wanted === undefined || end.port === wanted);
  };
}
