/** conntrack_mt of xt_conntrack.c (v6.1). */
import { isReply } from '../../../conntrack/state.ts';
import { IPS_DST_NAT, IPS_SRC_NAT } from '../../../conntrack/entry.ts';
import type { Skb } from '../../../skb.ts';
import type { Evaluate } from '../../extension.ts';
import { inPortRange } from '../../options.ts';
import type { ConntrackOptions, Network } from './conntrack.ts';
import { STATES, STATUS } from './states.ts';

export function stateBit(skb: Skb): number {
  if (skb.ct === undefined) return skb.untracked ? STATES.UNTRACKED : STATES.INVALID;
  switch (skb.ctInfo) {
    case 'new': return STATES.NEW;
    case 'established': case 'established-reply': return STATES.ESTABLISHED;
    case 'related': case 'related-reply': return STATES.RELATED;
  }
}

const inNetwork = (n: Network, address: number): boolean => (((address ^ n.address) & n.mask) === 0) !== n.invert;

export function conntrackMatches(o: ConntrackOptions): Evaluate {
  const { state } = o;
  const rest = Object.entries(o).some(([key, value]) => key !== 'state' && value !== undefined);
  return (c) => {
    const { skb } = c;
    const ct = skb.ct;
    if (state !== undefined) {
      let bits = stateBit(skb);
      if (ct !== undefined) {
        if (ct.status & IPS_SRC_NAT) bits |= STATES.SNAT;
        if (ct.status & IPS_DST_NAT) bits |= STATES.DNAT;
      }
      if (((bits & state.bits) !== 0) === state.invert) return false;
    }
    if (!rest) return true;
    if (ct === undefined) return false;
    const { original, reply } = ct;
    if (o.direction !== undefined && (o.direction === 'REPLY') !== isReply(skb.ctInfo)) return false;
    if (o.protocol !== undefined && (original.protocol === o.protocol.number) === o.protocol.invert) return false;
    if (o.origSrc !== undefined && !inNetwork(o.origSrc, original.src)) return false;
    if (o.origDst !== undefined && !inNetwork(o.origDst, original.dst)) return false;
    if (o.replSrc !== undefined && !inNetwork(o.replSrc, reply.src)) return false;
    if (o.replDst !== undefined && !inNetwork(o.replDst, reply.dst)) return false;
    if (o.origSrcPort !== undefined && !inPortRange(o.origSrcPort, original.sport)) return false;
    if (o.origDstPort !== undefined && !inPortRange(o.origDstPort, original.dport)) return false;
    if (o.replSrcPort !== undefined && !inPortRange(o.replSrcPort, reply.sport)) return false;
    if (o.replDstPort !== undefined && !inPortRange(o.replDstPort, reply.dport)) return false;
    if (o.status !== undefined) {
      const status = ct.status & 15;
      const hit = (o.status.bits & status) !== 0 || ((o.status.bits & STATUS.NONE) !== 0 && status === 0);
      if (hit === o.status.invert) return false;
    }
    if (o.expire !== undefined) {
      const left = ct.confirmed ? Math.max(0, Math.floor((ct.expires - c.ns.machine.world.scheduler.now) / 1e9)) : 0;
      if (!inPortRange(o.expire, left)) return false;
    }
    return true;
  };
}
