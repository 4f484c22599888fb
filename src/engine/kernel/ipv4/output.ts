/**
 * Read first: ip_output, ip_mc_output, ip_finish_output (net/ipv4/ip_output.c), ip_route_me_harder (net/ipv4/netfilter.c).
 * Models: v6.1. Every function answers whether the packet went on (false: its end step is written).
 */
import { nanos } from '../../sim/time.ts';
import { isMulticast } from '../../wire/addresses.ts';
import { ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED } from '../../wire/icmp.ts';
import { ipv4Length, type Ipv4Packet } from '../../wire/packet.ts';
import { clone, drop } from '../drop.ts';
import type { Netns } from '../netns.ts';
import type { Skb } from '../skb.ts';
import { fragment } from './fragment.ts';
import type { DstEntry } from './route.ts';
import { fibStep, noRouteStep } from './step.ts';

/** __ip_local_out and dst_output: skb.dst is set. */
export function localOut(ns: Netns, skb: Skb, packet: Ipv4Packet, dst: DstEntry): boolean {
  const { mark, dev: indev } = skb;
  skb.dev = dst.dev;
  if (!ns.netfilter.hook('OUTPUT', skb, undefined, dst.dev, (whole) => void output(ns, whole, whole.dst ?? dst, indev))) return false;
  const after = skb.net;
  if (after !== packet || skb.mark !== mark) {
    if (after.kind !== 'ipv4') return end(ns, skb);
    // Netfilter routes anew itself between its own functions; what is left is a change it did not see.
    if (skb.dst === dst && (after.dst !== packet.dst || after.src !== packet.src || after.tos !== packet.tos || skb.mark !== mark) && !routeMeHarder(ns, skb, after)) {
      drop(ns, skb, 'IP_OUTNOROUTES', 're-routed after OUTPUT');
      return false;
    }
  }
  return output(ns, skb, skb.dst ?? dst, indev);
}

/** ip_route_me_harder: a rewritten packet made here looks up its route again, keeping its source. */
export function routeMeHarder(ns: Netns, skb: Skb, packet: Ipv4Packet): boolean {
  const type = ns.fib.addressType(packet.src);
  const src = type === 'local' || type === 'unicast' ? packet.src : undefined;
  const route = ns.fib.lookupOutput({ dst: packet.dst, src, oif: skb.socket?.boundDevice, tos: packet.tos, mark: skb.mark, anySrc: src !== undefined });
  const { recorder } = ns.machine.world;
  if (!route.ok) {
    ns.ip.sendError = route.errno;
    if (recorder.on) noRouteStep(ns, skb, packet, route.errno);
    return false;
  }
  skb.dst = route.dst;
  if (recorder.on) fibStep(ns, skb, packet, route.dst);
  return true;
}

function end(ns: Netns, skb: Skb): boolean {
  drop(ns, skb, 'NOT_SPECIFIED');
  return false;
}

/** ip_output, ip_mc_output. `indev`: skb->dev before: where it was received, or the tunnel that wrapped it; a socket's packet has none. */
export function output(ns: Netns, skb: Skb, dst: DstEntry, indev = dst.direction === 'input' ? skb.dev : undefined): boolean {
  const { dev } = dst;
  if (dst.loopCopy) loopBack(ns, skb, dst);
  const packet = skb.net;
  // Packets to a group with TTL 0 stay here.
  if (dst.kind === 'multicast' && dst.direction === 'output' && packet.kind === 'ipv4' && packet.ttl === 0) return end(ns, skb);
  skb.dst = dst;
  skb.dev = dev;
  if (!ns.netfilter.hook('POSTROUTING', skb, indev, dev)) return false;
  return finishOutput(ns, skb);
}

/** dev_loopback_xmit: our own broadcast reaches our own sockets. */
function loopBack(ns: Netns, skb: Skb, dst: DstEntry): void {
  const copy = clone(ns, skb);
  copy.dev = dst.dev;
  copy.dst = dst;
  copy.pktType = dst.kind === 'broadcast' ? 'broadcast' : 'multicast';
  const { world } = ns.machine;
  if (!ns.netfilter.hook('POSTROUTING', copy, undefined, dst.dev)) return;
  copy.ct = undefined;
  copy.ctInfo = 'new';
  copy.untracked = false;
  copy.socket = undefined;
  copy.mac = { dst: dst.dev.mac, src: dst.dev.mac, etherType: 0x0800 };
  world.scheduler.after(nanos(0), () => {
    const { cause } = world;
    world.cause = copy.id;
    ns.ip.receive(copy);
    world.cause = cause;
  });
}

/** ip_finish_output: after POSTROUTING. */
export function finishOutput(ns: Netns, skb: Skb): boolean {
  const packet = skb.net;
  const { dst } = skb;
  if (packet.kind !== 'ipv4' || dst === undefined) return end(ns, skb);
  const { dev } = dst;
  const length = ipv4Length(packet);
  const { fragMaxSize } = skb;
  const mtu = dst.direction === 'input' ? dst.forwardMtu(ns.ip.conf.forwardUsePmtu) : dst.mtu;
  if (length <= mtu && fragMaxSize === 0) {
    skb.ignoreDf = false;
    ns.neighbours.output(skb, dev, nexthopOf(packet, dst));
    return true;
  }
  if (packet.df && (!skb.ignoreDf || fragMaxSize > mtu) && length > mtu) {
    ns.ip.icmpSend(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, mtu);
    drop(ns, skb, 'PKT_TOO_BIG', `MTU ${mtu} of ${dev.name}`);
    return false;
  }
  const size = fragMaxSize > 0 && fragMaxSize < mtu ? fragMaxSize : mtu;
  for (const piece of fragment(ns, skb, packet, size)) ns.neighbours.output(piece, dev, nexthopOf(packet, dst));
  return true;
}

const nexthopOf = (packet: Ipv4Packet, dst: DstEntry): Ipv4Packet['dst'] => (isMulticast(packet.dst) ? packet.dst : dst.gateway ?? packet.dst);
