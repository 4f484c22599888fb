/**
 * Read first: RFC 791, RFC 2474 (DSCP), RFC 3168 (ECN).
 * Models: the header with options as bytes, fragments (their payload stays bytes), and the transport inside.
 */
import { err, ok, type Result } from '../../base/result.ts';
import type { DropReason } from '../trace/drop-reasons.ts';
import { formatIpv4, ipv4, type Ipv4 } from './addresses.ts';
import { put16, put32, u16, u32 } from './bytes.ts';
import { addWords, finish, fold, internetChecksum, pseudoSum } from './checksum.ts';
import { emitIcmp, parseIcmp, writeIcmp } from './icmp.ts';
import { field, hex, type FieldView } from './layer-view.ts';
import { IPPROTO_ICMP, IPPROTO_TCP, IPPROTO_UDP, ipv4HeaderLength, ipv4Length, transportLength, type Ipv4Packet, type TransportLayer } from './packet.ts';
import { emitTcp, parseTcp, writeTcp } from './tcp.ts';
import { emitUdp, parseUdp, writeUdp } from './udp.ts';

/** A transport layer's bytes as a layer. What is no such thing stays bytes (`data`). */
export function parseTransport(protocol: number, b: Uint8Array, src: Ipv4, dst: Ipv4): TransportLayer {
  const parsed = protocol === IPPROTO_TCP ? parseTcp(b, src, dst) : protocol === IPPROTO_UDP ? parseUdp(b, src, dst) : protocol === IPPROTO_ICMP ? parseIcmp(b) : undefined;
  return parsed?.ok === true ? parsed.value : { kind: 'data', bytes: b.slice() };
}

/** IP_INHDR, PKT_TOO_SMALL: no header to speak of. A wrong header checksum is kept in the packet for the receiver to see. */
export function parseIpv4Packet(b: Uint8Array): Result<Ipv4Packet, DropReason> {
  if (b.length < 20) return err('PKT_TOO_SMALL');
  const headerLength = ((b[0] ?? 0) & 15) * 4;
  if ((b[0] ?? 0) >>> 4 !== 4 || headerLength < 20) return err('IP_INHDR');
  const total = u16(b, 2);
  if (total < headerLength) return err('IP_INHDR');
  if (total > b.length) return err('PKT_TOO_SMALL');
  return ok(parseBody(b, headerLength, total));
}

function parseBody(b: Uint8Array, headerLength: number, total: number): Ipv4Packet {
  const src = ipv4(u32(b, 12));
  const dst = ipv4(u32(b, 16));
  const protocol = b[9] ?? 0;
  const fragment = u16(b, 6);
  const offset = (fragment & 0x1fff) * 8;
  const mf = (fragment & 0x2000) !== 0;
  const content = b.subarray(headerLength, total);
  const packet: Ipv4Packet = {
    kind: 'ipv4', tos: b[1] ?? 0, id: u16(b, 4), df: (fragment & 0x4000) !== 0, mf, offset, ttl: b[8] ?? 0, protocol, src, dst,
    ...(headerLength > 20 ? { options: b.slice(20, headerLength) } : {}),
    payload: mf || offset > 0 ? { kind: 'data', bytes: content.slice() } : parseTransport(protocol, content, src, dst),
  };
  return finish(addWords(0, b, 0, headerLength)) === 0 ? packet : { ...packet, checksum: u16(b, 10) };
}

/**
 * The packet inside an ICMP error: whole header, then as many bytes as the error kept. Its transport checksum cannot be
 * verified; a TCP header cut after 8 bytes is given with zeros for what is missing. undefined: not even an IPv4 header.
 */
export function parseEmbedded(b: Uint8Array): Ipv4Packet | undefined {
  const headerLength = ((b[0] ?? 0) & 15) * 4;
  if (b.length < 20 || (b[0] ?? 0) >>> 4 !== 4 || headerLength < 20 || headerLength > b.length) return undefined;
  const total = u16(b, 2);
  if (total >= headerLength && total <= b.length) return parseBody(b, headerLength, total);
  const protocol = b[9] ?? 0;
  const content = b.slice(headerLength);
  const whole = parseBody(b, headerLength, headerLength);
  if (whole.mf || whole.offset > 0) return { ...whole, payload: { kind: 'data', bytes: content } };
  if (protocol === IPPROTO_TCP && content.length >= 8) {
    const padded = new Uint8Array(Math.max(20, content.length));
    padded.set(content);
    const cut = content.length < 20 || ((padded[12] ?? 0) >>> 4) * 4 > content.length;
    if (cut) padded[12] = 0x50;
    const tcp = parseTcp(padded, whole.src, whole.dst);
    if (tcp.ok) return { ...whole, payload: { ...tcp.value, payload: cut ? new Uint8Array(0) : tcp.value.payload, checksum: u16(padded, 16) } };
  }
  if (protocol === IPPROTO_UDP && content.length >= 8) {
    return { ...whole, payload: { kind: 'udp', srcPort: u16(content, 0), dstPort: u16(content, 2), checksum: u16(content, 6), payload: content.slice(8) } };
  }
  if (protocol === IPPROTO_ICMP && content.length >= 8) {
    return { ...whole, payload: { kind: 'icmp', type: content[0] ?? 0, code: content[1] ?? 0, rest: u32(content, 4), checksum: u16(content, 2), body: content.slice(8) } };
  }
  return { ...whole, payload: { kind: 'data', bytes: content } };
}

function writeTransport(t: TransportLayer, src: Ipv4, dst: Ipv4, b: Uint8Array, at: number): void {
  switch (t.kind) {
    case 'tcp': writeTcp(t, src, dst, b, at); break;
    case 'udp': writeUdp(t, src, dst, b, at); break;
    case 'icmp': writeIcmp(t, b, at); break;
    case 'data': b.set(t.bytes, at); break;
  }
}

export function emitTransport(t: TransportLayer, src: Ipv4, dst: Ipv4): Uint8Array {
  switch (t.kind) {
    case 'tcp': return emitTcp(t, src, dst);
    case 'udp': return emitUdp(t, src, dst);
    case 'icmp': return emitIcmp(t);
    case 'data': return t.bytes.slice();
  }
}

function writeHeader(p: Ipv4Packet, b: Uint8Array, at: number): number {
  const headerLength = ipv4HeaderLength(p);
  b[at] = 0x40 | (headerLength / 4);
  b[at + 1] = p.tos;
  put16(b, at + 2, ipv4Length(p));
  put16(b, at + 4, p.id);
  put16(b, at + 6, (p.df ? 0x4000 : 0) | (p.mf ? 0x2000 : 0) | (p.offset >>> 3));
  b[at + 8] = p.ttl;
  b[at + 9] = p.protocol;
  put16(b, at + 10, 0);
  put32(b, at + 12, p.src);
  put32(b, at + 16, p.dst);
  if (p.options !== undefined) b.set(p.options, at + 20);
  put16(b, at + 10, p.checksum ?? internetChecksum(b, at, at + headerLength));
  return at + headerLength;
}

export function writeIpv4(p: Ipv4Packet, b: Uint8Array, at: number): void {
  writeTransport(p.payload, p.src, p.dst, b, writeHeader(p, b, at));
}

export function emitIpv4(p: Ipv4Packet): Uint8Array {
  const b = new Uint8Array(ipv4Length(p));
  writeIpv4(p, b, 0);
  return b;
}

/** Header and the first `limit - header` bytes of the payload: what an ICMP error quotes. */
export const emitIpv4Start = (p: Ipv4Packet, limit: number): Uint8Array => {
  const bytes = emitIpv4(p);
  return bytes.length <= limit ? bytes : bytes.slice(0, limit);
};

/** The header checksum as it stands on the wire. */
export function ipv4Checksum(p: Ipv4Packet): number {
  if (p.checksum !== undefined) return p.checksum;
  const b = new Uint8Array(ipv4HeaderLength(p));
  writeHeader(p, b, 0);
  return u16(b, 10);
}

/** Is the header checksum right? Cheap when nothing literal is there. */
export const verifyHeader = (p: Ipv4Packet): boolean => p.checksum === undefined || p.checksum === ipv4Checksum({ ...p, checksum: undefined });

/** Is the transport checksum right? Cheap when nothing literal is there. UDP's 0 means none was sent: right. Fragments: not known yet, so right. */
export function verifyTransport(p: Ipv4Packet): boolean {
  const t = p.payload;
  if (t.kind === 'data' || t.checksum === undefined) return true;
  if (t.kind === 'udp' && t.checksum === 0) return true;
  return t.checksum === transportChecksum(p);
}

/** The right transport checksum for this content, whatever the packet carries. undefined: it has none. */
export function transportChecksum(p: Ipv4Packet): number | undefined {
  const t = p.payload;
  if (t.kind === 'data') return undefined;
  const b = emitTransport({ ...t, checksum: undefined }, p.src, p.dst);
  return u16(b, CHECKSUM_AT[t.kind]);
}

/** Where the checksum stands in a transport header. */
export const CHECKSUM_AT = { tcp: 16, udp: 6, icmp: 2 } as const;

/** What CHECKSUM_PARTIAL leaves in the field: the folded pseudo-header sum, not complemented (tcp_v4_send_check, udp4_hwcsum). */
export const partialSeed = (p: Ipv4Packet): number => fold(pseudoSum(p.src, p.dst, p.protocol, transportLength(p.payload)));

/** tcpdump -v's bracket: `(tos 0x0, ttl 64, id 6023, offset 0, flags [DF], proto UDP (17), length 96)`. */
export function ipv4Summary(p: Ipv4Packet): string {
  const ecn = ['', ',ECT(1)', ',ECT(0)', ',CE'][p.tos & 3] ?? '';
  const flags = p.df && p.mf ? '+, DF' : p.df ? 'DF' : p.mf ? '+' : 'none';
  const options = p.options === undefined || p.options.length === 0 ? '' : `, options (${optionNames(p.options)})`;
  const bad = verifyHeader(p) ? '' : `, bad cksum ${(p.checksum ?? 0).toString(16)} (->${ipv4Checksum({ ...p, checksum: undefined }).toString(16)})!`;
  return `(tos 0x${p.tos.toString(16)}${ecn}${p.ttl === 0 ? '' : `, ttl ${p.ttl}`}, id ${p.id}, offset ${p.offset}, flags [${flags}], proto ${protocolLabel(p.protocol)} (${p.protocol}), length ${ipv4Length(p)}${options}${bad})`;
}

function optionNames(options: Uint8Array): string {
  const NAMES: Readonly<Record<number, string>> = { 7: 'RR', 68: 'timestamp', 130: 'security', 131: 'LSRR', 137: 'SSRR', 148: 'RA' };
  const names: string[] = [];
  for (let i = 0; i < options.length;) {
    const code = options[i] ?? 0;
    if (code === 0) {
      names.push('EOL');
      break;
    }
    if (code === 1) {
      names.push('NOP');
      i++;
      continue;
    }
    names.push(NAMES[code] ?? `unknown ${code}`);
    i += Math.max(2, options[i + 1] ?? 2);
  }
  return names.join(',');
}

const PROTOCOLS: Readonly<Record<number, string>> = { 1: 'ICMP', 2: 'IGMP', 4: 'IPIP', 6: 'TCP', 17: 'UDP', 41: 'IPv6', 47: 'GRE', 50: 'ESP', 51: 'AH', 89: 'OSPF', 112: 'VRRP', 132: 'SCTP' };

/** tcpdump's name of an IP protocol. */
export const protocolLabel = (protocol: number): string => PROTOCOLS[protocol] ?? 'unknown';

export function ipv4Fields(p: Ipv4Packet, at: number): readonly FieldView[] {
  const sum = ipv4Checksum(p);
  return [
    field('Version', 4, at, 1),
    field('Header length', `${ipv4HeaderLength(p)} bytes`, at, 1),
    field('DSCP', p.tos >>> 2, at + 1, 1),
    field('ECN', p.tos & 3, at + 1, 1),
    field('Total length', ipv4Length(p), at + 2, 2),
    field('Identification', `${p.id} (${hex(p.id, 4)})`, at + 4, 2),
    field('Flags', p.df && p.mf ? "Don't fragment, more fragments" : p.df ? "Don't fragment" : p.mf ? 'More fragments' : 'none', at + 6, 1),
    field('Fragment offset', p.offset, at + 6, 2),
    field('Time to live', p.ttl, at + 8, 1),
    field('Protocol', `${protocolLabel(p.protocol)} (${p.protocol})`, at + 9, 1),
    field('Header checksum', `${hex(sum, 4)}${verifyHeader(p) ? '' : ' (incorrect)'}`, at + 10, 2),
    field('Source', formatIpv4(p.src), at + 12, 4),
    field('Destination', formatIpv4(p.dst), at + 16, 4),
    ...(p.options === undefined ? [] : [field('Options', optionNames(p.options), at + 20, p.options.length)]),
  ];
}
