/**
 * A packet as an immutable stack of typed layers. A change (TTL, NAT, VXLAN) makes a new outer layer that shares the
 * inner ones, so a trace step keeps a packet by keeping a reference. Bytes are made only where somebody looks at them
 * (see emit in each protocol's file).
 *
 * Checksums: `checksum: undefined` means "the right one for this content"; a number means "literally this value"
 * (corrupted, or the unfinished seed of CHECKSUM_PARTIAL left in the header).
 */
import type { Ipv4, Mac } from './addresses.ts';

export const ETH_P_IP = 0x0800;
export const ETH_P_ARP = 0x0806;
export const ETH_P_8021Q = 0x8100;
export const ETH_P_IPV6 = 0x86dd;

export const IPPROTO_ICMP = 1;
export const IPPROTO_TCP = 6;
export const IPPROTO_UDP = 17;
export const IPPROTO_SCTP = 132;

export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const PSH = 0x08;
export const ACK = 0x10;
export const URG = 0x20;
export const ECE = 0x40;
export const CWR = 0x80;

export interface VlanTag {
  readonly id: number;
  readonly pcp: number;
}

export interface EthernetHeader {
  readonly dst: Mac;
  readonly src: Mac;
  readonly etherType: number;
  readonly vlan?: VlanTag | undefined;
}

export interface EthernetFrame {
  readonly kind: 'ethernet';
  readonly header: EthernetHeader;
  readonly payload: NetworkLayer;
}

export interface ArpPacket {
  readonly kind: 'arp';
  /** 1 request, 2 reply. */
  readonly op: number;
  readonly senderMac: Mac;
  readonly senderIp: Ipv4;
  readonly targetMac: Mac;
  readonly targetIp: Ipv4;
  /** Zero bytes after the 28 of ARP (user-space senders pad frames to 60 bytes). */
  readonly padding?: number | undefined;
}

/** A network layer that nobody here understands. */
export interface UnknownNetwork {
  readonly kind: 'unknown';
  readonly bytes: Uint8Array;
}

export type NetworkLayer = Ipv4Packet | ArpPacket | UnknownNetwork;

export interface Ipv4Packet {
  readonly kind: 'ipv4';
  /** DSCP (6 bits) and ECN (2 bits). */
  readonly tos: number;
  readonly id: number;
  readonly df: boolean;
  readonly mf: boolean;
  /** Fragment offset in bytes. */
  readonly offset: number;
  readonly ttl: number;
  readonly protocol: number;
  readonly src: Ipv4;
  readonly dst: Ipv4;
  readonly options?: Uint8Array | undefined;
  readonly checksum?: number | undefined;
  readonly payload: TransportLayer;
}

/** Bytes as they are: an unknown protocol, or a fragment's slice. */
export interface Data {
  readonly kind: 'data';
  readonly bytes: Uint8Array;
}

export type TransportLayer = TcpSegment | UdpDatagram | IcmpMessage | Data;

export type TcpOption =
  | { readonly kind: 'mss'; readonly value: number }
  | { readonly kind: 'sackOK' }
  | { readonly kind: 'timestamps'; readonly value: number; readonly echo: number }
  | { readonly kind: 'wscale'; readonly shift: number }
  | { readonly kind: 'nop' }
  | { readonly kind: 'sack'; readonly blocks: readonly (readonly [number, number])[] }
  | { readonly kind: 'unknown'; readonly code: number; readonly bytes: Uint8Array };

export interface TcpSegment {
  readonly kind: 'tcp';
  readonly srcPort: number;
  readonly dstPort: number;
  readonly seq: number;
  readonly ack: number;
  /** FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128. */
  readonly flags: number;
  /** As on the wire: not scaled. */
  readonly window: number;
  readonly urgent?: number | undefined;
  readonly options: readonly TcpOption[];
  readonly checksum?: number | undefined;
  readonly payload: Uint8Array;
}

export interface VxlanFrame {
  readonly kind: 'vxlan';
  readonly vni: number;
  readonly inner: EthernetFrame;
}

export interface UdpDatagram {
  readonly kind: 'udp';
  readonly srcPort: number;
  readonly dstPort: number;
  /** 0 on the wire means "no checksum" (VXLAN without udpcsum). */
  readonly checksum?: number | undefined;
  readonly payload: Uint8Array | VxlanFrame;
}

export interface IcmpMessage {
  readonly kind: 'icmp';
  readonly type: number;
  readonly code: number;
  /** Second word of the header: echo id << 16 | seq, next-hop MTU, gateway. */
  readonly rest: number;
  readonly checksum?: number | undefined;
  /** Echo data, or the offending packet's header and first bytes. */
  readonly body: Uint8Array;
}

/** Bytes of TCP options, padded to a multiple of four as the kernel pads them. */
export function tcpOptionsLength(options: readonly TcpOption[]): number {
  let n = 0;
  for (const o of options) {
    switch (o.kind) {
      case 'mss': n += 4; break;
      case 'sackOK': n += 2; break;
      case 'timestamps': n += 10; break;
      case 'wscale': n += 3; break;
      case 'nop': n += 1; break;
      case 'sack': n += 2 + 8 * o.blocks.length; break;
      case 'unknown': n += 2 + o.bytes.length; break;
    }
  }
  return (n + 3) & ~3;
}

/** Bytes of a transport layer with everything inside it. */
export function transportLength(t: TransportLayer): number {
  switch (t.kind) {
    case 'tcp': return 20 + tcpOptionsLength(t.options) + t.payload.length;
    case 'udp': return 8 + (t.payload instanceof Uint8Array ? t.payload.length : 8 + frameLength(t.payload.inner));
    case 'icmp': return 8 + t.body.length;
    case 'data': return t.bytes.length;
  }
}

export const ipv4HeaderLength = (p: Ipv4Packet): number => 20 + (p.options === undefined ? 0 : (p.options.length + 3) & ~3);

/** The IPv4 "total length". */
export const ipv4Length = (p: Ipv4Packet): number => ipv4HeaderLength(p) + transportLength(p.payload);

export function networkLength(n: NetworkLayer): number {
  switch (n.kind) {
    case 'ipv4': return ipv4Length(n);
    case 'arp': return 28 + (n.padding ?? 0);
    case 'unknown': return n.bytes.length;
  }
}

/** Bytes of a frame without FCS: 14, 4 more with a VLAN tag, and the payload. */
export const frameLength = (f: EthernetFrame): number => (f.header.vlan === undefined ? 14 : 18) + networkLength(f.payload);
