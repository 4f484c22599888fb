/** What an ssh client and our sshd say to each other over TCP: banners as OpenSSH's, then frames. See sshd.ts. */
import { err, ok, type Result } from '../../../base/result.ts';
import type { Program } from '../../../engine/sim/process.ts';
import type { Nanos } from '../../../engine/sim/time.ts';
import type { Kernel } from '../../../engine/uapi/kernel.ts';
import type { TcpSocket } from '../../../engine/uapi/sockets.ts';
import { concatBytes, fromUtf8, utf8 } from '../../../engine/wire/bytes.ts';
import { receive, receiveExactly, sendAll, type StreamError } from '../../sockets/stream.ts';

export const SSH_BANNER = 'SSH-2.0-OpenSSH_8.9p1 Ubuntu-3ubuntu0.7';

export type FrameKind = 'exchange' | 'request' | 'refused' | 'accepted' | 'stdout' | 'stderr' | 'exit';
const KINDS: readonly FrameKind[] = ['exchange', 'request', 'refused', 'accepted', 'stdout', 'stderr', 'exit'];

export interface Frame {
  readonly kind: FrameKind;
  readonly text: string;
}

const HEAD = 5;

/** Kind, length, text. */
export function encodeFrame(frame: Frame): Uint8Array {
  const body = utf8(frame.text);
  const head = new Uint8Array(HEAD);
  head[0] = KINDS.indexOf(frame.kind);
  new DataView(head.buffer).setUint32(1, body.length);
  return concatBytes([head, body]);
}

export const sendFrame = (kernel: Kernel, socket: TcpSocket, kind: FrameKind, text: string): Program<Result<undefined, StreamError>> => sendAll(kernel, socket, encodeFrame({ kind, text }));

export function* receiveFrame(kernel: Kernel, socket: TcpSocket, until?: Nanos): Program<Result<Frame, StreamError>> {
  const head = yield* receiveExactly(kernel, socket, HEAD, until);
  if (!head.ok) return head;
  const length = new DataView(head.value.buffer, head.value.byteOffset).getUint32(1);
  const body = yield* receiveExactly(kernel, socket, length, until);
  if (!body.ok) return body;
  const kind = KINDS[head.value[0] ?? -1];
  return kind === undefined ? err('EPROTO') : ok({ kind, text: fromUtf8(body.value) });
}

/** The other side's first line. */
export function* receiveBanner(kernel: Kernel, socket: TcpSocket, until?: Nanos): Program<Result<string, StreamError>> {
  let text = '';
  while (!text.includes('\n')) {
    const chunk = yield* receive(kernel, socket, until);
    if (!chunk.ok) return chunk;
    if (chunk.value === 'eof') return err('ECONNRESET');
    text += fromUtf8(chunk.value);
  }
  return ok(text.trimEnd());
}

/** Bytes of the messages until keys are agreed and the user is known, by turns, client first. OpenSSH 8.9, rounded. */
export const EXCHANGE: readonly (readonly [number, number])[] = [[1536, 1112], [1208, 1564], [60, 44], [68, 52], [500, 28]];
