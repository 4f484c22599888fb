/** One frame of every kind that the printers, filters and codecs are tried on. */
import { mac, parseIpv4, type Ipv4 } from '../addresses.ts';
import { must } from '../../../base/assert.ts';
import { concatBytes, utf8 } from '../bytes.ts';
import { dnsA, dnsQuery, encodeDns, optRecord, type DnsMessage, type DnsRecord } from '../dns.ts';
import { emitFrame } from '../frame.ts';
import { emitIpv4Start } from '../ipv4.ts';
import type { EthernetFrame, IcmpMessage, Ipv4Packet, TcpOption, TcpSegment, TransportLayer, UdpDatagram } from '../packet.ts';
import { pcapHeader, pcapRecord } from '../pcap.ts';

export interface Sample {
  readonly name: string;
  readonly frame: EthernetFrame;
  readonly partial: boolean;
}

export const ip = (text: string): Ipv4 => must(parseIpv4(text), text);
const EMPTY = new Uint8Array(0);
const header = { dst: mac(0x0242ac110002), src: mac(0x0242ac110003), etherType: 0x0800 };

export const ipFrame = (src: string, dst: string, protocol: number, payload: TransportLayer, more: Partial<Ipv4Packet> = {}): EthernetFrame => ({
  kind: 'ethernet', header,
  payload: { kind: 'ipv4', tos: 0, id: 6023, df: true, mf: false, offset: 0, ttl: 64, protocol, src: ip(src), dst: ip(dst), payload, ...more },
});
export const udp = (srcPort: number, dstPort: number, payload: UdpDatagram['payload'], more: Partial<UdpDatagram> = {}): UdpDatagram => ({ kind: 'udp', srcPort, dstPort, payload, ...more });
export const tcp = (srcPort: number, dstPort: number, seq: number, ack: number, flags: number, payload: Uint8Array = EMPTY, options: readonly TcpOption[] = [], more: Partial<TcpSegment> = {}): TcpSegment =>
  ({ kind: 'tcp', srcPort, dstPort, seq, ack, flags, window: 502, options, payload, ...more });
const icmp = (type: number, code: number, rest: number, body: Uint8Array): IcmpMessage => ({ kind: 'icmp', type, code, rest, body });
const arp = (op: number, senderMac: number, senderIp: string, targetMac: number, targetIp: string, padding?: number): EthernetFrame => ({
  kind: 'ethernet', header: { ...header, etherType: 0x0806 },
  payload: { kind: 'arp', op, senderMac: mac(senderMac), senderIp: ip(senderIp), targetMac: mac(targetMac), targetIp: ip(targetIp), ...(padding === undefined ? {} : { padding }) },
});

const NAME = 'nginx-service.default.svc.cluster.local';
const query = dnsQuery(44890, NAME, 1, { edns: 1232 });
const answer: DnsMessage = { ...query, response: true, authoritative: true, answers: [dnsA(NAME, ip('10.43.180.238'), 5)], additional: [optRecord(1232)] };
const soa: DnsRecord = {
  name: 'cluster.local', type: 6, class: 1, ttl: 5,
  data: { kind: 'SOA', mname: 'ns.dns.cluster.local', rname: 'hostmaster.cluster.local', serial: 1717, refresh: 7200, retry: 1800, expire: 86400, minimum: 5 } };
const many: DnsMessage = {
  ...query, response: true, recursionAvailable: true, answers: [
    { name: 'a.b', type: 5, class: 1, ttl: 30, data: { kind: 'CNAME', target: 'c.b' } }, dnsA('c.b', ip('1.2.3.4'), 5400),
    { name: 'a.b', type: 33, class: 1, ttl: 30, data: { kind: 'SRV', priority: 0, weight: 100, port: 80, target: 'c.b' } },
    { name: 'a.b', type: 12, class: 1, ttl: 30, data: { kind: 'PTR', target: 'c.b' } },
    { name: 'a.b', type: 15, class: 1, ttl: 30, data: { kind: 'MX', preference: 10, target: 'c.b' } },
    { name: 'a.b', type: 16, class: 1, ttl: 30, data: { kind: 'TXT', strings: [utf8('hello'), utf8('wo"rld')] } },
    { name: 'a.b', type: 2, class: 1, ttl: 30, data: { kind: 'NS', target: 'c.b' } },
    { name: 'a.b', type: 28, class: 1, ttl: 30, data: { kind: 'AAAA', bytes: Uint8Array.of(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1) } },
  ] };

const SYN_OPTIONS: readonly TcpOption[] = [{ kind: 'mss', value: 1410 }, { kind: 'sackOK' }, { kind: 'timestamps', value: 1, echo: 0 }, { kind: 'nop' }, { kind: 'wscale', shift: 7 }];
export const SYN_FRAME = ipFrame('10.42.1.4', '10.42.0.8', 6, tcp(49186, 80, 1000, 0, 2, EMPTY, SYN_OPTIONS, { window: 64860 }));
export const DNS_FRAME = ipFrame('10.42.1.4', '10.43.0.10', 17, udp(60609, 53, encodeDns(query)));
export const DNS_ANSWER_FRAME = ipFrame('10.43.0.10', '10.42.1.4', 17, udp(53, 60609, encodeDns(answer, { compress: false })), { ttl: 62, id: 51894 });

const offender = (f: EthernetFrame): Uint8Array => emitIpv4Start(f.payload.kind === 'ipv4' ? f.payload : must<Ipv4Packet>(undefined, 'packet'), 576);

function* samples(): Generator<readonly [string, EthernetFrame, boolean?]> {
  yield ['dns query, partial', DNS_FRAME, true];
  yield ['dns query', DNS_FRAME];
  yield ['dns query, no checksum', ipFrame('10.42.1.4', '10.43.0.10', 17, udp(60609, 53, encodeDns(query), { checksum: 0 }))];
  yield ['dns query of dig', ipFrame('10.42.1.4', '10.43.0.10', 17, udp(60609, 53, encodeDns(dnsQuery(7, 'a.b', 255, { edns: 1232, authenticData: true, cookie: utf8('12345678') }))))];
  yield ['dns answer', DNS_ANSWER_FRAME];
  yield ['dns nxdomain', ipFrame('10.43.0.10', '10.42.1.4', 17, udp(53, 60609, encodeDns({ ...query, response: true, authoritative: true, rcode: 3, authority: [soa] }, { compress: false })))];
  yield ['dns many answers', ipFrame('10.43.0.10', '10.42.1.4', 17, udp(53, 60609, encodeDns(many)))];
  yield ['udp', ipFrame('10.42.1.4', '10.43.0.10', 17, udp(5555, 6666, utf8('hello')))];
  yield ['udp, partial', ipFrame('10.42.1.4', '10.43.0.10', 17, udp(5555, 6666, utf8('hello'))), true];
  for (const port of [4789, 8472]) {
    yield [`vxlan ${port}`, ipFrame('10.65.94.199', '10.65.94.238', 17, udp(43447, port, { kind: 'vxlan', vni: 1, inner: SYN_FRAME }, { checksum: 0 }), { df: false }), true];
    yield [`vxlan ${port}, checksum`, ipFrame('10.65.94.199', '10.65.94.238', 17, udp(43447, port, { kind: 'vxlan', vni: 1, inner: SYN_FRAME }))];
    yield [`vxlan ${port}, checksum over partial`, ipFrame('10.65.94.199', '10.65.94.238', 17, udp(43447, port, { kind: 'vxlan', vni: 1, inner: SYN_FRAME })), true];
  }
  yield ['syn, partial', SYN_FRAME, true];
  yield ['syn ack', ipFrame('10.42.0.8', '10.42.1.4', 6, tcp(80, 49186, 5000, 1001, 0x12, EMPTY, [{ kind: 'mss', value: 1410 }, { kind: 'sackOK' }]))];
  yield ['ack', ipFrame('10.42.1.4', '10.42.0.8', 6, tcp(49186, 80, 1001, 5001, 0x10))];
  yield ['http request', ipFrame('10.42.1.4', '10.42.0.8', 6, tcp(49186, 80, 1001, 5001, 0x18, utf8('GET / HTTP/1.1\r\nHost: nginx\r\nUser-Agent: curl/8.7.1\r\nAccept: */*\r\n\r\n')))];
  yield ['http response, sack', ipFrame('10.42.0.8', '10.42.1.4', 6, tcp(80, 49186, 5001, 1070, 0x18, utf8('HTTP/1.1 200 OK\r\nServer: nginx/1.27\r\nContent-Length: 12\r\n\r\nhello\nworld\n'),
    [{ kind: 'nop' }, { kind: 'nop' }, { kind: 'sack', blocks: [[1070, 1080]] }]))];
  yield ['http rest of a body', ipFrame('10.42.0.8', '10.42.1.4', 6, tcp(80, 49186, 5072, 1070, 0x18, utf8('just text\nand more')))];
  yield ['fin', ipFrame('10.42.0.8', '10.42.1.4', 6, tcp(80, 49186, 5101, 1070, 0x11))];
  yield ['rst', ipFrame('10.42.0.8', '10.42.1.4', 6, tcp(80, 49186, 5101, 0, 0x4))];
  yield ['tcp data', ipFrame('10.42.0.8', '10.42.1.4', 6, tcp(8888, 49186, 5101, 7, 0x18, utf8('abc')))];
  yield ['ssh', ipFrame('10.42.0.8', '10.42.1.4', 6, tcp(22, 49186, 5101, 7, 0x18, utf8('SSH-2.0-x\r\n')))];
  yield ['echo request', ipFrame('10.42.0.8', '10.42.1.4', 1, icmp(8, 0, 240 * 65536 + 1, new Uint8Array(56)))];
  yield ['echo reply', ipFrame('10.42.0.8', '10.42.1.4', 1, icmp(0, 0, 240 * 65536 + 1, new Uint8Array(56)))];
  for (const of of [DNS_FRAME, SYN_FRAME]) {
    for (const [type, code, rest] of [[3, 0, 0], [3, 1, 0], [3, 2, 0], [3, 3, 0], [3, 4, 1400], [3, 9, 0], [3, 10, 0], [3, 13, 0], [11, 0, 0], [11, 1, 0], [5, 0, 0x0a000001], [5, 1, 0x0a000001]] as const) {
      yield [`icmp ${type}/${code}`, ipFrame('10.42.0.1', '10.42.1.4', 1, icmp(type, code, rest, offender(of)), { tos: 0xc0 })];
    }
  }
  yield ['arp request', arp(1, 5, '10.0.0.1', 0, '10.0.0.2')];
  yield ['arp reply, padded', arp(2, 5, '10.0.0.1', 7, '10.0.0.2', 18)];
  yield ['arp announcement', arp(1, 5, '10.0.0.1', 0, '10.0.0.1')];
  yield ['arp probe', arp(1, 5, '0.0.0.0', 0, '10.0.0.1')];
  yield ['arp unicast request', arp(1, 5, '10.0.0.1', 9, '10.0.0.3')];
  yield ['arp announcement, broadcast target', arp(1, 5, '10.0.0.1', 0xffffffffffff, '10.0.0.1')];
  const tagged = ipFrame('10.123.123.254', '10.123.123.1', 1, icmp(8, 0, 1, new Uint8Array(8)));
  yield ['vlan', { ...tagged, header: { ...tagged.header, vlan: { id: 100, pcp: 0 } } }];
  yield ['first fragment', ipFrame('10.0.0.1', '10.0.0.2', 17, { kind: 'data', bytes: utf8('0123456789012345') }, { df: false, mf: true })];
  yield ['first fragment of a ping', ipFrame('10.0.0.1', '10.0.0.2', 1, { kind: 'data', bytes: Uint8Array.of(8, 0, 0, 0, 0, 9, 0, 1, ...new Uint8Array(16)) }, { df: false, mf: true })];
  yield ['last fragment', ipFrame('10.0.0.1', '10.0.0.2', 17, { kind: 'data', bytes: utf8('0123456789012345') }, { df: false, offset: 16 })];
  yield ['unknown ip protocol', ipFrame('10.0.0.1', '10.0.0.2', 200, { kind: 'data', bytes: utf8('0123456789012345') })];
  yield ['ip options, ecn, bad header checksum', ipFrame('10.0.0.1', '10.0.0.2', 17, udp(1, 2, EMPTY), { tos: 3, checksum: 7, options: Uint8Array.of(148, 4, 0, 0) })];
  yield ['bad icmp checksum', ipFrame('10.0.0.1', '10.0.0.2', 1, { ...icmp(8, 0, 1, new Uint8Array(8)), checksum: 5 })];
  yield ['bad tcp checksum', ipFrame('10.0.0.1', '10.0.0.2', 6, tcp(1234, 8080, 1, 0, 2, EMPTY, [{ kind: 'wscale', shift: 7 }], { checksum: 1 }))];
  yield ['no flags', ipFrame('10.0.0.1', '10.0.0.2', 6, tcp(1234, 9999, 1, 0, 0))];
  yield ['all flags', ipFrame('10.0.0.1', '10.0.0.2', 6, tcp(1234, 9999, 1, 5, 0xf9, EMPTY, [], { urgent: 4 }))];
  const dnsBytes = encodeDns(query);
  yield ['dns over tcp', ipFrame('10.0.0.1', '10.0.0.2', 6, tcp(1234, 53, 1, 5, 0x18, concatBytes([Uint8Array.of(0, dnsBytes.length), dnsBytes])))];
  yield ['unknown ether type', { kind: 'ethernet', header: { ...header, etherType: 0x1234 }, payload: { kind: 'unknown', bytes: utf8('hello world, this is unknown stuff.') } }];
}

export const SAMPLES: readonly Sample[] = [...samples()].map(([name, frame, partial]) => ({ name, frame, partial: partial ?? false }));

/** A pcap file of the samples, 321 microseconds apart. */
export const samplesPcap = (): Uint8Array => concatBytes([pcapHeader(1), ...SAMPLES.map((s, i) => {
  const bytes = emitFrame(s.frame, { partialChecksum: s.partial });
  return pcapRecord({ micros: 1717679368510565 + 321 * i, length: bytes.length, bytes });
})]);
