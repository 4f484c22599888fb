/** What a running command is given: streams, folder, user, and a shell of its own for the lines it runs. */
import type { Kernel } from '../../engine/uapi/kernel.ts';
import type { Context, Host, Input, Output, RunOptions } from '../host.ts';
import { Shell } from './executor.ts';
import { borrowed } from './io.ts';
import { standardFds, stderr, stdin, stdout, type Fds } from './redirect.ts';
import { loginEnvironment, ShellState } from './state.ts';

export function makeContext(from: {
  readonly host: Host; readonly kernel: Kernel; readonly args: readonly string[]; readonly env: Map<string, string>; readonly cwd: string; readonly user: string; readonly fds: Fds; readonly pid: number;
}): Context {
  const { host, kernel, fds } = from;
  const open = (options: RunOptions): { readonly shell: Shell; readonly fds: Fds } => {
    const target = options.host ?? host;
    const at = options.kernel ?? (options.host === undefined ? kernel : options.host.kernel);
    const elsewhere = options.host !== undefined && options.host !== host;
    const env = new Map(options.env ?? (elsewhere ? loginEnvironment(target, options.user ?? target.user) : context.env));
    const state = new ShellState({
      host: target, kernel: at, user: options.user ?? (elsewhere ? target.user : from.user), cwd: options.cwd ?? (elsewhere ? target.home : context.cwd),
      env, pid: from.pid, interactive: false,
    });
    const output: Output = options.stdout ?? stdout(fds);
    const input: Input = options.stdin ?? stdin(fds);
    const tty = options.tty ?? output === stdout(fds);
    return { shell: new Shell(state), fds: standardFds(input, output, options.stderr ?? stderr(fds), tty && (options.tty === true || context.tty) ? output : undefined) };
  };
  const context: Context = {
    host, kernel, args: from.args, env: from.env, cwd: from.cwd, user: from.user, pid: from.pid,
    stdin: stdin(fds), stdout: borrowed(stdout(fds)), stderr: borrowed(stderr(fds)),
    tty: fds.terminal !== undefined && stdout(fds) === fds.terminal,
    editor: fds.terminal?.editor,
    *run(line, options = {}) {
      const { shell, fds: inner } = open(options);
      return yield* shell.toExit(shell.script(line, inner));
    },
    *exec(args, options = {}) {
      const { shell, fds: inner } = open(options);
      return yield* shell.external(args, inner, new Map());
    },
  };
  return context;
}
