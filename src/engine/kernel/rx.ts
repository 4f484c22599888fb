/**
 * Read first: __netif_receive_skb_core (net/core/dev.c), eth_type_trans (net/ethernet/eth.c), vlan_do_receive (net/8021q/vlan_core.c).
 * Models: v6.1: taps, VLAN demultiplexing, rx_handler, protocol. Not modelled: NAPI, RPS, XDP, tc ingress.
 */
import { isMulticastMac, MAC_BROADCAST } from '../wire/addresses.ts';
import { networkLength } from '../wire/packet.ts';
import { drop } from './drop.ts';
import type { NetDevice } from './net-device.ts';
import type { Skb } from './skb.ts';

/** skb->len on the wire, Ethernet header and tag included. */
export const wireLength = (skb: Skb): number => networkLength(skb.net) + (skb.mac?.vlan === undefined ? 14 : 18);

function packetType(dev: NetDevice, skb: Skb): Skb['pktType'] {
  const dst = skb.mac?.dst;
  if (dst === undefined || dst === dev.mac) return 'host';
  if (!isMulticastMac(dst)) return 'otherhost';
  return dst === MAC_BROADCAST ? 'broadcast' : 'multicast';
}

/** A frame arrives at `dev`. Owns the skb. */
export function netifReceive(dev: NetDevice, skb: Skb): void {
  const world = dev.netns.machine.world;
  const cause = world.cause;
  world.cause = skb.id;
  skb.pktType = packetType(dev, skb);
  receiveCore(dev, skb);
  world.cause = cause;
}

/** br_netif_receive_skb: the bridge device takes what a port received; whose it is has been decided there. */
export const netifReceiveUp = (dev: NetDevice, skb: Skb): void => receiveCore(dev, skb);

/** Counters, trace and taps of one device; then whoever takes frames there. */
function receiveCore(dev: NetDevice, skb: Skb): void {
  const ns = dev.netns;
  const world = ns.machine.world;
  skb.dev = dev;
  if (!dev.up) return drop(ns, skb, 'DEV_READY', dev.name);
  const bytes = wireLength(skb);
  world.hops++;
  dev.stats.rxPackets++;
  dev.stats.rxBytes += bytes;
  if (world.recorder.on) {
    world.recorder.write({ kind: 'rx', ns: ns.id, pkt: skb.id, mac: skb.mac, net: skb.net, dev: dev.name, ifindex: dev.ifindex, bytes });
  }
  for (const tap of dev.taps) tap(skb, 'in', dev);
  for (const tap of ns.anyTaps) tap(skb, 'in', dev);

  const tag = skb.mac?.vlan;
  if (tag !== undefined && dev.vlans.size > 0) {
    const vlan = dev.vlans.get(tag.id);
    if (vlan !== undefined) return receiveTagged(dev, vlan, skb);
  }
  if (dev.rxHandler?.(dev, skb) === true) return;
  // A tag for nobody here: vlan_do_receive has made it somebody else's.
  if (tag !== undefined) return drop(ns, skb, 'VLAN_UNKNOWN', `${dev.name}.${tag.id}`);

  switch (skb.net.kind) {
    case 'arp':
      return ns.neighbours.arpReceive(dev, skb);
    case 'ipv4':
      if (skb.pktType === 'otherhost') return drop(ns, skb, 'OTHERHOST', dev.name);
      return ns.ip.receive(skb);
    case 'unknown':
      dev.stats.rxDropped++;
      return drop(ns, skb, 'UNHANDLED_PROTO', dev.name);
  }
}

function receiveTagged(lower: NetDevice, vlan: NetDevice, skb: Skb): void {
  const header = skb.mac;
  if (header !== undefined) skb.mac = { dst: header.dst, src: header.src, etherType: header.etherType };
  if (skb.pktType === 'otherhost' && header?.dst === vlan.mac) skb.pktType = 'host';
  const { recorder } = lower.netns.machine.world;
  if (recorder.on) recorder.write({ kind: 'decap', ns: lower.netns.id, pkt: skb.id, mac: skb.mac, net: skb.net, dev: vlan.name, how: 'vlan' });
  receiveCore(vlan, skb);
}
