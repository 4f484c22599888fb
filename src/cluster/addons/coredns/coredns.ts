/**
 * The server: one UDP and one TCP socket, a chain of plugins per query.
 * Models: coredns 1.10.1 core/dnsserver and plugin order (cache, loadbalance, hosts, kubernetes, forward): names are not compressed while the answer fits,
 * the request's OPT record is echoed, kubernetes answers say AA and not RA.
 * Not modelled: the loop plugin's probe, more than one upstream policy, metrics' content.
 */
import { seconds, plus } from '../../../engine/sim/time.ts';
import type { Program, Wait } from '../../../engine/sim/process.ts';
import type { Kernel } from '../../../engine/uapi/kernel.ts';
import type { TcpSocket } from '../../../engine/uapi/sockets.ts';
import { ANY, formatIpv4, parseIpv4, type Ipv4 } from '../../../engine/wire/addresses.ts';
import { decodeDns, DNS_TYPES, dnsTypeName, encodeDns, NOTIMP, REFUSED, SERVFAIL, type DnsMessage, type DnsRecord } from '../../../engine/wire/dns.ts';
import { nextDatagram } from '../../../userland/sockets/datagram.ts';
import { parseResolv } from '../../node/files.ts';
import { httpServer } from '../../node/http-responder.ts';
import type { ProcessSpec } from '../../node/images.ts';
import { DnsCache } from './cache.ts';
import { parseCorefile, type Directive, type ServerBlock } from './corefile.ts';
import { hostsAnswer } from './hosts.ts';
import { kubernetesAnswer, within, type Answer } from './kubernetes.ts';

const DNS_PORT = 53;
const FORWARD_TIMEOUT = seconds(2);
const COREFILE = '/etc/coredns/Corefile';

interface Server {
  readonly spec: ProcessSpec;
  readonly kernel: Kernel;
  readonly block: ServerBlock;
  readonly cache: DnsCache | undefined;
}

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
    const answer = hostsAnswer({ path, ttl: Number(option(hosts, 'ttl')?.[0] ?? 3600), fallthrough: option(hosts, 'fallthrough') !== undefined }, text.ok ? text.value : '', name, type);
    if (answer !== undefined) return answer;
  }
  const kubernetes = directive(s.block, 'kubernetes');
  const zone = kubernetes?.args.find((z) => !z.endsWith('.arpa'));
  if (kubernetes !== undefined && zone !== undefined) {
    const config = { zone, ttl: Number(option(kubernetes, 'ttl')?.[0] ?? 5), podsInsecure: option(kubernetes, 'pods')?.[0] === 'insecure', fallthrough: option(kubernetes, 'fallthrough') };
    const answer = kubernetesAnswer(config, s.spec.api, name, type, serialOf(s));
    if (answer !== undefined) return answer;
  }
  const forward = directive(s.block, 'forward');
  if (forward === undefined) return failure(REFUSED);
  if (!within(name.toLowerCase(), (forward.args[0] ?? '.').replace(/\.$/, ''))) return failure(REFUSED);
  const [, ...targets] = forward.args;
  const upstreams = targets.flatMap((t): Ipv4[] => {
    const file = t.startsWith('/') ? s.spec.host.fs.read(t) : undefined;
    const names = file === undefined ? [t.replace(/:\d+$/, '')] : file.ok ? parseResolv(file.value).nameservers : [];
    return names.flatMap((n) => parseIpv4(n) ?? []);
  });
  return yield* ask(s, upstreams, name, type, request);
}

/** The forward plugin: two rounds over the upstreams. */
function* ask(s: Server, upstreams: readonly Ipv4[], name: string, type: number, request: DnsMessage): Generator<Wait, Answer, void> {
  const question = request.questions[0];
  for (const address of [...upstreams, ...upstreams]) {
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
    const way = `read udp ${formatIpv4(socket.local.address)}:${socket.local.port}->${formatIpv4(address)}:${DNS_PORT}`;
    socket.close();
    s.spec.log.write(`[ERROR] plugin/errors: 2 ${name}. ${dnsTypeName(type)}: ${way}: ${refused ? 'read: connection refused' : 'i/o timeout'}\n`);
  }
  return failure(SERVFAIL);
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

function* handle(s: Server, bytes: Uint8Array, limit: number | undefined): Generator<Wait, Uint8Array | undefined, void> {
  const parsed = decodeDns(bytes);
  if (!parsed.ok || parsed.value.response) return undefined;
  const request = parsed.value;
  const [question] = request.questions;
  if (question === undefined || request.opcode !== 0) return encodeDns(respond(request, failure(NOTIMP)));
  const answer = yield* resolve(s, question.name, question.type, request);
  const opt = request.additional.find((r) => r.type === DNS_TYPES.OPT);
  return fit(respond(request, answer), limit ?? Math.max(512, opt?.class ?? 512));
}

function* udpServer(s: Server): Program {
  const socket = s.kernel.sockets.udp();
  const bound = socket.bind({ address: ANY, port: DNS_PORT });
  if (!bound.ok) {
    s.spec.log.write(`Listen: listen udp :${DNS_PORT}: bind: address already in use\n`);
    return 1;
  }
  try {
    for (;;) {
      const datagram = yield* nextDatagram(socket);
      s.kernel.spawn('coredns', function* () {
        const reply = yield* handle(s, datagram.bytes, undefined);
        if (reply !== undefined) socket.send(reply, datagram.from);
        return 0;
      });
    }
  } finally {
    socket.close();
  }
}

function* tcpConnection(s: Server, socket: TcpSocket): Program {
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
      const reply = yield* handle(s, Uint8Array.from(buffer.slice(2, 2 + length)), 65535);
      buffer = buffer.slice(2 + length);
      if (reply !== undefined) socket.send(Uint8Array.from([reply.length >>> 8, reply.length & 255, ...reply]));
    }
  }
  socket.close();
  return 0;
}

function* tcpServer(s: Server): Program {
  const listener = s.kernel.sockets.tcp();
  const bound = listener.bind({ address: ANY, port: DNS_PORT });
  if (!bound.ok || !listener.listen(128).ok) return 1;
  try {
    for (;;) {
      const socket = listener.accept();
      if (socket === undefined) yield { on: [listener.readable] };
      else s.kernel.spawn('coredns', () => tcpConnection(s, socket));
    }
  } finally {
    listener.close();
  }
}

const side = (directives: readonly Directive[], name: string, port: number): number | undefined => {
  const found = directives.find((d) => d.name === name);
  return found === undefined ? undefined : Number(/:(\d+)$/.exec(found.args[0] ?? '')?.[1] ?? port);
};

/** `/coredns -conf /etc/coredns/Corefile` */
export function* coreDns(spec: ProcessSpec, kernel: Kernel): Program {
  const file = spec.host.fs.read(COREFILE);
  const blocks = parseCorefile(file.ok ? file.value : '');
  if (!blocks.ok) {
    spec.log.write(`${blocks.error}\n`);
    return 1;
  }
  const block = blocks.value.find((b) => b.keys.some((k) => /^\.(:53)?$/.test(k)));
  if (block === undefined) {
    spec.log.write('no server block for the root zone; other zones are not modelled in this lab\n');
    return 1;
  }
  const cache = directive(block, 'cache');
  const server: Server = { spec, kernel, block, cache: cache === undefined ? undefined : new DnsCache(Number(cache.args[0] ?? 3600)) };
  const children = [kernel.spawn('coredns', () => udpServer(server)), kernel.spawn('coredns', () => tcpServer(server))];
  const ok = (body: string) => () => ({ status: 200, headers: [['Content-Type', 'text/plain; charset=utf-8']] as const, body });
  for (const [name, port, body] of [['health', 8080, 'OK'], ['ready', 8181, 'OK'], ['prometheus', 9153, '']] as const) {
    const at = side(block.directives, name, port);
    if (at !== undefined) children.push(kernel.spawn('coredns', (own) => httpServer(own, 'coredns', at, ok(body))));
  }
  spec.log.write('.:53\n[INFO] plugin/reload: Running configuration\nCoreDNS-1.10.1\nlinux/amd64\n');
  try {
    for (;;) yield { until: plus(kernel.clock.now, seconds(86_400)) };
  } finally {
    for (const child of children) child.process.kill('SIGTERM');
  }
}
