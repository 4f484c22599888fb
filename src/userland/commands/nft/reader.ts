/** The words of an nft command line, and errors that point at one as libnftables does. */
import { Exit } from '../kit.ts';

export type Family = 'ip' | 'ip6' | 'inet' | 'arp' | 'bridge' | 'netdev';
const FAMILIES: readonly Family[] = ['ip', 'ip6', 'inet', 'arp', 'bridge', 'netdev'];

const PLURALS = ['tables', 'chains', 'sets', 'maps', 'counters', 'quotas', 'limits', 'meters', 'flowtables', 'hooks', 'secmarks', 'synproxys'];

export class Reader {
  readonly #words: readonly string[];
  readonly line: string;
  #at = 0;

  constructor(words: readonly string[]) {
    this.#words = words;
    this.line = words.join(' ');
  }

  get done(): boolean {
    return this.#at >= this.#words.length;
  }

  peek(): string | undefined {
    return this.#words[this.#at];
  }

  take(): string | undefined {
    return this.#words[this.#at++];
  }

  /** A name; `expecting`: what else the grammar would take there. */
  name(expecting = 'string'): string {
    const word = this.take();
    if (word === undefined) throw this.unexpected(expecting);
    if (/^\d/.test(word)) throw this.syntax('unexpected number', expecting);
    if (this.#isPlural()) throw this.syntax(`unexpected ${word}`, expecting);
    return word;
  }

  family(): Family | undefined {
    const found = FAMILIES.find((f) => f === this.peek());
    if (found !== undefined) this.#at++;
    return found;
  }

  end(): void {
    if (this.done) return;
    this.#at++;
    throw this.syntax(`unexpected ${this.#isPlural() ? this.#words[this.#at - 1] : kindOf(this.#words[this.#at - 1])}`, 'end of file or newline or semicolon');
  }

  /** The word that was taken last is what `list` lists, to the scanner: so far it knows them, behind a family no more. */
  #isPlural(): boolean {
    return this.#at === 3 && this.#words[0] === 'list' && PLURALS.includes(this.#words[2] ?? '');
  }

  /** The end of the line came too soon. */
  unexpected(expecting?: string): Exit {
    return new Exit(1, `Error: syntax error, unexpected newline${expecting === undefined ? '' : `, expecting ${expecting}`}\n${this.line}\n${' '.repeat(this.line.length)}^\n`);
  }

  /** About the word that was taken last. */
  syntax(what: string, expecting?: string): Exit {
    return this.about(`syntax error, ${what}${expecting === undefined ? '' : `, expecting ${expecting}`}`, 1);
  }

  /** `back`: how many words ago. */
  about(message: string, back: number): Exit {
    const before = this.#words.slice(0, this.#at - back).join(' ');
    const word = this.#words[this.#at - back] ?? '';
    return new Exit(1, `Error: ${message}\n${this.line}\n${' '.repeat(before === '' ? 0 : before.length + 1)}${'^'.repeat(word.length)}\n`);
  }
}

/** Tokens of the scanner (src/scanner.l) that no name can be where they stand. */
const KEYWORDS = [
  ...FAMILIES, 'table', 'chain', 'rule', 'set', 'map', 'element', 'flow', 'flowtable', 'counter', 'quota', 'limit', 'meter', 'secmark', 'synproxy', 'ruleset', 'handle', 'hook', 'type', 'policy', 'priority', 'device', 'index', 'position', 'comment',
  'add', 'create', 'insert', 'replace', 'delete', 'list', 'flush', 'reset', 'rename', 'monitor', 'export', 'import', 'describe', 'accept', 'drop', 'queue', 'continue', 'jump', 'goto', 'return', 'tcp', 'udp', 'th', 'icmp', 'meta', 'ct', 'fib',
];
const kindOf = (word = ''): string => (/^[{}]/.test(word) ? `'${word.charAt(0)}'` : /^\d+$/.test(word) ? 'number' : KEYWORDS.some((k) => k === word) ? word : 'string');
export const unexpectedWord = (word: string): string => `unexpected ${kindOf(word)}`;
