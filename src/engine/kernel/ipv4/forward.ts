/**
 * Read first: ip_forward (net/ipv4/ip_forward.c), ip_rt_send_redirect (route.c).
 * Models: v6.1. Not modelled: router alert, strict source routes, GSO.
 */
import { ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, ICMP_REDIRECT, ICMP_TIME_EXCEEDED } from '../../wire/icmp.ts';
import { ipv4Length, type Ipv4Packet } from '../../wire/packet.ts';
import { drop } from '../drop.ts';
import type { Netns } from '../netns.ts';
import type { Skb } from '../skb.ts';
import { output } from './output.ts';
import { decreaseTtl } from './packet-ops.ts';
import type { DstEntry } from './route.ts';

const ICMP_EXC_TTL = 0;
const ICMP_REDIR_HOST = 1;

export function forward(ns: Netns, skb: Skb, packet: Ipv4Packet, dst: DstEntry): void {
  if (skb.pktType !== 'host') return drop(ns, skb, 'NOT_SPECIFIED', 'a link-layer broadcast is not forwarded');
  if (packet.ttl <= 1) {
    ns.ip.icmpSend(skb, ICMP_TIME_EXCEEDED, ICMP_EXC_TTL, 0);
    return drop(ns, skb, 'TTL_EXPIRED');
  }
  if (packet.df) {
    const mtu = dst.forwardMtu(ns.ip.conf.forwardUsePmtu);
    if (skb.fragMaxSize > mtu || (!skb.ignoreDf && ipv4Length(packet) > mtu)) {
      ns.ip.icmpSend(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, mtu);
      return drop(ns, skb, 'PKT_TOO_BIG', `MTU ${mtu} of ${dst.dev.name}`);
    }
  }
  skb.net = decreaseTtl(packet);
  if (dst.doRedirect && skb.secPath === undefined) sendRedirect(ns, skb, packet, dst);
  const { recorder } = ns.machine.world;
  if (recorder.on) {
    recorder.write({ kind: 'forward', ns: ns.id, pkt: skb.id, mac: skb.mac, net: skb.net, ttl: packet.ttl - 1, from: skb.dev?.name ?? '', to: dst.dev.name });
  }
  if (ns.netfilter.hook('FORWARD', skb, skb.dev, dst.dev)) output(ns, skb, dst);
}

/** ip_rt_send_redirect: the sender could have used our next hop itself. */
function sendRedirect(ns: Netns, skb: Skb, packet: Ipv4Packet, dst: DstEntry): void {
  const { now } = ns.machine.world.scheduler;
  const { peers } = ns.ip;
  const limit = (name: string): number => ns.sysctl.int(`net.ipv4.route.redirect_${name}`);
  if (!peers.redirectAllow(packet.src, { number: limit('number'), load: limit('load'), silence: limit('silence') }, now)) return;
  ns.ip.icmpSend(skb, ICMP_REDIRECT, ICMP_REDIR_HOST, dst.nexthop(packet.dst));
  peers.redirectSent(packet.src, now);
}
