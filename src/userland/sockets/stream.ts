/** Blocking TCP for programs: loops around uapi's non-blocking sockets. `until` undefined: no deadline. */
import { err, ok, type Result } from '../../base/result.ts';
import { concatBytes } from '../../engine/wire/bytes.ts';
import type { Program, WaitQueue } from '../../engine/sim/process.ts';
import type { Nanos } from '../../engine/sim/time.ts';
import type { Errno } from '../../engine/uapi/errno.ts';
import type { Kernel } from '../../engine/uapi/kernel.ts';
import type { Endpoint, TcpSocket } from '../../engine/uapi/sockets.ts';

export interface ConnectOptions {
  readonly until?: Nanos | undefined;
  readonly local?: Endpoint | undefined;
  readonly device?: string | undefined;
  readonly prepare?: (socket: TcpSocket) => void;
}

export type StreamError = Errno | 'timeout';

const wait = (on: readonly WaitQueue[], until: Nanos | undefined): { on: readonly WaitQueue[]; until?: Nanos } => (until === undefined ? { on } : { on, until });
const late = (kernel: Kernel, until: Nanos | undefined): boolean => until !== undefined && kernel.clock.now >= until;

/** A connected socket. On error it is closed. `bind` and SO_BINDTODEVICE errors come as their errno. */
export function* connectTcp(kernel: Kernel, remote: Endpoint, options: ConnectOptions = {}): Program<Result<TcpSocket, StreamError>> {
  const socket = kernel.sockets.tcp();
  let connected = false;
  try {
    options.prepare?.(socket);
    if (options.device !== undefined) {
      const bound = socket.bindToDevice(options.device);
      if (!bound.ok) return err(bound.error.errno);
    }
    if (options.local !== undefined) {
      const bound = socket.bind(options.local);
      if (!bound.ok) return err(bound.error.errno);
    }
    const started = socket.connect(remote);
    if (!started.ok && started.error.errno !== 'EINPROGRESS') return err(started.error.errno);
    for (;;) {
      const error = socket.takeError();
      if (error !== undefined) return err(error);
      if (socket.state !== 'SYN_SENT' && socket.state !== 'SYN_RECV') break;
      if (late(kernel, options.until)) return err('timeout');
      yield wait([socket.writable, socket.readable], options.until);
    }
    // A peer that closed at once is CLOSE_WAIT already: connected nevertheless.
    connected = socket.state !== 'CLOSE';
    return connected ? ok(socket) : err('ECONNREFUSED');
  } finally {
    if (!connected) socket.close();
  }
}

export function* sendAll(kernel: Kernel, socket: TcpSocket, bytes: Uint8Array, until?: Nanos): Program<Result<undefined, StreamError>> {
  for (let at = 0; at < bytes.length;) {
    const sent = socket.send(at === 0 ? bytes : bytes.subarray(at));
    if (!sent.ok) {
      if (sent.error.errno !== 'EAGAIN') return err(sent.error.errno);
    } else at += sent.value;
    if (at >= bytes.length) break;
    if (sent.ok && sent.value > 0) continue;
    if (late(kernel, until)) return err('timeout');
    yield wait([socket.writable], until);
  }
  return ok(undefined);
}

/** What is there next: bytes, 'eof', or an error. */
export function* receive(kernel: Kernel, socket: TcpSocket, until?: Nanos): Program<Result<Uint8Array | 'eof', StreamError>> {
  for (;;) {
    const chunk = socket.recv();
    if (chunk !== undefined) {
      // A reset is read as an error, not as the end.
      const error = chunk === 'eof' ? socket.takeError() : undefined;
      return error === undefined ? ok(chunk) : err(error);
    }
    const error = socket.takeError();
    if (error !== undefined) return err(error);
    if (late(kernel, until)) return err('timeout');
    yield wait([socket.readable], until);
  }
}

/** Exactly that many bytes; ECONNRESET when the stream ends before. */
export function* receiveExactly(kernel: Kernel, socket: TcpSocket, length: number, until?: Nanos): Program<Result<Uint8Array, StreamError>> {
  const parts: Uint8Array[] = [];
  let have = 0;
  while (have < length) {
    const chunk = socket.recv(length - have);
    if (chunk === 'eof') return err('ECONNRESET');
    if (chunk !== undefined) {
      parts.push(chunk);
      have += chunk.length;
      continue;
    }
    const error = socket.takeError();
    if (error !== undefined) return err(error);
    if (late(kernel, until)) return err('timeout');
    yield wait([socket.readable], until);
  }
  return ok(concatBytes(parts));
}

/** The next connection of a listening socket. */
export function* accept(listener: TcpSocket): Program<TcpSocket> {
  for (;;) {
    const socket = listener.accept();
    if (socket !== undefined) return socket;
    yield { on: [listener.readable] };
  }
}
