import type { Conntrack as ConntrackDoor } from '../../uapi/netfilter.ts';
import type { Ipv4 } from '../../wire/addresses.ts';
import type { HookName } from '../../trace/steps.ts';
import type { Netns } from '../netns.ts';
import type { Skb } from '../skb.ts';

/** Shape only: filled in next. */
export class Conntrack {
  readonly ns: Netns;
  constructor(ns: Netns) {
    this.ns = ns;
  }
  /** nf_conntrack_in at -200 of PREROUTING and OUTPUT. False: dropped, end step written. */
  track(_hook: HookName, _skb: Skb): boolean {
    return true;
  }
  /** nf_confirm at the last priority of POSTROUTING and INPUT. */
  confirm(_hook: HookName, _skb: Skb): boolean {
    return true;
  }
  /** SO_ORIGINAL_DST: where a connection was going before DNAT, for a socket's tuple (remote -> local). */
  originalDestination(_protocol: number, _remote: Ipv4, _remotePort: number, _local: Ipv4, _localPort: number): { readonly address: Ipv4; readonly port: number } | undefined {
    return undefined;
  }
  /** A device went down or an address went away: masqueraded connections over it die (nf_nat_masquerade.c). */
  deviceDown(_ifindex: number): void {}
  addressRemoved(_address: Ipv4): void {}
  door(): ConntrackDoor {
    throw new Error('not yet');
  }
}
