/**
 * Traefik: entry points from its arguments, routers from IngressRoutes.
 * Models: traefik 2.10 cmd/traefik, pkg/ping, pkg/api/dashboard.go (a redirect at /, pages under /dashboard/, GET only), net/http's refusals.
 * Not modelled: TLS (a connection to such an entry point is closed; plain HTTP gets net/http's sentence), the dashboard's web application and its API (a table
 * of the routers stands in for it), Ingress objects, metrics, the two seconds by which providers gather changes.
 */
import type { Program } from '../../../engine/sim/process.ts';
import { plus, seconds } from '../../../engine/sim/time.ts';
import type { Kernel } from '../../../engine/uapi/kernel.ts';
import type { TcpSocket } from '../../../engine/uapi/sockets.ts';
import { ANY } from '../../../engine/wire/addresses.ts';
import { latin1, utf8 } from '../../../engine/wire/bytes.ts';
import { header, type HttpHeaders, type HttpRequest } from '../../../engine/wire/http.ts';
import { accept, receive, sendAll } from '../../../userland/sockets/stream.ts';
import type { InternalService } from '../../api/traefik.ts';
import { goAnswer, NOT_FOUND, type GoAnswer } from '../../node/go-http.ts';
import { httpServer } from '../../node/http-responder.ts';
import type { ProcessSpec } from '../../node/images.ts';
import { rfc3339 } from '../../plane.ts';
import { routersOf, type Routing } from './routers.ts';

interface EntryPoint {
  readonly name: string;
  readonly port: number;
  readonly tls: boolean;
}

/** `--entrypoints.web.address=:8000/tcp` */
export function entryPointsOf(args: readonly string[]): readonly EntryPoint[] {
  return args.flatMap((arg) => {
    const m = /^--entry[pP]oints\.(\w+)\.address=[^:]*:(\d+)(?:\/tcp)?$/.exec(arg);
    return m?.[1] === undefined ? [] : [{ name: m[1], port: Number(m[2]), tls: args.includes(`--entrypoints.${m[1]}.http.tls=true`) }];
  });
}

/** The entry point of traefik itself: its ping, and no default for routes. */
const OWN = 'traefik';

export function* traefik(spec: ProcessSpec, kernel: Kernel): Program {
  const args = spec.args ?? [];
  const points = entryPointsOf(args);
  const defaults = points.map((p) => p.name).filter((name) => name !== OWN);
  const log = (level: string, text: string): void => void spec.log.write(`time="${rfc3339(kernel.clock.wallMillis())}" level=${level} msg=${JSON.stringify(text)}\n`);
  log('info', 'Configuration loaded from flags.');
  const told = new Set<string>();
  const routing = (): Routing => {
    const now = routersOf(spec.api.serves('IngressRoute') ? spec.api.list('IngressRoute') : [], defaults);
    for (const problem of now.problems) {
      if (!told.has(problem)) log('error', problem);
      told.add(problem);
    }
    return now;
  };
  const answers = new Answers(routing, args.includes('--ping=true'));
  for (const p of points) kernel.spawn('traefik', (own) => (p.tls ? tlsOnly(own, p.port) : httpServer(own, 'traefik', p.port, (request) => goAnswer(answers.to(p.name, request), own.clock.wallMillis()))));
  for (;;) yield { until: plus(kernel.clock.now, seconds(86_400)) };
}

class Answers {
  readonly #routing: () => Routing;
  readonly #ping: boolean;

  constructor(routing: () => Routing, ping: boolean) {
    this.#routing = routing;
    this.#ping = ping;
  }

  to(entryPoint: string, request: HttpRequest): GoAnswer {
    const path = /^[^?]*/.exec(request.target)?.[0] ?? '';
    if (this.#ping && entryPoint === OWN && path === '/ping') return this.#internal('ping@internal', request, path);
    const host = (header(request.headers, 'host') ?? '').replace(/:\d+$/, '');
    const router = this.#routing().routers.find((r) => r.entryPoints.includes(entryPoint) && r.matches({ method: request.method, host, path }));
    return router === undefined ? NOT_FOUND : this.#internal(router.service, request, path);
  }

  #internal(service: InternalService, request: HttpRequest, path: string): GoAnswer {
    if (service === 'ping@internal') return this.#answer(200, 'OK');
    const known = path === '/' || path.startsWith('/dashboard/');
    if (known && request.method !== 'GET') return this.#answer(405, '', []);
    if (path === '/') return this.#answer(302, '<a href="/dashboard/">Found</a>.\n\n', [['Content-Type', 'text/html; charset=utf-8'], ['Location', '/dashboard/']]);
    if (path === '/dashboard/') return this.#answer(200, this.#page(), [['Content-Type', 'text/html; charset=utf-8']]);
    if (service === 'api@internal' && path.startsWith('/api/')) return this.#answer(501, 'The API behind the dashboard is not modelled in this lab.\n');
    return NOT_FOUND;
  }

  #page(): string {
    const rows = this.#routing().routers.map((r) => `<tr><td>${r.entryPoints.join(', ')}</td><td>${escaped(r.rule)}</td><td>${r.service}</td></tr>\n`).join('');
    return `<!DOCTYPE html>\n<html>\n<head>\n<title>Traefik</title>\n</head>\n<body>\n<h1>HTTP routers</h1>\n<table>\n<tr><th>Entrypoints</th><th>Rule</th><th>Service</th></tr>\n${rows}</table>\n<p>The rest of the dashboard is not modelled in this lab.</p>\n</body>\n</html>\n`;
  }

  #answer(status: number, body: string, headers: HttpHeaders = []): GoAnswer {
    return { status, headers, body };
  }
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** crypto/tls: the first five bytes of a record that are the beginning of a request. */
const PLAIN = ['GET /', 'HEAD ', 'POST ', 'PUT /', 'OPTIO'];

function* closing(kernel: Kernel, socket: TcpSocket): Program {
  const first = yield* receive(kernel, socket);
  if (first.ok && first.value !== 'eof' && PLAIN.includes(latin1(first.value.subarray(0, 5)))) yield* sendAll(kernel, socket, utf8('HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n'));
  socket.close();
  return 0;
}

function* tlsOnly(kernel: Kernel, port: number): Program {
  const listener = kernel.sockets.tcp();
  try {
    listener.setOption('reuseaddr', 1);
    if (!listener.bind({ address: ANY, port }).ok || !listener.listen(511).ok) return 1;
    for (;;) {
      const socket = yield* accept(listener);
      kernel.spawn('traefik', (own) => closing(own, socket));
    }
  } finally {
    listener.close();
  }
}
