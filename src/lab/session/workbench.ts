import type { Process } from '../../engine/sim/process.ts';
import { nanos, plus, seconds, type Nanos } from '../../engine/sim/time.ts';
import { WaitQueue } from '../../engine/sim/process.ts';
import type { Editing, Host, Input, Output } from '../../userland/host.ts';
import { ShellSession } from '../../userland/shell/session.ts';
import type { Action, EditorText } from '../../worker/protocol.ts';
import type { Lab } from '../lab.ts';
import { PAUSE } from './run.ts';

/** What a terminal shows, as it comes. */
export interface TerminalListener {
  output(terminal: string, text: string): void;
  prompt(terminal: string, prompt: string, code: number): void;
  /** A command opened a text to be edited; undefined: it gave up. */
  edit(terminal: string, text: EditorText | undefined): void;
}

interface Terminal {
  readonly id: string;
  host: Host;
  /** undefined: it ended with its machine's power. */
  shell: ShellSession | undefined;
  running: Process | undefined;
  editing: OpenText | undefined;
}

/** A text in a terminal's editor. */
class OpenText implements Editing {
  answer: Editing['answer'];
  readonly closed = new WaitQueue();
  readonly abandon: () => void;

  constructor(abandon: () => void) {
    this.abandon = abandon;
  }
}

/** Nobody types while a command runs: its standard input stays open and empty. */
const QUIET: Input = { read: () => undefined, readable: new WaitQueue() };

function finish(work: Iterator<unknown, void>): void {
  while (work.next().done !== true);
}

/**
 * Terminals on a lab, and the log of what was done in them. Synchronous: whoever owns it lets time pass with
 * {@link advance}. The log replayed on the same scenario and seed gives the same world.
 */
export class Workbench {
  readonly lab: Lab;
  readonly actions: Action[] = [];
  readonly #terminals = new Map<string, Terminal>();
  readonly #listener: TerminalListener;

  constructor(lab: Lab, listener: TerminalListener) {
    this.lab = lab;
    this.#listener = listener;
  }

  /** Terminals are numbered by host: `vm2`, `vm2~2`. undefined: no such host. */
  open(on: string, id = this.#freeId(on)): { readonly id: string; readonly prompt: string } | undefined {
    const host = this.lab.host(on);
    if (host === undefined) return undefined;
    const known = this.#terminals.get(id);
    const terminal = known ?? { id, host, shell: new ShellSession(host), running: undefined, editing: undefined };
    this.#terminals.set(id, terminal);
    if (known === undefined) host.kernel.power.watch((on) => this.#power(terminal, on));
    return { id, prompt: this.#prompt(terminal) };
  }

  /** A command runs for which time should pass. One that waits for its editor does not need any. */
  get busy(): boolean {
    for (const terminal of this.#terminals.values()) if (terminal.running !== undefined && terminal.editing === undefined) return true;
    return false;
  }

  /** Starts a line in a terminal. A terminal that is still busy takes no line. */
  input(id: string, line: string): boolean {
    const terminal = this.#terminals.get(id);
    if (terminal === undefined || terminal.running !== undefined) return false;
    this.actions.push({ kind: 'exec', at: this.lab.now, terminal: id, on: terminal.host.name, run: line });
    const shell = this.#shellOf(terminal);
    if (shell === undefined) {
      this.#listener.output(id, this.lab.absence(terminal.host.name)?.text ?? '');
      this.#listener.prompt(id, this.#prompt(terminal), 255);
    } else this.#start(terminal, shell, line);
    return true;
  }

  interrupt(id: string): void {
    const terminal = this.#terminals.get(id);
    if (terminal?.running === undefined) return;
    this.actions.push({ kind: 'interrupt', at: this.lab.now, terminal: id });
    terminal.running.kill('SIGINT');
  }

  /** Ctrl+C wherever a command runs; answers where. */
  interruptAll(): readonly string[] {
    const running = [...this.#terminals.values()].flatMap((t) => (t.running === undefined ? [] : [t.id]));
    for (const id of running) this.interrupt(id);
    return running;
  }

  /** The editor of a terminal was left; without a text: nothing is saved. */
  edited(id: string, text: string | undefined): void {
    const terminal = this.#terminals.get(id);
    const editing = terminal?.editing;
    if (terminal === undefined || editing === undefined) return;
    this.actions.push({ kind: 'edited', at: this.lab.now, terminal: id, ...(text === undefined ? {} : { text }) });
    terminal.editing = undefined;
    editing.answer = { text };
    editing.closed.wake();
  }

  apply(manifest: string, file: string): { readonly ok: boolean; readonly text: string } {
    const at = this.lab.now;
    const answer = this.lab.apply(manifest, file);
    if (answer.ok) this.actions.push({ kind: 'apply', at, manifest, file });
    return answer;
  }

  complete(id: string, line: string, cursor: number): { readonly start: number; readonly candidates: readonly string[] } {
    return this.#terminals.get(id)?.shell?.complete(line, cursor) ?? { start: cursor, candidates: [] };
  }

  /** Lets simulated time pass; ends early, after the packets settled, once no command runs any more. */
  advance(span: Nanos): void {
    finish(this.advancing(span));
  }

  /** As {@link advance}. Stops wherever everything due has run: there its owner may leave it for a while, act, or drop it. */
  *advancing(span: Nanos): Generator<undefined, void> {
    const { scheduler } = this.lab.world;
    const wasBusy = this.busy;
    const ended = yield* this.#until(plus(scheduler.now, span), () => wasBusy && !this.busy);
    if (ended) yield* this.#until(plus(scheduler.now, PAUSE));
  }

  /** Does again what a log says, at the times it says. Lines for hosts that are gone are kept in the log and skipped. */
  replay(actions: readonly Action[]): void {
    finish(this.replaying(actions));
  }

  /** As {@link replay}; stops as {@link advancing} does and tells how many actions are done. */
  *replaying(actions: readonly Action[]): Generator<number, void> {
    for (const [done, action] of actions.entries()) {
      for (const _ of this.#until(nanos(action.at))) yield done;
      this.#again(action);
    }
    // What was started last had ended, most likely, before the log was saved.
    for (let i = 0; i < 10 && this.busy; i++) for (const _ of this.advancing(seconds(1))) yield actions.length;
  }

  /** Becomes a copy of another run's past: its log up to `time`, events up to the one that wrote step `step`. Stops now and then. */
  *rewinding(actions: readonly Action[], time: Nanos, step: number): Generator<undefined, void> {
    const { scheduler, recorder } = this.lab.world;
    for (const action of actions.filter((a) => a.at <= time)) {
      yield* this.#until(nanos(action.at));
      if (recorder.head > step) return;
      this.#again(action);
    }
    while (recorder.head <= step && scheduler.runNext()) yield;
  }

  /** Runs what is due until `time`, and stands there; or until it is enough. */
  *#until(time: Nanos, enough: () => boolean = () => false): Generator<undefined, boolean> {
    const { scheduler } = this.lab.world;
    for (let at = scheduler.nextAt(); at !== undefined && at <= time; at = scheduler.nextAt()) {
      scheduler.runNext();
      if (enough()) return true;
      const next = scheduler.nextAt();
      if (next === undefined || next > scheduler.now) yield;
    }
    scheduler.runUntil(time);
    return false;
  }

  #again(action: Action): void {
    switch (action.kind) {
      case 'exec':
        if (this.open(action.on, action.terminal) !== undefined) this.input(action.terminal, action.run);
        break;
      case 'interrupt': this.interrupt(action.terminal); break;
      case 'edited': this.edited(action.terminal, action.text); break;
      case 'apply': this.apply(action.manifest, action.file); break;
      case 'wait': this.lab.wait(nanos(action.span)); break;
    }
  }

  #freeId(on: string): string {
    const name = this.lab.host(on)?.name ?? on;
    if (!this.#terminals.has(name)) return name;
    let n = 2;
    while (this.#terminals.has(`${name}~${n}`)) n++;
    return `${name}~${n}`;
  }

  /** A shell of an earlier boot is gone; the machine, or the pod's next container, has a new one. */
  #shellOf(terminal: Terminal): ShellSession | undefined {
    const { name } = terminal.host;
    const host = this.lab.absence(name) === undefined ? this.lab.host(name) : undefined;
    if (terminal.shell === undefined && host !== undefined) {
      terminal.host = host;
      terminal.shell = new ShellSession(host);
    }
    return terminal.shell;
  }

  #prompt(terminal: Terminal): string {
    return this.#shellOf(terminal)?.prompt() ?? `(${terminal.host.name} is off) `;
  }

  #power(terminal: Terminal, on: boolean): void {
    if (!on) {
      terminal.shell = undefined;
      this.#listener.output(terminal.id, `\n${terminal.host.kernel.machine} is switched off\n`);
    }
    if (terminal.running === undefined) this.#listener.prompt(terminal.id, this.#prompt(terminal), 0);
  }

  #start(terminal: Terminal, shell: ShellSession, line: string): void {
    const tty: Output = {
      write: (text) => {
        this.#listener.output(terminal.id, text);
        return true;
      },
      close: () => undefined,
      editor: { open: (path, text) => this.#edit(terminal, path, text) },
    };
    const process = this.lab.beginProgram(terminal.host, line, shell.run(line, { stdin: QUIET, stdout: tty, stderr: tty, tty: true }));
    terminal.running = process;
    process.exited.add(() => {
      terminal.running = undefined;
      this.#listener.prompt(terminal.id, this.#prompt(terminal), process.exitCode ?? 0);
    });
  }

  #edit(terminal: Terminal, path: string, text: string): Editing {
    const editing = new OpenText(() => {
      terminal.editing = undefined;
      this.#listener.edit(terminal.id, undefined);
    });
    terminal.editing = editing;
    this.#listener.edit(terminal.id, { on: terminal.host.name, path, text });
    return editing;
  }
}
