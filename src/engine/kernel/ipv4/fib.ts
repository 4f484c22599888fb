/**
 * Read first: ip-route(8), ip-rule(8), net/ipv4/fib_frontend.c.
 * Models: devinet.c, fib_frontend.c, fib_trie.c, fib_semantics.c, fib_rules.c (v6.1). This class only dispatches.
 */
import type { JournaledTable } from '../../../base/journaled-table.ts';
import type { Result } from '../../../base/result.ts';
import type { KernelError } from '../../uapi/errno.ts';
import type { Ack, Address, NewAddress, NewMode, NewPolicyRule, NewRoute, PolicyRule, Route, RouteAnswer, RouteQuery, RouteType, Scope } from '../../uapi/rtnetlink.ts';
import type { Ipv4 } from '../../wire/addresses.ts';
import type { NetDevice } from '../net-device.ts';
import type { Netns } from '../netns.ts';
import type { Flow, InputRoute, OutputRoute } from './route.ts';

export interface AddressRow {
  ifindex: number; dev: string; address: Ipv4; prefixLength: number; broadcast: Ipv4 | undefined; scope: Scope; label: string;
  secondary: boolean; validLifetime: number | undefined; metric: number | undefined; noPrefixRoute: boolean;
}

export class Fib {
  declare readonly addresses: JournaledTable<AddressRow>;
  constructor(readonly_ns: Netns) { void readonly_ns; throw new Error('shape'); }

  // netlink doors
  /** In the order of `ip addr`: by ifindex, then the device's list. */
  declare addressList: () => Address[];
  declare newAddress: (spec: NewAddress) => Ack;
  declare delAddress: (dev: string, address: Ipv4, prefixLength: number) => Ack;
  /** Table (0: all), in the kernel's dump order. */
  declare routeList: (table?: number) => Route[];
  declare newRoute: (spec: NewRoute, mode: NewMode) => Ack;
  declare delRoute: (spec: NewRoute) => Ack;
  declare getRoute: (query: RouteQuery) => Result<RouteAnswer, KernelError>;
  declare ruleList: () => PolicyRule[];
  declare newRule: (rule: NewPolicyRule) => Ack;
  declare delRule: (rule: NewPolicyRule) => Ack;

  // netdevice notifier (devices call these)
  declare deviceUp: (dev: NetDevice) => void;
  declare deviceDown: (dev: NetDevice) => void;
  /** Carrier or MTU changed while up. */
  declare deviceChanged: (dev: NetDevice) => void;
  declare deviceRenamed: (dev: NetDevice) => void;
  /** Unregistered or moved to another namespace: addresses and routes go. */
  declare deviceRemoved: (dev: NetDevice) => void;

  // lookups
  declare lookupOutput: (flow: Flow) => OutputRoute;
  declare lookupInput: (dst: Ipv4, src: Ipv4, tos: number, mark: number, iif: NetDevice) => InputRoute;
  /** inet_select_addr: MASQUERADE, ARP, source selection. Primary address of dev in dst's subnet, else its first with that scope or wider; undefined: none. */
  declare selectAddress: (dev: NetDevice | undefined, dst: Ipv4, scope: Scope) => Ipv4 | undefined;
  /** inet_addr_type / inet_dev_addr_type (addrtype match, ARP). */
  declare addressType: (address: Ipv4, dev?: NetDevice) => RouteType;
  /** inet_addr_type(a) == RTN_LOCAL */
  declare isLocal: (address: Ipv4) => boolean;
  /** Primary and secondary addresses of a device. */
  declare addressesOf: (dev: NetDevice) => readonly AddressRow[];
  /** Bumped by every change that may change a lookup's answer. */
  declare generation: number;
  /** rt_cache_flush: after a sysctl changed. */
  declare flushCache: () => void;
}
