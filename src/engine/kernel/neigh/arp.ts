/**
 * Read first: net/ipv4/arp.c (arp_rcv, arp_process, arp_solicit, arp_ignore), RFC 826.
 * Models: v6.1. Not modelled: the random delay of proxy answers, medium_id, private VLAN proxying, pneigh entries.
 */
import { ANY, isLoopback, isMulticast, MAC_BROADCAST, MAC_ZERO, type Ipv4, type Mac } from '../../wire/addresses.ts';
import { ETH_P_ARP, type ArpPacket } from '../../wire/packet.ts';
import { consume, drop } from '../drop.ts';
import type { NetDevice } from '../net-device.ts';
import type { Netns } from '../netns.ts';
import { Skb } from '../skb.ts';
import { devQueueXmit } from '../tx.ts';
import type { NeighbourTable } from './neighbour-table.ts';

export const ARPOP_REQUEST = 1;
export const ARPOP_REPLY = 2;

/** arp_send: `to` is the frame's destination, `targetMac` what the packet says. */
export function arpSend(ns: Netns, dev: NetDevice, op: number, senderIp: Ipv4, targetIp: Ipv4, to: Mac, targetMac: Mac): void {
  if (dev.noArp) return;
  const { world } = ns.machine;
  const arp: ArpPacket = { kind: 'arp', op, senderMac: dev.mac, senderIp, targetMac, targetIp };
  const skb = new Skb(world.nextPacketId(), arp, { dst: to, src: dev.mac, etherType: ETH_P_ARP });
  if (world.recorder.on) world.recorder.write({ kind: 'created', ns: ns.id, pkt: skb.id, mac: skb.mac, net: arp, by: 'arp', cause: world.cause });
  devQueueXmit(dev, skb);
}

/** inetdev_send_gratuitous_arp: one request for each own address. */
export function gratuitousArp(ns: Netns, dev: NetDevice): void {
  for (const { address } of ns.fib.addressesOf(dev)) arpSend(ns, dev, ARPOP_REQUEST, address, address, MAC_BROADCAST, MAC_ZERO);
}

/** arp_solicit: asks for `target`, by unicast when an old address is worth a try. `waiting`: the newest packet in the queue. */
export function solicit(ns: Netns, dev: NetDevice, target: Ipv4, unicast: Mac | undefined, waiting: Skb | undefined): void {
  const { world } = ns.machine;
  const cause = world.cause;
  world.cause = waiting?.id ?? cause;
  const source = announced(ns, dev, target, waiting);
  arpSend(ns, dev, ARPOP_REQUEST, source, target, unicast ?? MAC_BROADCAST, MAC_ZERO);
  world.cause = cause;
}

/** arp_announce: 0 any own address, 1 one of the target's subnet, 2 the best of the device. */
function announced(ns: Netns, dev: NetDevice, target: Ipv4, waiting: Skb | undefined): Ipv4 {
  const level = ns.sysctl.maxConf(dev, 'arp_announce');
  const saddr = waiting?.net.kind === 'ipv4' ? waiting.net.src : undefined;
  if (saddr !== undefined && level < 2 && ns.fib.isLocal(saddr)) {
    if (level === 0 || ns.fib.addressesOf(dev).some((a) => sameNet(a.address, saddr, a.prefixLength) && sameNet(a.address, target, a.prefixLength))) return saddr;
  }
  return ns.fib.selectAddress(dev, target, 'link') ?? ANY;
}

const sameNet = (a: Ipv4, b: Ipv4, length: number): boolean => length === 0 || (a ^ b) >>> (32 - length) === 0;

/** arp_ignore: whether a request for an own address stays unanswered. */
function ignored(ns: Netns, dev: NetDevice, sender: Ipv4, target: Ipv4): boolean {
  const here = ns.fib.addressesOf(dev);
  switch (ns.sysctl.maxConf(dev, 'arp_ignore')) {
    case 0: return false;
    case 1: return !here.some((a) => a.address === target);
    case 2: return !here.some((a) => a.address === target && sameNet(a.address, sender, a.prefixLength));
    case 3: return !here.some((a) => a.address === target && a.scope !== 'host');
    case 8: return true;
    default: return false;
  }
}

/** arp_filter: answer only by the device that a packet to the sender would leave by. */
function filtered(ns: Netns, dev: NetDevice, sender: Ipv4, target: Ipv4): boolean {
  if (!ns.sysctl.orConf(dev, 'arp_filter')) return false;
  const out = ns.fib.lookupOutput({ dst: sender, src: target });
  return !out.ok || out.dst.dev !== dev;
}

/** arp_rcv, arp_process. Ends the skb. */
export function arpReceive(table: NeighbourTable, dev: NetDevice, skb: Skb): void {
  const { ns } = table;
  const arp = skb.net;
  if (arp.kind !== 'arp' || dev.noArp || dev.kind === 'loopback') return drop(ns, skb, 'ARP_IGNORED', dev.name);
  if (skb.pktType === 'otherhost') return drop(ns, skb, 'OTHERHOST', dev.name);
  const { senderIp, senderMac, targetIp } = arp;
  if (arp.op !== ARPOP_REQUEST && arp.op !== ARPOP_REPLY) return drop(ns, skb, 'ARP_IGNORED', `operation ${arp.op}`);
  if (isMulticast(targetIp) || (isLoopback(targetIp) && !ns.sysctl.orConf(dev, 'route_localnet'))) return drop(ns, skb, 'ARP_IGNORED', dev.name);
  if (senderIp === targetIp && ns.sysctl.orConf(dev, 'drop_gratuitous_arp')) return drop(ns, skb, 'ARP_IGNORED', dev.name);
  const reply = (): void => arpSend(ns, dev, ARPOP_REPLY, targetIp, senderIp, senderMac, senderMac);

  // Duplicate address detection (RFC 2131).
  if (senderIp === ANY) {
    if (arp.op === ARPOP_REQUEST && ns.fib.isLocal(targetIp) && !ignored(ns, dev, senderIp, targetIp)) reply();
    return consume(ns, skb, 'arp');
  }
  if (arp.op === ARPOP_REQUEST) {
    const route = ns.fib.lookupInput(targetIp, senderIp, 0, 0, dev);
    if (route.ok && route.dst.kind === 'local') {
      if (!ignored(ns, dev, senderIp, targetIp) && !filtered(ns, dev, senderIp, targetIp)) {
        table.learnFromRequest(dev, senderIp, senderMac);
        reply();
        return consume(ns, skb, 'arp');
      }
      return drop(ns, skb, 'ARP_IGNORED', `${dev.name}: arp_ignore or arp_filter`);
    }
    const forwarding = ns.sysctl.conf(dev, 'forwarding') !== 0;
    if (route.ok && forwarding && route.dst.kind === 'unicast' && route.dst.dev !== dev && ns.sysctl.orConf(dev, 'proxy_arp')) {
      table.learnFromRequest(dev, senderIp, senderMac);
      reply();
      return consume(ns, skb, 'arp');
    }
  }
  const learned = update(table, dev, skb, arp);
  if (arp.op === ARPOP_REQUEST && !learned && senderIp !== targetIp) return drop(ns, skb, 'ARP_IGNORED', dev.name);
  consume(ns, skb, 'arp');
}

/** "Update our ARP tables": existing entries only, unless arp_accept. */
function update(table: NeighbourTable, dev: NetDevice, skb: Skb, arp: ArpPacket): boolean {
  const { ns } = table;
  const accept = ns.sysctl.maxConf(dev, 'arp_accept') !== 0;
  const garp = isGratuitous(ns, dev, arp);
  let entry = table.lookup(arp.senderIp, dev);
  if (entry === undefined && accept && (garp || (arp.op === ARPOP_REPLY && ns.fib.addressType(arp.senderIp, dev) === 'unicast'))) entry = table.create(dev, arp.senderIp);
  if (entry === undefined) return false;
  // The first of several answers wins for locktime (a proxy may answer too).
  const lock = ns.sysctl.neigh(dev).locktime * 1e7;
  const override = garp || ns.machine.world.scheduler.now > entry.row.updated + lock;
  // Broadcast replies and requests do not prove that it can be reached.
  const state = arp.op === ARPOP_REPLY && skb.pktType === 'host' ? 'REACHABLE' : 'STALE';
  table.update(entry, arp.senderMac, state, { override });
  return true;
}

/** arp_is_garp: a gratuitous reply also names itself as the target. */
const isGratuitous = (ns: Netns, dev: NetDevice, arp: ArpPacket): boolean =>
  arp.senderIp === arp.targetIp && (arp.op === ARPOP_REQUEST || arp.targetMac === arp.senderMac) && ns.fib.addressType(arp.senderIp, dev) === 'unicast';
