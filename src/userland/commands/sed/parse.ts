import { compileRegex, RegexError } from '../../text/regex.ts';
import { Exit } from '../kit.ts';

export type SedAddress =
  | { readonly kind: 'line'; readonly line: number }
  | { readonly kind: 'last' }
  | { readonly kind: 'step'; readonly first: number; readonly step: number }
  /** undefined: the last expression used. */
  | { readonly kind: 'regex'; readonly regex: RegExp | undefined };

export interface Replacement {
  readonly kind: 'text' | 'group' | 'case';
  readonly text: string;
  readonly group: number;
}

export interface SedCommand {
  readonly name: string;
  readonly from: SedAddress | undefined;
  readonly to: SedAddress | { readonly kind: 'plus'; readonly lines: number } | undefined;
  readonly negate: boolean;
  readonly regex: RegExp | undefined;
  readonly replacement: readonly Replacement[];
  readonly global: boolean;
  readonly print: boolean;
  readonly nth: number;
  readonly text: string;
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
      return compileRegex(source, extended ? 'extended' : 'basic', flags);
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
      } else to = address() ?? fail('unexpected `,\'');
    }
    blanks(/[ \t]/);
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
      name, from, to, negate, regex: undefined, replacement: [], global: false, print: false, nth: 1, text: '', map: new Map(), code: 0, end: 0,
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
        command.replacement = replacement(until(delimiter, 'replacement'));
        let flags = '';
        for (; pos < script.length && /[gpiImM0-9ew]/.test(peek()); pos++) {
          const f = peek();
          if (f === 'g') command.global = true;
          else if (f === 'p') command.print = true;
          else if (f === 'i' || f === 'I') flags += 'i';
          else if (f === 'm' || f === 'M') flags += 'm';
          else if (/\d/.test(f)) {
            command.nth = number() ?? 1;
            pos--;
          } else return fail(`\`${f}' flag of \`s': not modelled in this lab`);
        }
        if (pos < script.length && !/[\s;}#]/.test(peek())) {
          pos++;
          return fail("unknown option to `s'");
        }
        command.regex = regex(source, flags);
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
        break;
      }
      case 'q': case 'Q': {
        blanks(/[ \t]/);
        command.code = number() ?? 0;
        break;
      }
      case 'p': case 'P': case 'd': case 'D': case '=': case 'l': case 'n': case 'N': case 'h': case 'H': case 'g': case 'G': case 'x': break;
      case 'r': case 'R': case 'w': case 'W': case 'e': case 'F': case 'z': return fail(`command \`${name}': not modelled in this lab`);
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
  return out;
}

function replacement(text: string): Replacement[] {
  const out: Replacement[] = [];
  let plain = '';
  const flush = (): void => {
    if (plain !== '') out.push({ kind: 'text', text: plain, group: 0 });
    plain = '';
  };
  for (let i = 0; i < text.length; i++) {
    const c = text.charAt(i);
    if (c === '&') {
      flush();
      out.push({ kind: 'group', text: '', group: 0 });
    } else if (c === '\\') {
      const next = text.charAt(++i);
      if (/\d/.test(next)) {
        flush();
        out.push({ kind: 'group', text: '', group: Number(next) });
      } else if (/[ULEul]/.test(next)) {
        flush();
        out.push({ kind: 'case', text: next, group: 0 });
      } else plain += next === 'n' ? '\n' : next === 't' ? '\t' : next;
    } else plain += c;
  }
  flush();
  return out;
}
