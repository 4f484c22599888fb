/** What one shell (or subshell) knows: variables, functions, folder, status, jobs. */
import type { Process, Program } from '../../engine/sim/process.ts';
import type { Kernel } from '../../engine/uapi/kernel.ts';
import type { Host, Output } from '../host.ts';
import type { Node } from './ast.ts';

export interface Job {
  readonly number: number;
  readonly pid: number;
  readonly process: Process;
  readonly command: string;
}

/** Cells by subscript: decimal numbers in an indexed array. */
export interface ShellArray {
  readonly associative: boolean;
  readonly cells: Map<string, string>;
}

/** What a variable was before `local` hid it. */
export interface HiddenVariable {
  readonly value: string | undefined;
  readonly array: ShellArray | undefined;
}

const SUBSCRIPT = /^([A-Za-z_]\w*)\[([\s\S]*)\]$/;

export class ShellState {
  readonly host: Host;
  kernel: Kernel;
  user: string;
  cwd: string;
  readonly variables: Map<string, string>;
  readonly arrays = new Map<string, ShellArray>();
  /** $PIPESTATUS */
  pipeStatus: readonly number[] = [0];
  /** The file that `.` reads: it stands before errors. */
  sourced: string | undefined;
  readonly exported: Set<string>;
  readonly readonlyNames: Set<string>;
  readonly functions: Map<string, Node>;
  readonly options: Set<string>;
  readonly aliases: Map<string, string>;
  positional: readonly string[];
  /** $0 */
  name: string;
  status = 0;
  lastBackground: number | undefined;
  readonly jobs: Job[] = [];
  history: string[];
  pid: number;
  /** What stands before an error: `bash: ` at a terminal, `bash: line 1: ` in -c and scripts. */
  interactive: boolean;
  line = 1;
  loops = 0;
  functionDepth = 0;
  readonly startedAt: number;
  /** What goes on when this interactive shell was left: kubectl run --rm deletes its pod. */
  onLeave: ((stdout: Output, stderr: Output) => Program) | undefined;

  constructor(from: {
    readonly host: Host; readonly kernel: Kernel; readonly user: string; readonly cwd: string; readonly env: ReadonlyMap<string, string>;
    readonly positional?: readonly string[]; readonly name?: string; readonly pid: number; readonly interactive: boolean;
  }) {
    this.host = from.host;
    this.kernel = from.kernel;
    this.user = from.user;
    this.cwd = from.cwd;
    this.variables = new Map(from.env);
    this.exported = new Set(from.env.keys());
    this.readonlyNames = new Set();
    this.functions = new Map();
    this.options = new Set();
    this.aliases = new Map();
    this.positional = from.positional ?? [];
    this.name = from.name ?? 'bash';
    this.pid = from.pid;
    this.interactive = from.interactive;
    this.history = [];
    this.startedAt = from.kernel.clock.now;
    this.set('PWD', from.cwd);
    this.exported.add('PWD');
    for (const [name, value] of [['IFS', ' \t\n'], ['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin']] as const) {
      if (!this.variables.has(name)) this.variables.set(name, value);
    }
  }

  /** ( … ), a pipeline's stage, $( … ): everything is a copy. */
  fork(pid: number, kernel: Kernel): ShellState {
    const child = new ShellState({ host: this.host, kernel, user: this.user, cwd: this.cwd, env: this.variables, positional: this.positional, name: this.name, pid: this.pid, interactive: this.interactive });
    child.exported.clear();
    for (const name of this.exported) child.exported.add(name);
    for (const name of this.readonlyNames) child.readonlyNames.add(name);
    for (const [name, array] of this.arrays) child.arrays.set(name, { associative: array.associative, cells: new Map(array.cells) });
    child.pipeStatus = this.pipeStatus;
    child.sourced = this.sourced;
    for (const [name, node] of this.functions) child.functions.set(name, node);
    for (const option of this.options) child.options.add(option);
    for (const [name, value] of this.aliases) child.aliases.set(name, value);
    child.status = this.status;
    child.line = this.line;
    child.lastBackground = this.lastBackground;
    child.loops = this.loops;
    child.functionDepth = this.functionDepth;
    child.subshellPid = pid;
    return child;
  }

  /** $BASHPID; `$$` stays that of the main shell. */
  subshellPid = 0;

  /** `name` or `name[subscript]`; an array's own name is its cell 0. */
  get(name: string): string | undefined {
    const at = name.endsWith(']') ? SUBSCRIPT.exec(name) : null;
    if (at !== null) return this.#cells(at[1] ?? '')?.get(this.#place(at[1] ?? '', at[2] ?? ''));
    return this.variables.get(name) ?? this.#cells(name)?.get('0');
  }

  set(name: string, value: string): void {
    const at = name.endsWith(']') ? SUBSCRIPT.exec(name) : null;
    const base = at?.[1] ?? name;
    const array = this.arrays.get(base) ?? (at === null ? undefined : this.makeArray(base, false));
    if (array !== undefined) array.cells.set(at === null ? '0' : this.#place(base, at[2] ?? ''), value);
    else this.variables.set(name, value);
    if (this.options.has('allexport')) this.exported.add(base);
  }

  /** A new array; what a plain variable held becomes its cell 0. */
  makeArray(name: string, associative: boolean, cells: Iterable<readonly [string, string]> = []): ShellArray {
    const scalar = this.variables.get(name);
    const array: ShellArray = { associative, cells: new Map(cells) };
    if (scalar !== undefined && array.cells.size === 0) array.cells.set('0', scalar);
    this.variables.delete(name);
    this.arrays.set(name, array);
    return array;
  }

  /** Subscripts in order; a plain variable has one cell. */
  subscripts(name: string): string[] {
    const cells = this.#cells(name);
    if (cells === undefined) return this.variables.has(name) ? ['0'] : [];
    return this.arrays.get(name)?.associative === true ? [...cells.keys()] : [...cells.keys()].sort((a, b) => Number(a) - Number(b));
  }

  values(name: string): string[] {
    return this.subscripts(name).map((key) => this.get(this.arrays.has(name) || name === 'PIPESTATUS' ? `${name}[${key}]` : name) ?? '');
  }

  unset(name: string): boolean {
    const at = SUBSCRIPT.exec(name);
    if (at !== null) return this.arrays.get(at[1] ?? '')?.cells.delete(this.#place(at[1] ?? '', at[2] ?? '')) ?? false;
    this.exported.delete(name);
    const array = this.arrays.delete(name);
    return this.variables.delete(name) || array;
  }

  hide(name: string): HiddenVariable {
    const hidden = { value: this.variables.get(name), array: this.arrays.get(name) };
    this.variables.delete(name);
    this.arrays.delete(name);
    return hidden;
  }

  restore(name: string, hidden: HiddenVariable): void {
    this.variables.delete(name);
    this.arrays.delete(name);
    if (hidden.array !== undefined) this.arrays.set(name, hidden.array);
    else if (hidden.value !== undefined) this.variables.set(name, hidden.value);
  }

  #cells(name: string): ReadonlyMap<string, string> | undefined {
    return name === 'PIPESTATUS' ? new Map(this.pipeStatus.map((s, i) => [String(i), String(s)])) : this.arrays.get(name)?.cells;
  }

  /** A negative subscript counts from the end. */
  #place(name: string, subscript: string): string {
    if (!/^-\d+$/.test(subscript) || this.arrays.get(name)?.associative === true) return subscript;
    return String(Math.max(-1, ...[...(this.#cells(name)?.keys() ?? [])].map(Number)) + 1 + Number(subscript));
  }

  environment(): Map<string, string> {
    const env = new Map<string, string>();
    for (const name of this.exported) {
      const value = this.variables.get(name);
      if (value !== undefined) env.set(name, value);
    }
    return env;
  }

  get errorPrefix(): string {
    return this.interactive ? `${this.name}: ` : `${this.sourced ?? this.name}: line ${this.line}: `;
  }
}

/** Environment that a login gives. */
export function loginEnvironment(host: Host, user: string): Map<string, string> {
  const env = new Map(host.env);
  const home = user === host.user ? host.home : user === 'root' ? '/root' : `/home/${user}`;
  for (const [name, value] of [['HOME', home], ['USER', user], ['LOGNAME', user], ['SHELL', '/bin/bash'], ['TERM', 'xterm-256color'], ['LANG', 'C.UTF-8'],
    ['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin']] as const) {
    if (!env.has(name) || (name !== 'PATH' && name !== 'LANG' && name !== 'TERM' && user !== host.user)) env.set(name, value);
  }
  return env;
}

/** break, continue, return, exit on their way to the construct they end. */
export class Flow extends Error {
  override readonly name = 'Flow';
  readonly kind: 'break' | 'continue' | 'return' | 'exit';
  /** Loops to leave, or the status. */
  readonly value: number;
  constructor(kind: Flow['kind'], value: number) {
    super(kind);
    this.kind = kind;
    this.value = value;
  }
}

/** An expansion that failed: the command is not run. `text` without the prefix. */
export class ExpansionError extends Error {
  override readonly name = 'ExpansionError';
  readonly fatal: boolean;
  readonly status: number;
  constructor(text: string, fatal = false, status = 1) {
    super(text);
    this.fatal = fatal;
    this.status = status;
  }
}
