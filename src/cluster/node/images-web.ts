/**
 * Small web servers that published examples deploy.
 * Read first: the programs' own sources (traefik/whoami app.go, hashicorp/http-echo main.go, kubernetes test/images/agnhost, kubernetes-engine-samples hello-app).
 * Models: whoami (/, /api, /health, /bench; port 80), http-echo (-text, -listen; 5678), hello-app (PORT, 8080), hello-go-gke (80).
 * Not modelled: TLS, whoami's /data and /echo, waiting (`?wait=`).
 */
import type { Program } from '../../engine/sim/process.ts';
import type { Kernel } from '../../engine/uapi/kernel.ts';
import { formatIpv4 } from '../../engine/wire/addresses.ts';
import { fromUtf8, utf8 } from '../../engine/wire/bytes.ts';
import { header, type HttpHeaders, type HttpRequest } from '../../engine/wire/http.ts';
import { goServer, goStamp, pathOf, queryOf } from './go-http.ts';
import type { Image, ProcessSpec } from './images.ts';

/** Values of Go-style flags: -a=b, --a b; `other`: what is no flag. */
export function goFlags(words: readonly string[]): { readonly flags: ReadonlyMap<string, string>; readonly other: readonly string[] } {
  const flags = new Map<string, string>();
  const other: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const [, name, value] = /^--?([\w-]+)(?:=(.*))?$/s.exec(words[i] ?? '') ?? [];
    if (name === undefined) other.push(words[i] ?? '');
    else if (value !== undefined) flags.set(name, value);
    else if (i + 1 < words.length && !(words[i + 1] ?? '').startsWith('-')) flags.set(name, words[++i] ?? '');
    else flags.set(name, 'true');
  }
  return { flags, other };
}

/** Words after the program itself. */
export const wordsOf = (spec: ProcessSpec): readonly string[] => [...(spec.command ?? []).slice(1), ...(spec.args ?? [])];

/** Go's spelling of a header's name. */
const canonical = (name: string): string => name.toLowerCase().replaceAll(/(^|-)[a-z]/g, (c) => c.toUpperCase());
const FIRST: ReadonlySet<string> = new Set(['Host', 'User-Agent', 'Content-Length', 'Transfer-Encoding', 'Trailer']);

/** http.Request.Write: the request as Go would send it on. */
function written(request: HttpRequest): string {
  const agent = header(request.headers, 'user-agent');
  const others = request.headers.map(([name, value]) => [canonical(name), value] as const).filter(([name]) => !FIRST.has(name)).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return [`${request.method} ${request.target} HTTP/1.1`, `Host: ${header(request.headers, 'host') ?? ''}`, ...(agent === undefined ? [] : [`User-Agent: ${agent}`]), ...others.map(([n, v]) => `${n}: ${v}`), '', fromUtf8(request.body)].join('\r\n');
}

function whoami(spec: ProcessSpec, kernel: Kernel): Program {
  const { flags } = goFlags(wordsOf(spec));
  const port = flags.get('port') ?? (spec.env.get('WHOAMI_PORT_NUMBER') || '80');
  const name = flags.get('name') ?? spec.env.get('WHOAMI_NAME') ?? '';
  let health = 200;
  const ips = (): readonly string[] => kernel.netlink.addresses().map((a) => formatIpv4(a.address));
  const environ = (request: HttpRequest): readonly string[] => (['1', 't', 'true'].includes(queryOf(request, 'env').toLowerCase()) ? [...spec.env].map(([k, v]) => `${k}=${v}`) : []);
  spec.log.write(`${goStamp(kernel)}Starting up on port ${port}\n`);
  return goServer(kernel, spec, 'whoami', Number(port), (request, peer) => {
    const remote = `${peer.address}:${peer.port}`;
    const { hostname } = spec.host;
    switch (pathOf(request)) {
      case '/bench': return { headers: [['Connection', 'keep-alive']], type: 'text/plain', body: '1' };
      case '/health':
        if (request.method === 'POST' && /^\s*\d{3}\s*$/.test(fromUtf8(request.body))) {
          health = Number(fromUtf8(request.body));
          spec.log.write(`Update health check status code [${health}]\n`);
          return { body: '' };
        }
        return { status: health, body: '' };
      case '/api': {
        const headers = Object.fromEntries(request.headers.map(([k, v]) => [canonical(k), v] as const).filter(([k]) => k !== 'Host').sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => [k, [v]]));
        const env = environ(request);
        const data = { hostname, ip: ips(), headers, url: request.target, host: header(request.headers, 'host') ?? '', method: request.method, ...(name === '' ? {} : { name }), remoteAddr: remote, ...(env.length === 0 ? {} : { environ: Object.fromEntries(env.map((e) => [e.slice(0, e.indexOf('=')), e.slice(e.indexOf('=') + 1)])) }) };
        return { headers: [['Access-Control-Allow-Methods', '*'], ['Access-Control-Allow-Origin', '*']], type: 'application/json', body: `${JSON.stringify(data)}\n` };
      }
      default: {
        const lines = [...(name === '' ? [] : [`Name: ${name}`]), `Hostname: ${hostname}`, ...ips().map((ip) => `IP: ${ip}`), `RemoteAddr: ${remote}`];
        return { body: `${lines.join('\n')}\n${written(request)}${environ(request).map((e) => `${e}\n`).join('')}` };
      }
    }
  });
}

const ECHO_VERSION = '1.0.0';

function* httpEcho(spec: ProcessSpec, kernel: Kernel): Program {
  const { flags, other } = goFlags(wordsOf(spec));
  const text = flags.get('text') ?? spec.env.get('ECHO_TEXT') ?? '';
  const listen = flags.get('listen') ?? ':5678';
  const wrong = text === '' ? 'Missing -text option OR ENV var TEXT is empty!' : other.length > 0 ? 'Too many arguments!' : undefined;
  if (wrong !== undefined) {
    spec.log.write(`${wrong}\n`);
    return 127;
  }
  spec.log.write(`${goStamp(kernel)}[INFO] server is listening on ${listen}\n`);
  return yield* goServer(kernel, spec, 'http-echo', Number(listen.slice(listen.lastIndexOf(':') + 1)), (request, peer) => {
    const headers: HttpHeaders = [['X-App-Name', 'http-echo'], ['X-App-Version', ECHO_VERSION]];
    if (pathOf(request) === '/health') return { headers, body: '{"status":"ok"}\n' };
    const body = `${text}\n`;
    spec.log.write(`${goStamp(kernel)}${header(request.headers, 'host') ?? ''} ${peer.address}:${peer.port} "${request.method} ${pathOf(request)} ${request.version}" 200 ${utf8(body).length} "${header(request.headers, 'user-agent') ?? ''}" 0s\n`);
    return { headers, body };
  });
}

function helloApp(spec: ProcessSpec, kernel: Kernel): Program {
  const port = spec.env.get('PORT') || '8080';
  spec.log.write(`${goStamp(kernel)}Server listening on port ${port}\n`);
  return goServer(kernel, spec, 'hello-app', Number(port), (request) => {
    spec.log.write(`${goStamp(kernel)}Serving request: ${pathOf(request)}\n`);
    return { body: `Hello, world!\nVersion: ${/^\d+\.\d+$/.test(spec.tag) ? spec.tag : '1.0'}.0\nHostname: ${spec.host.hostname}\n` };
  });
}

const helloGo = (spec: ProcessSpec, kernel: Kernel): Program => goServer(kernel, spec, 'hello', 80, () => ({ type: 'application/json', body: '{"message":"Hello"}\n' }));

/** Images made from nothing but one program. */
const scratch = (names: readonly string[], version: string, megabytes: number, command: string, main: Image['main']): Image => ({ names, version, megabytes, commands: [], env: {}, files: {}, main, defaultCommand: [command] });

export const WEB_IMAGES: readonly Image[] = [
  scratch(['docker.io/traefik/whoami', 'docker.io/containous/whoami'], 'v1.10', 3, '/whoami', whoami),
  scratch(['docker.io/hashicorp/http-echo'], ECHO_VERSION, 3, '/http-echo', httpEcho),
  scratch(['gcr.io/google-samples/hello-app', 'us-docker.pkg.dev/google-samples/containers/gke/hello-app'], '1.0', 12, './hello-app', helloApp),
  scratch(['gcr.io/google-samples/hello-go-gke'], '1.0', 5, '/usr/bin/hello', helloGo),
];
