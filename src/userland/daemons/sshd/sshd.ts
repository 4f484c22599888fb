/**
 * Read first: sshd(8).
 * Models: OpenSSH 8.9 as far as a network sees it: port 22, banners, a key exchange of about the right sizes, a command whose output travels back, the login message.
 * Users: the machine's own; keys are taken to be in place, root is refused where the machine has another user (as cloud images do).
 * Not modelled: encryption, passwords, host key checks, forwarding, subsystems. An interactive shell runs in the client's terminal; what is typed there does not travel.
 */
import { WaitQueue, type Program } from '../../../engine/sim/process.ts';
import type { Kernel } from '../../../engine/uapi/kernel.ts';
import type { TcpSocket } from '../../../engine/uapi/sockets.ts';
import { ANY, formatIpv4 } from '../../../engine/wire/addresses.ts';
import { utf8 } from '../../../engine/wire/bytes.ts';
import type { Host, Output } from '../../host.ts';
import { machineOf, prettyName } from '../../system.ts';
import { textInput } from '../../shell/io.ts';
import { startShellLine } from '../../shell/shell.ts';
import { accept, sendAll } from '../../sockets/stream.ts';
import { strftime } from '../../text/strftime.ts';
import { EXCHANGE, receiveBanner, receiveFrame, sendFrame, SSH_BANNER, type FrameKind } from './frames.ts';

export const SSH_PORT = 22;
const LAST_LOGIN = '/var/log/lastlog';

/** What a client asks for once it is in. Without a command: a login shell. */
export interface SessionRequest {
  readonly user: string;
  readonly command: string | undefined;
  /** What the command reads, for scp: it travels with the request. */
  readonly input?: string | undefined;
}

const isRequest = (value: unknown): value is SessionRequest => typeof value === 'object' && value !== null && 'user' in value && typeof value.user === 'string';

export function* sshd(kernel: Kernel, host: Host): Program {
  const listener = kernel.sockets.tcp();
  try {
    listener.setOption('reuseaddr', 1);
    const bound = listener.bind({ address: ANY, port: SSH_PORT });
    if (!bound.ok || !listener.listen(128).ok) return 255;
    for (;;) {
      const socket = yield* accept(listener);
      kernel.spawn('sshd', (own) => connection(own, socket, host));
    }
  } finally {
    listener.close();
  }
}

function* connection(kernel: Kernel, socket: TcpSocket, host: Host): Program {
  const random = kernel.random('sshd');
  try {
    if (!(yield* sendAll(kernel, socket, utf8(`${SSH_BANNER}\r\n`))).ok || !(yield* receiveBanner(kernel, socket)).ok) return 255;
    for (const [, size] of EXCHANGE) {
      const asked = yield* receiveFrame(kernel, socket);
      if (!asked.ok || asked.value.kind !== 'exchange') return 255;
      yield* sendFrame(kernel, socket, 'exchange', Array.from({ length: size }, () => random.below(10)).join(''));
    }
    const frame = yield* receiveFrame(kernel, socket);
    if (!frame.ok || frame.value.kind !== 'request') return 255;
    const request: unknown = JSON.parse(frame.value.text);
    if (!isRequest(request)) return 255;
    if (request.user !== host.user) {
      yield* sendFrame(kernel, socket, 'refused', `${request.user}@${host.hostname}: Permission denied (publickey).`);
      return 255;
    }
    if (request.command === undefined) {
      // The client has its shell; the connection stays until it is told to end.
      yield* sendFrame(kernel, socket, 'accepted', JSON.stringify({ machine: host.name, message: login(kernel, host, formatIpv4(socket.remote?.address ?? ANY)) }));
      return 0;
    }
    return yield* remoteCommand(kernel, socket, host, request.command, request.input);
  } finally {
    socket.close();
  }
}

/** Message of the day and the last login, which this one replaces. */
function login(kernel: Kernel, host: Host, from: string): string {
  const last = host.fs.read(LAST_LOGIN);
  host.fs.write(LAST_LOGIN, `${kernel.clock.wallMillis()} ${from}\n`);
  const [millis = '', where = ''] = last.ok ? last.value.trim().split(' ') : [];
  return `Welcome to ${prettyName(host.system.osRelease)} (GNU/Linux ${host.system.release} ${machineOf(host.system)})

 * Documentation:  https://help.ubuntu.com
 * Management:     https://landscape.canonical.com
 * Support:        https://ubuntu.com/pro

${millis === '' ? '' : `Last login: ${strftime('%a %b %e %H:%M:%S %Y', Number(millis))} from ${where}\n`}`;
}

/** Runs it here; both streams go back as they come, the exit code last. */
function* remoteCommand(kernel: Kernel, socket: TcpSocket, host: Host, command: string, input: string | undefined): Program {
  const said: { readonly kind: FrameKind; readonly text: string }[] = [];
  const more = new WaitQueue();
  const stream = (kind: FrameKind): Output => ({
    write(text) {
      said.push({ kind, text });
      more.wake();
      return socket.state === 'ESTABLISHED';
    },
    close: () => undefined,
  });
  const { process } = kernel.spawn('bash', (own, pid) => startShellLine(host, command, { ...(input === undefined ? {} : { stdin: textInput(input) }), stdout: stream('stdout'), stderr: stream('stderr'), kernel: own, pid }));
  for (;;) {
    for (let next = said.shift(); next !== undefined; next = said.shift()) yield* sendFrame(kernel, socket, next.kind, next.text);
    if (process.exitCode !== undefined) break;
    if (socket.recv() === 'eof' || socket.state !== 'ESTABLISHED') {
      process.kill('SIGTERM');
      return 255;
    }
    yield { on: [more, process.exited, socket.readable] };
  }
  yield* sendFrame(kernel, socket, 'exit', String(process.exitCode));
  return 0;
}
