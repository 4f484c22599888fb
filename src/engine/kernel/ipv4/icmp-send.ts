/**
 * Read first: icmp(7), RFC 1122 3.2.2, RFC 1812 4.3.2; __icmp_send, icmp_reply, icmpv4_xrlim_allow (net/ipv4/icmp.c).
 * Models: v6.1. Not modelled: options in replies, extended echo, fwmark of l3mdev.
 */
import { ANY, isMulticast, type Ipv4 } from '../../wire/addresses.ts';
import { emitIpv4Start, partialSeed } from '../../wire/ipv4.ts';
import { ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, isIcmpError } from '../../wire/icmp.ts';
import { IPPROTO_ICMP, type IcmpMessage, type Ipv4Packet } from '../../wire/packet.ts';
import type { Netns } from '../netns.ts';
import type { Skb } from '../skb.ts';
import type { DstEntry } from './route.ts';

const NR_ICMP_TYPES = 18;
const IPTOS_PREC_INTERNETCONTROL = 0xc0;
const IPTOS_TOS_MASK = 0x1e;
const QUOTE = 576;

/** icmpv4_mask_allow: types outside icmp_ratemask are never limited, path MTU discovery neither. */
function unlimited(ns: Netns, type: number, code: number): boolean {
  if (type > NR_ICMP_TYPES || (type === ICMP_DEST_UNREACH && code === ICMP_FRAG_NEEDED)) return true;
  return ((1 << type) & ns.sysctl.int('net.ipv4.icmp_ratemask')) === 0;
}

function globalAllow(ns: Netns, skb: Skb, type: number, code: number): boolean {
  if (skb.dev?.kind === 'loopback' || unlimited(ns, type, code)) return true;
  return ns.ip.globalLimit.allow(ns.sysctl.int('net.ipv4.icmp_msgs_per_sec'), ns.sysctl.int('net.ipv4.icmp_msgs_burst'), ns.machine.world.scheduler.now);
}

/** icmpv4_xrlim_allow */
function peerAllow(ns: Netns, route: DstEntry, to: Ipv4, type: number, code: number): boolean {
  if (unlimited(ns, type, code) || route.dev.kind === 'loopback') return true;
  return ns.ip.peers.xrlimAllow(to, ns.sysctl.int('net.ipv4.icmp_ratelimit'), ns.machine.world.scheduler.now);
}

/** What of the packet an error quotes: as it lies in memory, unfinished checksum and all. */
function quote(skb: Skb, packet: Ipv4Packet, room: number): Uint8Array {
  const { payload } = packet;
  const asIs = skb.ipSummed === 'partial' && payload.kind !== 'data' && payload.kind !== 'icmp' ? { ...packet, payload: { ...payload, checksum: partialSeed(packet) } } : packet;
  return emitIpv4Start(asIs, room);
}

/** icmp_send: tells the sender of `skb`. `rest`: second header word (next-hop MTU, gateway). The packet itself lives on. */
export function icmpSend(ns: Netns, skb: Skb, type: number, code: number, rest: number): void {
  const packet = skb.net;
  const dst = skb.dst;
  // What is bridged has br_netfilter's fake route: good enough to be told of, and nothing else.
  if (packet.kind !== 'ipv4' || (dst === undefined && skb.nfBridge === undefined)) return;
  if (skb.pktType !== 'host' && skb.pktType !== 'outgoing') return;
  if (dst?.kind === 'broadcast' || dst?.kind === 'multicast') return;
  if (packet.offset > 0) return;
  if (isIcmpError(type) && packet.protocol === IPPROTO_ICMP) {
    const inner = innerType(packet);
    if (inner === undefined || inner > NR_ICMP_TYPES || isIcmpError(inner)) return;
  }
  if (!globalAllow(ns, skb, type, code)) return;

  const mark = ns.sysctl.int('net.ipv4.fwmark_reflect') !== 0 ? skb.mark : 0;
  const tos = isIcmpError(type) ? (packet.tos & IPTOS_TOS_MASK) | IPTOS_PREC_INTERNETCONTROL : packet.tos;
  const route = ns.fib.lookupOutput({ dst: packet.src, src: errorSource(ns, skb, packet, dst), tos, mark, protocol: IPPROTO_ICMP });
  if (!route.ok || !peerAllow(ns, route.dst, packet.src, type, code)) return;
  const room = Math.min(route.dst.mtu, QUOTE) - 28;
  if (room <= 20) return;
  const message: IcmpMessage = { kind: 'icmp', type, code, rest, body: quote(skb, packet, room) };
  ns.ip.emit({ dst: packet.src, src: route.dst.src, protocol: IPPROTO_ICMP, payload: message, tos, mark, df: false, route: route.dst, by: 'icmp', answers: skb });
}

/** The address the packet was for, when that is ours; otherwise what the way back prefers. */
function errorSource(ns: Netns, skb: Skb, packet: Ipv4Packet, dst: DstEntry | undefined): Ipv4 | undefined {
  if (dst === undefined) return undefined;
  if (dst.kind === 'local') return packet.dst;
  if (dst.direction === 'input' && skb.dev !== undefined && ns.sysctl.int('net.ipv4.icmp_errors_use_inbound_ifaddr') !== 0) {
    return ns.fib.selectAddress(dst.iif ?? skb.dev, packet.src, 'link');
  }
  return undefined;
}

function innerType(packet: Ipv4Packet): number | undefined {
  return packet.payload.kind === 'icmp' ? packet.payload.type : packet.payload.kind === 'data' ? packet.payload.bytes[0] : undefined;
}

/** icmp_reply */
export function icmpReply(ns: Netns, skb: Skb, packet: Ipv4Packet, message: IcmpMessage, by: string): void {
  if (!globalAllow(ns, skb, message.type, message.code)) return;
  const src = skb.dst?.kind === 'local' && !isMulticast(packet.dst) ? packet.dst : skb.dev === undefined ? undefined : ns.fib.selectAddress(skb.dev, packet.src, 'link');
  const mark = ns.sysctl.int('net.ipv4.fwmark_reflect') !== 0 ? skb.mark : 0;
  const route = ns.fib.lookupOutput({ dst: packet.src, src: src === ANY ? undefined : src, tos: packet.tos, mark, protocol: IPPROTO_ICMP });
  if (!route.ok || !peerAllow(ns, route.dst, packet.src, message.type, message.code)) return;
  ns.ip.emit({ dst: packet.src, src: src ?? route.dst.src, protocol: IPPROTO_ICMP, payload: message, tos: packet.tos, mark, df: false, route: route.dst, by });
}
