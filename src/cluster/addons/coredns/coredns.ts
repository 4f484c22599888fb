/**
 * The server: one UDP and one TCP socket, a chain of plugins per query, of the block whose zone is the longest that fits.
 * Models: coredns 1.10.1 core/dnsserver and plugin order (cache, loadbalance, hosts, kubernetes, forward): names are not compressed while the answer fits,
 * the request's OPT record is echoed, kubernetes answers say AA and not RA; a Corefile that changed is read again (reload.ts).
 * Not modelled: the loop plugin's probe, more than one upstream policy, health checks of upstreams (each query finds out anew), metrics' content, ports other than 53.
 */
import { seconds, plus } from '../../../engine/sim/time.ts';
import type { Program, Wait } from '../../../engine/sim/process.ts';
import type { Kernel } from '../../../engine/uapi/kernel.ts';
import type { Endpoint, TcpSocket } from '../../../engine/uapi/sockets.ts';
import { ANY, formatIpv4, parseIpv4, type Ipv4 } from '../../../engine/wire/addresses.ts';
import { decodeDns, DNS_TYPES, dnsTypeName, encodeDns, NOTIMP, REFUSED, SERVFAIL, type DnsMessage, type DnsRecord } from '../../../engine/wire/dns.ts';
import { nextDatagram } from '../../../userland/sockets/datagram.ts';
import { parseResolv } from '../../node/files.ts';
import { httpServer } from '../../node/http-responder.ts';
import type { ProcessSpec } from '../../node/images.ts';
import { DnsCache } from './cache.ts';
import { banner } from './builds.ts';
import type { Corefile, Directive, ServerBlock } from './corefile.ts';
import { hostsAnswer } from './hosts.ts';
import { kubernetesAnswer, within, type Answer } from './kubernetes.ts';
import { logLine } from './log-line.ts';
import { globOf, readCorefile, reloads, watchCorefile } from './reload.ts';

const DNS_PORT = 53;
const FORWARD_TIMEOUT = seconds(2);
/** defaultTimeout of the forward plugin: no upstream is tried after it. */
const FORWARD_DEADLINE = seconds(5);

interface Server {
  readonly spec: ProcessSpec;
  readonly kernel: Kernel;
  readonly block: ServerBlock;
  readonly cache: DnsCache | undefined;
}

/** What runs: replaced as a whole when the Corefile changes. */
interface Instance {
  servers: readonly { readonly zone: string; readonly server: Server }[];
}

/** `example.org:53` as a zone without its last dot and a port. */
const zoneOf = (key: string): { readonly zone: string; readonly port: string } => ({ zone: key.replace(/:\d+$/, '').replace(/\.$/, '').toLowerCase(), port: /:(\d+)$/.exec(key)?.[1] ?? '53' });

const serverFor = ({ servers }: Instance, name: string): Server | undefined =>
  servers.filter((s) => within(name.toLowerCase(), s.zone)).sort((a, b) => b.zone.length - a.zone.length)[0]?.server;

const directive = (block: ServerBlock, name: string): Directive | undefined => block.directives.find((d) => d.name === name);
const option = (d: Directive, name: string): readonly string[] | undefined => d.block.find((words) => words[0] === name)?.slice(1);

const failure = (rcode: number): Answer => ({ rcode, answers: [], authority: [], additional: [], authoritative: false });

/** dnsController.Modified of the API: any change of a Service or endpoint. We take the last revision's wall clock: the serial only has to grow. */
const serialOf = (s: Server): number => Math.floor(s.kernel.clock.wallMillis() / 1000);

function* resolve(s: Server, name: string, type: number, request: DnsMessage, depth = 0): Generator<Wait, Answer, void> {
  const now = s.kernel.clock.now / 1e9;
  const cached = s.cache?.get(name, type, now);
  const fresh = cached ?? (yield* chain(s, name, type, request));
  const kept = cached ?? s.cache?.put(name, type, fresh, now) ?? fresh;
  if (kept.chase === undefined || depth > 8) return shuffle(s, kept);
  const target = yield* resolve(s, kept.chase, type, request, depth + 1);
  return { ...kept, answers: [...kept.answers, ...target.answers] };
}

function* chain(s: Server, name: string, type: number, request: DnsMessage): Generator<Wait, Answer, void> {
  const hosts = directive(s.block, 'hosts');
  if (hosts !== undefined) {
    const path = hosts.args[0] ?? '/etc/hosts';
    const text = s.spec.host.fs.read(path);
    const inline = hosts.block.map((words) => words.join(' ')).join('\n');
    const answer = hostsAnswer({ path, ttl: Number(option(hosts, 'ttl')?.[0] ?? 3600), fallthrough: option(hosts, 'fallthrough') !== undefined }, `${inline}\n${text.ok ? text.value : ''}`, name, type);
    if (answer !== undefined) return answer;
  }
  const kubernetes = directive(s.block, 'kubernetes');
  const zones = kubernetes?.args.map((z) => zoneOf(z).zone) ?? [];
  const zone = zones.find((z) => !z.endsWith('.arpa'));
  if (kubernetes !== undefined && zone !== undefined) {
    const local = s.kernel.netlink.addresses().filter((a) => a.dev !== 'lo').map((a) => a.address);
    const config = { zone, local, reverse: zones.filter((z) => z.endsWith('.arpa')), ttl: Number(option(kubernetes, 'ttl')?.[0] ?? 5), podsInsecure: option(kubernetes, 'pods')?.[0] === 'insecure', fallthrough: option(kubernetes, 'fallthrough') };
    const answer = kubernetesAnswer(config, s.spec.api, name, type, serialOf(s));
    if (answer !== undefined) return answer;
  }
  const forward = s.block.directives.find((d) => d.name === 'forward' && within(name.toLowerCase(), (d.args[0] ?? '.').replace(/\.$/, '')));
  if (forward === undefined) return failure(REFUSED);
  const [, ...targets] = forward.args;
  const upstreams = targets.flatMap((t): Ipv4[] => {
    const file = t.startsWith('/') ? s.spec.host.fs.read(t) : undefined;
    const names = file === undefined ? [t.replace(/:\d+$/, '')] : file.ok ? parseResolv(file.value).nameservers : [];
    return names.flatMap((n) => parseIpv4(n) ?? []);
  });
  return yield* ask(s, upstreams, name, type, request);
}

/** The forward plugin: upstreams in turn until one answers or the time is over. One that refuses is asked twice. */
function* ask(s: Server, upstreams: readonly Ipv4[], name: string, type: number, request: DnsMessage): Generator<Wait, Answer, void> {
  const question = request.questions[0];
  const end = plus(s.kernel.clock.now, FORWARD_DEADLINE);
  let failed = 'no healthy proxies';
  for (let i = 0, refusals = 0; upstreams.length > 0 && s.kernel.clock.now < end && refusals < 2 * upstreams.length; i++) {
    const address = upstreams[i % upstreams.length] ?? ANY;
    const socket = s.kernel.sockets.udp();
    const id = s.spec.random.below(0x10000);
    const query: DnsMessage = { ...request, id, questions: question === undefined ? [] : [{ ...question, name, type }] };
    const connected = socket.connect({ address, port: DNS_PORT });
    if (connected.ok) socket.send(encodeDns(query));
    const deadline = plus(s.kernel.clock.now, FORWARD_TIMEOUT);
    let refused = !connected.ok;
    while (!refused && s.kernel.clock.now < deadline) {
      const datagram = socket.recv();
      if (datagram === undefined) {
        refused = socket.takeError() !== undefined;
        if (!refused) yield { on: [socket.readable], until: deadline };
        continue;
      }
      const reply = decodeDns(datagram.bytes);
      if (!reply.ok || reply.value.id !== id || !reply.value.response) continue;
      socket.close();
      const { rcode, answers, authority, additional, authoritative, recursionAvailable } = reply.value;
      return { rcode, answers, authority, additional: additional.filter((r) => r.type !== DNS_TYPES.OPT), authoritative, recursionAvailable };
    }
    if (refused) refusals++;
    failed = `read udp ${formatIpv4(socket.local.address)}:${socket.local.port}->${formatIpv4(address)}:${DNS_PORT}: ${refused ? 'read: connection refused' : 'i/o timeout'}`;
    socket.close();
  }
  if (directive(s.block, 'errors') !== undefined) s.spec.log.write(`[ERROR] plugin/errors: 2 ${name}. ${dnsTypeName(type)}: ${failed}\n`);
  return { ...failure(SERVFAIL), unwritten: true };
}

/** The loadbalance plugin: address records in random order, CNAMEs first. */
function shuffle(s: Server, answer: Answer): Answer {
  if (directive(s.block, 'loadbalance') === undefined || answer.answers.length < 2) return answer;
  const address = answer.answers.filter((r) => r.type === DNS_TYPES.A);
  for (let i = address.length - 1; i > 0; i--) {
    const j = s.spec.random.below(i + 1);
    const [a, b] = [address[i], address[j]];
    if (a !== undefined && b !== undefined) [address[i], address[j]] = [b, a];
  }
  const rest = answer.answers.filter((r) => r.type !== DNS_TYPES.A);
  return { ...answer, answers: [...rest.filter((r) => r.type === DNS_TYPES.CNAME), ...address, ...rest.filter((r) => r.type !== DNS_TYPES.CNAME)] };
}

/** Options that CoreDNS sends back: NSID, EXPIRE, COOKIE, TCPKEEPALIVE, PADDING. */
const ECHOED: readonly number[] = [3, 9, 10, 11, 12];

export function respond(request: DnsMessage, answer: Answer): DnsMessage {
  const opt = request.additional.find((r): r is DnsRecord => r.type === DNS_TYPES.OPT);
  const echoed = opt?.data.kind === 'OPT' ? [{ ...opt, ttl: opt.ttl & 0xff00, data: { kind: 'OPT' as const, options: opt.data.options.filter((o) => ECHOED.includes(o.code)) } }] : [];
  return {
    ...request, response: true, authoritative: answer.authoritative, truncated: false, recursionAvailable: answer.recursionAvailable === true, authenticData: false, rcode: answer.rcode,
    answers: answer.answers, authority: answer.authority, additional: [...answer.additional, ...echoed],
  };
}

/** Bytes of a response: plain when it fits, compressed when only that fits, else cut with TC. */
export function fit(message: DnsMessage, size: number): Uint8Array {
  const plain = encodeDns(message, { compress: false });
  if (plain.length <= size) return plain;
  const small = encodeDns(message, { compress: true });
  if (small.length <= size) return small;
  return encodeDns({ ...message, truncated: true, answers: [], authority: [], additional: message.additional.filter((r) => r.type === DNS_TYPES.OPT) }, { compress: true });
}

function* handle(i: Instance, bytes: Uint8Array, from: Endpoint, proto: 'udp' | 'tcp'): Generator<Wait, Uint8Array | undefined, void> {
  const parsed = decodeDns(bytes);
  if (!parsed.ok || parsed.value.response) return undefined;
  const request = parsed.value;
  const [question] = request.questions;
  if (question === undefined || request.opcode !== 0) return encodeDns(respond(request, failure(NOTIMP)));
  const opt = request.additional.find((r) => r.type === DNS_TYPES.OPT);
  const size = proto === 'tcp' ? 65535 : Math.max(512, opt?.class ?? 512);
  const s = serverFor(i, question.name);
  if (s === undefined) return fit(respond(request, failure(REFUSED)), size);
  const { clock } = s.kernel;
  const asked = clock.now;
  const answer = yield* resolve(s, question.name, question.type, request);
  const response = respond(request, answer);
  const reply = fit(response, size);
  if (directive(s.block, 'log') !== undefined) {
    const written = answer.unwritten === true ? undefined : response;
    s.spec.log.write(logLine({ from, proto, request, requestSize: bytes.length, response: written, responseSize: reply.length, seconds: (clock.now - asked) / 1e9 }));
  }
  return reply;
}

function* udpServer(i: Instance, spec: ProcessSpec, kernel: Kernel): Program {
  const socket = kernel.sockets.udp();
  const bound = socket.bind({ address: ANY, port: DNS_PORT });
  if (!bound.ok) {
    spec.log.write(`Listen: listen udp :${DNS_PORT}: bind: address already in use\n`);
    return 1;
  }
  try {
    for (;;) {
      const datagram = yield* nextDatagram(socket);
      kernel.spawn('coredns', function* () {
        const reply = yield* handle(i, datagram.bytes, datagram.from, 'udp');
        if (reply !== undefined) socket.send(reply, datagram.from);
        return 0;
      });
    }
  } finally {
    socket.close();
  }
}

function* tcpConnection(i: Instance, socket: TcpSocket): Program {
  let buffer: number[] = [];
  for (;;) {
    const chunk = socket.recv();
    if (chunk === undefined) {
      if (socket.takeError() !== undefined) break;
      yield { on: [socket.readable] };
      continue;
    }
    if (chunk === 'eof') break;
    buffer.push(...chunk);
    for (let length = ((buffer[0] ?? 0) << 8) | (buffer[1] ?? 0); buffer.length >= 2 + length && buffer.length > 2; length = ((buffer[0] ?? 0) << 8) | (buffer[1] ?? 0)) {
      const reply = yield* handle(i, Uint8Array.from(buffer.slice(2, 2 + length)), socket.remote ?? socket.local, 'tcp');
      buffer = buffer.slice(2 + length);
      if (reply !== undefined) socket.send(Uint8Array.from([reply.length >>> 8, reply.length & 255, ...reply]));
    }
  }
  socket.close();
  return 0;
}

function* tcpServer(i: Instance, kernel: Kernel): Program {
  const listener = kernel.sockets.tcp();
  const bound = listener.bind({ address: ANY, port: DNS_PORT });
  if (!bound.ok || !listener.listen(128).ok) return 1;
  try {
    for (;;) {
      const socket = listener.accept();
      if (socket === undefined) yield { on: [listener.readable] };
      else kernel.spawn('coredns', () => tcpConnection(i, socket));
    }
  } finally {
    listener.close();
  }
}

const SIDES = [['health', 8080, 'OK'], ['ready', 8181, 'OK'], ['prometheus', 9153, '']] as const;

/** Listeners of plugins: name and port. */
const sides = ({ blocks }: Corefile): ReadonlyMap<number, string> => new Map(SIDES.flatMap(([name, port, body]): [number, string][] => {
  const found = blocks.map((b) => directive(b, name)).find((d) => d !== undefined);
  return found === undefined ? [] : [[Number(/:(\d+)$/.exec(found.args[0] ?? '')?.[1] ?? port), body]];
}));

/** `/coredns -conf /etc/coredns/Corefile` */
export function* coreDns(spec: ProcessSpec, kernel: Kernel): Program {
  const say = (text: string): void => void spec.log.write(`${text}\n`);
  const warn = ({ unmatched }: Corefile): void => unmatched.forEach((pattern) => say(`[WARNING] No files matching import glob pattern: ${pattern}`));
  const read = readCorefile(spec.host.fs, globOf(spec.host.fs));
  if (!read.ok) {
    say(read.error);
    return 1;
  }
  const instance: Instance = { servers: [] };
  const listeners = new Map<number, { readonly kill: () => void }>();
  /** Starts, or starts anew, with this configuration; says why it cannot. */
  const run = (corefile: Corefile): string | undefined => {
    const zones = corefile.blocks.flatMap((block) => block.keys.map((key) => ({ ...zoneOf(key), block })));
    const elsewhere = zones.find((z) => z.port !== String(DNS_PORT));
    if (elsewhere !== undefined) return `a server on port ${elsewhere.port} is not modelled in this lab`;
    const servers = new Map(corefile.blocks.map((block): [ServerBlock, Server] => {
      const cache = directive(block, 'cache');
      return [block, { spec, kernel, block, cache: cache === undefined ? undefined : new DnsCache(Number(/^\d+$/.exec(cache.args[0] ?? '')?.[0] ?? 3600)) }];
    }));
    instance.servers = zones.flatMap(({ zone, block }) => {
      const server = servers.get(block);
      return server === undefined ? [] : [{ zone, server }];
    });
    const wanted = sides(corefile);
    for (const [port, { kill }] of [...listeners]) {
      if (wanted.has(port)) continue;
      listeners.delete(port);
      kill();
    }
    for (const [port, body] of wanted) {
      if (listeners.has(port)) continue;
      const { process } = kernel.spawn('coredns', (own) => httpServer(own, 'coredns', port, () => ({ status: 200, headers: [['Content-Type', 'text/plain; charset=utf-8']], body })));
      listeners.set(port, { kill: () => process.kill('SIGTERM') });
    }
    return undefined;
  };
  warn(read.value);
  const wrong = run(read.value);
  if (wrong !== undefined) {
    say(wrong);
    return 1;
  }
  const children = [kernel.spawn('coredns', () => udpServer(instance, spec, kernel)), kernel.spawn('coredns', () => tcpServer(instance, kernel))];
  say(instance.servers.map(({ zone }) => `${zone}.:${DNS_PORT}`).sort().join('\n'));
  if (reloads(read.value) !== undefined) {
    warn(read.value);
    say(`[INFO] plugin/reload: Running configuration SHA512 = ${read.value.sha512}`);
  }
  spec.log.write(banner(spec.tag));
  try {
    yield* watchCorefile({ spec, kernel, running: read.value, say, warn, run });
    for (;;) yield { until: plus(kernel.clock.now, seconds(86_400)) };
  } finally {
    for (const child of children) child.process.kill('SIGTERM');
    for (const { kill } of listeners.values()) kill();
  }
}
