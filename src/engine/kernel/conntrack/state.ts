/** What a packet is to its connection (enum ip_conntrack_info). */
import type { CtInfo, Skb } from '../skb.ts';

export const isReply = (info: CtInfo): boolean => info === 'established-reply' || info === 'related-reply';

/** As rules and the trace call it: INVALID without a connection. */
export function ctStateOf(skb: Skb): 'NEW' | 'ESTABLISHED' | 'RELATED' | 'INVALID' | 'UNTRACKED' {
  if (skb.ct === undefined) return skb.untracked ? 'UNTRACKED' : 'INVALID';
  switch (skb.ctInfo) {
    case 'new': return 'NEW';
    case 'established': case 'established-reply': return 'ESTABLISHED';
    case 'related': case 'related-reply': return 'RELATED';
  }
}

/** nf_ct_attach: an ICMP error or reset made here belongs to the connection of the packet it answers. */
export function attachConntrack(to: Skb, from: Skb): void {
  if (from.ct === undefined) {
    to.untracked = from.untracked;
    return;
  }
  to.ct = from.ct;
  to.ctInfo = isReply(from.ctInfo) ? 'related' : 'related-reply';
}
