/**
 * The four ends of a packet, and copies. Every skb ends exactly once, through one of these.
 * Models: kfree_skb_reason and consume_skb (net/core/skbuff.c, v6.1).
 */
import type { DropReason } from '../trace/drop-reasons.ts';
import type { Netns } from './netns.ts';
import { Skb } from './skb.ts';

export function drop(ns: Netns, skb: Skb, reason: DropReason, detail?: string): void {
  const recorder = ns.machine.world.recorder;
  if (recorder.on) recorder.write({ kind: 'dropped', ns: ns.id, pkt: skb.id, mac: skb.mac, net: skb.net, reason, detail });
}

/** The kernel itself was its destination (ARP, echo requests, VXLAN learning, conntrack's defragmentation). */
export function consume(ns: Netns, skb: Skb, by: string): void {
  const recorder = ns.machine.world.recorder;
  if (recorder.on) recorder.write({ kind: 'consumed', ns: ns.id, pkt: skb.id, mac: skb.mac, net: skb.net, by });
}

/** It reached a socket. `socket`: Socket.describe(). */
export function deliver(ns: Netns, skb: Skb, socket: string, process: string | undefined): void {
  const recorder = ns.machine.world.recorder;
  if (recorder.on) recorder.write({ kind: 'delivered', ns: ns.id, pkt: skb.id, mac: skb.mac, net: skb.net, socket, process });
}

/** It goes on as other packets (flood copies, fragments). */
export function become(ns: Netns, skb: Skb, into: readonly number[], how: string): void {
  const recorder = ns.machine.world.recorder;
  if (recorder.on) recorder.write({ kind: 'became', ns: ns.id, pkt: skb.id, mac: skb.mac, net: skb.net, into, how });
}

/** skb_clone: everything but the identity and the socket. */
export function clone(ns: Netns, skb: Skb): Skb {
  const world = ns.machine.world;
  const copy = new Skb(world.nextPacketId(), skb.net, skb.mac);
  copy.dev = skb.dev;
  copy.mark = skb.mark;
  copy.ct = skb.ct;
  copy.ctInfo = skb.ctInfo;
  copy.untracked = skb.untracked;
  copy.nfBridge = skb.nfBridge === undefined ? undefined : { ...skb.nfBridge };
  copy.secPath = skb.secPath;
  copy.ipSummed = skb.ipSummed;
  copy.checksumStart = skb.checksumStart;
  copy.checksumAlgorithm = skb.checksumAlgorithm;
  copy.flow = skb.flow;
  copy.nfTrace = skb.nfTrace;
  copy.pktType = skb.pktType;
  copy.dst = skb.dst;
  copy.fragMaxSize = skb.fragMaxSize;
  copy.ignoreDf = skb.ignoreDf;
  if (world.recorder.on) world.recorder.write({ kind: 'clone', ns: ns.id, pkt: copy.id, mac: copy.mac, net: copy.net, from: skb.id });
  return copy;
}

/** skb_scrub_packet: what a packet forgets when it leaves a device for another stack; the mark only across namespaces. */
export function scrub(skb: Skb, acrossNamespaces: boolean): void {
  skb.pktType = 'host';
  skb.dst = undefined;
  skb.ct = undefined;
  skb.ctInfo = 'new';
  skb.untracked = false;
  skb.nfBridge = undefined;
  skb.secPath = undefined;
  skb.nfTrace = false;
  skb.socket = undefined;
  skb.ignoreDf = false;
  skb.fragMaxSize = 0;
  if (acrossNamespaces) skb.mark = 0;
}
