/** Read first: test(1). `test`, `[` and the primaries of `[[`. Not modelled: permissions, times, links. */
import { resolvePath } from './glob.ts';
import type { FileSystem } from '../host.ts';

export interface TestPlace {
  readonly host: { readonly fs: FileSystem };
  readonly cwd: string;
  get?(name: string): string | undefined;
}

const UNARY = new Set(['-n', '-z', '-e', '-f', '-d', '-r', '-w', '-x', '-s', '-L', '-h', '-p', '-S', '-b', '-c', '-t', '-v', '-a', '-o']);
const BINARY = new Set(['=', '==', '!=', '<', '>', '-eq', '-ne', '-lt', '-le', '-gt', '-ge', '-nt', '-ot', '-ef']);

export class TestError extends Error {
  override readonly name = 'TestError';
}

export function unaryTest(place: TestPlace, op: string, operand: string): boolean {
  const path = (): string => resolvePath(place.cwd, operand);
  const { fs } = place.host;
  switch (op) {
    case '-n': return operand !== '';
    case '-z': return operand === '';
    case '-e': case '-a': case '-r': case '-w': return operand !== '' && fs.kind(path()) !== undefined;
    case '-x': return fs.kind(path()) === 'directory' || /^\/(usr\/)?s?bin\//.test(path());
    case '-f': return operand !== '' && fs.kind(path()) === 'file';
    case '-d': return operand !== '' && fs.kind(path()) === 'directory';
    case '-s': {
      const text = fs.read(path());
      return text.ok ? text.value !== '' : fs.kind(path()) === 'directory';
    }
    case '-v': return place.get?.(operand) !== undefined;
    case '-L': case '-h': case '-p': case '-S': case '-b': case '-c': case '-t': case '-o': return false;
    default: throw new TestError(`${op}: unary operator expected`);
  }
}

function integer(text: string): number {
  if (!/^\s*[-+]?\d+\s*$/.test(text)) throw new TestError(`${text}: integer expression expected`);
  return Number(text);
}

export function binaryTest(op: string, left: string, right: string): boolean | undefined {
  switch (op) {
    case '=': case '==': return left === right;
    case '!=': return left !== right;
    case '<': return left < right;
    case '>': return left > right;
    case '-eq': return integer(left) === integer(right);
    case '-ne': return integer(left) !== integer(right);
    case '-lt': return integer(left) < integer(right);
    case '-le': return integer(left) <= integer(right);
    case '-gt': return integer(left) > integer(right);
    case '-ge': return integer(left) >= integer(right);
    case '-nt': case '-ot': case '-ef': throw new TestError(`${op}: not modelled in this lab`);
    default: return undefined;
  }
}

/** The expression of `test` (without the closing bracket of `[`). */
export function evaluateTest(place: TestPlace, args: readonly string[]): boolean {
  let pos = 0;
  const [a = '', b = '', c = ''] = args;
  // POSIX: the number of arguments decides.
  if (args.length === 0) return false;
  if (args.length === 1) return a !== '';
  if (args.length === 2) {
    if (a === '!') return b === '';
    if (UNARY.has(a)) return unaryTest(place, a, b);
    throw new TestError(`${a}: unary operator expected`);
  }
  if (args.length === 3) {
    if (BINARY.has(b)) return binaryTest(b, a, c) ?? false;
    if (b === '-a') return a !== '' && c !== '';
    if (b === '-o') return a !== '' || c !== '';
    if (a === '!') return !evaluateTest(place, args.slice(1));
    if (a === '(' && c === ')') return b !== '';
    throw new TestError(`${b}: binary operator expected`);
  }

  const or = (): boolean => {
    let left = and();
    while (args[pos] === '-o') {
      pos++;
      const right = and();
      left ||= right;
    }
    return left;
  };
  const and = (): boolean => {
    let left = term();
    while (args[pos] === '-a') {
      pos++;
      const right = term();
      left &&= right;
    }
    return left;
  };
  const term = (): boolean => {
    const token = args[pos];
    if (token === undefined) throw new TestError('argument expected');
    if (token === '!') {
      pos++;
      return !term();
    }
    if (token === '(') {
      pos++;
      const inner = or();
      if (args[pos] !== ')') throw new TestError("`)' expected");
      pos++;
      return inner;
    }
    const op = args[pos + 1];
    const right = args[pos + 2];
    if (op !== undefined && right !== undefined && BINARY.has(op)) {
      pos += 3;
      return binaryTest(op, token, right) ?? false;
    }
    if (UNARY.has(token) && op !== undefined) {
      pos += 2;
      return unaryTest(place, token, op);
    }
    pos++;
    return token !== '';
  };
  const result = or();
  if (pos < args.length) throw new TestError('too many arguments');
  return result;
}
