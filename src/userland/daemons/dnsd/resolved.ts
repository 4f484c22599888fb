/**
 * Read first: systemd-resolved(8), section "Synthetic records" and "Protocols and routing".
 * Models: systemd-resolved 249's stub on 127.0.0.53: /etc/hosts, localhost, its own host name and _gateway by itself (AA, TTL 0), names of one label to
 * nobody (SERVFAIL), the rest to the servers of /run/systemd/resolve/resolv.conf in turn, 5 s each, over UDP and again over TCP when cut.
 * Not modelled: the cache, DNSSEC, LLMNR, mDNS, D-Bus and the NSS module, the proxy on 127.0.0.54.
 */
import { LOOPBACK, parseIpv4, formatIpv4, type Ipv4 } from '../../../engine/wire/addresses.ts';
import type { Program, Wait } from '../../../engine/sim/process.ts';
import { plus, seconds } from '../../../engine/sim/time.ts';
import type { Kernel } from '../../../engine/uapi/kernel.ts';
import { CLASS_IN, dnsA, DNS_PORT, DNS_TYPES, encodeDns, NOERROR, NOTIMP, optRecord, reverseName, SERVFAIL, type DnsMessage, type DnsRecord } from '../../../engine/wire/dns.ts';
import { must } from '../../../base/assert.ts';
import type { Host } from '../../host.ts';
import { hostsEntries, parseResolvConf } from '../../resolver/config.ts';
import { collect, exchangeTcp, type Answer } from '../../resolver/exchange.ts';
import { dnsServer } from './server.ts';

const STUB = must(parseIpv4('127.0.0.53'), 'stub address');
const UPLINK = '/run/systemd/resolve/resolv.conf';
/** DNS_TIMEOUT_USEC and the attempts that fit a client's patience. */
const TIMEOUT = seconds(5);
const ATTEMPTS = 4;
/** ADVERTISE_EDNS0_DATAGRAM_SIZE of the stub; what it says to servers is the safe size of DNS flag day 2020. */
const STUB_EDNS = 65494;
const UPLINK_EDNS = 1232;

interface Outcome {
  readonly rcode: number;
  readonly answers: readonly DnsRecord[];
  readonly authority: readonly DnsRecord[];
  /** Made here, not heard from a server. */
  readonly synthetic: boolean;
}

const own = (answers: readonly DnsRecord[]): Outcome => ({ rcode: NOERROR, answers, authority: [], synthetic: true });
const failed = (rcode: number): Outcome => ({ rcode, answers: [], authority: [], synthetic: false });

/** What resolved answers from this machine alone. */
export function synthesize(host: Host, given: string, type: number): Outcome | undefined {
  const name = given.toLowerCase();
  const entries = hostsEntries(host.fs);
  const named = entries.filter((e) => e.names.some((n) => n.toLowerCase() === name));
  const a = (addresses: readonly Ipv4[]): Outcome => own(type === DNS_TYPES.A || type === DNS_TYPES.ANY ? addresses.map((address) => dnsA(given, address, 0)) : []);
  if (named.length > 0) return a(named.map((e) => e.address));
  const reverse = entries.find((e) => reverseName(e.address) === name);
  const ptr = (target: string): Outcome => own(type === DNS_TYPES.PTR || type === DNS_TYPES.ANY ? [{ name: given, type: DNS_TYPES.PTR, class: CLASS_IN, ttl: 0, data: { kind: 'PTR', target } }] : []);
  if (reverse !== undefined) return ptr(must(reverse.names[0], 'a name'));
  if (name === 'localhost' || name.endsWith('.localhost')) return a([LOOPBACK]);
  const addresses = host.kernel.netlink.addresses().filter((row) => row.scope !== 'host').map((row) => row.address);
  if (name === host.hostname) return a(addresses);
  if (addresses.some((address) => reverseName(address) === name)) return ptr(host.hostname);
  if (name === '_gateway') return a(host.kernel.netlink.routes().filter((r) => r.dst.length === 0).flatMap((r) => r.nexthops.flatMap((hop) => hop.via ?? [])).slice(0, 1));
  return undefined;
}

/** Names without a dot are for LLMNR, never for DNS; `.` itself and reverse names are for DNS. */
const singleLabel = (name: string): boolean => name !== '' && !name.includes('.');

/** The servers in turn: the next one after a failure. */
function* forward(kernel: Kernel, servers: readonly Ipv4[], request: DnsMessage): Generator<Wait, Outcome, void> {
  const question = request.questions[0];
  if (question === undefined || servers.length === 0) return failed(SERVFAIL);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const server = must(servers[attempt % servers.length], 'server');
    const id = kernel.random('systemd-resolved').below(0x10000);
    const query: DnsMessage = { ...request, id, recursionDesired: true, authenticData: false, checkingDisabled: false, additional: [optRecord(UPLINK_EDNS)] };
    const answer = yield* ask(kernel, server, query);
    if (answer === undefined) continue;
    const { rcode, answers, authority } = answer.message;
    return { rcode, answers, authority, synthetic: false };
  }
  return failed(SERVFAIL);
}

function* ask(kernel: Kernel, server: Ipv4, query: DnsMessage): Generator<Wait, Answer | undefined, void> {
  const until = plus(kernel.clock.now, TIMEOUT);
  const socket = kernel.sockets.udp();
  try {
    if (!socket.connect({ address: server, port: DNS_PORT }).ok || !socket.send(encodeDns(query)).ok) return undefined;
    const answers = new Map<number, Answer>();
    yield* collect(socket, [query], answers, kernel, until);
    const answer = answers.get(query.id);
    if (answer?.message.truncated !== true) return answer;
    const again = yield* exchangeTcp(kernel, server, query, until);
    return again.ok ? again.value : undefined;
  } finally {
    socket.close();
  }
}

function stubReply(request: DnsMessage, outcome: Outcome): DnsMessage {
  const edns = request.additional.some((r) => r.type === DNS_TYPES.OPT);
  return {
    ...request, response: true, authoritative: outcome.synthetic, truncated: false, recursionAvailable: true, authenticData: outcome.synthetic && request.authenticData,
    rcode: outcome.rcode, answers: outcome.answers, authority: outcome.authority, additional: edns ? [optRecord(STUB_EDNS)] : [],
  };
}

export function resolved(kernel: Kernel, host: Host): Program {
  kernel.log('systemd-resolved', `listening on ${formatIpv4(STUB)}`);
  return dnsServer(kernel, {
    name: 'systemd-resolve', address: STUB,
    *answer(request) {
      const question = request.questions[0];
      if (question === undefined || request.opcode !== 0) return stubReply(request, failed(NOTIMP));
      const known = synthesize(host, question.name, question.type);
      if (known !== undefined) return stubReply(request, known);
      const address = question.type === DNS_TYPES.A || question.type === DNS_TYPES.AAAA;
      if (address && singleLabel(question.name)) return stubReply(request, failed(SERVFAIL));
      const text = host.fs.read(UPLINK);
      // parseResolvConf says loopback when the file names nobody: here that is nobody.
      const servers = text.ok && /^nameserver/m.test(text.value) ? parseResolvConf(text.value).nameservers : [];
      return stubReply(request, yield* forward(kernel, servers, request));
    },
  });
}
