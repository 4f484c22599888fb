/**
 * Read first: nginx(8).
 * Models: nginx 1.27 of the official image as a server of static files and `return`ed texts: nginx.conf (config.ts), keep-alive, logs, start-up messages; header and file leave in two writes (sendfile without tcp_nopush).
 * Not modelled: reload, TLS, proxying.
 */
import { millis, plus, seconds } from '../../../engine/sim/time.ts';
import { WaitQueue, type Process, type Program } from '../../../engine/sim/process.ts';
import { STRERROR, type Errno } from '../../../engine/uapi/errno.ts';
import type { Kernel } from '../../../engine/uapi/kernel.ts';
import type { TcpSocket } from '../../../engine/uapi/sockets.ts';
import { ANY, formatIpv4 } from '../../../engine/wire/addresses.ts';
import { concatBytes } from '../../../engine/wire/bytes.ts';
import { emitHttp, header, parseHttp, type HttpResponse } from '../../../engine/wire/http.ts';
import type { FileSystem, Output } from '../../host.ts';
import { UBUNTU_VM, type System } from '../../system.ts';
import { receive, sendAll } from '../../sockets/stream.ts';
import { answer, type Site } from './answer.ts';
import { loadConfig, type Listen, type NginxConfig } from './config.ts';
import { entryPoint } from './entry-point.ts';
import { NGINX_VERSION } from './page.ts';
import { ConfigError } from './syntax.ts';
import { expandLog } from './variables.ts';

/** client_header_timeout, for the first request. */
const FIRST_TIMEOUT = seconds(60);

export interface HttpdOptions {
  /** As it calls itself. */
  readonly version?: string | undefined;
  readonly fs: FileSystem;
  /** Standard output and error: access log, start-up messages. */
  readonly log: Output;
  readonly hostname: string;
  /** For the templates that the image's entry point fills in. */
  readonly env?: ReadonlyMap<string, string> | undefined;
  /** `worker_processes auto` starts one worker for each. */
  readonly cpus?: number | undefined;
  readonly system?: System | undefined;
  readonly onWorker?: ((pid: number, process: Process, title: string) => void) | undefined;
}

/** Pid of the first worker in a container, after the entry point's scripts. */
const FIRST_WORKER = 29;
/** Tries to bind, and the pause between them. */
const TRIES = 5;
const PAUSE = millis(500);
/** What bind(2) and listen(2) give, as numbers. */
const NUMBERS: Readonly<Partial<Record<Errno, number>>> = { EACCES: 13, EADDRINUSE: 98, EADDRNOTAVAIL: 99 };

/** `2024/05/29 13:09:28 [notice] 1#1: ` */
function stamp(kernel: Kernel, level: string): string {
  const d = new Date(kernel.clock.wallMillis());
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${d.getUTCFullYear()}/${two(d.getUTCMonth() + 1)}/${two(d.getUTCDate())} ${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())} [${level}] 1#1: `;
}

/** Both to the error log, which the image has on standard error, and to standard error itself. */
const emerg = (kernel: Kernel, text: string): string => `${stamp(kernel, 'emerg')}${text}\nnginx: [emerg] ${text}\n`;

interface Nginx extends HttpdOptions {
  readonly config: NginxConfig;
  readonly version: string;
}

/** nginx until it is killed; 1 when its configuration is wrong or it cannot listen. */
export function* httpd(kernel: Kernel, options: HttpdOptions): Program {
  const { log, fs } = options;
  const version = options.version ?? NGINX_VERSION;
  log.write(entryPoint(fs, options.env ?? new Map()));
  let config: NginxConfig;
  try {
    config = loadConfig(fs);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    log.write(emerg(kernel, error.message));
    return 1;
  }
  const nginx: Nginx = { ...options, config, version };
  const listeners: { close(): void }[] = [];
  const open: TcpSocket[] = [];
  const workers: Process[] = [];
  try {
    for (const listen of sockets(config)) {
      const listener = kernel.sockets.tcp();
      listeners.push(listener);
      open.push(listener);
      if (yield* bind(kernel, log, listener, listen)) continue;
      log.write(emerg(kernel, 'still could not bind()'));
      return 1;
    }
    for (const port of new Set(config.servers.flatMap((s) => s.ports6))) {
      const listener = kernel.sockets.listen6(port);
      if (listener.ok) listeners.push(listener.value);
    }
    const notice = stamp(kernel, 'notice');
    const cpus = options.cpus ?? 1;
    log.write(['using the "epoll" event method', `nginx/${version}`, 'built by gcc 12.2.0 (Debian 12.2.0-14) ', `OS: Linux ${(options.system ?? UBUNTU_VM).release}`, 'getrlimit(RLIMIT_NOFILE): 1048576:1048576', 'start worker processes', ...Array.from({ length: cpus }, (_, i) => `start worker process ${FIRST_WORKER + i}`)].map((l) => `${notice}${l}\n`).join(''));
    for (let i = 0; i < cpus; i++) {
      const { pid, process } = kernel.spawn('nginx', (own) => worker(own, open, nginx));
      workers.push(process);
      options.onWorker?.(pid, process, 'nginx: worker process');
    }
    for (const never = new WaitQueue(); ;) yield { on: [never] };
  } finally {
    for (const process of workers) process.kill('SIGKILL');
    for (const listener of listeners) listener.close();
  }
}

/** One socket per address and port; one for all addresses covers the others on its port. */
function sockets(config: NginxConfig): readonly Listen[] {
  const all = config.servers.flatMap((s) => s.listens);
  return all.filter((l, i) => all.findIndex((o) => o.port === l.port && o.address === l.address) === i && (l.address === ANY || !all.some((o) => o.port === l.port && o.address === ANY)));
}

function* bind(kernel: Kernel, log: Output, listener: TcpSocket, { address, port }: Listen): Program<boolean> {
  listener.setOption('reuseaddr', 1);
  for (let tries = TRIES; tries > 0; tries--) {
    const bound = listener.bind({ address, port });
    const listening = bound.ok ? listener.listen(511) : bound;
    if (listening.ok) return true;
    const { errno } = listening.error;
    log.write(emerg(kernel, `bind() to ${formatIpv4(address)}:${port} failed (${NUMBERS[errno] ?? 5}: ${STRERROR[errno]})`));
    if (errno !== 'EADDRINUSE') return false;
    log.write(`${stamp(kernel, 'notice')}try again to bind() after 500ms\n`);
    const until = plus(kernel.clock.now, PAUSE);
    while (kernel.clock.now < until) yield { until };
  }
  return false;
}

/** Takes connections of every socket; whichever worker is woken first has them. Each connection runs by itself. */
function* worker(kernel: Kernel, listeners: readonly TcpSocket[], nginx: Nginx): Program {
  for (;;) {
    for (const listener of listeners) {
      for (let socket = listener.accept(); socket !== undefined; socket = listener.accept()) {
        const accepted = socket;
        kernel.spawn('nginx', () => connection(kernel, accepted, nginx));
      }
    }
    yield { on: listeners.map((l) => l.readable) };
  }
}

/** One connection: requests until somebody closes it or keep-alive runs out. */
function* connection(kernel: Kernel, socket: TcpSocket, nginx: Nginx): Program {
  const client = socket.remote ?? { address: ANY, port: 0 };
  const random = kernel.random('nginx');
  let bytes: Uint8Array = new Uint8Array(0);
  let keepalive = FIRST_TIMEOUT;
  try {
    for (;;) {
      const parsed = parseHttp(bytes);
      if (parsed.ok && parsed.value === undefined) {
        const chunk = yield* receive(kernel, socket, plus(kernel.clock.now, keepalive));
        if (!chunk.ok || chunk.value === 'eof') return 0;
        bytes = concatBytes([bytes, chunk.value]);
        continue;
      }
      const request = parsed.ok && parsed.value?.message.kind === 'request' ? parsed.value.message : undefined;
      const site: Site = {
        fs: nginx.fs, config: nginx.config, version: nginx.version, hostname: nginx.hostname, now: kernel.clock.wallMillis(), client, server: socket.local,
        requestId: () => Array.from({ length: 32 }, () => random.below(16).toString(16)).join(''),
      };
      const answered = answer(site, request);
      if (answered === undefined) return 0;
      const { reply, settings, exchange } = answered;
      keepalive = settings.keepalive;
      for (const { path, format } of settings.logs) writeLog(nginx, path, `${expandLog(format, { ...exchange, sent: { status: reply.status, bodyBytes: reply.body.length } })}\n`);
      const sent = yield* sendReply(kernel, socket, reply);
      if (!sent || header(reply.headers, 'connection') === 'close' || request === undefined || !parsed.ok) return 0;
      bytes = bytes.subarray(parsed.value?.length ?? bytes.length);
    }
  } finally {
    socket.close();
  }
}

/** The image links its two log files to standard output and error. */
function writeLog(nginx: Nginx, path: string, line: string): void {
  if (['/var/log/nginx/access.log', '/var/log/nginx/error.log', '/dev/stdout', '/dev/stderr'].includes(path)) nginx.log.write(line);
  else nginx.fs.write(path, line, 'append');
}

function* sendReply(kernel: Kernel, socket: TcpSocket, reply: HttpResponse): Program<boolean> {
  const head = yield* sendAll(kernel, socket, emitHttp({ ...reply, body: new Uint8Array(0) }));
  if (!head.ok) return false;
  if (reply.body.length === 0) return true;
  return (yield* sendAll(kernel, socket, reply.body)).ok;
}
