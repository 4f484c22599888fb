/** Read first: bash(1), ARITHMETIC EVALUATION. Not modelled: 64-bit wrap-around (numbers are doubles cut to integers), text as a subscript. */

export interface Variables {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
}

export class ArithmeticError extends Error {
  override readonly name = 'ArithmeticError';
}

const BINARY: readonly (readonly string[])[] = [['||'], ['&&'], ['|'], ['^'], ['&'], ['==', '!='], ['<=', '>=', '<', '>'], ['<<', '>>'], ['+', '-'], ['*', '/', '%']];
const ASSIGN = ['=', '+=', '-=', '*=', '/=', '%=', '<<=', '>>=', '&=', '|=', '^='];

export function evaluate(source: string, variables: Variables, depth = 0): number {
  const text = source.trim();
  if (text === '') return 0;
  const tokens = tokenize(text);
  let pos = 0;
  const peek = (): string | undefined => tokens[pos];
  const rest = (): string => tokens.slice(pos).join(' ');
  const fail = (what: string): never => {
    throw new ArithmeticError(`${text}: ${what} (error token is "${rest() === '' ? tokens.at(-1) ?? '' : rest()}")`);
  };

  const value = (name: string): number => {
    const held = variables.get(name) ?? '';
    if (held === '') return 0;
    if (/^-?\d+$/.test(held) && !/^-?0\d/.test(held)) return Number(held);
    if (depth > 20) return fail('expression recursion level exceeded');
    return evaluate(held, variables, depth + 1);
  };

  const apply = (op: string, a: number, b: number): number => {
    switch (op) {
      case '+': return a + b;
      case '-': return a - b;
      case '*': return a * b;
      case '/': case '%':
        if (b === 0) {
          pos--;
          return fail('division by 0');
        }
        return op === '/' ? Math.trunc(a / b) : a % b;
      case '<<': return a * 2 ** b;
      case '>>': return Math.floor(a / 2 ** b);
      case '<': return Number(a < b);
      case '>': return Number(a > b);
      case '<=': return Number(a <= b);
      case '>=': return Number(a >= b);
      case '==': return Number(a === b);
      case '!=': return Number(a !== b);
      case '&': return Number(BigInt(a) & BigInt(b));
      case '|': return Number(BigInt(a) | BigInt(b));
      case '^': return Number(BigInt(a) ^ BigInt(b));
      default: return fail('syntax error in expression');
    }
  };

  const primary = (): number => {
    const token = peek();
    if (token === undefined) return fail('syntax error: operand expected');
    pos++;
    if (token === '(') {
      const inner = comma();
      if (peek() !== ')') return fail("missing `)'");
      pos++;
      return inner;
    }
    if (token === '!') return Number(primary() === 0);
    if (token === '~') return -primary() - 1;
    if (token === '-') return -power();
    if (token === '+') return power();
    if (token === '++' || token === '--') {
      const name = peek() ?? '';
      pos++;
      const next = value(name) + (token === '++' ? 1 : -1);
      variables.set(name, String(next));
      return next;
    }
    if (/^\d/.test(token)) {
      const based = /^(\d+)#([0-9a-zA-Z]+)$/.exec(token);
      const n = based !== null ? Number.parseInt(based[2] ?? '', Number(based[1])) : /^0[xX]/.test(token) ? Number.parseInt(token, 16) : /^0\d/.test(token) ? Number.parseInt(token, 8) : Number(token);
      if (Number.isNaN(n)) {
        pos--;
        return fail('value too great for base');
      }
      return n;
    }
    if (/^[A-Za-z_]/.test(token)) {
      if (peek() === '[') {
        pos++;
        const subscript = comma();
        if (peek() !== ']') return fail('syntax error: operand expected');
        pos++;
        return variable(`${token}[${subscript}]`);
      }
      return variable(token);
    }
    pos--;
    return fail('syntax error: operand expected');
  };

  const variable = (token: string): number => {
    const next = peek();
    if (next === '++' || next === '--') {
      pos++;
      const old = value(token);
      variables.set(token, String(old + (next === '++' ? 1 : -1)));
      return old;
    }
    if (next !== undefined && ASSIGN.includes(next)) {
      pos++;
      const right = ternary();
      const result = next === '=' ? right : apply(next.slice(0, -1), value(token), right);
      variables.set(token, String(result));
      return result;
    }
    return value(token);
  };

  const power = (): number => {
    const base = primary();
    if (peek() !== '**') return base;
    pos++;
    return base ** power();
  };

  const binary = (level: number): number => {
    const ops = BINARY[level];
    if (ops === undefined) return power();
    let left = binary(level + 1);
    for (let op = peek(); op !== undefined && ops.includes(op); op = peek()) {
      pos++;
      if (op === '&&' || op === '||') {
        const right = binary(level + 1);
        left = Number(op === '&&' ? left !== 0 && right !== 0 : left !== 0 || right !== 0);
      } else left = apply(op, left, binary(level + 1));
    }
    return left;
  };

  const ternary = (): number => {
    const condition = binary(0);
    if (peek() !== '?') return condition;
    pos++;
    const yes = ternary();
    if (peek() !== ':') return fail("`:' expected for conditional expression");
    pos++;
    const no = ternary();
    return condition !== 0 ? yes : no;
  };

  const comma = (): number => {
    let result = ternary();
    while (peek() === ',') {
      pos++;
      result = ternary();
    }
    return result;
  };

  const result = comma();
  if (pos < tokens.length) fail('syntax error in expression');
  return result;
}

function tokenize(text: string): string[] {
  const out: string[] = [];
  const pattern = /\s*(\d+#[0-9a-zA-Z]+|0[xX][0-9a-fA-F]+|\d[0-9a-zA-Z]*|[A-Za-z_]\w*|<<=|>>=|\*\*|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|\S)/gy;
  for (let m = pattern.exec(text); m !== null; m = pattern.exec(text)) out.push(m[1] ?? '');
  return out;
}
