import type { Program } from '../../../engine/sim/process.ts';
import type { Shell } from '../executor.ts';
import type { Fds } from '../redirect.ts';
import type { ShellState } from '../state.ts';

export interface BuiltinCall {
  readonly shell: Shell;
  readonly state: ShellState;
  readonly args: readonly string[];
  readonly fds: Fds;
  out(text: string): void;
  /** Prints `bash: name: text` and gives the status. */
  fail(text: string, status?: number): number;
}

export type Builtin = (call: BuiltinCall) => Program | number;
