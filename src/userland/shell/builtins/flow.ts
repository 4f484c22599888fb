/** Read first: bash(1), SHELL BUILTIN COMMANDS: what changes where execution goes on. */
import { STRERROR } from '../../../engine/uapi/errno.ts';
import { resolvePath } from '../glob.ts';
import { findCommand } from '../find-command.ts';
import { Flow } from '../state.ts';
import { stderr } from '../redirect.ts';
import { evaluateTest, TestError } from '../test.ts';
import type { Builtin, BuiltinCall } from './builtin.ts';

function numeric(call: BuiltinCall, fallback: number): number | undefined {
  const [, text] = call.args;
  if (text === undefined) return fallback;
  if (!/^[-+]?\d+$/.test(text)) {
    call.fail(`${text}: numeric argument required`);
    return undefined;
  }
  return Number(text);
}

const loopFlow = (kind: 'break' | 'continue'): Builtin => (call) => {
  const n = numeric(call, 1);
  if (n === undefined) return 1;
  if (call.state.loops === 0) return call.fail("only meaningful in a `for', `while', or `until' loop", 0);
  throw new Flow(kind, Math.max(1, n));
};

const test: Builtin = (call) => {
  let args = call.args.slice(1);
  if (call.args[0] === '[') {
    if (args.at(-1) !== ']') return call.fail("missing `]'", 2);
    args = args.slice(0, -1);
  }
  try {
    return evaluateTest(call.state, args) ? 0 : 1;
  } catch (error) {
    if (error instanceof TestError) return call.fail(error.message, 2);
    throw error;
  }
};

export const flowBuiltins: Readonly<Record<string, Builtin>> = {
  ':': () => 0,
  true: () => 0,
  false: () => 1,
  test,
  '[': test,
  break: loopFlow('break'),
  continue: loopFlow('continue'),
  return: (call) => {
    if (call.state.functionDepth === 0) return call.fail("can only `return' from a function or sourced script", 2);
    throw new Flow('return', (numeric(call, call.state.status) ?? 2) & 255);
  },
  exit: (call) => {
    throw new Flow('exit', (numeric(call, call.state.status) ?? 2) & 255);
  },
  eval: function* (call) {
    return yield* call.shell.script(call.args.slice(1).join(' '), call.fds, 'eval: ');
  },
  '.': source,
  source,
  exec: function* (call) {
    if (call.args.length < 2) return 0; // redirections without a command: not modelled
    throw new Flow('exit', yield* call.shell.external(call.args.slice(1), call.fds, new Map()));
  },
  command: function* (call) {
    const [, first, ...rest] = call.args;
    if (first === '-v' || first === '-V') {
      const name = rest[0] ?? '';
      const found = describe(call, name);
      if (found === undefined) return first === '-V' ? call.fail(`${name}: not found`) : 1;
      call.out(`${first === '-V' ? found.long : found.short}\n`);
      return 0;
    }
    if (first === undefined) return 0;
    return yield* call.shell.execute([first, ...rest], call.fds, new Map(), undefined, true);
  },
  builtin: function* (call) {
    return yield* call.shell.execute(call.args.slice(1), call.fds, new Map(), undefined, true);
  },
  type: (call) => {
    let status = 0;
    for (const name of call.args.slice(1).filter((a) => !a.startsWith('-'))) {
      const found = describe(call, name);
      if (found === undefined) status = call.fail(`${name}: not found`);
      else call.out(`${call.args[1] === '-p' ? found.short : found.long}\n`);
    }
    return status;
  },
  time: () => 0,
};

const KEYWORDS = new Set(['if', 'then', 'else', 'elif', 'fi', 'case', 'esac', 'for', 'while', 'until', 'do', 'done', 'in', '{', '}', '!', '[[', ']]', 'function', 'time']);

function describe(call: BuiltinCall, name: string): { readonly short: string; readonly long: string } | undefined {
  const alias = call.state.aliases.get(name);
  if (alias !== undefined) return { short: `alias ${name}='${alias}'`, long: `${name} is aliased to \`${alias}'` };
  if (KEYWORDS.has(name)) return { short: name, long: `${name} is a shell keyword` };
  if (call.state.functions.has(name)) return { short: name, long: `${name} is a function` };
  if (call.shell.isBuiltin(name)) return { short: name, long: `${name} is a shell builtin` };
  if (findCommand(call.state.host, name) === undefined) return undefined;
  const path = name.includes('/') ? name : commandPath(name);
  return { short: path, long: `${name} is ${path}` };
}

const SBIN = new Set(['ip', 'bridge', 'brctl', 'arp', 'route', 'ifconfig', 'iptables', 'iptables-save', 'iptables-restore', 'nft', 'conntrack', 'sysctl', 'ethtool', 'lsmod', 'tcpdump']);

export const commandPath = (name: string): string => (SBIN.has(name) ? `/usr/sbin/${name}` : `/usr/bin/${name}`);

function* source(call: BuiltinCall) {
  const [, file, ...args] = call.args;
  if (file === undefined) {
    call.fail('filename argument required', 2);
    stderr(call.fds).write(`${call.args[0] ?? '.'}: usage: ${call.args[0] ?? '.'} filename [arguments]\n`);
    return 2;
  }
  const text = call.state.host.fs.read(resolvePath(call.state.cwd, file));
  if (!text.ok) {
    call.shell.error(call.fds, `${file}: ${STRERROR[text.error]}`);
    return 1;
  }
  const saved = call.state.positional;
  if (args.length > 0) call.state.positional = args;
  const outer = call.state.sourced;
  call.state.sourced = file;
  call.state.functionDepth++;
  try {
    return yield* call.shell.script(text.value, call.fds, `${file}: `);
  } catch (error) {
    if (error instanceof Flow && error.kind === 'return') return error.value;
    throw error;
  } finally {
    call.state.sourced = outer;
    call.state.functionDepth--;
    call.state.positional = saved;
  }
}
