/** Read first: rtnetlink(7). Requests and answers of rtnetlink as plain data. */
import type { Result } from '../../base/result.ts';
import type { Ipv4, Mac, Prefix } from '../wire/addresses.ts';
import type { KernelError } from './errno.ts';

export type LinkKind = 'loopback' | 'nic' | 'veth' | 'bridge' | 'vlan' | 'vxlan' | 'dummy';

export interface LinkStats {
  readonly rxPackets: number;
  readonly rxBytes: number;
  readonly rxErrors: number;
  readonly rxDropped: number;
  readonly txPackets: number;
  readonly txBytes: number;
  readonly txErrors: number;
  readonly txDropped: number;
}

export interface VxlanConfig {
  readonly vni: number;
  readonly local: Ipv4;
  /** Name of the lower device. */
  readonly dev: string | undefined;
  readonly dstPort: number;
  readonly learning: boolean;
  /** 0: inherit/auto */
  readonly ttl: number;
  /** Outer UDP checksum (udpcsum); on by default in iproute2's IPv4 case since kernel 4.x prints `udpcsum`. */
  readonly udpCsum: boolean;
  readonly ageing: number;
}

export interface BridgePortConfig {
  readonly portNo: number;
  readonly hairpin: boolean;
  readonly learning: boolean;
  readonly flood: boolean;
  readonly state: 'disabled' | 'listening' | 'learning' | 'forwarding' | 'blocking';
  readonly cost: number;
  readonly priority: number;
}

export interface BridgeConfig {
  /** seconds */
  readonly ageingTime: number;
  readonly stp: boolean;
  readonly vlanFiltering: boolean;
  /** Bridge id: priority 0x8000 and its MAC. */
  readonly priority: number;
  readonly nfCallIptables: boolean;
  /** No port and no address ever: operstate stays UNKNOWN. */
  readonly carrierUnknown?: boolean;
}

export interface Link {
  readonly ifindex: number;
  readonly name: string;
  readonly kind: LinkKind;
  readonly mac: Mac;
  readonly mtu: number;
  readonly up: boolean;
  /** It was up once: it keeps the queueing discipline that it got then. */
  readonly activated?: boolean;
  readonly carrier: boolean;
  readonly noArp: boolean;
  readonly promiscuity: number;
  readonly txQueueLen: number;
  /** Name of the bridge that enslaved it. */
  readonly master: string | undefined;
  /** veth peer: its ifindex, and its namespace when that is another one (link-netnsid). vlan, vxlan: the lower device. */
  readonly link: { readonly ifindex: number; readonly name: string; readonly netns: string | undefined; readonly netnsid: number | undefined } | undefined;
  readonly stats: LinkStats;
  readonly vlanId: number | undefined;
  readonly vxlan: VxlanConfig | undefined;
  readonly bridge: BridgeConfig | undefined;
  readonly port: BridgePortConfig | undefined;
  /** altname list (udev names). */
  readonly altNames: readonly string[];
  /** MAC that its IPv6 link-local address is made of: the one it came up with. None while down, and on a machine without IPv6. */
  readonly linkLocal?: Mac | undefined;
}

export interface NewLink {
  readonly name: string;
  readonly kind: 'veth' | 'bridge' | 'vlan' | 'vxlan' | 'dummy';
  readonly mac?: Mac | undefined;
  readonly mtu?: number | undefined;
  /** A number asked for (netns moves and scenarios pin them); refused with EBUSY when taken. */
  readonly ifindex?: number | undefined;
  /** veth: the other end, possibly made in another namespace. */
  readonly peer?: { readonly name: string; readonly netns?: string | undefined; readonly mac?: Mac | undefined; readonly mtu?: number | undefined } | undefined;
  /** vlan: lower device and tag. */
  readonly link?: string | undefined;
  readonly vlanId?: number | undefined;
  readonly vxlan?: Partial<VxlanConfig> | undefined;
  readonly bridge?: Partial<BridgeConfig> | undefined;
}

/** Fields that are there are set. `master: null` releases a bridge port. */
export interface LinkChange {
  readonly up?: boolean;
  readonly mtu?: number;
  readonly mac?: Mac;
  readonly name?: string;
  readonly master?: string | null;
  readonly promisc?: boolean;
  readonly arp?: boolean;
  readonly txQueueLen?: number;
  /** Moves it to the namespace of that name. */
  readonly netns?: string;
  readonly hairpin?: boolean;
  readonly learning?: boolean;
  readonly flood?: boolean;
  readonly bridge?: Partial<BridgeConfig>;
}

export type Scope = 'global' | 'link' | 'host';

export interface Address {
  readonly ifindex: number;
  readonly dev: string;
  readonly address: Ipv4;
  readonly prefixLength: number;
  readonly broadcast: Ipv4 | undefined;
  readonly scope: Scope;
  readonly label: string;
  readonly secondary: boolean;
  /** DHCP addresses are `dynamic` with a lifetime in seconds; undefined: forever. */
  readonly validLifetime: number | undefined;
  readonly metric: number | undefined;
}

export interface NewAddress {
  readonly dev: string;
  readonly address: Ipv4;
  readonly prefixLength: number;
  readonly broadcast?: Ipv4 | undefined;
  readonly scope?: Scope | undefined;
  readonly label?: string | undefined;
  readonly validLifetime?: number | undefined;
  readonly metric?: number | undefined;
  /** IFA_F_NOPREFIXROUTE */
  readonly noPrefixRoute?: boolean | undefined;
}

export type RouteType = 'unicast' | 'local' | 'broadcast' | 'multicast' | 'blackhole' | 'unreachable' | 'prohibit' | 'throw';

/** rt_protos: numbers with the names that iproute2 prints. */
export type RouteProto = 'kernel' | 'boot' | 'static' | 'dhcp' | 'bird' | 'zebra' | 'bgp' | 'unspec' | 'redirect' | 'ra';

export const RT_TABLE_DEFAULT = 253;
export const RT_TABLE_MAIN = 254;
export const RT_TABLE_LOCAL = 255;

export interface NextHop {
  readonly via: Ipv4 | undefined;
  readonly dev: string | undefined;
  readonly weight: number;
  readonly onlink: boolean;
  /** RTNH_F_DEAD, RTNH_F_LINKDOWN: printed as `dead`, `linkdown`. */
  readonly dead?: boolean | undefined;
  readonly linkdown?: boolean | undefined;
}

export interface Route {
  readonly table: number;
  readonly type: RouteType;
  readonly dst: Prefix;
  readonly tos: number;
  /** Metric. 0 is the best and not printed. */
  readonly priority: number;
  readonly protocol: RouteProto;
  readonly scope: 'universe' | 'site' | 'link' | 'host' | 'nowhere';
  readonly prefSrc: Ipv4 | undefined;
  readonly mtu: number | undefined;
  readonly nexthops: readonly NextHop[];
  /** Device down or no carrier. */
  readonly dead: boolean;
}

export interface NewRoute {
  readonly dst: Prefix;
  readonly table?: number | undefined;
  readonly type?: RouteType | undefined;
  readonly priority?: number | undefined;
  readonly protocol?: RouteProto | undefined;
  readonly scope?: Route['scope'] | undefined;
  readonly prefSrc?: Ipv4 | undefined;
  readonly mtu?: number | undefined;
  readonly nexthops?: readonly Partial<NextHop>[] | undefined;
  readonly tos?: number | undefined;
}

/** NLM_F_CREATE|EXCL (add), CREATE|REPLACE (replace), REPLACE (change), CREATE|APPEND (append), CREATE (prepend). */
export type NewMode = 'add' | 'replace' | 'change' | 'append' | 'prepend';

export interface RouteQuery {
  readonly dst: Ipv4;
  readonly src?: Ipv4 | undefined;
  readonly iif?: string | undefined;
  readonly oif?: string | undefined;
  readonly mark?: number | undefined;
  readonly tos?: number | undefined;
}

export interface RouteAnswer {
  readonly type: RouteType;
  readonly table: number;
  readonly dst: Ipv4;
  readonly via: Ipv4 | undefined;
  readonly dev: string | undefined;
  readonly src: Ipv4 | undefined;
  readonly mark: number;
  readonly mtu: number | undefined;
  /** What `ip route get` prints in angle brackets after `cache`. */
  readonly flags?: readonly ('local' | 'brd' | 'mc' | 'redirect')[] | undefined;
  /** Seconds until a learned path MTU or redirect ends. */
  readonly expires?: number | undefined;
}

export interface PolicyRule {
  /** Who made it: the kernel at the namespace's birth, or a user. */
  readonly protocol?: 'kernel' | 'unspec';
  readonly priority: number;
  readonly src: Prefix | undefined;
  readonly dst: Prefix | undefined;
  readonly iif: string | undefined;
  readonly oif: string | undefined;
  readonly fwmark: number | undefined;
  readonly fwmask: number | undefined;
  readonly invert: boolean;
  readonly action: 'lookup' | 'blackhole' | 'unreachable' | 'prohibit' | 'goto' | 'nop';
  /** lookup: the table. goto: priority of the rule to go on at. */
  readonly table: number;
}

export type NewPolicyRule = Partial<PolicyRule>;

export type NudState = 'NONE' | 'INCOMPLETE' | 'REACHABLE' | 'STALE' | 'DELAY' | 'PROBE' | 'FAILED' | 'NOARP' | 'PERMANENT';

export interface Neighbour {
  readonly ifindex: number;
  readonly dev: string;
  readonly ip: Ipv4;
  readonly mac: Mac | undefined;
  readonly state: NudState;
  /** Seconds since it was last used, confirmed, updated (ip -s neigh). */
  readonly used: number;
  readonly confirmed: number;
  readonly updated: number;
  readonly probes: number;
}

export interface NewNeighbour {
  readonly dev: string;
  readonly ip: Ipv4;
  readonly mac?: Mac | undefined;
  readonly state?: NudState | undefined;
}

/** One line of `bridge fdb`. Bridge ports' and bridges' own entries, learned ones, and VXLAN's remote entries. */
export interface FdbEntry {
  readonly mac: Mac;
  readonly ifindex: number;
  readonly dev: string;
  /** Bridge it belongs to (`master`). */
  readonly master: string | undefined;
  /** VXLAN: remote VTEP. */
  readonly dst: Ipv4 | undefined;
  /** 'self': the device's own table; 'master': the bridge's. */
  readonly where: 'self' | 'master';
  readonly kind: 'permanent' | 'static' | 'learned' | 'extern_learn';
  readonly vlan: number | undefined;
  /** Seconds since the entry was last seen in a source address; undefined for those that do not age. */
  readonly age: number | undefined;
  readonly isLocal: boolean;
}

export interface NewFdb {
  readonly mac: Mac;
  readonly dev: string;
  readonly dst?: Ipv4 | undefined;
  readonly where?: 'self' | 'master' | undefined;
  readonly kind?: 'permanent' | 'static' | undefined;
}

export type Ack = Result<undefined, KernelError>;

export interface Rtnetlink {
  /** RTNLGRP_LINK, _IPV4_IFADDR, _IPV4_ROUTE, _IPV4_RULE: calls back after every change that was asked for in this namespace, until the returned function is called. */
  watch(listener: () => void): () => void;
  links(): readonly Link[];
  /** By name. */
  link(name: string): Link | undefined;
  newLink(spec: NewLink): Ack;
  setLink(name: string, change: LinkChange): Ack;
  delLink(name: string): Ack;
  /** In the order `ip addr` prints them: by device, primary before secondary. */
  addresses(): readonly Address[];
  newAddress(spec: NewAddress): Ack;
  delAddress(dev: string, address: Ipv4, prefixLength: number): Ack;
  /** Of one table (main when left out; 0: all), in the kernel's order: by prefix, then metric. */
  routes(table?: number): readonly Route[];
  newRoute(spec: NewRoute, mode: NewMode): Ack;
  /** ESRCH when nothing matches. Fields that are undefined match anything. */
  delRoute(spec: NewRoute): Ack;
  getRoute(query: RouteQuery): Result<RouteAnswer, KernelError>;
  rules(): readonly PolicyRule[];
  newRule(rule: NewPolicyRule): Ack;
  delRule(rule: NewPolicyRule): Ack;
  /** In the order the kernel dumps them. */
  neighbours(): readonly Neighbour[];
  newNeighbour(spec: NewNeighbour, mode: NewMode): Ack;
  delNeighbour(dev: string, ip: Ipv4): Ack;
  /** In the order `bridge fdb` prints them. */
  fdb(): readonly FdbEntry[];
  newFdb(spec: NewFdb, mode: NewMode): Ack;
  delFdb(spec: NewFdb): Ack;
}
