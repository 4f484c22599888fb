/**
 * Read first: include/net/route.h, net/ipv4/route.c.
 * Models: struct rtable (v6.1): the answer of a route lookup that a packet carries. Not modelled: reference counts, xfrm bundles.
 */
import type { Errno } from '../../uapi/errno.ts';
import type { RouteType } from '../../uapi/rtnetlink.ts';
import type { Ipv4 } from '../../wire/addresses.ts';
import type { Nanos } from '../../sim/time.ts';
import type { DropReason } from '../../trace/drop-reasons.ts';
import type { NetDevice } from '../net-device.ts';

/** struct flowi4. Zero address: not known yet. */
export interface Flow {
  readonly dst: Ipv4;
  readonly src?: Ipv4 | undefined;
  readonly oif?: NetDevice | undefined;
  /** Where it came in by; undefined for packets made here (rules see `iif lo`). */
  readonly iif?: NetDevice | undefined;
  readonly tos?: number | undefined;
  readonly mark?: number | undefined;
  readonly protocol?: number | undefined;
  /** FLOWI_FLAG_ANYSRC: the source need not be one of ours (ip_route_me_harder, transparent proxies). */
  readonly anySrc?: boolean | undefined;
}

/** What the kernel does with the packet: dst->input / dst->output. */
export type DstKind = 'unicast' | 'local' | 'broadcast' | 'multicast' | 'unreachable';

/** Answer of a lookup. Immutable and shared between packets of one flow. */
export class DstEntry {
  readonly kind: DstKind;
  readonly direction: 'input' | 'output';
  readonly daddr: Ipv4;
  /** Output: the source address to use when the sender named none. */
  readonly src: Ipv4;
  /** Device it leaves by; loopback for local ones. */
  readonly dev: NetDevice;
  /** Input routes: device it came in by. */
  readonly iif: NetDevice | undefined;
  /** Next hop to ask ARP for; undefined: the destination itself. */
  readonly gateway: Ipv4 | undefined;
  readonly prefSrc: Ipv4 | undefined;
  /** `mtu` metric of the route. */
  readonly routeMtu: number | undefined;
  /** `mtu lock`: PMTU below min_pmtu was reported, so DF is not set. */
  readonly mtuLocked: boolean;
  /** Path MTU learned by an exception; undefined: none. */
  readonly pmtu: number | undefined;
  /** When the exception it was made with ends. */
  readonly expires: Nanos | undefined;
  /** kind 'unreachable': why (ip_error chooses the ICMP code by it; EINVAL is a blackhole). */
  readonly error: Errno | undefined;
  readonly type: RouteType | 'none';
  readonly table: number;
  readonly ruleKey: string | undefined;
  readonly routeKey: string | undefined;
  /** IPSKB_DOREDIRECT: the sender sits on the link that the packet leaves by. */
  readonly doRedirect: boolean;
  /** RTCF_LOCAL on a broadcast or multicast output route: a copy comes back to us. */
  readonly loopCopy: boolean;

  constructor(init: DstInit) {
    this.kind = init.kind;
    this.direction = init.direction;
    this.daddr = init.daddr;
    this.src = init.src;
    this.dev = init.dev;
    this.iif = init.iif;
    this.gateway = init.gateway;
    this.prefSrc = init.prefSrc;
    this.routeMtu = init.routeMtu;
    this.mtuLocked = init.mtuLocked ?? false;
    this.pmtu = init.pmtu;
    this.expires = init.expires;
    this.error = init.error;
    this.type = init.type;
    this.table = init.table;
    this.ruleKey = init.ruleKey;
    this.routeKey = init.routeKey;
    this.doRedirect = init.doRedirect ?? false;
    this.loopCopy = init.loopCopy ?? false;
  }

  /** rt_nexthop */
  nexthop(dst: Ipv4): Ipv4 {
    return this.gateway ?? dst;
  }

  /** dst_mtu: for packets made here. */
  get mtu(): number {
    return this.pmtu ?? this.routeMtu ?? this.dev.mtu;
  }

  /** ip_dst_mtu_maybe_forward(dst, true): PMTU is not trusted for others' packets unless locked or ip_forward_use_pmtu. */
  forwardMtu(usePmtu: boolean): number {
    return (usePmtu || this.mtuLocked ? this.pmtu : undefined) ?? this.routeMtu ?? this.dev.mtu;
  }
}

export interface DstInit {
  readonly kind: DstKind;
  readonly direction: 'input' | 'output';
  readonly daddr: Ipv4;
  readonly src: Ipv4;
  readonly dev: NetDevice;
  readonly iif?: NetDevice | undefined;
  readonly gateway?: Ipv4 | undefined;
  readonly prefSrc?: Ipv4 | undefined;
  readonly routeMtu?: number | undefined;
  readonly mtuLocked?: boolean | undefined;
  readonly pmtu?: number | undefined;
  readonly expires?: Nanos | undefined;
  readonly error?: Errno | undefined;
  readonly type: RouteType | 'none';
  readonly table: number;
  readonly ruleKey?: string | undefined;
  readonly routeKey?: string | undefined;
  readonly doRedirect?: boolean | undefined;
  readonly loopCopy?: boolean | undefined;
}

/** ip_route_output_flow: a route or an errno. */
export type OutputRoute = { readonly ok: true; readonly dst: DstEntry } | FailedRoute;
export interface FailedRoute {
  readonly ok: false;
  readonly errno: Errno;
  /** The rule or route that said no, if one did. */
  readonly type?: RouteType | 'none' | undefined;
  readonly table?: number | undefined;
  readonly ruleKey?: string | undefined;
  readonly routeKey?: string | undefined;
}
/** ip_route_input: a route (maybe one of kind 'unreachable') or the reason to drop. */
export type InputRoute = { readonly ok: true; readonly dst: DstEntry } | { readonly ok: false; readonly reason: DropReason };
