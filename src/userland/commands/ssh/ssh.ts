/** Read first: ssh(1). The other end is daemons/sshd; its head says what of a session travels. */
import { configuredUser } from './config.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import type { Program } from '../../../engine/sim/process.ts';
import type { TcpSocket } from '../../../engine/uapi/sockets.ts';
import { parseIpv4 } from '../../../engine/wire/addresses.ts';
import { logIn, openSession, runRemote } from '../../daemons/sshd/connect.ts';
import { SSH_PORT } from '../../daemons/sshd/sshd.ts';
import type { Command, Context, Host } from '../../host.ts';
import { libraryOf, lookup, lookupErrorText } from '../../resolver/lookup.ts';
import { nestedShell, readAll } from '../../shell/io.ts';
import { startShellLine } from '../../shell/shell.ts';
import { loginEnvironment, ShellState } from '../../shell/state.ts';
import { getopt, UsageError, type Options } from '../../text/getopt.ts';
import { catching, Exit, NOT_MODELLED, print, warn } from '../kit.ts';

const USAGE = `usage: ssh [-46AaCfGgKkMNnqsTtVvXxYy] [-B bind_interface]
           [-b bind_address] [-c cipher_spec] [-D [bind_address:]port]
           [-E log_file] [-e escape_char] [-F configfile] [-I pkcs11]
           [-i identity_file] [-J [user@]host[:port]] [-L address]
           [-l login_name] [-m mac_spec] [-O ctl_cmd] [-o option] [-p port]
           [-Q query_option] [-R address] [-S ctl_path] [-W host:port]
           [-w local_tun[:remote_tun]] destination [command [argument ...]]
`;
const SHORT = '46AaCfGgKkMNnqsTtVvXxYyB:b:c:D:E:e:F:I:i:J:L:l:m:O:o:p:Q:R:S:W:w:';
const ABSENT = ['D', 'f', 'G', 'J', 'L', 'M', 'N', 'O', 'Q', 'R', 'W', 'w', 'B', 'b', '6'];

/** The interactive shell of a machine, in this terminal, as `user`. Without a terminal it reads its lines from stdin. */
export function* remoteShell(context: Context, host: Host, user: string): Program {
  const enter = context.tty ? nestedShell(context.stdin) : undefined;
  const env = loginEnvironment(host, user);
  if (enter === undefined) return yield* startShellLine(host, yield* readAll(context.stdin), { stdout: context.stdout, stderr: context.stderr, user, env });
  enter(new ShellState({ host, kernel: host.kernel, user, cwd: host.home, env, name: '-bash', pid: context.pid, interactive: true }));
  return 0;
}

/** A session with the machine of that name; the error is what ssh prints. `user`: undefined for the configured one. */
export function* sessionWith(context: Context, name: string, given: { readonly user: string | undefined; readonly port: number; readonly patience?: number | undefined }): Program<Result<Session, string>> {
  const { kernel, host } = context;
  const user = given.user ?? configuredUser(context, name) ?? context.user;
  const library = libraryOf(host.fs);
  const found = parseIpv4(name) ?? (yield* lookup(kernel, host.fs, name, { library }));
  if (typeof found === 'object' && !found.ok) return err(`ssh: Could not resolve hostname ${name}: ${lookupErrorText(found.error, library)}\n`);
  const address = typeof found === 'object' ? found.value.addresses[0] : found;
  if (address === undefined) return err(`ssh: Could not resolve hostname ${name}: No address associated with hostname\n`);
  const session = yield* openSession(kernel, name, { address, port: given.port, user, patience: given.patience });
  return session.ok ? ok({ socket: session.value, user }) : err(`${session.error.startsWith('connect') ? 'ssh: ' : ''}${session.error}\n`);
}

interface Session {
  readonly socket: TcpSocket;
  readonly user: string;
}

function optionsOf(words: readonly string[]): Options {
  try {
    return getopt(words, { short: SHORT, stopAtOperand: true });
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new Exit(255, `${error.message.replace(/^invalid option -- '(.)'$/, 'unknown option -- $1')}\n${USAGE}`);
  }
}

function* main(context: Context): Program {
  const options = optionsOf(context.args.slice(1));
  if (options.has('V')) {
    warn(context, 'OpenSSH_8.9p1 Ubuntu-3ubuntu0.7, OpenSSL 3.0.2 15 Mar 2022\n');
    return 0;
  }
  const [destination, ...late] = options.rest;
  if (destination === undefined) throw new Exit(255, USAGE);
  // Options may stand behind the destination too: `ssh host -q command`.
  const more = optionsOf(late);
  const words = more.rest;
  const value = (name: string): string | undefined => more.value(name) ?? options.value(name);
  const absent = ABSENT.find((o) => options.has(o) || more.has(o));
  if (absent !== undefined) throw new Exit(255, `ssh: -${absent} is ${NOT_MODELLED}\n`);
  const match = /^(?:ssh:\/\/)?(?:([^@]+)@)?([^@:/]+)(?::(\d+))?\/?$/.exec(destination);
  const port = Number(value('p') ?? match?.[3] ?? SSH_PORT);
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw new Exit(255, `Bad port '${value('p') ?? ''}'\n`);
  const name = match?.[2] ?? destination;
  const { kernel, host } = context;
  const patience = /ConnectTimeout[= ](\d+)/i.exec(`${options.value('o') ?? ''} ${more.value('o') ?? ''}`)?.[1];
  const session = yield* sessionWith(context, name, { user: match?.[1] ?? value('l'), port, patience: patience === undefined ? undefined : Number(patience) });
  if (!session.ok) throw new Exit(255, session.error);
  const { socket, user } = session.value;
  if (words.length > 0) {
    const done = yield* runRemote(kernel, socket, user, words.join(' '), context);
    if (!done.ok) throw new Exit(255, `${done.error}\n`);
    return done.value;
  }
  const login = yield* logIn(kernel, socket, user, host.peers?.() ?? new Map());
  if (!login.ok) throw new Exit(255, `${login.error}\n`);
  if (context.tty) print(context, login.value.message);
  else warn(context, 'Pseudo-terminal will not be allocated because stdin is not a terminal.\n');
  return yield* remoteShell(context, login.value.host, user);
}

export const ssh: Command = {
  name: 'ssh', models: '[user@]host, -p, -l, -q, -o ConnectTimeout, a command or a shell in this terminal', notModelled: 'keys and passwords, forwarding, jump hosts',
  complete: (host, words) => (words.length <= 2 ? [...(host.peers?.().keys() ?? [])] : []),
  *run(context) {
    return yield* catching(context, main(context));
  },
};
