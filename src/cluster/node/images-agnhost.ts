/**
 * registry.k8s.io/e2e-test-images/agnhost: the tool box of Kubernetes' own tests.
 * Read first: kubernetes test/images/agnhost (v1.29).
 * Models: netexec (/, /clientip, /echo, /exit, /healthz, /hostname, /hostName, /redirect, /shutdown; the UDP server), serve-hostname (HTTP, --tcp, --udp), liveness (/started, /healthz), pause.
 * Not modelled: the other sub-commands; netexec's /dial, /shell, /upload, TLS and SCTP.
 */
import { WaitQueue, type Process, type Program } from '../../engine/sim/process.ts';
import type { Kernel } from '../../engine/uapi/kernel.ts';
import { ANY, formatIpv4 } from '../../engine/wire/addresses.ts';
import { fromUtf8, utf8 } from '../../engine/wire/bytes.ts';
import { nextDatagram } from '../../userland/sockets/datagram.ts';
import { accept, sendAll } from '../../userland/sockets/stream.ts';
import { goServer, goStamp, NOT_FOUND, pathOf, queryOf, type GoAnswer } from './go-http.ts';
import { goFlags, wordsOf } from './images-web.ts';
import { live } from './images-kubeadm.ts';
import type { Image, ProcessSpec } from './images.ts';

type Flags = ReadonlyMap<string, string>;
type Server = (own: Kernel) => Program;

/** Go's time.Time as %v prints it, without the monotonic reading. */
const goTime = (kernel: Kernel): string => `${new Date(kernel.clock.wallMillis()).toISOString().replace('T', ' ').replace('Z', '')} +0000 UTC`;

function* udpServer(kernel: Kernel, port: number, answer: (text: string, peer: string) => string | undefined): Program {
  const socket = kernel.sockets.udp();
  try {
    if (!socket.bind({ address: ANY, port }).ok) return 1;
    for (;;) {
      const datagram = yield* nextDatagram(socket);
      const { address, port: from } = datagram.from;
      const reply = answer(fromUtf8(datagram.bytes), `${formatIpv4(address)}:${from}`);
      if (reply !== undefined) socket.send(utf8(reply), datagram.from);
    }
  } finally {
    socket.close();
  }
}

/** Says one text to whoever connects, and hangs up. */
function* tcpServer(kernel: Kernel, port: number, text: string): Program {
  const listener = kernel.sockets.tcp();
  try {
    if (!listener.bind({ address: ANY, port }).ok || !listener.listen(128).ok) return 1;
    for (;;) {
      const socket = yield* accept(listener);
      yield* sendAll(kernel, socket, utf8(text));
      socket.close();
    }
  } finally {
    listener.close();
  }
}

/** Servers side by side until one of them ends, or `over` says so. */
function* together(kernel: Kernel, servers: readonly Server[], over: { code: number | undefined; readonly told: WaitQueue }): Program {
  const children: readonly Process[] = servers.map((server) => kernel.spawn('agnhost', server).process);
  try {
    for (;;) {
      if (over.code !== undefined) return over.code;
      const ended = children.find((c) => c.exitCode !== undefined);
      if (ended !== undefined) return ended.exitCode ?? 1;
      yield { on: [over.told, ...children.map((c) => c.exited)] };
    }
  } finally {
    for (const child of children) child.kill('SIGKILL');
  }
}

function netexec(spec: ProcessSpec, kernel: Kernel, flags: Flags): Program {
  const { hostname } = spec.host;
  const log = (text: string): void => void spec.log.write(`${goStamp(kernel)}${text}\n`);
  for (const absent of ['tls-cert-file', 'sctp-port', 'http-override', 'udp-listen-addresses']) {
    if (flags.has(absent) && flags.get(absent) !== '-1') return refuse(spec, `netexec --${absent}`);
  }
  const httpPort = Number(flags.get('http-port') ?? 8080);
  const udpPort = Number(flags.get('udp-port') ?? 8081);
  const over: { code: number | undefined; readonly told: WaitQueue } = { code: undefined, told: new WaitQueue() };
  const exit = (code: number): GoAnswer => {
    over.code = code;
    over.told.wake();
    return { body: '' };
  };
  log(`Started HTTP server on port ${httpPort}`);
  const http: Server = (own) => goServer(own, spec, 'agnhost', httpPort, (request, peer) => {
    const path = pathOf(request);
    const query = (key: string): string => queryOf(request, key);
    switch (path) {
      case '/echo':
        log(`GET /echo?msg=${query('msg')}&code=${query('code')}`);
        return { ...(/^\d{3}$/.test(query('code')) ? { status: Number(query('code')) } : {}), body: query('msg') };
      case '/redirect': return { status: Number(query('code') || 302), headers: [['Location', query('location')]], body: '' };
      case '/exit':
        log(`GET /exit?code=${query('code')}&timeout=${query('timeout')}&wait=${query('wait')}`);
        return exit(Number(query('code') || 0));
      case '/dial': case '/shell': case '/upload':
        return { status: 501, body: `agnhost netexec ${path} is not modelled in this lab\n` };
      default: log(`GET ${path}`);
    }
    switch (path) {
      case '/clientip': return { body: `${peer.address}:${peer.port}` };
      case '/hostname': case '/hostName': return { body: hostname };
      case '/healthz': return { body: '' };
      case '/shutdown': return exit(0);
      default: return { body: `NOW: ${goTime(own)}` };
    }
  });
  const udp: Server = (own) => udpServer(own, udpPort, (text, peer) => {
    const [command = '', ...rest] = text.trim().split(' ');
    log(`Got UDP data from ${peer}: ${JSON.stringify(text)}`);
    if (['hostname', 'hostName'].includes(command)) return hostname;
    if (command === 'clientip') return peer;
    return command === 'echo' ? rest.join(' ') : undefined;
  });
  return together(kernel, [http, ...(udpPort === -1 ? [] : [udp])], over);
}

function serveHostname(spec: ProcessSpec, kernel: Kernel, flags: Flags): Program {
  const on = (name: string, without: boolean): boolean => (flags.has(name) ? flags.get(name) === 'true' : without);
  const port = Number(flags.get('port') ?? 9376);
  const { hostname } = spec.host;
  const log = (text: string): void => void spec.log.write(`${goStamp(kernel)}${text}\n`);
  const [http, tcp, udp] = [on('http', true), on('tcp', false), on('udp', false)];
  if (http && (tcp || udp)) {
    log("Can't server TCP/UDP mode and HTTP mode at the same time");
    return ended(1);
  }
  log(`Serving on port ${port}.`);
  const servers: readonly Server[] = [
    ...(http ? [(own: Kernel) => goServer(own, spec, 'agnhost', port, (_request, peer) => {
      log(`HTTP request from ${peer.address}:${peer.port}`);
      return { headers: on('close', false) ? [['Connection', 'close']] : [], body: hostname };
    })] : []),
    ...(tcp ? [(own: Kernel) => tcpServer(own, port, hostname)] : []),
    ...(udp ? [(own: Kernel) => udpServer(own, port, () => hostname)] : []),
  ];
  return together(kernel, servers, { code: undefined, told: new WaitQueue() });
}

/** Healthy for ten seconds. */
function liveness(spec: ProcessSpec, kernel: Kernel): Program {
  const started = kernel.clock.now;
  return goServer(kernel, spec, 'agnhost', 8080, (request) => {
    const age = (kernel.clock.now - started) / 1e9;
    switch (pathOf(request)) {
      case '/started': return { body: `${age}s` };
      case '/healthz': return age > 10 ? { status: 500, body: `error: ${age}` } : { body: 'ok' };
      default: return NOT_FOUND;
    }
  });
}

function* ended(code: number): Program {
  return code;
}

function refuse(spec: ProcessSpec, what: string): Program {
  spec.log.write(`agnhost ${what} is not modelled in this lab\n`);
  return ended(1);
}

function agnhost(spec: ProcessSpec, kernel: Kernel): Program {
  const { flags, other } = goFlags(wordsOf(spec));
  const [command = 'pause'] = other;
  switch (command) {
    case 'netexec': return netexec(spec, kernel, flags);
    case 'serve-hostname': return serveHostname(spec, kernel, flags);
    case 'liveness': return liveness(spec, kernel);
    case 'pause':
      spec.log.write('Paused\n');
      return live();
    default: return refuse(spec, command);
  }
}

export const AGNHOST_IMAGES: readonly Image[] = [
  {
    names: ['registry.k8s.io/e2e-test-images/agnhost', 'k8s.gcr.io/e2e-test-images/agnhost'], version: '2.40', megabytes: 50,
    commands: ['bash', 'sh', 'cat', 'ls', 'echo', 'env', 'printenv', 'grep', 'head', 'tail', 'wc', 'sed', 'sleep', 'hostname', 'date', 'id', 'pwd', 'curl', 'dig', 'host', 'nslookup', 'ping', 'nc', 'ip', 'netstat', 'iptables', 'conntrack', 'which'],
    env: {}, files: { '/etc/alpine-release': '3.12.12\n' }, main: agnhost, defaultCommand: ['/agnhost'],
  },
  { names: ['registry.k8s.io/pause', 'k8s.gcr.io/pause', 'docker.io/rancher/mirrored-pause', 'gcr.io/google_containers/pause'], version: '3.9', megabytes: 1, commands: [], env: {}, files: {}, main: live, defaultCommand: ['/pause'] },
];
