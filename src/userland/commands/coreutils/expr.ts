/** Read first: expr(1). | & < <= = != >= > + - * / % : match substr index length, parentheses. */
import type { Command } from '../../host.ts';
import { compileRegex, RegexError } from '../../text/regex.ts';
import { Exit, print } from '../kit.ts';

const LEVELS: readonly (readonly string[])[] = [['|'], ['&'], ['<', '<=', '=', '==', '!=', '>=', '>'], ['+', '-'], ['*', '/', '%'], [':']];

const isNull = (value: string): boolean => value === '' || /^-?0+$/.test(value);
const isNumber = (value: string): boolean => /^-?\d+$/.test(value);

export const expr: Command = {
  name: 'expr', models: 'numbers, comparisons, : match substr index length',
  *run(context) {
    const args = context.args.slice(1);
    let pos = 0;
    const syntax = (text: string): never => {
      throw new Exit(2, `expr: syntax error: ${text}\n`);
    };
    const next = (): string => {
      const word = args[pos++];
      return word ?? syntax(`missing argument after ‘${args.at(-1) ?? ''}’`);
    };
    const whole = (value: string): bigint => {
      if (!isNumber(value)) throw new Exit(2, 'expr: non-integer argument\n');
      return BigInt(value);
    };
    const matched = (text: string, pattern: string): string => {
      const found = compileRegex(`^${pattern.replace(/^\^/, '')}`, 'basic').exec(text);
      return pattern.includes('\\(') ? found?.[1] ?? '' : String(found?.[0].length ?? 0);
    };
    const primary = (): string => {
      const word = next();
      if (word === '(') {
        const value = level(0);
        if (args[pos] !== ')') syntax(args[pos] === undefined ? `expecting ')' after ‘${args.at(-1) ?? ''}’` : `expecting ')' instead of ‘${args[pos] ?? ''}’`);
        pos++;
        return value;
      }
      if (word === ')') return syntax("unexpected ')'");
      if (word === '+') return next();
      if (word === 'length') return String([...primary()].length);
      if (word === 'match') return matched(primary(), primary());
      if (word === 'index') {
        const [text, chars] = [primary(), primary()];
        return String([...text].findIndex((c) => chars.includes(c)) + 1);
      }
      if (word === 'substr') {
        const [text, from, length] = [primary(), primary(), primary()];
        return isNumber(from) && isNumber(length) && Number(from) > 0 && Number(length) > 0 ? text.slice(Number(from) - 1, Number(from) - 1 + Number(length)) : '';
      }
      return word;
    };
    const apply = (op: string, a: string, b: string): string => {
      switch (op) {
        case '|': return isNull(a) ? (isNull(b) ? '0' : b) : a;
        case '&': return isNull(a) || isNull(b) ? '0' : a;
        case ':': return matched(a, b);
        case '+': return String(whole(a) + whole(b));
        case '-': return String(whole(a) - whole(b));
        case '*': return String(whole(a) * whole(b));
        case '/': case '%':
          if (whole(a) !== undefined && whole(b) === 0n) throw new Exit(2, 'expr: division by zero\n');
          return String(op === '/' ? whole(a) / whole(b) : whole(a) % whole(b));
        default: {
          const order = isNumber(a) && isNumber(b) ? Number(BigInt(a) - BigInt(b)) : a < b ? -1 : a > b ? 1 : 0;
          return String(Number({ '<': order < 0, '<=': order <= 0, '=': order === 0, '==': order === 0, '!=': order !== 0, '>=': order >= 0, '>': order > 0 }[op] ?? false));
        }
      }
    };
    const level = (n: number): string => {
      const ops = LEVELS[n];
      if (ops === undefined) return primary();
      let value = level(n + 1);
      for (let op = args[pos]; op !== undefined && ops.includes(op); op = args[pos]) {
        pos++;
        value = apply(op, value, level(n + 1));
      }
      return value;
    };
    try {
      if (args.length === 0) throw new Exit(2, "expr: missing operand\nTry 'expr --help' for more information.\n");
      const value = level(0);
      if (pos < args.length) syntax(`unexpected argument ‘${args[pos] ?? ''}’`);
      print(context, `${value}\n`);
      return isNull(value) ? 1 : 0;
    } catch (error) {
      if (error instanceof RegexError) context.stderr.write(`expr: ${error.message}\n`);
      else if (error instanceof Exit) context.stderr.write(error.message);
      else throw error;
      return error instanceof Exit ? error.code : 2;
    }
  },
};
