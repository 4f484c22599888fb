/** The client's half: for ssh and for multipass, which manages its machines over ssh. */
import { err, ok, type Result } from '../../../base/result.ts';
import type { Program } from '../../../engine/sim/process.ts';
import { plus, seconds } from '../../../engine/sim/time.ts';
import { STRERROR } from '../../../engine/uapi/errno.ts';
import type { Kernel } from '../../../engine/uapi/kernel.ts';
import type { TcpSocket } from '../../../engine/uapi/sockets.ts';
import type { Ipv4 } from '../../../engine/wire/addresses.ts';
import { utf8 } from '../../../engine/wire/bytes.ts';
import type { Host, Output } from '../../host.ts';
import { connectTcp, sendAll } from '../../sockets/stream.ts';
import { EXCHANGE, receiveBanner, receiveFrame, sendFrame, SSH_BANNER } from './frames.ts';
import type { SessionRequest } from './sshd.ts';

export interface Target {
  readonly address: Ipv4;
  readonly port: number;
  readonly user: string;
  /** Seconds to wait for the connection; the kernel's own patience when left out. */
  readonly patience?: number | undefined;
}

/** Connected and past the key exchange; the error is a sentence without `ssh: `. */
export function* openSession(kernel: Kernel, shown: string, target: Target): Program<Result<TcpSocket, string>> {
  const until = target.patience === undefined ? undefined : plus(kernel.clock.now, seconds(target.patience));
  const connected = yield* connectTcp(kernel, { address: target.address, port: target.port }, { until });
  if (!connected.ok) return err(`connect to host ${shown} port ${target.port}: ${connected.error === 'timeout' ? STRERROR.ETIMEDOUT : STRERROR[connected.error]}`);
  const socket = connected.value;
  let ready = false;
  try {
    const random = kernel.random('ssh');
    const lost = err('kex_exchange_identification: Connection closed by remote host');
    if (!(yield* sendAll(kernel, socket, utf8(`${SSH_BANNER}\r\n`), until)).ok || !(yield* receiveBanner(kernel, socket, until)).ok) return lost;
    for (const [size] of EXCHANGE) {
      yield* sendFrame(kernel, socket, 'exchange', Array.from({ length: size }, () => random.below(10)).join(''));
      if (!(yield* receiveFrame(kernel, socket, until)).ok) return lost;
    }
    ready = true;
    return ok(socket);
  } finally {
    if (!ready) socket.close();
  }
}

const request = (r: SessionRequest): string => JSON.stringify(r);

/** Runs a command there; its streams come back. `input`: what it reads. The error is a refused user or a lost connection. */
export function* runRemote(kernel: Kernel, socket: TcpSocket, user: string, command: string, out: { readonly stdout: Output; readonly stderr: Output }, input?: string): Program<Result<number, string>> {
  try {
    yield* sendFrame(kernel, socket, 'request', request({ user, command, ...(input === undefined ? {} : { input }) }));
    for (;;) {
      const frame = yield* receiveFrame(kernel, socket);
      if (!frame.ok) return err('client_loop: send disconnect: Broken pipe');
      const { kind, text } = frame.value;
      if (kind === 'stdout') out.stdout.write(text);
      else if (kind === 'stderr') out.stderr.write(text);
      else if (kind === 'exit') return ok(Number(text));
      else return err(text);
    }
  } finally {
    socket.close();
  }
}

export interface Login {
  readonly host: Host;
  readonly message: string;
}

/** Logs in for a shell: the machine that it runs on, and what it says at login. */
export function* logIn(kernel: Kernel, socket: TcpSocket, user: string, peers: ReadonlyMap<string, Host>): Program<Result<Login, string>> {
  try {
    yield* sendFrame(kernel, socket, 'request', request({ user, command: undefined }));
    const frame = yield* receiveFrame(kernel, socket);
    if (!frame.ok) return err('Connection closed by remote host');
    if (frame.value.kind !== 'accepted') return err(frame.value.text);
    const answer: unknown = JSON.parse(frame.value.text);
    if (typeof answer !== 'object' || answer === null || !('machine' in answer) || !('message' in answer)) return err('Connection closed by remote host');
    const host = peers.get(String(answer.machine));
    return host === undefined ? err('Connection closed by remote host') : ok({ host, message: String(answer.message) });
  } finally {
    socket.close();
  }
}
