import { compileRegex, RegexError, withEscapes } from '../../text/regex.ts';
import { Exit } from '../kit.ts';
import { parseReplacement, type Replacement } from './replacement.ts';

export type SedAddress =
  | { readonly kind: 'line'; readonly line: number }
  | { readonly kind: 'last' }
  | { readonly kind: 'step'; readonly first: number; readonly step: number }
  /** undefined: the last expression used. */
  | { readonly kind: 'regex'; readonly regex: RegExp | undefined };

export interface SedCommand {
  readonly name: string;
  readonly from: SedAddress | undefined;
  readonly to: SedAddress | { readonly kind: 'plus'; readonly lines: number } | { readonly kind: 'multiple'; readonly of: number } | undefined;
  readonly negate: boolean;
  readonly regex: RegExp | undefined;
  readonly replacement: readonly Replacement[];
  readonly global: boolean;
  readonly print: boolean;
  readonly nth: number;
  readonly text: string;
  /** Of r, w and `s///w`. */
  readonly file: string;
  readonly map: ReadonlyMap<string, string>;
  readonly code: number;
  /** `{`: index of its `}`. */
  end: number;
}

export function parseSed(script: string, extended: boolean): SedCommand[] {
  const out: SedCommand[] = [];
  const open: number[] = [];
  let pos = 0;
  const fail = (text: string): never => {
    throw new Exit(1, `sed: -e expression #1, char ${pos}: ${text}\n`);
  };
  const peek = (): string => script.charAt(pos);
  const blanks = (pattern = /[\s;]/): void => {
    while (pos < script.length && pattern.test(peek())) pos++;
  };
  /** Text up to an unescaped delimiter, which is consumed. */
  const until = (delimiter: string, what: string): string => {
    let text = '';
    let bracket = false;
    for (; pos < script.length; pos++) {
      const c = peek();
      if (c === '\\') {
        const next = script.charAt(pos + 1);
        pos++;
        text += next === delimiter ? (/[.*[\]^$+?(){}|]/.test(next) ? `\\${next}` : next) : `\\${next}`;
      } else if (c === '[' && !bracket && what !== 'y' && what !== 'replacement') {
        bracket = true;
        text += c;
      } else if (c === ']' && bracket && !/\[\^?$/.test(text)) {
        bracket = false;
        text += c;
      } else if (c === delimiter && !bracket) {
        pos++;
        return text;
      } else text += c;
    }
    return fail(what === 'address' ? 'unterminated address regex' : what === 'y' ? "unterminated `y' command" : "unterminated `s' command");
  };
  const regex = (source: string, flags: string): RegExp | undefined => {
    if (source === '') return undefined;
    try {
      return compileRegex(withEscapes(source), extended ? 'extended' : 'basic', flags);
    } catch (error) {
      if (error instanceof RegexError) return fail(error.message);
      throw error;
    }
  };
  const number = (): number | undefined => {
    const m = /^\d+/.exec(script.slice(pos));
    if (m === null) return undefined;
    pos += m[0].length;
    return Number(m[0]);
  };
  const address = (): SedAddress | undefined => {
    const line = number();
    if (line !== undefined) {
      if (peek() !== '~') return { kind: 'line', line };
      pos++;
      return { kind: 'step', first: line, step: number() ?? 0 };
    }
    if (peek() === '$') {
      pos++;
      return { kind: 'last' };
    }
    if (peek() !== '/' && peek() !== '\\') return undefined;
    if (peek() === '\\') pos++;
    const delimiter = peek();
    pos++;
    const source = until(delimiter, 'address');
    let flags = '';
    while (/[IM]/.test(peek())) flags += script.charAt(pos++) === 'I' ? 'i' : 'm';
    return { kind: 'regex', regex: regex(source, flags) };
  };

  const fileName = (): string => {
    blanks(/[ \t]/);
    const text = /^[^\n]*/.exec(script.slice(pos))?.[0] ?? '';
    pos += text.length;
    if (text === '') fail('missing filename in r/R/w/W commands');
    return text;
  };

  for (;;) {
    blanks();
    if (pos >= script.length) break;
    if (peek() === '#') {
      while (pos < script.length && peek() !== '\n') pos++;
      continue;
    }
    const from = address();
    let to: SedCommand['to'];
    blanks(/[ \t]/);
    if (from !== undefined && peek() === ',') {
      pos++;
      blanks(/[ \t]/);
      if (peek() === '+') {
        pos++;
        to = { kind: 'plus', lines: number() ?? 0 };
      } else if (peek() === '~') {
        pos++;
        to = { kind: 'multiple', of: number() ?? 0 };
      } else to = address() ?? fail('unexpected `,\'');
    }
    blanks(/[ \t]/);
    if (from?.kind === 'line' && from.line === 0 && to?.kind !== 'regex') {
      pos++;
      return fail('invalid usage of line address 0');
    }
    let negate = false;
    while (peek() === '!') {
      negate = true;
      pos++;
      blanks(/[ \t]/);
    }
    const name = peek();
    pos++;
    if (name === '') return fail('missing command');
    const command: { -readonly [K in keyof SedCommand]: SedCommand[K] } = {
      name, from, to, negate, regex: undefined, replacement: [], global: false, print: false, nth: 1, text: '', file: '', map: new Map(), code: 0, end: 0,
    };
    switch (name) {
      case '{': open.push(out.length); break;
      case '}': {
        const start = open.pop();
        const block = start === undefined ? undefined : out[start];
        if (block === undefined) return fail("unexpected `}'");
        block.end = out.length;
        break;
      }
      case 's': {
        const delimiter = peek();
        pos++;
        const source = until(delimiter, 's');
        command.replacement = parseReplacement(until(delimiter, 'replacement'));
        let flags = '';
        for (; pos < script.length && /[gpiImM0-9ew]/.test(peek()); pos++) {
          const f = peek();
          if ((f === 'g' && command.global) || (f === 'p' && command.print)) {
            pos++;
            return fail(`multiple \`${f}' options to \`s' command`);
          }
          if (f === 'g') command.global = true;
          else if (f === 'p') command.print = true;
          else if (f === 'i' || f === 'I') flags += 'i';
          else if (f === 'm' || f === 'M') flags += 'm';
          else if (/\d/.test(f)) {
            command.nth = number() ?? 1;
            pos--;
          } else if (f === 'w') {
            pos++;
            command.file = fileName();
            break;
          } else return fail(`\`${f}' flag of \`s': not modelled in this lab`);
        }
        if (pos < script.length && !/[\s;}#]/.test(peek())) {
          pos++;
          return fail("unknown option to `s'");
        }
        command.regex = regex(source, flags);
        const groups = extended ? source.replace(/\\./g, '').split('(').length - 1 : source.split('\\(').length - 1;
        const beyond = command.replacement.find((r) => r.group > groups);
        if (beyond !== undefined && command.regex !== undefined) return fail(`invalid reference \\${beyond.group} on \`s' command's RHS`);
        break;
      }
      case 'y': {
        const delimiter = peek();
        pos++;
        const a = [...until(delimiter, 'y')];
        const b = [...until(delimiter, 'y')];
        if (a.length !== b.length) return fail("strings for `y' command are different lengths");
        command.map = new Map(a.map((c, i) => [c, b[i] ?? c]));
        break;
      }
      case 'a': case 'i': case 'c': {
        blanks(/[ \t]/);
        if (peek() === '\\') {
          pos++;
          if (peek() === '\n') pos++;
        }
        let text = '';
        for (; pos < script.length && peek() !== '\n'; pos++) {
          if (peek() === '\\' && pos + 1 < script.length) pos++;
          text += peek();
        }
        if (text === '') return fail(`expected \\ after \`a', \`c' or \`i'`);
        command.text = text;
        break;
      }
      case ':': case 'b': case 't': case 'T': {
        blanks(/[ \t]/);
        const m = /^[^\s;}]*/.exec(script.slice(pos));
        command.text = m?.[0] ?? '';
        pos += command.text.length;
        if (name === ':' && command.text === '') return fail('":" lacks a label');
        break;
      }
      case 'q': case 'Q': {
        blanks(/[ \t]/);
        command.code = number() ?? 0;
        break;
      }
      case 'r': case 'w': command.file = fileName(); break;
      case 'F': case 'z':
      case 'p': case 'P': case 'd': case 'D': case '=': case 'l': case 'n': case 'N': case 'h': case 'H': case 'g': case 'G': case 'x': break;
      case 'R': case 'W': case 'e': return fail(`command \`${name}': not modelled in this lab`);
      default: return fail(`unknown command: \`${name}'`);
    }
    out.push(command);
    blanks(/[ \t]/);
    if (pos < script.length && name !== '{' && name !== '}' && !/[\n;}#]/.test(peek())) {
      pos++;
      fail('extra characters after command');
    }
  }
  if (open.length > 0) {
    pos = 0;
    fail("unmatched `{'");
  }
  const lost = out.find((c) => 'btT'.includes(c.name) && c.text !== '' && !out.some((x) => x.name === ':' && x.text === c.text));
  if (lost !== undefined) throw new Exit(4, `sed: can't find label for jump to \`${lost.text}'\n`);
  return out;
}
