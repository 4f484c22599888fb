/** Read first: udp_flow_src_port (include/net/udp.h), skb_set_hash_from_sk, flow_dissector.c. Not modelled: a new hash when TCP retransmits (sk_rethink_txhash). */
import { fnv1a } from '../../../../base/prng.ts';
import type { Skb } from '../../skb.ts';

/**
 * Outer source port from the inner flow, in [low, high). The same for every packet of a flow and for both of its
 * directions on one machine; another machine has another `key` (the kernel's random hash key).
 */
export function flowSourcePort(skb: Skb, key: number, low: number, high: number): number {
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
  let hash = fnv1a(text, key);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b) >>> 0;
  hash = (hash ^ (hash << 16)) >>> 0;
  return low + Math.floor((hash / 0x1_0000_0000) * (high - low));
}
