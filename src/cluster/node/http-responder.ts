/** A small HTTP/1.1 server loop on the socket door, for images and add-ons that only answer. See userland's httpd for nginx. */
import type { Program } from '../../engine/sim/process.ts';
import type { Kernel } from '../../engine/uapi/kernel.ts';
import type { TcpSocket } from '../../engine/uapi/sockets.ts';
import { ANY, formatIpv4, type Ipv4 } from '../../engine/wire/addresses.ts';
import { concatBytes, utf8 } from '../../engine/wire/bytes.ts';
import { emitHttp, header, parseHttp, type HttpHeaders, type HttpRequest } from '../../engine/wire/http.ts';
import { accept, receive, sendAll } from '../../userland/sockets/stream.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: HttpHeaders;
  readonly body: string;
}

export interface HttpPeer {
  readonly address: string;
  readonly port: number;
}

const REASONS: Readonly<Record<number, string>> = { 200: 'OK', 400: 'Bad Request', 403: 'Forbidden', 404: 'Not Found', 302: 'Found', 405: 'Method Not Allowed', 500: 'Internal Server Error', 501: 'Not Implemented', 503: 'Service Unavailable' };

function* serve(kernel: Kernel, socket: TcpSocket, answer: (request: HttpRequest, peer: HttpPeer) => HttpAnswer): Program {
  const peer: HttpPeer = { address: socket.remote === undefined ? '' : formatIpv4(socket.remote.address), port: socket.remote?.port ?? 0 };
  let buffer: Uint8Array = new Uint8Array(0);
  for (;;) {
    const chunk = yield* receive(kernel, socket);
    if (!chunk.ok || chunk.value === 'eof') break;
    buffer = concatBytes([buffer, chunk.value]);
    const parsed = parseHttp(buffer);
    if (parsed.ok && parsed.value === undefined) continue;
    const request = parsed.ok && parsed.value?.message.kind === 'request' ? parsed.value.message : undefined;
    const reply: HttpAnswer = request === undefined ? { status: 400, headers: [], body: '' } : answer(request, peer);
    const keep = request !== undefined && request.version === 'HTTP/1.1' && header(request.headers, 'connection')?.toLowerCase() !== 'close';
    const body = utf8(reply.body);
    const headers: HttpHeaders = [...reply.headers, ...(header(reply.headers, 'content-length') === undefined ? [['Content-Length', String(body.length)] as const] : [])];
    const bytes = emitHttp({ kind: 'response', version: 'HTTP/1.1', status: reply.status, reason: REASONS[reply.status] ?? '', headers, body: request?.method === 'HEAD' ? new Uint8Array(0) : body });
    if (!(yield* sendAll(kernel, socket, bytes)).ok || !keep) break;
    buffer = buffer.slice(parsed.ok ? (parsed.value?.length ?? buffer.length) : buffer.length);
  }
  socket.close();
  return 0;
}

/** Listens on one address or all and answers until killed; one process per connection. Ends with 1 when the port is taken. */
export function* httpServer(kernel: Kernel, name: string, port: number, answer: (request: HttpRequest, peer: HttpPeer) => HttpAnswer, address: Ipv4 = ANY): Program {
  const listener = kernel.sockets.tcp();
  try {
    listener.setOption('reuseaddr', 1);
    const bound = listener.bind({ address, port });
    const listening = bound.ok ? listener.listen(511) : bound;
    if (!listening.ok) return 1;
    for (;;) {
      const socket = yield* accept(listener);
      kernel.spawn(name, (own) => serve(own, socket, answer));
    }
  } finally {
    listener.close();
  }
}
