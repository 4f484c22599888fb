/** Read first: udp_flow_src_port (include/net/udp.h), skb_set_hash_from_sk, flow_dissector.c. Not modelled: a new hash when TCP retransmits (sk_rethink_txhash). */
import { fnv1a } from '../../../../base/prng.ts';
import { formatIpv4 } from '../../../wire/addresses.ts';
import type { Netns } from '../../netns.ts';
import type { Skb } from '../../skb.ts';

/** Who draws, in {@link ScriptedDraws}: one flow of one namespace. Fragments and what has no ports have 0. */
export const flowDraw = (machine: string, netns: string, src: string, dst: string, protocol: number, sport: number, dport: number): string =>
  `${machine}/${netns}/vxlan-port ${src}:${sport} ${dst}:${dport} ${protocol}`;

/** The hash that another kernel had: the last one given stays. */
function drawn(skb: Skb, ns: Netns): number | undefined {
  const { net } = skb;
  const { scripted } = ns.machine.world;
  if (scripted.size === 0 || net.kind !== 'ipv4') return undefined;
  const t = net.payload;
  const [sport, dport] = t.kind === 'tcp' || t.kind === 'udp' ? [t.srcPort, t.dstPort] : [0, 0];
  const ports = scripted.get(flowDraw(ns.machine.name, ns.name, formatIpv4(net.src), formatIpv4(net.dst), net.protocol, sport, dport));
  return ports !== undefined && ports.length > 1 ? ports.shift() : ports?.[0];
}

/**
 * Outer source port from the inner flow, in [low, high). The same for every packet of a flow and for both of its
 * directions on one machine; another machine has another random hash key.
 */
export function flowSourcePort(skb: Skb, ns: Netns, low: number, high: number): number {
  const given = drawn(skb, ns);
  if (given !== undefined) return given;
  const { net } = skb;
  let text: string;
  if (net.kind === 'ipv4') {
    const t = net.payload;
    // A fragment has no ports of its own: the dissector stops there.
    const [sport, dport] = t.kind === 'tcp' || t.kind === 'udp' ? [t.srcPort, t.dstPort] : skb.flow ?? [0, 0];
    const swap = net.src > net.dst || (net.src === net.dst && sport > dport);
    text = swap ? `${net.dst} ${net.src} ${dport} ${sport} ${net.protocol}` : `${net.src} ${net.dst} ${sport} ${dport} ${net.protocol}`;
  } else {
    text = `${skb.mac?.src ?? 0} ${skb.mac?.dst ?? 0}`;
  }
  let hash = fnv1a(text, ns.machine.hashKey);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b) >>> 0;
  hash = (hash ^ (hash << 16)) >>> 0;
  return low + Math.floor((hash / 0x1_0000_0000) * (high - low));
}
