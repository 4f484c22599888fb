/**
 * A terminal's shell: keeps folder, variables, functions, history, `$?` from line to line. A shell started inside it
 * (kubectl exec -it … bash, ip netns exec … bash, sudo -i, bash) becomes the one that reads the next lines, until `exit`.
 */
import { SignalError, type Program } from '../../engine/sim/process.ts';
import type { Host, Input, Output } from '../host.ts';
import { ShellSyntaxError, type Node } from './ast.ts';
import { jobLine } from './builtins/jobs.ts';
import { completeLine, type Completion } from './complete.ts';
import { Shell } from './executor.ts';
import { BufferedInput, onNestedShell } from './io.ts';
import { parseShell } from './parser.ts';
import { standardFds, type Fds } from './redirect.ts';
import { Flow, loginEnvironment, ShellState } from './state.ts';

export interface SessionIo {
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly tty?: boolean | undefined;
}

export class ShellSession {
  readonly history: string[] = [];
  readonly #shells: Shell[] = [];
  /** The beginning of a command that goes on. */
  #pending = '';
  #ended = false;

  constructor(host: Host, options: { readonly cwd?: string | undefined; readonly aliases?: ReadonlyMap<string, string> | undefined } = {}) {
    const state = new ShellState({ host, kernel: host.kernel, user: host.user, cwd: options.cwd ?? host.home, env: loginEnvironment(host, host.user), pid: 1, interactive: true });
    for (const [name, text] of options.aliases ?? []) state.aliases.set(name, text);
    this.#enter(state);
  }

  get #shell(): Shell {
    const shell = this.#shells.at(-1);
    if (shell === undefined) throw new Error('a session without a shell');
    return shell;
  }

  #enter(state: ShellState): void {
    state.history = this.history;
    this.#shells.push(new Shell(state));
  }

  /** Where the next line will run: another host inside kubectl exec. */
  get host(): Host {
    return this.#shell.state.host;
  }

  get cwd(): string {
    return this.#shell.state.cwd;
  }

  get status(): number {
    return this.#shell.state.status;
  }

  /** The outermost shell was left. */
  get ended(): boolean {
    return this.#ended;
  }

  prompt(): string {
    return this.#pending === '' ? promptOf(this.#shell.state) : '> ';
  }

  /** Ctrl+C at the prompt. */
  discard(): void {
    this.#pending = '';
    this.#shell.state.status = 130;
  }

  /** What Enter does. A line that needs more lines waits for them (the prompt says so). */
  *run(line: string, io: SessionIo): Program {
    const shell = this.#shell;
    const { state } = shell;
    const text = this.#pending === '' ? line : `${this.#pending}\n${line}`;
    const node = this.#parse(text, state, io.stderr);
    if (node === 'more') {
      this.#pending = text;
      return 0;
    }
    this.#pending = '';
    if (text.trim() !== '') this.history.push(text);
    if (node !== undefined) yield* this.#execute(shell, node, io);
    for (const job of state.jobs.filter((j) => j.process.exitCode !== undefined)) {
      io.stderr.write(jobLine(state.jobs, job));
      state.jobs.splice(state.jobs.indexOf(job), 1);
    }
    return state.status;
  }

  *#execute(shell: Shell, node: Node, io: SessionIo): Program {
    const input = new BufferedInput(io.stdin);
    onNestedShell(input, (nested) => this.#enter(nested));
    const { state } = shell;
    const fds: Fds = standardFds(input, io.stdout, io.stderr, io.tty === false ? undefined : io.stdout);
    try {
      return yield* shell.run(node, fds);
    } catch (error) {
      if (error instanceof Flow) {
        if (error.kind === 'exit') {
          this.#leave(error.value & 255);
          if (state.onLeave !== undefined) yield* state.onLeave(io.stdout, io.stderr);
        }
        return this.status;
      }
      if (error instanceof SignalError && error.signal === 'SIGINT') {
        shell.state.status = 130;
        return 130;
      }
      throw error;
    }
  }

  #leave(status: number): void {
    if (this.#shells.length === 1) this.#ended = true;
    else this.#shells.pop();
    this.#shell.state.status = status;
  }

  #parse(text: string, state: ShellState, stderr: Output): Node | 'more' | undefined {
    try {
      const node = parseShell(text);
      return unfinishedHeredoc(text) || /(^|[^\\])(\\\\)*\\$/.test(text) ? 'more' : node;
    } catch (error) {
      if (!(error instanceof ShellSyntaxError)) throw error;
      if (error.incomplete) return 'more';
      stderr.write(`bash: ${error.message}\n`);
      state.status = 2;
      return undefined;
    }
  }

  complete(line: string, cursor: number): Completion {
    const { state } = this.#shell;
    return completeLine(state.host, state.cwd, line, cursor, [...state.variables.keys()]);
  }
}

/** The host's prompt; another one for a user who is not the host's own. */
export function promptOf(state: ShellState): string {
  const { host } = state;
  if (state.user === host.user) return host.prompt(state.cwd);
  const home = state.get('HOME') ?? host.home;
  const folder = state.cwd === home ? '~' : state.cwd.startsWith(`${home}/`) ? `~${state.cwd.slice(home.length)}` : state.cwd;
  return `${state.user}@${host.hostname}:${folder}${state.user === 'root' ? '#' : '$'} `;
}

/** `cat <<EOF` without its last line: for the parser the end of input ends it, a terminal waits. */
function unfinishedHeredoc(text: string): boolean {
  const lines = text.split('\n');
  for (const [i, line] of lines.entries()) {
    const match = /(?:^|[^<])<<(-?)\s*(['"\\]?)([A-Za-z_]\w*)/.exec(line);
    if (match === null) continue;
    const rest = lines.slice(i + 1).map((l) => (match[1] === '-' ? l.replace(/^\t+/, '') : l));
    return !rest.includes(match[3] ?? '');
  }
  return false;
}
