/**
 * Read first: scp(1).
 * Models: scp of OpenSSH 8.9 with its own protocol: at the other end `scp -f` (source) or `scp -t` (sink) runs over ssh, one file after the other, a line at a terminal.
 * Not modelled: folders (-r), times and modes (-p), copies between two remote machines, patterns, the sink's answers to each message.
 */
import type { Program } from '../../../engine/sim/process.ts';
import { STRERROR } from '../../../engine/uapi/errno.ts';
import { runRemote } from '../../daemons/sshd/connect.ts';
import { SSH_PORT } from '../../daemons/sshd/sshd.ts';
import type { Command, Context } from '../../host.ts';
import { resolvePath } from '../../shell/glob.ts';
import { Capture, readAll } from '../../shell/io.ts';
import { getopt, UsageError, type Options } from '../../text/getopt.ts';
import { catching, Exit, NOT_MODELLED, print, warn } from '../kit.ts';
import { sessionWith } from '../ssh/ssh.ts';
import { meterLine } from './meter.ts';

const USAGE = `usage: scp [-346ABCOpqRrsTv] [-c cipher] [-D sftp_server_path] [-F ssh_config]
           [-i identity_file] [-J destination] [-l limit]
           [-o ssh_option] [-P port] [-S program] source ... target
`;
const SHORT = '346ABCOpqRrsTvc:D:F:i:J:l:o:P:S:tf';
const ABSENT = ['3', 'D', 'J', 'l', 'p', 'r', 'R', 's', 'S'];

interface Remote {
  readonly user: string | undefined;
  readonly host: string;
  readonly path: string;
}

/** colon(): a name before the first colon, and no slash before that. */
function remoteOf(word: string): Remote | undefined {
  const m = /^(?:([^@/:]+)@)?([^@/:]+):(.*)$/s.exec(word);
  return m?.[2] === undefined ? undefined : { user: m[1], host: m[2], path: m[3] === '' || m[3] === undefined ? '.' : m[3] };
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
const quoted = (path: string): string => (/^[\w@%+=:,./~-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`);

/** The message for one file: its head, the bytes, a zero. */
const message = (name: string, text: string): string => `C0644 ${text.length} ${name}\n${text}\0`;

/** Why a path cannot be sent. */
function unreadable(context: Context, path: string): string | undefined {
  const { fs } = context.host;
  const at = resolvePath(context.cwd, path);
  if (fs.kind(at) === 'directory') return `${path}: not a regular file`;
  const text = fs.read(at);
  return text.ok ? undefined : `${path}: ${STRERROR[text.error]}`;
}

const contents = (context: Context, path: string): string => {
  const text = context.host.fs.read(resolvePath(context.cwd, path));
  return text.ok ? text.value : '';
};

/** Reads messages and writes the files that they hold. Returns the complaints; `told`: after each file. */
function receive(context: Context, stream: string, target: string, told: (name: string, size: number) => void): readonly string[] {
  const { fs } = context.host;
  const path = resolvePath(context.cwd, target);
  const problems: string[] = [];
  for (let rest = stream; rest !== '';) {
    const end = rest.indexOf('\n');
    const line = end < 0 ? rest : rest.slice(0, end);
    rest = end < 0 ? '' : rest.slice(end + 1);
    const head = /^C(\d{4}) (\d+) (.+)$/.exec(line);
    if (head === null) {
      problems.push(line.startsWith('\u0001') ? line.slice(1) : `scp: protocol error: ${line}`);
      continue;
    }
    const size = Number(head[2]);
    const file = fs.kind(path) === 'directory' ? `${path === '/' ? '' : path}/${head[3] ?? ''}` : path;
    const written = fs.write(file, rest.slice(0, size));
    if (written.ok) told(nameOf(file), size);
    else problems.push(`scp: ${target}: ${STRERROR[written.error]}`);
    rest = rest.slice(size + 1);
  }
  return problems;
}

/** `scp -f file ...`, as the other end starts it. */
function source(context: Context, files: readonly string[]): number {
  let code = 0;
  for (const file of files) {
    const problem = unreadable(context, file);
    if (problem !== undefined) code = 1;
    print(context, problem === undefined ? message(nameOf(file), contents(context, file)) : `\u0001scp: ${problem}\n`);
  }
  return code;
}

/** `scp -t target` */
function* sink(context: Context, target: string): Program {
  const problems = receive(context, yield* readAll(context.stdin), target, () => undefined);
  for (const p of problems) print(context, `\u0001${p}\n`);
  return problems.length === 0 ? 0 : 1;
}

class Copy {
  readonly #context: Context;
  readonly #port: number;
  readonly #quiet: boolean;

  constructor(context: Context, port: number, quiet: boolean) {
    this.#context = context;
    this.#port = port;
    this.#quiet = quiet;
  }

  /** What the other end says; it runs a command that reads `input`. */
  *#there(remote: Remote, command: string, input?: string): Program<{ readonly said: string; readonly code: number }> {
    const session = yield* sessionWith(this.#context, remote.host, { user: remote.user, port: this.#port });
    if (!session.ok) throw new Exit(1, `${session.error}lost connection\n`);
    const stdout = new Capture();
    const done = yield* runRemote(this.#context.kernel, session.value.socket, session.value.user, command, { stdout, stderr: this.#context.stderr }, input);
    if (!done.ok) throw new Exit(1, `${done.error}\nlost connection\n`);
    return { said: stdout.text, code: done.value };
  }

  #meter(file: string, done: number, size: number, began: number): void {
    const context = this.#context;
    if (context.tty && !this.#quiet) print(context, meterLine(file, done, size, (context.kernel.clock.now - began) / 1e9) + (done === size ? '\n' : ''));
  }

  *fetch(from: Remote, target: string): Program {
    const began = this.#context.kernel.clock.now;
    const { said, code } = yield* this.#there(from, `scp -f ${quoted(from.path)}`);
    const problems = receive(this.#context, said, target, (name, size) => this.#meter(name, size, size, began));
    for (const p of problems) warn(this.#context, `${p}\n`);
    return problems.length === 0 && code === 0 ? 0 : 1;
  }

  *send(file: string, to: Remote): Program {
    const problem = unreadable(this.#context, file);
    if (problem !== undefined) {
      warn(this.#context, `${problem}\n`);
      return 1;
    }
    const text = contents(this.#context, file);
    const began = this.#context.kernel.clock.now;
    this.#meter(nameOf(file), 0, text.length, began);
    const { said, code } = yield* this.#there(to, `scp -t ${quoted(to.path)}`, message(nameOf(file), text));
    if (code === 0) this.#meter(nameOf(file), text.length, text.length, began);
    for (const line of said.split('\n')) if (line !== '') warn(this.#context, `${line.replace('\u0001', '')}\n`);
    return code === 0 ? 0 : 1;
  }
}

function* main(context: Context): Program {
  let options: Options;
  try {
    options = getopt(context.args.slice(1), { short: SHORT });
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new Exit(1, `${error.message.replace(/^invalid option -- '(.)'$/, 'unknown option -- $1')}\n${USAGE}`);
  }
  if (options.has('f')) return source(context, options.rest);
  if (options.has('t')) return yield* sink(context, options.rest[0] ?? '.');
  const absent = ABSENT.find((o) => options.has(o));
  if (absent !== undefined) throw new Exit(1, `scp: -${absent} is ${NOT_MODELLED}\n`);
  const sources = options.rest.slice(0, -1);
  const target = options.rest.at(-1);
  if (target === undefined || sources.length === 0) throw new Exit(1, USAGE);
  const port = Number(options.value('P') ?? SSH_PORT);
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw new Exit(1, `bad port "${options.value('P') ?? ''}"\n`);
  const copy = new Copy(context, port, options.has('q'));
  const to = remoteOf(target);
  let code = 0;
  for (const word of sources) {
    const from = remoteOf(word);
    if (from !== undefined && to !== undefined) throw new Exit(1, `scp: a copy between two remote machines is ${NOT_MODELLED}\n`);
    const failed = from !== undefined ? yield* copy.fetch(from, target) : to !== undefined ? yield* copy.send(word, to) : yield* context.exec(['cp', '--', word, target]);
    if (failed !== 0) code = 1;
  }
  return code;
}

export const scp: Command = {
  name: 'scp', models: 'files to and from a machine, -P, -q', notModelled: 'folders, times and modes, copies between two remote machines',
  complete: (host, words) => (words.length <= 3 ? [...(host.peers?.().keys() ?? [])].map((name) => `${name}:`) : []),
  *run(context) {
    return yield* catching(context, main(context));
  },
};
