/** Rows of the journaled tables `addresses`, `routes`, `rules`: plain values only, as a learner sees them. */
import type { PolicyRule, RouteProto, RouteType, Scope } from '../../uapi/rtnetlink.ts';
import type { Ipv4, Prefix } from '../../wire/addresses.ts';

export interface AddressRow {
  readonly ifindex: number;
  dev: string;
  readonly address: Ipv4;
  readonly prefixLength: number;
  readonly broadcast: Ipv4 | undefined;
  readonly scope: Scope;
  label: string;
  secondary: boolean;
  validLifetime: number | undefined;
  readonly metric: number | undefined;
  readonly noPrefixRoute: boolean;
  /** Place in the device's list: `ip addr` prints ascending. */
  position: number;
}

export type RouteScope = 'universe' | 'site' | 'link' | 'host' | 'nowhere';

/** rt_scope_t */
export const SCOPE_NUMBER = { universe: 0, site: 200, link: 253, host: 254, nowhere: 255 } as const;
export const ADDRESS_SCOPE = { global: 0, link: 253, host: 254 } as const;

export interface NextHopRow {
  readonly via: Ipv4 | undefined;
  readonly dev: string | undefined;
  readonly weight: number;
  readonly onlink: boolean;
  /** RTNH_F_DEAD, RTNH_F_LINKDOWN */
  readonly dead: boolean;
  readonly linkdown: boolean;
}

export interface RouteRow {
  readonly table: number;
  readonly type: RouteType;
  readonly dst: Prefix;
  readonly tos: number;
  readonly priority: number;
  readonly protocol: RouteProto;
  readonly scope: RouteScope;
  readonly prefSrc: Ipv4 | undefined;
  readonly mtu: number | undefined;
  nexthops: readonly NextHopRow[];
  /** Place among routes equal in table, prefix, tos and priority. */
  readonly position: number;
}

/** A policy rule as netlink tells of it, and where it stands. */
export interface RuleRow extends PolicyRule {
  /** Place among rules of the same priority. */
  readonly position: number;
}

/** The order of fib_trie's dump: table, address, longest prefix, tos descending, metric, then list order. */
export const compareRoutes = (a: RouteRow, b: RouteRow): number =>
  a.table - b.table || a.dst.address - b.dst.address || b.dst.length - a.dst.length || b.tos - a.tos || a.priority - b.priority || a.position - b.position;

export const compareRules = (a: RuleRow, b: RuleRow): number => a.priority - b.priority || a.position - b.position;
