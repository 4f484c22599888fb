/** The loop of an interactive bash: prompt, line, run, until `exit` or Ctrl+D. Also what `bash` inside a terminal is. */
import { SignalError, type Program } from '../../engine/sim/process.ts';
import type { Output } from '../host.ts';
import { ShellSyntaxError, type Node } from './ast.ts';
import { jobLine } from './builtins/jobs.ts';
import { Shell } from './executor.ts';
import { BufferedInput, ofTerminal, type TerminalInput } from './io.ts';
import { parseShell } from './parser.ts';
import { standardFds } from './redirect.ts';
import { Flow, type ShellState } from './state.ts';

/** The host's prompt; another one for root where the host's user is not root, and in another namespace. */
export function promptOf(state: ShellState): string {
  const { host } = state;
  const home = state.get('HOME') ?? host.home;
  if (state.user === host.user) return host.prompt(state.cwd);
  const folder = state.cwd === home ? '~' : state.cwd.startsWith(`${home}/`) ? `~${state.cwd.slice(home.length)}` : state.cwd;
  return `${state.user}@${host.hostname}:${folder}${state.user === 'root' ? '#' : '$'} `;
}

export function* repl(state: ShellState, terminal: TerminalInput, stdout: Output, stderr: Output, onLine?: (state: ShellState) => void): Program {
  const shell = new Shell(state);
  const fds = standardFds(ofTerminal(new BufferedInput(terminal), terminal), stdout, stderr, stdout);
  let pending = '';
  for (;;) {
    for (const job of state.jobs.filter((j) => j.process.exitCode !== undefined)) {
      stderr.write(jobLine(state.jobs, job));
      state.jobs.splice(state.jobs.indexOf(job), 1);
    }
    onLine?.(state);
    let line: string | undefined;
    try {
      line = yield* terminal.readLine(pending === '' ? promptOf(state) : '> ');
    } catch (error) {
      if (!(error instanceof SignalError) || error.signal !== 'SIGINT') throw error;
      stdout.write('\n');
      pending = '';
      state.status = 130;
      continue;
    }
    if (line === undefined) {
      if (pending !== '') {
        stderr.write('bash: syntax error: unexpected end of file\n');
        pending = '';
        state.status = 2;
        continue;
      }
      stdout.write('exit\n');
      return state.status;
    }
    const text = pending === '' ? line : `${pending}\n${line}`;
    const node = parse(text, state, stderr);
    if (node === 'more') {
      pending = text;
      continue;
    }
    pending = '';
    if (text.trim() !== '') state.history.push(text);
    if (node === undefined) continue;
    try {
      yield* shell.run(node, fds);
    } catch (error) {
      if (error instanceof Flow) {
        if (error.kind === 'exit') return error.value & 255;
        continue;
      }
      if (!(error instanceof SignalError) || error.signal !== 'SIGINT') throw error;
      stdout.write('\n');
      state.status = 130;
    }
  }
}

function parse(text: string, state: ShellState, stderr: Output): Node | 'more' | undefined {
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

/** `cat <<EOF` without its last line: the parser takes the end of input as the delimiter, a terminal waits. */
function unfinishedHeredoc(text: string): boolean {
  const lines = text.split('\n');
  for (const [i, line] of lines.entries()) {
    const match = /(?:^|[^<])<<(-?)\s*(['"\\]?)([A-Za-z_]\w*)/.exec(line);
    if (match === null) continue;
    const rest = lines.slice(i + 1).map((l) => (match[1] === '-' ? l.replace(/^\t+/, '') : l));
    if (!rest.includes(match[3] ?? '')) return true;
    return false;
  }
  return false;
}
