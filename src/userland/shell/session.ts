/**
 * A terminal's shell. `input` is Enter, `interrupt` Ctrl+C, `end` Ctrl+D. Its loop is a process; between two lines
 * (`prompt` is defined) it waits. Nested shells (kubectl exec -it, ip netns exec bash, sudo -i) show their own prompt here.
 */
import type { Process, WaitQueue } from '../../engine/sim/process.ts';
import type { Host, Output } from '../host.ts';
import { completeLine, type Completion } from './complete.ts';
import { TerminalInput } from './io.ts';
import { repl } from './repl.ts';
import { loginEnvironment } from './shell-line.ts';
import { ShellState } from './state.ts';

export class ShellSession {
  readonly host: Host;
  readonly terminal = new TerminalInput();
  readonly process: Process;
  readonly pid: number;
  readonly #stdout: Output;
  #state: ShellState | undefined;

  constructor(host: Host, io: { readonly stdout: Output; readonly stderr?: Output | undefined; readonly cwd?: string | undefined; readonly aliases?: ReadonlyMap<string, string> | undefined }) {
    this.host = host;
    this.#stdout = io.stdout;
    const { pid, process } = host.kernel.spawn('bash', (kernel, childPid) => {
      const state = new ShellState({ host, kernel, user: host.user, cwd: io.cwd ?? host.home, env: loginEnvironment(host, host.user), pid: childPid, interactive: true });
      for (const [name, text] of io.aliases ?? []) state.aliases.set(name, text);
      this.#state = state;
      return repl(state, this.terminal, io.stdout, io.stderr ?? io.stdout);
    });
    this.pid = pid;
    this.process = process;
  }

  /** What to show before the cursor; undefined: a program runs. Nested shells' and `> ` included. */
  get prompt(): string | undefined {
    return this.terminal.prompt;
  }

  /** Woken when a prompt appears. */
  get prompted(): WaitQueue {
    return this.terminal.prompted;
  }

  /** `exit` ended it. */
  get ended(): boolean {
    return this.process.exitCode !== undefined;
  }

  /** $? of the last line. */
  get status(): number {
    return this.process.exitCode ?? this.#state?.status ?? 0;
  }

  get history(): readonly string[] {
    return this.#state?.history ?? [];
  }

  get cwd(): string {
    return this.#state?.cwd ?? this.host.home;
  }

  input(line: string): void {
    this.terminal.push(line);
  }

  interrupt(): void {
    this.#stdout.write('^C');
    this.process.kill('SIGINT');
  }

  end(): void {
    this.terminal.end();
  }

  complete(line: string, cursor: number): Completion {
    return completeLine(this.host, this.cwd, line, cursor, this.#state === undefined ? [] : [...this.#state.variables.keys()]);
  }
}
