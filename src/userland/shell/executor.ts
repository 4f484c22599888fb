/**
 * Read first: bash(1), COMMAND EXECUTION. Walks the tree. Stages of a pipeline and commands are processes of their own
 * (kernel.spawn); builtins and functions run inside the shell.
 */
import { assertNever } from '../../base/assert.ts';
import { SignalError, type Process, type Program, type Wait } from '../../engine/sim/process.ts';
import { plus, seconds } from '../../engine/sim/time.ts';
import type { Kernel } from '../../engine/uapi/kernel.ts';
import { done } from '../../base/result.ts';
import type { Input } from '../host.ts';
import { literalOf, ShellSyntaxError, type Assignment, type Node, type Word } from './ast.ts';
import { BUILTINS } from './builtins/all.ts';
import { MOST_PROCESSES, pause, TURNS_AT_ONCE } from './busy.ts';
import { evaluateCondition } from './condition.ts';
import { arithmetic, cellName, expandPattern, expandText, expandWords, matches, type Expander } from './expand.ts';
import { findCommand } from './find-command.ts';
import { resolvePath } from './glob.ts';
import { Capture, Pipe, textInput, waitFor } from './io.ts';
import { parseShell } from './parser.ts';
import { executes, processesOf, registerProcess } from './process-table.ts';
import { redirect, stderr, stdout, withFds, type Fds } from './redirect.ts';
import { ExpansionError, Flow, type HiddenVariable, type ShellState } from './state.ts';
import { makeContext } from './context.ts';

/** The process that a stage of a pipeline already is: its command runs in it. */
interface Place {
  readonly kernel: Kernel;
  readonly pid: number;
}

export class Shell {
  readonly state: ShellState;
  /** Inside a condition or before && and ||: a failure does not end the shell under set -e. */
  #tolerant = 0;

  constructor(state: ShellState) {
    this.state = state;
  }

  /** Parses and runs. A syntax error is reported as bash reports it. */
  *script(text: string, fds: Fds, label = '-c: '): Program {
    let node: Node;
    try {
      node = parseShell(text);
    } catch (error) {
      if (!(error instanceof ShellSyntaxError)) throw error;
      this.#syntaxError(error, text, fds, label);
      this.state.status = 2;
      return 2;
    }
    return yield* this.run(node, fds);
  }

  #syntaxError(error: ShellSyntaxError, text: string, fds: Fds, label: string): void {
    if (this.state.interactive) {
      stderr(fds).write(`${this.state.name}: ${error.message}\n`);
      return;
    }
    const prefix = `${this.state.name}: ${label}line ${error.line}: `;
    stderr(fds).write(`${prefix}${error.message}\n`);
    if (error.near !== undefined && error.near !== '') stderr(fds).write(`${prefix}\`${text.split('\n')[error.line - 1] ?? ''}'\n`);
  }

  /** A whole shell's life: `exit` ends it here. */
  *toExit(program: Program): Program {
    try {
      return yield* program;
    } catch (error) {
      if (error instanceof Flow) return error.value & 255;
      throw error;
    }
  }

  *run(node: Node, fds: Fds, place?: Place): Program {
    const status = yield* this.#node(node, fds, place);
    this.state.status = status;
    return status;
  }

  *#node(node: Node, fds: Fds, place: Place | undefined): Program {
    switch (node.kind) {
      case 'simple': {
        const status = yield* this.#simple(node, fds, place);
        this.state.pipeStatus = [status];
        if (status !== 0) this.#errexit(status);
        return status;
      }
      case 'pipeline': return yield* this.#pipeline(node, fds);
      case 'and-or': {
        this.#tolerant++;
        let status: number;
        try {
          status = yield* this.run(node.first, fds);
          for (const [i, { op, node: next }] of node.rest.entries()) {
            if ((op === '&&') !== (status === 0)) continue;
            const last = i === node.rest.length - 1;
            if (last) this.#tolerant--;
            try {
              status = yield* this.run(next, fds);
            } finally {
              if (last) this.#tolerant++;
            }
          }
        } finally {
          this.#tolerant--;
        }
        return status;
      }
      case 'list': {
        let status = node.items.length === 0 ? 0 : this.state.status;
        for (const item of node.items) {
          if (item.background) {
            yield* this.#mayFork(fds);
            this.#background(item.node, item.source, fds);
            status = 0;
            this.state.status = 0;
          } else status = yield* this.run(item.node, fds, node.items.length === 1 ? place : undefined);
        }
        return status;
      }
      case 'function': {
        this.state.functions.set(node.name, node.body);
        return 0;
      }
      default: {
        return yield* this.#withProcessFiles(function* (this: Shell): Program {
          const opened = yield* redirect(this.#expander(fds), fds, node.redirects);
          if (!opened.ok) {
            this.error(fds, opened.error);
            return 1;
          }
          return yield* this.#compound(node, opened.value);
        }.bind(this));
      }
    }
  }

  *#compound(node: Exclude<Node, { kind: 'simple' | 'pipeline' | 'and-or' | 'list' | 'function' }>, fds: Fds): Program {
    const x = this.#expander(fds);
    switch (node.kind) {
      case 'group': return yield* this.run(node.body, fds);
      case 'subshell': {
        yield* this.#mayFork(fds);
        const { process } = this.spawn('bash', (kernel, pid) => this.subshell(node.body, fds, { kernel, pid }), ['bash']);
        return yield* waitFor(process);
      }
      case 'if': {
        for (const { condition, body } of node.clauses) if ((yield* this.#condition(condition, fds)) === 0) return yield* this.run(body, fds);
        return node.otherwise === undefined ? 0 : yield* this.run(node.otherwise, fds);
      }
      case 'while': {
        let status = 0;
        yield* this.#loop(function* (this: Shell): Generator<Wait, boolean, void> {
          if (((yield* this.#condition(node.condition, fds)) === 0) === node.until) return false;
          status = yield* this.run(node.body, fds);
          return true;
        }.bind(this));
        return status;
      }
      case 'for': {
        const values = node.words === undefined ? [...this.state.positional] : yield* expandWords(x, node.words);
        let status = 0;
        yield* this.#loop(function* (this: Shell): Generator<Wait, boolean, void> {
          const value = values.shift();
          if (value === undefined) return false;
          this.state.set(node.name, value);
          status = yield* this.run(node.body, fds);
          return true;
        }.bind(this));
        return status;
      }
      case 'for-arith': {
        let status = 0;
        let first = true;
        yield* this.#loop(function* (this: Shell): Generator<Wait, boolean, void> {
          arithmetic(this.state, yield* expandText(x, first ? node.init : node.step));
          first = false;
          const test = yield* expandText(x, node.test);
          if (test.trim() !== '' && arithmetic(this.state, test) === 0) return false;
          status = yield* this.run(node.body, fds);
          return true;
        }.bind(this));
        return status;
      }
      case 'case': {
        const value = yield* expandText(x, node.word);
        let falling = false;
        let status = 0;
        for (const item of node.items) {
          let hit = falling;
          for (const pattern of item.patterns) hit ||= matches(yield* expandPattern(x, pattern), value);
          if (!hit) continue;
          status = item.body === undefined ? 0 : yield* this.run(item.body, fds);
          if (item.end === ';;') break;
          falling = item.end === ';&';
        }
        return status;
      }
      case 'condition': {
        this.state.line = node.line;
        return yield* this.#expanding(fds, evaluateCondition(x, node.expression));
      }
      case 'arithmetic': {
        this.state.line = node.line;
        const { state } = this;
        return yield* this.#expanding(fds, (function* () {
          return arithmetic(state, yield* expandText(x, node.source)) === 0 ? 1 : 0;
        })());
      }
      default: return assertNever(node);
    }
  }

  *#condition(node: Node, fds: Fds): Program {
    this.#tolerant++;
    try {
      return yield* this.run(node, fds);
    } finally {
      this.#tolerant--;
    }
  }

  *#loop(turn: () => Generator<Wait, boolean, void>): Generator<Wait, void, void> {
    this.state.loops++;
    try {
      for (let turns = 1; ; turns++) {
        try {
          if (!(yield* turn())) return;
          if (turns % TURNS_AT_ONCE === 0) yield pause(this.state.kernel, turns);
        } catch (error) {
          if (!(error instanceof Flow) || (error.kind !== 'break' && error.kind !== 'continue')) throw error;
          if (error.value > 1 && this.state.loops > 1) throw new Flow(error.kind, error.value - 1);
          if (error.kind === 'break') return;
        }
      }
    } finally {
      this.state.loops--;
    }
  }

  *#pipeline(node: Extract<Node, { kind: 'pipeline' }>, fds: Fds): Program {
    const started = this.state.kernel.clock.now;
    if (node.negate) this.#tolerant++;
    let status: number;
    try {
      status = yield* this.#stages(node.commands, fds);
    } finally {
      if (node.negate) this.#tolerant--;
    }
    if (node.timed === 'posix') stderr(fds).write(`real ${((this.state.kernel.clock.now - started) / 1e9).toFixed(2)}\nuser 0.00\nsys 0.00\n`);
    if (node.timed === 'bash') {
      const span = (this.state.kernel.clock.now - started) / 1e9;
      stderr(fds).write(`\nreal\t${Math.floor(span / 60)}m${(span % 60).toFixed(3)}s\nuser\t0m0.000s\nsys\t0m0.000s\n`);
    }
    if (node.negate) return status === 0 ? 1 : 0;
    if (status !== 0) this.#errexit(status);
    return status;
  }

  *#stages(commands: readonly Node[], fds: Fds): Program {
    const [only, ...more] = commands;
    if (only !== undefined && more.length === 0) return yield* this.run(only, fds);
    const processes: Process[] = [];
    let input: Pipe | undefined;
    for (const [i, command] of commands.entries()) {
      const from = input;
      const to = i === commands.length - 1 ? undefined : new Pipe();
      input = to;
      const stage = withFds(fds, { input: from?.input, output: to?.output });
      const label = labelOf(command);
      yield* this.#mayFork(fds);
      const { process } = this.spawn(label, (kernel, pid) => this.#stage(command, stage, { kernel, pid }, from, to), [label]);
      processes.push(process);
    }
    const status = yield* waitForAll(processes, this.state.options.has('pipefail'));
    this.state.pipeStatus = processes.map((p) => p.exitCode ?? 0);
    return status;
  }

  *#stage(node: Node, fds: Fds, place: Place, from: Pipe | undefined, to: Pipe | undefined): Program {
    try {
      return yield* this.subshell(node, fds, place);
    } finally {
      to?.output.close();
      from?.closeReader();
    }
  }

  /** Runs in a copy of this shell's state. */
  *subshell(node: Node, fds: Fds, place: Place): Program {
    const shell = new Shell(this.state.fork(place.pid, place.kernel));
    return yield* shell.toExit(shell.run(node, fds, place));
  }

  #background(node: Node, source: string, fds: Fds): void {
    const quiet = withFds(fds, { input: textInput('') });
    const label = labelOf(node);
    const { pid, process } = this.spawn(label, (kernel, childPid) => this.subshell(node, quiet, { kernel, pid: childPid }), [label]);
    const number = Math.max(0, ...this.state.jobs.map((j) => j.number)) + 1;
    this.state.jobs.push({ number, pid, process, command: source });
    this.state.lastBackground = pid;
    if (this.state.interactive) stderr(fds).write(`[${number}] ${pid}\n`);
  }

  spawn(label: string, program: (kernel: Kernel, pid: number) => Program, args: readonly string[]): { readonly pid: number; readonly process: Process } {
    const child = this.state.kernel.spawn(label, program);
    registerProcess(this.state.host, { pid: child.pid, user: this.state.user, args, process: child.process, startedMillis: this.state.kernel.clock.wallMillis(), tty: this.state.interactive });
    return child;
  }

  /** fork(2) fails when there are too many: bash tries again after 1, 2, 4, 8 s and then gives up. */
  *#mayFork(fds: Fds): Generator<Wait, void, void> {
    const { host, kernel } = this.state;
    for (let wait = 1; processesOf(host).length >= MOST_PROCESSES; wait *= 2) {
      if (wait > 8) {
        this.error(fds, 'fork: Resource temporarily unavailable');
        throw new Flow('exit', 254);
      }
      this.error(fds, 'fork: retry: Resource temporarily unavailable');
      yield { until: plus(kernel.clock.now, seconds(wait)) };
    }
  }

  #errexit(status: number): void {
    if (this.state.options.has('errexit') && this.#tolerant === 0) throw new Flow('exit', status);
  }

  error(fds: Fds, text: string): void {
    stderr(fds).write(`${this.state.errorPrefix}${text}\n`);
  }

  #expander(fds: Fds): Expander {
    return { state: this.state, substitute: (source) => this.#substitute(source, fds), processFile: (direction, source) => this.#processFile(direction, source, fds), processInput: (source) => this.#processInput(source, fds) };
  }

  *#substitute(source: string, fds: Fds): Generator<Wait, string, void> {
    const capture = new Capture();
    const file = /^\s*<\s*(\S+)\s*$/.exec(source)?.[1];
    const shell = new Shell(this.state.fork(this.state.pid, this.state.kernel));
    const inner = { ...withFds(fds, { output: capture }), terminal: undefined };
    this.state.status = yield* shell.toExit(shell.script(file === undefined ? source : `cat ${file}`, inner, 'command substitution: '));
    return capture.text.replace(/\n+$/, '').replace(/\0/g, '');
  }

  /** Runs what expands words: a failed expansion is reported, and ends a shell that is not interactive. */
  *#expanding<T>(fds: Fds, program: Generator<Wait, T, void>): Generator<Wait, T | 1, void> {
    try {
      return yield* program;
    } catch (error) {
      if (!(error instanceof ExpansionError)) throw error;
      this.error(fds, error.message);
      if (error.fatal && !this.state.interactive) throw new Flow('exit', error.status);
      return 1;
    }
  }

  *#simple(node: Extract<Node, { kind: 'simple' }>, fds: Fds, place: Place | undefined): Program {
    this.state.line = node.line;
    return yield* this.#withProcessFiles(() => this.#expanding(fds, this.#command(node, fds, place)));
  }

  #processFiles: { readonly path: string | undefined; readonly close: () => void }[] = [];

  /** Files of `<( … )` live as long as the command that names them. */
  *#withProcessFiles(program: () => Program): Program {
    const outer = this.#processFiles;
    this.#processFiles = [];
    try {
      return yield* program();
    } finally {
      for (const { path, close } of this.#processFiles) {
        close();
        if (path !== undefined) this.state.host.fs.remove(path);
      }
      this.#processFiles = outer;
    }
  }

  /** `<( … )` runs to its end before the command that reads it starts; bash runs both at once. */
  *#processFile(direction: '<' | '>', source: string, fds: Fds): Generator<Wait, string, void> {
    const { fs } = this.state.host;
    let n = 63;
    while (fs.kind(`/dev/fd/${n}`) !== undefined) n--;
    const path = `/dev/fd/${n}`;
    yield* this.#mayFork(fds);
    if (direction === '<') {
      const capture = new Capture();
      const { process } = this.spawn('bash', (kernel, pid) => this.#script(source, { ...withFds(fds, { output: capture }), terminal: undefined }, { kernel, pid }), ['bash']);
      yield* waitFor(process);
      fs.provide(path, () => capture.text);
      this.#processFiles.push({ path, close: () => undefined });
      return path;
    }
    const pipe = new Pipe();
    this.spawn('bash', (kernel, pid) => this.#script(source, withFds(fds, { input: pipe.input }), { kernel, pid }), ['bash']);
    fs.provide(path, () => '', (text) => {
      pipe.output.write(text);
      return done;
    });
    this.#processFiles.push({ path, close: () => pipe.output.close() });
    return path;
  }

  *#processInput(source: string, fds: Fds): Generator<Wait, Input, void> {
    yield* this.#mayFork(fds);
    const pipe = new Pipe();
    this.spawn('bash', function* (this: Shell, kernel: Kernel, pid: number): Program {
      try {
        return yield* this.#script(source, { ...withFds(fds, { output: pipe.output }), terminal: undefined }, { kernel, pid });
      } finally {
        pipe.output.close();
      }
    }.bind(this), ['bash']);
    this.#processFiles.push({ path: undefined, close: () => pipe.closeReader() });
    return pipe.input;
  }

  *#script(source: string, fds: Fds, place: Place): Program {
    const shell = new Shell(this.state.fork(place.pid, place.kernel));
    return yield* shell.toExit(shell.script(source, fds));
  }

  *#command(node: Extract<Node, { kind: 'simple' }>, fds: Fds, place: Place | undefined): Program {
    const { state } = this;
    const x = this.#expander(fds);
    const words = yield* expandWords(x, this.#unalias(node.words));
    const opened = yield* redirect(x, fds, node.redirects);
    if (!opened.ok) {
      this.error(fds, opened.error);
      return 1;
    }
    const inner = opened.value;
    const [name] = words;
    if (name === undefined) {
      const substitutes = node.assignments.some((a) => a.value.parts.some((p) => p.kind === 'command')) || node.words.length > 0;
      if (substitutes) state.status = 0;
      for (const a of node.assignments) yield* this.#assign(x, a);
      return substitutes ? state.status : 0;
    }
    if (state.options.has('xtrace')) {
      const shown = words.map((w) => (/^[\w@%+=:,./-]+$/.test(w) ? w : `'${w.replace(/'/g, "'\\''")}'`)).join(' ');
      stderr(fds).write(`${state.get('PS4') ?? '+ '}${shown}\n`);
    }
    const local = new Map<string, string>();
    for (const a of node.assignments) local.set(a.name, yield* this.#assigned(x, a));
    const status = yield* this.execute(words, inner, local, place);
    for (const a of node.arrays ?? []) yield* this.#assign(x, a);
    return status;
  }

  *#assign(x: Expander, a: Assignment): Generator<Wait, void, void> {
    const { state } = this;
    if (a.elements === undefined) {
      const name = a.subscript === undefined ? a.name : yield* cellName(x, a.name, a.subscript);
      const text = yield* expandText(x, a.value);
      if (state.readonlyNames.has(a.name)) throw new ExpansionError(`${a.name}: readonly variable`, true);
      state.set(name, a.append ? (state.get(name) ?? '') + text : text);
      return;
    }
    if (state.readonlyNames.has(a.name)) throw new ExpansionError(`${a.name}: readonly variable`, true);
    const associative = state.arrays.get(a.name)?.associative === true;
    const cells: [string, string][] = [];
    let next = a.append ? Math.max(-1, ...state.subscripts(a.name).map(Number)) + 1 : 0;
    for (const { key, value } of a.elements) {
      if (key === undefined) for (const word of yield* expandWords(x, [value])) cells.push([String(next++), word]);
      else {
        const subscript = yield* expandText(x, key);
        const at = associative ? subscript : String(arithmetic(state, subscript));
        cells.push([at, yield* expandText(x, value)]);
        next = Number(at) + 1;
      }
    }
    const array = a.append ? state.arrays.get(a.name) : undefined;
    if (array !== undefined) for (const [at, value] of cells) array.cells.set(at, value);
    else {
      if (!a.append) state.variables.delete(a.name);
      const made = state.makeArray(a.name, associative);
      for (const [at, value] of cells) made.cells.set(at, value);
    }
  }

  *#assigned(x: Expander, a: Assignment): Generator<Wait, string, void> {
    const text = yield* expandText(x, a.value);
    return a.append ? (this.state.get(a.name) ?? '') + text : text;
  }

  assign(fds: Fds, name: string, value: string): boolean {
    if (this.state.readonlyNames.has(name)) {
      this.error(fds, `${name}: readonly variable`);
      return false;
    }
    this.state.set(name, value);
    return true;
  }

  #unalias(words: readonly Word[]): readonly Word[] {
    const [first, ...rest] = words;
    const name = first === undefined ? undefined : literalOf(first);
    const text = name === undefined ? undefined : this.state.aliases.get(name);
    if (text === undefined) return words;
    const node = parseShell(text);
    const item = node.kind === 'list' ? node.items[0]?.node : undefined;
    return item?.kind === 'simple' ? [...item.words, ...rest] : words;
  }

  /** A function, builtin or command by its words. `assignments` hold for it alone. */
  *execute(words: readonly string[], fds: Fds, assignments: ReadonlyMap<string, string>, place?: Place, skipFunctions = false): Program {
    const { state } = this;
    const [name = ''] = words;
    const body = skipFunctions ? undefined : state.functions.get(name);
    const builtin = BUILTINS.get(name);
    if (body !== undefined || builtin !== undefined) {
      const saved = new Map<string, HiddenVariable>();
      for (const [variable, value] of assignments) {
        saved.set(variable, state.hide(variable));
        state.set(variable, value);
      }
      try {
        if (body !== undefined) return yield* this.#call(body, words, fds);
        if (builtin !== undefined) {
          const result = builtin({ shell: this, state, args: words, fds, out: (text) => this.#emit(fds, text), fail: (text, status = 1) => { this.error(fds, `${name}: ${text}`); return status; } });
          return typeof result === 'number' ? result : yield* result;
        }
      } finally {
        for (const [variable, hidden] of saved) state.restore(variable, hidden);
      }
    }
    return yield* this.external(words, fds, assignments, place);
  }

  #emit(fds: Fds, text: string): void {
    if (!stdout(fds).write(text)) throw new SignalError('SIGPIPE');
  }

  *#call(body: Node, words: readonly string[], fds: Fds): Program {
    const { state } = this;
    const saved = state.positional;
    const savedLocals = this.locals;
    state.positional = words.slice(1);
    this.locals = new Map();
    state.functionDepth++;
    if (state.functionDepth > 200) throw new ExpansionError(`${words[0] ?? ''}: maximum function nesting level exceeded (200)`);
    try {
      return yield* this.run(body, fds);
    } catch (error) {
      if (error instanceof Flow && error.kind === 'return') return error.value;
      throw error;
    } finally {
      state.functionDepth--;
      state.positional = saved;
      for (const [variable, hidden] of this.locals) state.restore(variable, hidden);
      this.locals = savedLocals;
    }
  }

  isBuiltin(name: string): boolean {
    return BUILTINS.has(name);
  }

  /** Values that `local` hid, by name; restored when the function ends. */
  locals: Map<string, HiddenVariable> | undefined;

  *external(words: readonly string[], fds: Fds, assignments: ReadonlyMap<string, string>, place?: Place): Program {
    const { state } = this;
    const [name = ''] = words;
    const command = findCommand(state.host, name);
    if (command === undefined) return yield* this.#notCommand(name, words, fds, assignments, place);
    const env = state.environment();
    for (const [variable, value] of assignments) env.set(variable, value);
    const run = (kernel: Kernel, pid: number): Program => command.run(makeContext({ host: state.host, kernel, args: words, env, cwd: state.cwd, user: state.user, fds, pid }));
    if (place !== undefined) {
      executes(state.host, place.pid, words);
      return yield* run(place.kernel, place.pid);
    }
    yield* this.#mayFork(fds);
    const { process } = this.spawn(baseName(name), run, words);
    return yield* waitFor(process);
  }

  *#notCommand(name: string, words: readonly string[], fds: Fds, assignments: ReadonlyMap<string, string>, place: Place | undefined): Program {
    const { host } = this.state;
    if (!name.includes('/')) {
      this.error(fds, `${name}: command not found`);
      return 127;
    }
    const path = resolvePath(this.state.cwd, name);
    const kind = host.fs.kind(path);
    if (kind === undefined) {
      this.error(fds, `${name}: No such file or directory`);
      return 127;
    }
    if (kind === 'directory') {
      this.error(fds, `${name}: Is a directory`);
      return 126;
    }
    const status = host.fs.stat(path);
    if (!status.ok || (status.value.mode & 0o111) === 0) {
      this.error(fds, `${name}: Permission denied`);
      return 126;
    }
    return yield* this.external(['bash', ...words], fds, assignments, place);
  }
}

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

function labelOf(node: Node): string {
  if (node.kind !== 'simple') return 'bash';
  const [first] = node.words;
  return first === undefined ? 'bash' : baseName(literalOf(first) ?? 'bash');
}

/** Waits for all; a signal goes to all. The last one's status counts, or the last failure under pipefail. */
function* waitForAll(processes: readonly Process[], pipefail: boolean): Program {
  let caught: SignalError | undefined;
  for (;;) {
    const alive = processes.filter((p) => p.exitCode === undefined);
    if (alive.length === 0) break;
    try {
      yield { on: alive.map((p) => p.exited) };
    } catch (error) {
      if (!(error instanceof SignalError)) throw error;
      caught = error;
      for (const p of alive) p.kill(error.signal);
    }
  }
  const codes = processes.map((p) => p.exitCode ?? 0);
  const last = codes.at(-1) ?? 0;
  if (caught !== undefined && last > 128) throw caught;
  return pipefail ? codes.filter((c) => c !== 0).at(-1) ?? 0 : last;
}
