/** What Go's net/http puts on the wire around a handler's answer. Models: net/http server.go (1.21): the handler's headers by name, then Date, Content-Length and a Content-Type found by looking. */
import type { Program } from '../../engine/sim/process.ts';
import type { Kernel } from '../../engine/uapi/kernel.ts';
import { utf8 } from '../../engine/wire/bytes.ts';
import { header, type HttpHeaders, type HttpRequest } from '../../engine/wire/http.ts';
import { httpServer, type HttpAnswer, type HttpPeer } from './http-responder.ts';
import type { ProcessSpec } from './images.ts';

export interface GoAnswer {
  readonly status?: number;
  /** Set by the handler, before those that net/http adds. */
  readonly headers?: HttpHeaders;
  /** text/plain when left out, as http.DetectContentType finds for texts. */
  readonly type?: string;
  readonly body: string;
}

type GoHandler = (request: HttpRequest, peer: HttpPeer) => GoAnswer;

/** A text whose handler says that it is one. */
export const goText = (body: string, status = 200): GoAnswer => ({ status, headers: [['Content-Type', 'text/plain; charset=utf-8'], ['X-Content-Type-Options', 'nosniff']], body });

/** http.NotFound */
export const NOT_FOUND: GoAnswer = goText('404 page not found\n', 404);

/** `2024/06/11 09:10:32 `: Go's log package. */
export function goStamp(kernel: Kernel): string {
  const iso = new Date(kernel.clock.wallMillis()).toISOString();
  return `${iso.slice(0, 10).replaceAll('-', '/')} ${iso.slice(11, 19)} `;
}

/** As net/http writes it: the handler's headers by name, then its own. */
export function goAnswer({ status = 200, headers = [], type = 'text/plain; charset=utf-8', body }: GoAnswer, wallMillis: number): HttpAnswer {
  const length = utf8(body).length;
  const own: HttpHeaders = [...headers].sort(([a], [b]) => (a < b ? -1 : 1));
  const sniffed: HttpHeaders = length === 0 || header(headers, 'content-type') !== undefined ? [] : [['Content-Type', type]];
  return { status, headers: [...own, ['Date', new Date(wallMillis).toUTCString()], ['Content-Length', String(length)], ...sniffed], body };
}

/** http.ListenAndServe: what it cannot bind it says and ends with 1. */
export function* goServer(kernel: Kernel, spec: ProcessSpec, name: string, port: number, handler: GoHandler): Program {
  const code = yield* httpServer(kernel, name, port, (request, peer) => goAnswer(handler(request, peer), kernel.clock.wallMillis()));
  if (code === 1) spec.log.write(`${goStamp(kernel)}listen tcp :${port}: bind: address already in use\n`);
  return code;
}

export const pathOf = (request: HttpRequest): string => request.target.split('?')[0] ?? '/';
export const queryOf = (request: HttpRequest, key: string): string => {
  const pair = (request.target.split('?')[1] ?? '').split('&').find((p) => p.startsWith(`${key}=`));
  try {
    return decodeURIComponent((pair ?? '').slice(key.length + 1).replaceAll('+', ' '));
  } catch {
    return '';
  }
};
