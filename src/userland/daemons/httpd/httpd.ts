/**
 * Read first: nginx(8).
 * Models: nginx 1.27 of the official image as a server of static files: keep-alive, access log, start-up messages; header and file leave in two writes (sendfile without tcp_nopush).
 * Not modelled: worker processes beyond one, configuration, TLS, proxying.
 */
import { plus, seconds } from '../../../engine/sim/time.ts';
import type { Program } from '../../../engine/sim/process.ts';
import type { Kernel } from '../../../engine/uapi/kernel.ts';
import type { TcpSocket } from '../../../engine/uapi/sockets.ts';
import { ANY, formatIpv4, type Ipv4 } from '../../../engine/wire/addresses.ts';
import { concatBytes } from '../../../engine/wire/bytes.ts';
import { emitHttp, header, parseHttp, type HttpRequest, type HttpResponse } from '../../../engine/wire/http.ts';
import type { FileSystem, Output } from '../../host.ts';
import { accept, receive, sendAll } from '../../sockets/stream.ts';
import { answer, badRequest, logDate, type Site } from './answer.ts';
import { HTML_ROOT, NGINX_VERSION } from './page.ts';

export interface HttpdRequest {
  readonly request: HttpRequest;
  readonly client: { readonly address: Ipv4; readonly port: number };
  readonly server: { readonly address: Ipv4; readonly port: number };
}

export interface HttpdOptions {
  readonly fs: FileSystem;
  /** Standard output: access log, start-up messages. */
  readonly log: Output;
  /** 80 when left out. */
  readonly ports?: readonly number[] | undefined;
  readonly root?: string | undefined;
  readonly version?: string | undefined;
  /** Pages made at request time. */
  readonly content?: ((about: HttpdRequest) => string | undefined) | undefined;
}

const KEEPALIVE_TIMEOUT = seconds(65);

const started = (kernel: Kernel, version: string): string => {
  const d = new Date(kernel.clock.wallMillis());
  const two = (n: number): string => String(n).padStart(2, '0');
  const notice = `${d.getUTCFullYear()}/${two(d.getUTCMonth() + 1)}/${two(d.getUTCDate())} ${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())} [notice] 1#1:`;
  return `/docker-entrypoint.sh: /docker-entrypoint.d/ is not empty, will attempt to perform configuration
/docker-entrypoint.sh: Looking for shell scripts in /docker-entrypoint.d/
/docker-entrypoint.sh: Launching /docker-entrypoint.d/10-listen-on-ipv6-by-default.sh
10-listen-on-ipv6-by-default.sh: info: Getting the checksum of /etc/nginx/conf.d/default.conf
10-listen-on-ipv6-by-default.sh: info: Enabled listen on IPv6 in /etc/nginx/conf.d/default.conf
/docker-entrypoint.sh: Sourcing /docker-entrypoint.d/15-local-resolvers.envsh
/docker-entrypoint.sh: Launching /docker-entrypoint.d/20-envsubst-on-templates.sh
/docker-entrypoint.sh: Launching /docker-entrypoint.d/30-tune-worker-processes.sh
/docker-entrypoint.sh: Configuration complete; ready for start up
${notice} using the "epoll" event method
${notice} nginx/${version}
${notice} built by gcc 12.2.0 (Debian 12.2.0-14) 
${notice} OS: Linux 5.15.0-107-generic
${notice} getrlimit(RLIMIT_NOFILE): 1048576:1048576
${notice} start worker processes
${notice} start worker process 29
`;
};

/** nginx until it is killed; 1 when it cannot listen. */
export function* httpd(kernel: Kernel, options: HttpdOptions): Program {
  const { log } = options;
  const version = options.version ?? NGINX_VERSION;
  const listeners: TcpSocket[] = [];
  try {
    for (const port of options.ports ?? [80]) {
      const listener = kernel.sockets.tcp();
      listeners.push(listener);
      listener.setOption('reuseaddr', 1);
      const bound = listener.bind({ address: ANY, port });
      const listening = bound.ok ? listener.listen(511) : bound;
      if (!listening.ok) {
        log.write(`nginx: [emerg] bind() to 0.0.0.0:${port} failed (98: Address already in use)\nnginx: [emerg] still could not bind()\n`);
        return 1;
      }
    }
    log.write(started(kernel, version));
    const [first, ...others] = listeners;
    for (const listener of others) kernel.spawn('nginx', (own) => acceptLoop(own, listener, options, version));
    return first === undefined ? 1 : yield* acceptLoop(kernel, first, options, version);
  } finally {
    for (const listener of listeners) listener.close();
  }
}

function* acceptLoop(kernel: Kernel, listener: TcpSocket, options: HttpdOptions, version: string): Program {
  for (;;) {
    const socket = yield* accept(listener);
    kernel.spawn('nginx', () => connection(kernel, socket, options, version));
  }
}

/** One connection: requests until somebody closes it or keep-alive runs out. */
function* connection(kernel: Kernel, socket: TcpSocket, options: HttpdOptions, version: string): Program {
  const client = socket.remote ?? { address: ANY, port: 0 };
  const server = socket.local;
  let bytes: Uint8Array = new Uint8Array(0);
  try {
    for (;;) {
      const site: Site = { fs: options.fs, root: options.root ?? HTML_ROOT, version, now: kernel.clock.wallMillis(), port: server.port, content: (request) => options.content?.({ request, client, server }) };
      const parsed = parseHttp(bytes);
      if (parsed.ok && parsed.value === undefined) {
        const chunk = yield* receive(kernel, socket, plus(kernel.clock.now, KEEPALIVE_TIMEOUT));
        if (!chunk.ok || chunk.value === 'eof') return 0;
        bytes = concatBytes([bytes, chunk.value]);
        continue;
      }
      const request = parsed.ok && parsed.value?.message.kind === 'request' ? parsed.value.message : undefined;
      const reply = request === undefined ? badRequest(site) : answer(site, request);
      options.log.write(accessLine(site.now, client.address, request, reply));
      const sent = yield* sendReply(kernel, socket, reply);
      if (!sent || header(reply.headers, 'connection') === 'close' || request === undefined || !parsed.ok) return 0;
      bytes = bytes.subarray(parsed.value?.length ?? bytes.length);
    }
  } finally {
    socket.close();
  }
}

function* sendReply(kernel: Kernel, socket: TcpSocket, reply: HttpResponse): Program<boolean> {
  const head = yield* sendAll(kernel, socket, emitHttp({ ...reply, body: new Uint8Array(0) }));
  if (!head.ok) return false;
  if (reply.body.length === 0) return true;
  return (yield* sendAll(kernel, socket, reply.body)).ok;
}

/** log_format main of the image. */
function accessLine(now: number, client: Ipv4, request: HttpRequest | undefined, reply: HttpResponse): string {
  const about = (name: string): string => (request === undefined ? undefined : header(request.headers, name)) ?? '-';
  const line = request === undefined ? '' : `${request.method} ${request.target} ${request.version}`;
  return `${formatIpv4(client)} - - [${logDate(now)}] "${line}" ${reply.status} ${reply.body.length} "${about('referer')}" "${about('user-agent')}" "${about('x-forwarded-for')}"\n`;
}
