/**
 * Read first: net/netfilter/nf_nat_proto.c.
 * Models: nf_nat_ipv4_manip_pkt and l4proto_manip_pkt (v6.1). A checksum that is not written down is right whatever changes;
 * one that is written down (wrong, or the seed of CHECKSUM_PARTIAL) is adjusted by the difference and stays as wrong as it was.
 */
import { ipv4 } from '../../../wire/addresses.ts';
import { IPPROTO_ICMP, IPPROTO_TCP, IPPROTO_UDP, type Ipv4Packet, type TransportLayer } from '../../../wire/packet.ts';
import type { Tuple } from '../../conntrack/tuple.ts';

const fold = (n: number): number => {
  let sum = n;
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return sum;
};

/** csum_replace: RFC 1624 on a complemented checksum. */
const replace16 = (checksum: number, from: number, to: number): number => ~fold((~checksum & 0xffff) + (~from & 0xffff) + to) & 0xffff;
const replace32 = (checksum: number, from: number, to: number): number => replace16(replace16(checksum, from >>> 16, to >>> 16), from & 0xffff, to & 0xffff);
/** The same on a seed, which is the plain sum of the pseudo header. */
const reseed32 = (seed: number, from: number, to: number): number => ~replace32(~seed & 0xffff, from, to) & 0xffff;

export interface Rewrite {
  /** 'src' changes source address and port, 'dst' the destination. */
  readonly manip: 'src' | 'dst';
  readonly target: Tuple;
  readonly partial: boolean;
}

function adjusted(checksum: number | undefined, partial: boolean, from: number, to: number, oldPort: number, port: number): number | undefined {
  if (checksum === undefined) return undefined;
  return partial ? reseed32(checksum, from, to) : replace16(replace32(checksum, from, to), oldPort, port);
}

function transport(t: TransportLayer, { manip, target, partial }: Rewrite, from: number, to: number): TransportLayer {
  switch (t.kind) {
    case 'tcp': {
      const port = manip === 'src' ? target.sport : target.dport;
      const checksum = adjusted(t.checksum, partial, from, to, manip === 'src' ? t.srcPort : t.dstPort, port);
      return {
        kind: 'tcp', srcPort: manip === 'src' ? port : t.srcPort, dstPort: manip === 'src' ? t.dstPort : port, seq: t.seq, ack: t.ack, flags: t.flags,
        window: t.window, urgent: t.urgent, options: t.options, checksum, payload: t.payload,
      };
    }
    case 'udp': {
      const port = manip === 'src' ? target.sport : target.dport;
      // 0 says that there is no checksum, so a computed 0 is written as its complement.
      const sum = t.checksum === 0 ? 0 : adjusted(t.checksum, partial, from, to, manip === 'src' ? t.srcPort : t.dstPort, port);
      const checksum = sum === 0 && t.checksum !== 0 && !partial ? 0xffff : sum;
      return { kind: 'udp', srcPort: manip === 'src' ? port : t.srcPort, dstPort: manip === 'src' ? t.dstPort : port, checksum, payload: t.payload };
    }
    case 'icmp': {
      if (t.type !== 0 && t.type !== 8 && (t.type < 13 || t.type > 18)) return t;
      const id = t.rest >>> 16;
      const checksum = t.checksum === undefined ? undefined : replace16(t.checksum, id, target.sport);
      return { ...t, rest: ((target.sport << 16) | (t.rest & 0xffff)) >>> 0, checksum };
    }
    case 'data':
      return t;
  }
}

/** nf_nat_ipv4_manip_pkt on the outer packet. */
export function rewrite(p: Ipv4Packet, how: Rewrite): Ipv4Packet {
  const from = how.manip === 'src' ? p.src : p.dst;
  const to = how.manip === 'src' ? how.target.src : how.target.dst;
  const payload = transport(p.payload, how, from, to);
  const checksum = p.checksum === undefined ? undefined : replace32(p.checksum, from, to);
  const src = how.manip === 'src' ? ipv4(to) : p.src;
  const dst = how.manip === 'src' ? p.dst : ipv4(to);
  return { kind: 'ipv4', tos: p.tos, id: p.id, df: p.df, mf: p.mf, offset: p.offset, ttl: p.ttl, protocol: p.protocol, src, dst, options: p.options, checksum, payload };
}

/** Addresses only, for ICMP errors: their header has no id. */
export function rewriteAddress(p: Ipv4Packet, manip: 'src' | 'dst', to: number): Ipv4Packet {
  const from = manip === 'src' ? p.src : p.dst;
  const checksum = p.checksum === undefined ? undefined : replace32(p.checksum, from, to);
  return manip === 'src' ? { ...p, src: ipv4(to), checksum } : { ...p, dst: ipv4(to), checksum };
}

const get16 = (b: Uint8Array, at: number): number => ((b[at] ?? 0) << 8) | (b[at + 1] ?? 0);
const get32 = (b: Uint8Array, at: number): number => ((get16(b, at) << 16) | get16(b, at + 2)) >>> 0;
const put16 = (b: Uint8Array, at: number, n: number): void => {
  b[at] = (n >>> 8) & 255;
  b[at + 1] = n & 255;
};
const put32 = (b: Uint8Array, at: number, n: number): void => {
  put16(b, at, n >>> 16);
  put16(b, at + 2, n & 0xffff);
};

/** nf_nat_ipv4_manip_pkt on the packet inside an ICMP error: bytes, perhaps cut off after 8 of the transport header. */
export function rewriteEmbedded(body: Uint8Array, manip: 'src' | 'dst', target: Tuple): Uint8Array {
  if (body.length < 20) return body;
  const b = body.slice();
  const at = manip === 'src' ? 12 : 16;
  const from = get32(b, at);
  const to = manip === 'src' ? target.src : target.dst;
  put32(b, at, to);
  put16(b, 10, replace32(get16(b, 10), from, to));
  const l4 = ((b[0] ?? 0) & 15) * 4;
  if (b.length < l4 + 8) return b;
  const protocol = b[9];
  if (protocol === IPPROTO_TCP || protocol === IPPROTO_UDP) {
    const portAt = l4 + (manip === 'src' ? 0 : 2);
    const old = get16(b, portAt);
    const port = manip === 'src' ? target.sport : target.dport;
    put16(b, portAt, port);
    const sumAt = l4 + (protocol === IPPROTO_TCP ? 16 : 6);
    const present = protocol === IPPROTO_TCP ? b.length >= l4 + 20 : get16(b, sumAt) !== 0;
    if (present) put16(b, sumAt, replace16(replace32(get16(b, sumAt), from, to), old, port));
  } else if (protocol === IPPROTO_ICMP) {
    const old = get16(b, l4 + 4);
    put16(b, l4 + 4, target.sport);
    put16(b, l4 + 2, replace16(get16(b, l4 + 2), old, target.sport));
  }
  return b;
}
