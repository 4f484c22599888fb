/** `bash -c 'line'` on a host: for the headless CLI, kubectl exec, tests. */
import type { Process, Program } from '../../engine/sim/process.ts';
import type { Kernel } from '../../engine/uapi/kernel.ts';
import type { Host, Input, Output } from '../host.ts';
import { Shell } from './executor.ts';
import { Capture, textInput } from './io.ts';
import { standardFds } from './redirect.ts';
import { loginEnvironment, ShellState } from './state.ts';

export interface ShellIo {
  readonly stdin?: Input | undefined;
  readonly stdout: Output;
  readonly stderr: Output;
  /** stdout is a terminal. */
  readonly tty?: boolean | undefined;
  readonly cwd?: string | undefined;
  readonly env?: ReadonlyMap<string, string> | undefined;
  readonly user?: string | undefined;
  /** The kernel handle and pid that `spawn` gave; the host's own when left out. */
  readonly kernel?: Kernel | undefined;
  readonly pid?: number | undefined;
}

/** The program of one non-interactive line. Yield to it, or give it to `kernel.spawn` (see {@link runShellLine}). */
export function* startShellLine(host: Host, line: string, io: ShellIo): Program {
  const user = io.user ?? host.user;
  const state = new ShellState({
    host, kernel: io.kernel ?? host.kernel, user, cwd: io.cwd ?? host.home, env: io.env ?? loginEnvironment(host, user), pid: io.pid ?? 1, interactive: false,
  });
  const shell = new Shell(state);
  return yield* shell.toExit(shell.script(line, standardFds(io.stdin ?? textInput(''), io.stdout, io.stderr, io.tty === true ? io.stdout : undefined)));
}

/** Spawns it. `stdout` and `stderr` are kept; `onText` sees them as they come. */
export function runShellLine(host: Host, line: string, options: Partial<ShellIo> & { readonly onText?: (text: string, stream: 'stdout' | 'stderr') => void } = {}): {
  readonly pid: number; readonly process: Process; readonly stdout: Capture; readonly stderr: Capture;
} {
  const stdout = new Capture((text) => options.onText?.(text, 'stdout'));
  const stderr = new Capture((text) => options.onText?.(text, 'stderr'));
  const { pid, process } = host.kernel.spawn('bash', (kernel, childPid) => startShellLine(host, line, { ...options, stdout, stderr, kernel, pid: childPid }));
  return { pid, process, stdout, stderr };
}
