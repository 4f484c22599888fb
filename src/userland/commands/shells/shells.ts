/** Read first: bash(1) (invocation), env(1), xargs(1), timeout(1), watch(1), nohup(1). */
import { SignalError, type Process, type Program } from '../../../engine/sim/process.ts';
import { plus, seconds } from '../../../engine/sim/time.ts';
import { STRERROR } from '../../../engine/uapi/errno.ts';
import type { Command, Context } from '../../host.ts';
import { Shell } from '../../shell/executor.ts';
import { findCommand } from '../../shell/find-command.ts';
import { Capture, nestedShell, readAll, textInput } from '../../shell/io.ts';
import { standardFds } from '../../shell/redirect.ts';
import { ShellState } from '../../shell/state.ts';
import { strftime } from '../../text/strftime.ts';
import { duration } from '../coreutils/small.ts';
import { Exit, fail, gnu, pathOf, print, warn } from '../kit.ts';

const bash: Command = {
  name: 'bash', aliases: ['sh', 'ash', 'dash'], models: '-c, script files, standard input, interactive inside a terminal; -e -x -u', notModelled: 'dash and ash dialects: sh is bash here',
  *run(context) {
    const args = context.args.slice(1);
    const options = new Set<string>();
    let command: string | undefined;
    while (args[0] !== undefined && /^-/.test(args[0]) && args[0] !== '-') {
      const option = args.shift() ?? '';
      if (option === '--') break;
      if (option === '--login' || option === '--norc' || option === '--noprofile') continue;
      if (option === '--version') {
        print(context, 'GNU bash, version 5.1.16(1)-release (x86_64-pc-linux-gnu)\nCopyright (C) 2020 Free Software Foundation, Inc.\nLicense GPLv3+: GNU GPL version 3 or later <http://gnu.org/licenses/gpl.html>\n\nThis is free software; you are free to change and redistribute it.\nThere is NO WARRANTY, to the extent permitted by law.\n');
        return 0;
      }
      if (option === '-o') {
        options.add(args.shift() ?? '');
        continue;
      }
      if (option.startsWith('--')) return fail(context, `${option}: invalid option`, 2);
      for (const letter of option.slice(1)) {
        if (letter === 'c') command = '';
        else if ('exuf'.includes(letter)) options.add({ e: 'errexit', x: 'xtrace', u: 'nounset', f: 'noglob' }[letter] ?? '');
        else if (!'ilsv'.includes(letter)) return fail(context, `-${letter}: invalid option`, 2);
      }
    }
    const make = (name: string, positional: readonly string[], interactive: boolean): ShellState => {
      const state = new ShellState({ host: context.host, kernel: context.kernel, user: context.user, cwd: context.cwd, env: context.env, positional, name, pid: context.pid, interactive });
      for (const option of options) state.options.add(option);
      return state;
    };
    const base = (context.args[0] ?? 'bash').split('/').at(-1) ?? 'bash';
    const fds = standardFds(context.stdin, context.stdout, context.stderr, context.tty ? context.stdout : undefined);
    if (command !== undefined) {
      const [text, name = base, ...positional] = args;
      if (text === undefined) return fail(context, '-c: option requires an argument', 2);
      const shell = new Shell(make(name, positional, false));
      return yield* shell.toExit(shell.script(text, fds));
    }
    const [file, ...positional] = args;
    if (file !== undefined && file !== '-') {
      const text = context.host.fs.read(pathOf(context, file));
      if (!text.ok) return fail(context, `${file}: ${STRERROR[text.error]}`, 127);
      const shell = new Shell(make(file, positional, false));
      return yield* shell.toExit(shell.script(text.value, fds, ''));
    }
    const enter = context.tty ? nestedShell(context.stdin) : undefined;
    if (enter !== undefined) {
      enter(make(base, [], true));
      return 0;
    }
    const text = yield* readAll(context.stdin);
    const shell = new Shell(make(base, [], false));
    return yield* shell.toExit(shell.script(text, fds, ''));
  },
};

const env: Command = {
  name: 'env', models: 'NAME=VALUE…, -i, -u, a command', notModelled: '-S, -C',
  *run(context) {
    const args = context.args.slice(1);
    const variables = new Map(context.env);
    for (let first = args[0]; first !== undefined; first = args[0]) {
      if (first === '-i' || first === '-') variables.clear();
      else if (first === '-u') {
        args.shift();
        variables.delete(args[0] ?? '');
      } else if (/^[A-Za-z_]\w*=/.test(first)) variables.set(first.slice(0, first.indexOf('=')), first.slice(first.indexOf('=') + 1));
      else if (first.startsWith('-') && first !== '--') return fail(context, `invalid option -- '${first.slice(1)}'\nTry 'env --help' for more information.`, 125);
      else if (first !== '--') break;
      args.shift();
    }
    const [name] = args;
    if (name === undefined) {
      for (const [key, value] of variables) print(context, `${key}=${value}\n`);
      return 0;
    }
    if (findCommand(context.host, name) === undefined) return fail(context, `‘${name}’: No such file or directory`, 127);
    return yield* context.exec(args, { env: variables });
  },
};

const printenv: Command = {
  name: 'printenv', models: 'all or named variables',
  *run(context) {
    const names = context.args.slice(1);
    if (names.length === 0) for (const [key, value] of context.env) print(context, `${key}=${value}\n`);
    let code = 0;
    for (const name of names) {
      const value = context.env.get(name);
      if (value === undefined) code = 1;
      else print(context, `${value}\n`);
    }
    return code;
  },
};

/** Words of xargs input: blanks separate, quotes and backslashes protect. */
function xargsWords(text: string, delimiter: string | undefined): string[] {
  if (delimiter !== undefined) {
    const words = text.split(delimiter);
    if (words.at(-1) === '' || words.at(-1) === '\n') words.pop();
    return words;
  }
  return [...text.matchAll(/(?:"[^"]*"|'[^']*'|\\.|[^\s"'\\])+/g)].map((m) => m[0].replace(/"([^"]*)"|'([^']*)'|\\(.)/g, (_, a: string | undefined, b: string | undefined, c: string | undefined) => a ?? b ?? c ?? ''));
}

const xargs: Command = gnu({
  name: 'xargs', models: '-n -I -r -t -d -0 -L 1 -P (one at a time)', notModelled: 'parallel runs', stopAtOperand: true, short: 'n:I:rtd:0L:P:a:', long: { 'max-args': 'n:', replace: 'I:', 'no-run-if-empty': 'r', verbose: 't', delimiter: 'd:', null: '0', 'max-lines': 'L:', 'max-procs': 'P:' },
  *run(context, options) {
    const text = yield* readAll(context.stdin);
    const command = options.rest.length === 0 ? ['echo'] : options.rest;
    const replace = options.value('I');
    const byLine = replace !== undefined || options.has('L');
    const items = byLine ? text.split('\n').map((l) => l.trim()).filter((l) => l !== '') : xargsWords(text, options.has('0') ? '\0' : options.value('d')?.replace(/\\n/, '\n'));
    const size = replace !== undefined ? 1 : options.has('L') ? Number(options.value('L')) : Number(options.value('n') ?? Infinity);
    const batches: string[][] = [];
    for (let i = 0; i < items.length; i += size) {
      const batch = items.slice(i, size === Infinity ? undefined : i + size);
      batches.push(replace !== undefined ? command.map((w) => w.split(replace).join(batch[0] ?? '')) : [...command, ...(options.has('L') ? batch.flatMap((l) => xargsWords(l, undefined)) : batch)]);
      if (size === Infinity) break;
    }
    if (items.length === 0 && !options.has('r') && replace === undefined) batches.push([...command]);
    let code = 0;
    for (const words of batches) {
      if (options.has('t')) warn(context, `${words.join(' ')}\n`);
      if (findCommand(context.host, words[0] ?? '') === undefined) return fail(context, `${words[0] ?? ''}: No such file or directory`, 127);
      const status = yield* context.exec(words, { stdin: textInput('') });
      if (status === 255) return fail(context, `${words[0] ?? ''}: exited with status 255; aborting`, 124);
      if (status !== 0) code = status > 128 ? 125 : 123;
    }
    return code;
  },
});

const SIGNALS: Readonly<Record<string, SignalError['signal']>> = { INT: 'SIGINT', 2: 'SIGINT', KILL: 'SIGKILL', 9: 'SIGKILL', TERM: 'SIGTERM', 15: 'SIGTERM' };

/** Runs a command as a child process that can be killed at a time. */
export function child(context: Context, words: readonly string[]): { readonly pid: number; readonly process: Process } {
  const command = findCommand(context.host, words[0] ?? '');
  if (command === undefined) throw new Exit(127, `${context.args[0] ?? ''}: failed to run command ‘${words[0] ?? ''}’: No such file or directory\n`);
  return context.kernel.spawn(words[0] ?? '', () => context.exec(words));
}

const timeout: Command = gnu({
  name: 'timeout', models: 'DURATION COMMAND, -s, -k, --preserve-status', stopAtOperand: true, usageCode: 125, short: 's:k:v', long: { signal: 's:', 'kill-after': 'k:', 'preserve-status': 'p', foreground: 'f', verbose: 'v' },
  *run(context, options) {
    const [span, ...words] = options.rest;
    if (span === undefined || words.length === 0) throw new Exit(125, "timeout: missing operand\nTry 'timeout --help' for more information.\n");
    const signal = SIGNALS[(options.value('s') ?? 'TERM').replace(/^SIG/, '')];
    if (signal === undefined) throw new Exit(125, `timeout: ${options.value('s') ?? ''}: invalid signal\nTry 'timeout --help' for more information.\n`);
    const limit = duration(context, span);
    const until = plus(context.kernel.clock.now, seconds(limit));
    const { process } = child(context, words);
    while (process.exitCode === undefined && (limit === 0 || context.kernel.clock.now < until)) {
      try {
        yield limit === 0 ? { on: [process.exited] } : { on: [process.exited], until };
      } catch (error) {
        if (!(error instanceof SignalError)) throw error;
        process.kill(error.signal);
        throw error;
      }
    }
    if (process.exitCode !== undefined) return process.exitCode;
    process.kill(signal);
    const after = options.value('k');
    const hard = after === undefined ? undefined : plus(context.kernel.clock.now, seconds(duration(context, after)));
    while (process.exitCode === undefined) {
      yield hard === undefined ? { on: [process.exited] } : { on: [process.exited], until: hard };
      if (hard !== undefined && context.kernel.clock.now >= hard) process.kill('SIGKILL');
    }
    return options.has('p') ? process.exitCode : signal === 'SIGKILL' ? 137 : 124;
  },
});

const WATCH_USAGE = `
Usage:
 watch [options] command

Options:
  -b, --beep             beep if command has a non-zero exit
  -c, --color            interpret ANSI color and style sequences
  -d, --differences[=<permanent>]
                         highlight changes between updates
  -e, --errexit          exit if command has a non-zero exit
  -g, --chgexit          exit when output from command changes
  -q, --equexit <cycles>
                         exit when output from command does not change
  -n, --interval <secs>  seconds to wait between updates
  -p, --precise          attempt run command in precise intervals
  -t, --no-title         turn off header
  -w, --no-wrap          turn off line wrapping
  -x, --exec             pass command to exec instead of "sh -c"

 -h, --help     display this help and exit
 -v, --version  output version information and exit

For more details see watch(1).
`;

const watch: Command = gnu({
  name: 'watch', models: '-n -t -d -g -e; clears the terminal before each run', stopAtOperand: true, short: 'n:td::gexbcpwq:', long: { interval: 'n:', 'no-title': 't', differences: 'd::', exec: 'x', chgexit: 'g', errexit: 'e', color: 'c', precise: 'p', 'no-wrap': 'w' },
  *run(context, options) {
    const line = options.rest.join(' ');
    if (line === '') throw new Exit(1, WATCH_USAGE);
    const interval = duration(context, options.value('n') ?? '2');
    let before: string | undefined;
    for (;;) {
      const started = context.kernel.clock.now;
      const capture = new Capture();
      const status = yield* context.run(line, { stdout: capture, stderr: capture });
      const title = options.has('t') ? '' : `${`Every ${interval.toFixed(1)}s: ${line}`.padEnd(40)}  ${context.host.hostname}: ${strftime('%a %b %e %H:%M:%S %Y', context.kernel.clock.wallMillis())}\n\n`;
      print(context, `${context.tty ? '\x1b[H\x1b[2J' : ''}${title}${capture.text}`);
      if (options.has('g') && before !== undefined && before !== capture.text) return 0;
      if (options.has('e') && status !== 0) return 8; // after a key press, which nobody makes here
      before = capture.text;
      const next = plus(started, seconds(Math.max(0.1, interval)));
      while (context.kernel.clock.now < next) yield { until: next };
    }
  },
});

const passing = (name: string, models: string): Command => ({
  name, models,
  *run(context): Program {
    const words = context.args.slice(1);
    while (words[0] !== undefined && words[0].startsWith('-')) words.shift();
    if (words.length === 0) return fail(context, `missing operand\nTry '${name} --help' for more information.`, 125);
    if (findCommand(context.host, words[0] ?? '') === undefined) return fail(context, `failed to run command '${words[0] ?? ''}': No such file or directory`, 127);
    return yield* context.exec(words);
  },
});

export const shells: readonly Command[] = [bash, env, printenv, xargs, timeout, watch, passing('nohup', 'runs the command'), passing('nice', 'runs the command'), passing('stdbuf', 'runs the command'), passing('setsid', 'runs the command')];
