/** A small HTTP/1.1 server loop on the socket door: CoreDNS' side ports. See userland's httpd for a full one. */
import type { Program } from '../../engine/sim/process.ts';
import type { Kernel } from '../../engine/uapi/kernel.ts';
import type { TcpSocket } from '../../engine/uapi/sockets.ts';
import { ANY, formatIpv4, type Ipv4 } from '../../engine/wire/addresses.ts';
import { utf8 } from '../../engine/wire/bytes.ts';
import { emitHttp, header, parseHttp, type HttpHeaders, type HttpRequest } from '../../engine/wire/http.ts';
import type { Output } from '../../userland/host.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: HttpHeaders;
  readonly body: string;
  /** Where it is not the usual one. */
  readonly reason?: string;
}

export interface HttpPeer {
  readonly address: string;
  readonly port: number;
}

const REASONS: Readonly<Record<number, string>> = { 200: 'OK', 400: 'Bad Request', 403: 'Forbidden', 404: 'Not Found', 302: 'Found', 405: 'Not Allowed', 500: 'Internal Server Error', 501: 'Not Implemented', 503: 'Service Unavailable' };

function* serve(socket: TcpSocket, answer: (request: HttpRequest, peer: HttpPeer) => HttpAnswer): Program {
  const peer: HttpPeer = { address: socket.remote === undefined ? '' : formatIpv4(socket.remote.address), port: socket.remote?.port ?? 0 };
  let buffer = new Uint8Array(0);
  for (;;) {
    const chunk = socket.recv();
    if (chunk === undefined) {
      if (socket.takeError() !== undefined) break;
      yield { on: [socket.readable] };
      continue;
    }
    if (chunk === 'eof') break;
    const joined = new Uint8Array(buffer.length + chunk.length);
    joined.set(buffer);
    joined.set(chunk, buffer.length);
    buffer = joined;
    const parsed = parseHttp(buffer);
    if (parsed.ok && parsed.value === undefined) continue;
    const request = parsed.ok && parsed.value?.message.kind === 'request' ? parsed.value.message : undefined;
    const reply: HttpAnswer = request === undefined ? { status: 400, headers: [], body: '' } : answer(request, peer);
    const keep = request !== undefined && request.version === 'HTTP/1.1' && header(request.headers, 'connection')?.toLowerCase() !== 'close';
    const body = utf8(reply.body);
    const headers: HttpHeaders = [...reply.headers, ...(header(reply.headers, 'content-length') === undefined ? [['Content-Length', String(body.length)] as const] : [])];
    let bytes = emitHttp({ kind: 'response', version: 'HTTP/1.1', status: reply.status, reason: reply.reason ?? REASONS[reply.status] ?? '', headers, body: request?.method === 'HEAD' ? new Uint8Array(0) : body });
    while (bytes.length > 0) {
      const sent = socket.send(bytes);
      if (!sent.ok) {
        socket.close();
        return 1;
      }
      bytes = bytes.subarray(sent.value);
      if (bytes.length > 0) yield { on: [socket.writable] };
    }
    if (!keep) break;
    buffer = buffer.slice(parsed.ok ? (parsed.value?.length ?? buffer.length) : buffer.length);
  }
  socket.close();
  return 0;
}

/** Listens on one address or all and answers until killed; one process per connection. */
export function* httpServer(kernel: Kernel, name: string, port: number, answer: (request: HttpRequest, peer: HttpPeer) => HttpAnswer, log?: Output, address: Ipv4 = ANY): Program {
  const listener = kernel.sockets.tcp();
  try {
    listener.setOption('reuseaddr', 1);
    const bound = listener.bind({ address, port });
    const listening = bound.ok ? listener.listen(511) : bound;
    if (!listening.ok) {
      log?.write(`${name}: [emerg] bind() to ${formatIpv4(address)}:${port} failed (98: Address already in use)\n`);
      return 1;
    }
    for (;;) {
      const socket = listener.accept();
      if (socket === undefined) yield { on: [listener.readable] };
      else kernel.spawn(name, () => serve(socket, answer));
    }
  } finally {
    listener.close();
  }
}
