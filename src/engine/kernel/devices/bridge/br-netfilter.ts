/**
 * Read first: net/bridge/br_netfilter_hooks.c; ../../../../../../shared/referee/trace-hairpin.txt is what a real kernel does.
 * Models: v6.1 for IPv4: bridged packets pass PREROUTING, FORWARD and POSTROUTING with the bridge as device; DNAT to a
 * neighbour behind the same bridge stays bridged. That a packet for the bridge itself passes PREROUTING once only
 * (ip_sabotage_in) is in ip_rcv. Not modelled: tagged and PPPoE traffic (off by default), IPv6.
 */
import type { Ipv4 } from '../../../wire/addresses.ts';
import { verifyHeader } from '../../../wire/ipv4.ts';
import { ipv4Length } from '../../../wire/packet.ts';
import { drop } from '../../drop.ts';
import { fragment } from '../../ipv4/fragment.ts';
import type { Skb } from '../../skb.ts';
import type { Bridge } from './bridge.ts';
import { handleFrameFinish, portOfPhysIn } from './forward.ts';
import type { BridgePort } from './port.ts';

const daddr = (skb: Skb): Ipv4 | undefined => (skb.net.kind === 'ipv4' ? skb.net.dst : undefined);

/** br_nf_pre_routing, then br_handle_frame_finish. */
export function beforeBridging(port: BridgePort, skb: Skb): void {
  const { bridge } = port;
  const { dev } = bridge;
  const ns = dev.netns;
  if (skb.net.kind !== 'ipv4' || skb.mac?.vlan !== undefined || !(bridge.nfCallIptables || ns.sysctl.flag('net.bridge.bridge-nf-call-iptables'))) {
    return handleFrameFinish(port, skb);
  }
  if (skb.net.checksum !== undefined && !verifyHeader(skb.net)) return drop(ns, skb, 'IP_CSUM', port.dev.name);
  const before = skb.net.dst;
  const pktType = skb.pktType;
  skb.nfBridge = { physIn: port.dev, physOut: undefined, bridgedDnat: false };
  skb.dst = undefined;
  skb.dev = dev;
  if (pktType === 'otherhost') skb.pktType = 'host';
  const finish = (passed: Skb): void => {
    if (pktType === 'otherhost') passed.pktType = 'otherhost';
    if (daddr(passed) === before) {
      passed.dev = port.dev;
      return handleFrameFinish(port, passed);
    }
    preRoutingFinish(port, passed);
  };
  if (ns.netfilter.hook('PREROUTING', skb, dev, undefined, finish)) finish(skb);
}

/** br_nf_pre_routing_finish for a packet whose destination was rewritten. */
function preRoutingFinish(port: BridgePort, skb: Skb): void {
  const { bridge } = port;
  const { dev } = bridge;
  const ns = dev.netns;
  const dst = daddr(skb);
  const reason = ns.ip.routeInput(skb, dev);
  if (reason !== undefined || dst === undefined) return drop(ns, skb, reason ?? 'NOT_SPECIFIED', dev.name);
  let route = skb.dst;
  if (route?.kind === 'unreachable' && !ns.sysctl.ipForward) {
    // "Bridged-and-DNAT'ed traffic doesn't require ip_forwarding."
    const out = ns.fib.lookupOutput({ dst, tos: skb.net.kind === 'ipv4' ? skb.net.tos : 0 });
    if (!out.ok || out.dst.dev !== dev) return drop(ns, skb, 'IP_INNOROUTES', dev.name);
    skb.dst = route = out.dst;
  }
  if (route?.dev === dev && (route.kind === 'unicast' || route.kind === 'broadcast' || route.kind === 'multicast')) {
    return preRoutingFinishBridge(port, skb, route.nexthop(dst));
  }
  if (skb.mac !== undefined) skb.mac = { ...skb.mac, dst: dev.mac };
  skb.pktType = 'host';
  skb.dev = port.dev;
  handleFrameFinish(port, skb);
}

/** br_nf_pre_routing_finish_bridge: the neighbour gives the new destination MAC; the source MAC stays the sender's. */
function preRoutingFinishBridge(port: BridgePort, skb: Skb, nexthop: Ipv4): void {
  const { dev } = port.bridge;
  const ns = dev.netns;
  const header = skb.mac;
  const known = ns.neighbours.hardwareHeader(nexthop, dev);
  if (known !== undefined && header !== undefined) {
    skb.mac = { ...header, dst: known };
    skb.dev = port.dev;
    return handleFrameFinish(port, skb);
  }
  // The neighbour code writes a whole header and sends by the bridge, whose transmit function continues the bridging.
  if (skb.nfBridge !== undefined) {
    skb.nfBridge.bridgedDnat = true;
    skb.nfBridge.neighHeader = header;
  }
  skb.dev = dev;
  ns.neighbours.output(skb, dev, nexthop);
}

/** br_nf_pre_routing_finish_bridge_slow */
export function bridgedDnat(bridge: Bridge, skb: Skb): void {
  const info = skb.nfBridge;
  const port = portOfPhysIn(skb);
  if (info === undefined || port === undefined || skb.mac === undefined) return drop(bridge.dev.netns, skb, 'NOT_SPECIFIED', bridge.dev.name);
  info.bridgedDnat = false;
  info.physOut = undefined;
  if (info.neighHeader !== undefined) skb.mac = { ...info.neighHeader, dst: skb.mac.dst };
  info.neighHeader = undefined;
  skb.dev = port.dev;
  handleFrameFinish(port, skb);
}

/** br_nf_forward_ip: the FORWARD hook for what is bridged. False: it is gone. */
export function afterForward(bridge: Bridge, to: BridgePort, skb: Skb): boolean {
  const info = skb.nfBridge;
  if (info === undefined || skb.net.kind !== 'ipv4') return true;
  const pktType = skb.pktType;
  if (pktType === 'otherhost') skb.pktType = 'host';
  info.physOut = to.dev;
  const passed = bridge.dev.netns.netfilter.hook('FORWARD', skb, bridge.dev, bridge.dev);
  skb.pktType = pktType;
  return passed;
}

/**
 * br_nf_post_routing, only for what was bridged: routed packets passed POSTROUTING in the IP layer. Then br_nf_dev_queue_xmit:
 * what was put together for conntrack, or does not fit, leaves in pieces. Answers what to send.
 */
export function postRouting(bridge: Bridge, to: BridgePort, skb: Skb): readonly Skb[] {
  const info = skb.nfBridge;
  if (info?.physOut === undefined || skb.net.kind !== 'ipv4') return [skb];
  const ns = bridge.dev.netns;
  if (!ns.netfilter.hook('POSTROUTING', skb, undefined, bridge.dev)) return [];
  const packet = skb.net;
  const mtu = skb.fragMaxSize > 0 ? Math.min(skb.fragMaxSize, to.dev.mtu) : to.dev.mtu;
  skb.nfBridge = undefined;
  if (packet.kind !== 'ipv4' || ipv4Length(packet) <= mtu) return [skb];
  if (packet.df && !skb.ignoreDf) {
    drop(ns, skb, 'PKT_TOO_BIG', to.dev.name);
    return [];
  }
  return fragment(ns, skb, packet, mtu);
}
