/**
 * Read first: icmp_rcv, icmp_echo, icmp_unreach, icmp_redirect, icmp_socket_deliver (net/ipv4/icmp.c), __ip_do_redirect (route.c).
 * Models: v6.1. Not modelled: timestamp replies, address masks, extended echo, secure_redirects' gateway list without shared media.
 */
import { ipv4, isMulticast, type Ipv4 } from '../../wire/addresses.ts';
import { parseEmbedded, verifyTransport } from '../../wire/ipv4.ts';
import {
  ICMP_DEST_UNREACH, ICMP_ECHO, ICMP_ECHOREPLY, ICMP_FRAG_NEEDED, ICMP_PARAMETERPROB, ICMP_REDIRECT, ICMP_TIME_EXCEEDED, ICMP_TIMESTAMP,
} from '../../wire/icmp.ts';
import type { IcmpMessage, Ipv4Packet } from '../../wire/packet.ts';
import { consume, drop } from '../drop.ts';
import type { Netns } from '../netns.ts';
import type { Skb } from '../skb.ts';
import { icmpReply } from './icmp-send.ts';

const ICMP_SOURCE_QUENCH = 4;
const NR_ICMP_UNREACH = 15;
const NR_ICMP_TYPES = 18;

/** icmp_rcv. Ends the skb. */
export function icmpReceive(ns: Netns, skb: Skb, packet: Ipv4Packet): void {
  const message = packet.payload;
  if (message.kind !== 'icmp') return drop(ns, skb, 'PKT_TOO_SMALL');
  if (skb.ipSummed !== 'partial' && !verifyTransport(packet)) return drop(ns, skb, 'ICMP_CSUM');
  if (message.type > NR_ICMP_TYPES) return drop(ns, skb, 'NOT_SPECIFIED', `ICMP type ${message.type}`);
  if (skb.dst?.kind === 'broadcast' || skb.dst?.kind === 'multicast') {
    const asks = message.type === ICMP_ECHO || message.type === ICMP_TIMESTAMP;
    if (!asks || ns.sysctl.flag('net.ipv4.icmp_echo_ignore_broadcasts')) return drop(ns, skb, 'NOT_SPECIFIED', 'icmp_echo_ignore_broadcasts');
  }
  switch (message.type) {
    case ICMP_ECHOREPLY: return ns.transport.receive(skb);
    case ICMP_ECHO: return echo(ns, skb, packet, message);
    case ICMP_DEST_UNREACH: case ICMP_TIME_EXCEEDED: case ICMP_PARAMETERPROB: case ICMP_SOURCE_QUENCH: return error(ns, skb, packet, message);
    case ICMP_REDIRECT: return redirect(ns, skb, packet, message);
    default: return consume(ns, skb, `icmp type ${message.type}`);
  }
}

function echo(ns: Netns, skb: Skb, packet: Ipv4Packet, message: IcmpMessage): void {
  if (ns.sysctl.flag('net.ipv4.icmp_echo_ignore_all')) return drop(ns, skb, 'NOT_SPECIFIED', 'icmp_echo_ignore_all');
  consume(ns, skb, 'icmp echo');
  icmpReply(ns, skb, packet, { kind: 'icmp', type: ICMP_ECHOREPLY, code: message.code, rest: message.rest, body: message.body }, 'icmp echo');
}

/** icmp_unreach */
function error(ns: Netns, skb: Skb, packet: Ipv4Packet, message: IcmpMessage): void {
  const inner = parseEmbedded(message.body);
  if (inner === undefined) return drop(ns, skb, 'PKT_TOO_SMALL');
  if (message.type === ICMP_DEST_UNREACH) {
    if (message.code > NR_ICMP_UNREACH) return drop(ns, skb, 'NOT_SPECIFIED', `ICMP code ${message.code}`);
    if (message.code === ICMP_FRAG_NEEDED && ns.sysctl.int('net.ipv4.ip_no_pmtu_disc') === 0) learnMtu(ns, skb, inner, message.rest & 0xffff);
  }
  if (!ns.sysctl.flag('net.ipv4.icmp_ignore_bogus_error_responses') && ns.fib.addressType(packet.dst) === 'broadcast') {
    return drop(ns, skb, 'NOT_SPECIFIED', 'an error to a broadcast');
  }
  ns.transport.icmpError(inner, message.type, message.code, message.rest, packet.src, skb);
}

/** ipv4_update_pmtu: only for packets that we sent. */
function learnMtu(ns: Netns, skb: Skb, inner: Ipv4Packet, mtu: number): void {
  if (mtu === 0 || !ns.fib.isLocal(inner.src)) return;
  const route = ns.fib.lookupOutput({ dst: inner.dst, src: inner.src, tos: inner.tos, mark: skb.mark });
  if (route.ok && route.dst.routeKey !== undefined && route.dst.kind === 'unicast') ns.fib.learnMtu(inner.dst, route.dst.routeKey, route.dst.mtu, mtu);
}

/** icmp_redirect and __ip_do_redirect: believed from the gateway in use, on its own link, by hosts. */
function redirect(ns: Netns, skb: Skb, packet: Ipv4Packet, message: IcmpMessage): void {
  const inner = parseEmbedded(message.body);
  if (inner === undefined) return drop(ns, skb, 'PKT_TOO_SMALL');
  const gateway = ipv4(message.rest);
  if (believed(ns, skb, packet.src, inner, gateway)) {
    const route = ns.fib.lookupOutput({ dst: inner.dst, src: inner.src, oif: skb.dev, tos: inner.tos, mark: skb.mark });
    if (route.ok && route.dst.routeKey !== undefined && route.dst.gateway === packet.src) ns.fib.learnGateway(inner.dst, route.dst.routeKey, gateway);
  }
  ns.transport.icmpError(inner, message.type, message.code, message.rest, packet.src, skb);
}

function believed(ns: Netns, skb: Skb, from: Ipv4, inner: Ipv4Packet, gateway: Ipv4): boolean {
  const { dev } = skb;
  if (dev === undefined || gateway === from || !ns.fib.isLocal(inner.src)) return false;
  const accepts = ns.fib.forwarding(dev) ? ns.sysctl.andConf(dev, 'accept_redirects') : ns.sysctl.orConf(dev, 'accept_redirects');
  if (!accepts || isMulticast(gateway) || gateway === 0xffffffff || gateway >>> 24 === 0) return false;
  if (!ns.sysctl.orConf(dev, 'shared_media')) return ns.fib.sharedSubnet(dev, gateway, from);
  return ns.fib.addressType(gateway) === 'unicast';
}
