/** Read first: POSIX.1 awk, Lexical Conventions. Operators are mawk's: no `**`. */
import { Exit } from '../kit.ts';

export interface Token {
  readonly t: 'num' | 'str' | 'regex' | 'name' | 'func' | 'op' | 'nl' | 'eof';
  readonly v: string;
  readonly at: number;
}

export const KEYWORDS = new Set(['BEGIN', 'END', 'function', 'func', 'if', 'else', 'while', 'for', 'do', 'break', 'continue', 'next', 'nextfile', 'exit', 'return', 'delete', 'in', 'getline', 'print', 'printf']);
export const FUNCTIONS = new Set(['length', 'substr', 'index', 'split', 'sub', 'gsub', 'match', 'sprintf', 'sin', 'cos', 'atan2', 'exp', 'log', 'sqrt', 'int', 'rand', 'srand', 'tolower', 'toupper', 'system', 'close', 'fflush', 'strftime', 'systime']);
const OPS = ['&&', '||', '==', '<=', '>=', '!=', '++', '--', '+=', '-=', '*=', '/=', '%=', '^=', '>>', '!~', '{', '}', '(', ')', '[', ']', ';', ',', '+', '-', '*', '/', '%', '^', '!', '>', '<', '|', '?', ':', '~', '$', '='];

export const unescapeAwk = (text: string): string => text.replace(/\\([\\"/ntrabfv]|[0-7]{1,3})/g, (_, e: string) => (/^[0-7]/.test(e) ? String.fromCharCode(Number.parseInt(e, 8)) : { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v' }[e] ?? e));

export function tokenize(source: string): Token[] {
  const out: Token[] = [];
  let i = 0;
  /** A slash divides after an operand. */
  const afterOperand = (): boolean => {
    const last = out.at(-1);
    return last !== undefined && (last.t === 'num' || last.t === 'str' || last.t === 'regex' || (last.t === 'name' && !KEYWORDS.has(last.v)) || (last.t === 'op' && (last.v === ')' || last.v === ']' || last.v === '$' || last.v === '++' || last.v === '--')));
  };
  while (i < source.length) {
    const rest = source.slice(i);
    const c = source.charAt(i);
    let m: RegExpExecArray | null;
    if (c === '\n') {
      out.push({ t: 'nl', v: '\n', at: i });
      i++;
    } else if (/^(\s|\\\n)/.test(rest)) i += rest.startsWith('\\\n') ? 2 : 1;
    else if (c === '#') while (i < source.length && source.charAt(i) !== '\n') i++;
    else if ((m = /^(0[xX][0-9a-fA-F]+|\d+\.?\d*([eE][-+]?\d+)?|\.\d+([eE][-+]?\d+)?)/.exec(rest)) !== null) {
      out.push({ t: 'num', v: m[0], at: i });
      i += m[0].length;
    } else if ((m = /^"((?:[^"\\]|\\[\s\S])*)"/.exec(rest)) !== null) {
      out.push({ t: 'str', v: m[1] ?? '', at: i });
      i += m[0].length;
    } else if (c === '"') throw new Exit(2, `awk: line ${source.slice(0, i).split('\n').length}: runaway string constant ${source.slice(i).split('\n')[0] ?? ''} ...\n`);
    else if (c === '/' && !afterOperand()) {
      m = /^\/((?:[^/\\[\n]|\\.|\[\^?\]?(?:\[:\w+:\]|[^\]])*\])*)\//.exec(rest);
      if (m === null) throw new Exit(2, `awk: line ${source.slice(0, i).split('\n').length}: runaway regular expression ${source.slice(i).split('\n')[0] ?? ''} ...\n`);
      out.push({ t: 'regex', v: (m[1] ?? '').replace(/\\\//g, '/'), at: i });
      i += m[0].length;
    } else if ((m = /^[A-Za-z_]\w*/.exec(rest)) !== null) {
      const user = source.charAt(i + m[0].length) === '(' && !KEYWORDS.has(m[0]) && !FUNCTIONS.has(m[0]) && out.at(-1)?.v !== 'function' && out.at(-1)?.v !== 'func';
      out.push({ t: user ? 'func' : 'name', v: m[0], at: i });
      i += m[0].length;
    } else {
      const op = OPS.find((o) => rest.startsWith(o));
      if (op === undefined) throw new Exit(2, `awk: ${source.slice(0, i).split('\n').length}: unexpected character '${c}'\n`);
      out.push({ t: 'op', v: op, at: i });
      i += op.length;
    }
  }
  return out;
}
