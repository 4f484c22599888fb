/**
 * Read first: ip_rcv_core, ip_rcv_finish, ip_local_deliver (net/ipv4/ip_input.c), ip_error (route.c).
 * Models: v6.1. Not modelled: early demux, IP options (source routes, record route), drop_unicast_in_l2_multicast.
 */
import { must } from '../../../base/assert.ts';
import type { DropReason } from '../../trace/drop-reasons.ts';
import { verifyHeader } from '../../wire/ipv4.ts';
import { ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, ICMP_NET_UNREACH, ICMP_PKT_FILTERED, ICMP_PROT_UNREACH } from '../../wire/icmp.ts';
import { IPPROTO_ICMP, IPPROTO_TCP, IPPROTO_UDP, type Ipv4Packet } from '../../wire/packet.ts';
import { drop } from '../drop.ts';
import type { NetDevice } from '../net-device.ts';
import type { Netns } from '../netns.ts';
import type { Skb } from '../skb.ts';
import { forward } from './forward.ts';
import { icmpReceive } from './icmp-receive.ts';
import type { DstEntry } from './route.ts';
import { fibStep } from './step.ts';

/** ip_rcv */
export function receive(ns: Netns, skb: Skb): void {
  const packet = skb.net;
  if (packet.kind !== 'ipv4') return drop(ns, skb, 'UNHANDLED_PROTO');
  if (skb.pktType === 'otherhost') return drop(ns, skb, 'OTHERHOST');
  if (packet.checksum !== undefined && !verifyHeader(packet)) return drop(ns, skb, 'IP_CSUM');
  skb.socket = undefined;
  // IPCB is cleared: what the bridge put together for conntrack leaves whole.
  skb.fragMaxSize = 0;
  // br_netfilter's ip_sabotage_in: the bridge has traversed PREROUTING for it already.
  if (skb.nfBridge !== undefined) return receiveFinish(ns, skb);
  skb.ignoreDf = false;
  if (ns.netfilter.hook('PREROUTING', skb, skb.dev, undefined, (whole) => receiveFinish(ns, whole))) receiveFinish(ns, skb);
}

/** skb_valid_dst: packets over loopback, and those that br_netfilter routed, keep their route unless NAT changed the destination. */
function keepsRoute(ns: Netns, dst: DstEntry | undefined, packet: Ipv4Packet, dev: NetDevice): boolean {
  if (dst === undefined || dst.daddr !== packet.dst) return false;
  return dst.direction === 'input' ? dst.iif === dev : dst.kind !== 'unicast' && dst.dev.netns === ns;
}

/** ip_rcv_finish */
export function receiveFinish(ns: Netns, skb: Skb): void {
  const packet = skb.net;
  if (packet.kind !== 'ipv4') return drop(ns, skb, 'UNHANDLED_PROTO');
  const dev = must(skb.dev, 'device of a received packet');
  if (!keepsRoute(ns, skb.dst, packet, dev)) {
    const reason = routeInput(ns, skb, packet, dev);
    if (reason !== undefined) return drop(ns, skb, reason, dev.name);
  }
  const dst = must(skb.dst, 'route of a received packet');
  if (ns.machine.world.recorder.on) fibStep(ns, skb, packet, dst);
  switch (dst.kind) {
    case 'unicast': return forward(ns, skb, packet, dst);
    case 'unreachable': return routeError(ns, skb, packet, dst);
    case 'local': case 'broadcast': case 'multicast': return localDeliver(ns, skb, packet);
  }
}

/** ip_route_input: sets skb.dst, or tells why not. */
export function routeInput(ns: Netns, skb: Skb, packet: Ipv4Packet, dev: NetDevice): DropReason | undefined {
  const route = ns.fib.lookupInput(packet.dst, packet.src, packet.tos, skb.mark, dev);
  if (!route.ok) {
    skb.dst = undefined;
    return route.reason;
  }
  skb.dst = route.dst;
  return undefined;
}

/** ip_error: no way there. A router says so, a host keeps silent. */
function routeError(ns: Netns, skb: Skb, packet: Ipv4Packet, dst: DstEntry): void {
  const code = dst.error === 'EHOSTUNREACH' ? ICMP_HOST_UNREACH : dst.error === 'ENETUNREACH' ? ICMP_NET_UNREACH : dst.error === 'EACCES' ? ICMP_PKT_FILTERED : undefined;
  const forwarding = dst.iif !== undefined && ns.fib.forwarding(dst.iif);
  if (forwarding && code !== undefined && ns.ip.peers.errorAllow(packet.src, ns.machine.world.scheduler.now)) ns.ip.icmpSend(skb, ICMP_DEST_UNREACH, code, 0);
  drop(ns, skb, 'IP_INNOROUTES', forwarding ? (dst.type === 'none' ? 'no route' : `${dst.type} route`) : 'forwarding is off');
}

/** ip_local_deliver */
function localDeliver(ns: Netns, skb: Skb, packet: Ipv4Packet): void {
  let whole = skb;
  if (packet.mf || packet.offset > 0) {
    const assembled = ns.ip.defrag(skb, 'local');
    if (assembled === undefined) return;
    whole = assembled;
  }
  if (ns.netfilter.hook('INPUT', whole, whole.dev, undefined)) localDeliverFinish(ns, whole);
}

/** ip_protocol_deliver_rcu */
function localDeliverFinish(ns: Netns, skb: Skb): void {
  const packet = skb.net;
  if (packet.kind !== 'ipv4') return drop(ns, skb, 'UNHANDLED_PROTO');
  switch (packet.protocol) {
    case IPPROTO_ICMP: return icmpReceive(ns, skb, packet);
    case IPPROTO_TCP: case IPPROTO_UDP: return ns.transport.receive(skb);
    default:
      ns.ip.icmpSend(skb, ICMP_DEST_UNREACH, ICMP_PROT_UNREACH, 0);
      return drop(ns, skb, 'IP_NOPROTO', `protocol ${packet.protocol}`);
  }
}
