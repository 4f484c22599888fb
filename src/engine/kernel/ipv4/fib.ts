/**
 * Read first: ip-route(8), ip-rule(8), ip-address(8), net/ipv4/fib_frontend.c.
 * Models: devinet.c, fib_frontend.c, fib_trie.c, fib_semantics.c, fib_rules.c, route.c (v6.1). This class only dispatches.
 */
import type { JournaledTable } from '../../../base/journaled-table.ts';
import { ok, type Result } from '../../../base/result.ts';
import { refuse, type KernelError } from '../../uapi/errno.ts';
import { RT_TABLE_LOCAL, RT_TABLE_MAIN } from '../../uapi/rtnetlink.ts';
import type {
  Ack, Address, NewAddress, NewMode, NewPolicyRule, NewRoute, PolicyRule, Route, RouteAnswer, RouteQuery, RouteType, Scope,
} from '../../uapi/rtnetlink.ts';
import { isMulticast, ipv4, type Ipv4 } from '../../wire/addresses.ts';
import type { NetDevice } from '../net-device.ts';
import type { Netns } from '../netns.ts';
import type { SysctlTable } from '../sysctl/sysctl-table.ts';
import { AddressTable, inSubnet } from './address-table.ts';
import { Exceptions } from './exceptions.ts';
import { addressTypeIn } from './fib-semantics.ts';
import type { FibTable } from './fib-table.ts';
import { Frontend, type AddressListener } from './frontend.ts';
import { inputRoute } from './input-route.ts';
import type { FibView, Passed, Rule } from './lookup.ts';
import { outputRoute } from './output-route.ts';
import { RouteCache } from './route-cache.ts';
import type { Flow, InputRoute, OutputRoute } from './route.ts';
import { RouteTables } from './route-tables.ts';
import type { AddressRow, RouteRow, RuleRow } from './rows.ts';
import { Rules } from './rules.ts';

export type { AddressRow, RouteRow, RuleRow } from './rows.ts';

const ALL_HOSTS = ipv4(0xe0000001);

export class Fib implements FibView {
  readonly addressTable: AddressTable;
  readonly exceptions: Exceptions;
  /** Bumped by every change that may change a lookup's answer. */
  generation = 1;
  /** A `local` route that no address made (net->ipv4.fib_has_custom_local_routes). */
  hasCustomLocalRoutes = false;
  readonly #ns: Netns;
  readonly #rules: Rules;
  readonly #routes: RouteTables;
  readonly #frontend: Frontend;
  readonly #outputs = new RouteCache<OutputRoute>();
  readonly #inputs = new RouteCache<InputRoute>();
  /** Multicast memberships by ifindex. */
  readonly #groups = new Map<number, Map<Ipv4, number>>();
  #loopback: NetDevice | undefined;

  constructor(ns: Netns) {
    this.#ns = ns;
    const changed = (): void => this.flushCache();
    this.addressTable = new AddressTable(ns);
    this.exceptions = new Exceptions(ns);
    this.#rules = new Rules(ns, changed);
    this.#routes = new RouteTables(ns, this, changed);
    this.#frontend = new Frontend(ns, this.addressTable, this.#routes, changed);
  }

  // Journaled tables

  get addresses(): JournaledTable<AddressRow> { return this.addressTable.table; }
  get routes(): JournaledTable<RouteRow> { return this.#routes.rows; }
  get ruleRows(): JournaledTable<RuleRow> { return this.#rules.table; }

  // netlink

  /** In the order of `ip addr`: by ifindex, then the device's list. */
  addressList(): Address[] {
    return this.addressTable.all().map(({ position: _, noPrefixRoute: __, ...address }) => address);
  }
  newAddress(spec: NewAddress): Ack { return this.#frontend.newAddress(spec); }
  delAddress(dev: string, address: Ipv4, prefixLength: number): Ack { return this.#frontend.delAddress(dev, address, prefixLength); }
  /** Of a table (0: all) in the kernel's dump order. */
  routeList(table: number = RT_TABLE_MAIN): Route[] { return this.#routes.dump(table); }
  hasTable(table: number): boolean { return table === RT_TABLE_MAIN || table === RT_TABLE_LOCAL || this.#routes.table(table) !== undefined; }
  newRoute(spec: NewRoute, mode: NewMode): Ack {
    const ack = this.#routes.add(spec, mode);
    if (ack.ok && spec.type === 'local') this.hasCustomLocalRoutes = true;
    return ack;
  }
  delRoute(spec: NewRoute): Ack { return this.#routes.delete(spec); }
  ruleList(): PolicyRule[] { return this.#rules.dump(); }
  newRule(rule: NewPolicyRule): Ack { return this.#rules.add(rule); }
  delRule(rule: NewPolicyRule): Ack { return this.#rules.delete(rule); }

  /** RTM_GETROUTE (inet_rtm_getroute). */
  getRoute(query: RouteQuery): Result<RouteAnswer, KernelError> {
    const iif = query.iif === undefined ? undefined : this.#ns.device(query.iif);
    const oif = query.oif === undefined ? undefined : this.#ns.device(query.oif);
    if ((query.iif !== undefined && iif === undefined) || (query.oif !== undefined && oif === undefined)) return refuse('ENODEV');
    const route = iif === undefined
      ? outputRoute(this, { dst: query.dst, src: query.src, oif, mark: query.mark, tos: query.tos })
      : inputRoute(this, { dst: query.dst, src: query.src ?? ipv4(0), tos: query.tos ?? 0, mark: query.mark ?? 0, iif });
    if (!route.ok) return refuse('errno' in route ? route.errno : route.reason === 'IP_RPFILTER' ? 'EXDEV' : 'EINVAL');
    const { dst } = route;
    if (dst.error !== undefined) return refuse(dst.error);
    // Until the first custom rule, tables local and main share one trie, and main answers for both.
    const merged = dst.table === RT_TABLE_LOCAL && !this.hasCustomRules;
    return ok({
      type: dst.kind === 'unreachable' ? 'unreachable' : dst.kind, table: merged ? RT_TABLE_MAIN : dst.table, dst: query.dst, via: dst.gateway,
      dev: dst.dev.name, src: iif !== undefined ? undefined : dst.src, mark: query.mark ?? 0, mtu: dst.pmtu ?? dst.routeMtu,
      flags: [
        ...(dst.kind === 'local' || dst.kind === 'broadcast' || (dst.kind === 'multicast' && (dst.direction === 'input' || dst.loopCopy)) ? ['local' as const] : []), ...(dst.kind === 'broadcast' ? ['brd' as const] : []),
        ...(dst.kind === 'multicast' ? ['mc' as const] : []), ...(dst.doRedirect ? ['redirect' as const] : []),
      ],
      expires: dst.expires === undefined ? undefined : Math.ceil((dst.expires - this.#ns.machine.world.scheduler.now) / 1e9),
    });
  }

  // Netdevice notifier: devices call these

  deviceUp(dev: NetDevice): void { this.#frontend.deviceUp(dev); }
  deviceDown(dev: NetDevice): void { this.#frontend.deviceDown(dev); }
  /** Carrier or MTU changed. */
  deviceChanged(dev: NetDevice): void { this.#routes.carrierChanged(dev); }
  deviceRenamed(dev: NetDevice): void {
    this.addressTable.rename(dev);
    this.#routes.rename(dev);
  }
  /** Unregistered, or about to move to another namespace. Call while ns.devices still has it. */
  deviceRemoved(dev: NetDevice): void {
    this.#frontend.deviceRemoved(dev);
    this.#groups.delete(dev.ifindex);
    if (this.#loopback === dev) this.#loopback = undefined;
  }
  /** inetaddr_chain: masquerade, `ip monitor`, gratuitous ARP. */
  onAddress(listener: AddressListener): void { this.#frontend.listeners.push(listener); }

  // Lookups

  get rules(): readonly Rule[] { return this.#rules.list; }
  get hasCustomRules(): boolean { return this.#rules.custom; }
  get sysctl(): SysctlTable { return this.#ns.sysctl; }
  table(id: number): FibTable | undefined { return this.#routes.table(id); }
  ignoresLinkdown(dev: NetDevice): boolean { return this.#ns.sysctl.orConf(dev, 'ignore_routes_with_linkdown'); }
  /** IN_DEV_FORWARD */
  forwarding(dev: NetDevice): boolean { return this.#ns.sysctl.conf(dev, 'forwarding') !== 0; }

  get loopback(): NetDevice | undefined {
    if (this.#loopback === undefined) for (const dev of this.#ns.devices.values()) if (dev.kind === 'loopback') this.#loopback = dev;
    return this.#loopback;
  }

  lookupOutput(flow: Flow): OutputRoute {
    const dst = flow.dst;
    const src = flow.src ?? 0;
    const mark = flow.mark ?? 0;
    const tos = ((flow.tos ?? 0) & 0x1c) | (flow.anySrc === true ? 1 : 0);
    const oif = flow.oif?.ifindex ?? 0;
    const { now } = this.#ns.machine.world.scheduler;
    const hit = this.#outputs.get(dst, src, mark, tos, 0, oif, this.generation, now);
    if (hit !== undefined) return hit;
    const route = outputRoute(this, flow.tos === undefined ? flow : { ...flow, tos: flow.tos & 0x1c });
    this.#outputs.set(dst, src, mark, tos, 0, oif, this.generation, route, route.ok ? route.dst.expires : undefined);
    return route;
  }

  lookupInput(dst: Ipv4, src: Ipv4, tos: number, mark: number, iif: NetDevice): InputRoute {
    const masked = tos & 0x1c; // IPTOS_RT_MASK
    const { now } = this.#ns.machine.world.scheduler;
    const hit = this.#inputs.get(dst, src, mark, masked, iif.ifindex, 0, this.generation, now);
    if (hit !== undefined) return hit;
    const route = inputRoute(this, { dst, src, tos: masked, mark, iif });
    this.#inputs.set(dst, src, mark, masked, iif.ifindex, 0, this.generation, route, route.ok ? route.dst.expires : undefined);
    return route;
  }

  /** The same answer as the lookup, with every rule and row that was passed over and why. */
  explain(flow: Flow): { readonly route: OutputRoute | InputRoute; readonly passed: readonly Passed[] } {
    const passed: Passed[] = [];
    const route = flow.iif === undefined
      ? outputRoute(this, flow, passed)
      : inputRoute(this, { dst: flow.dst, src: flow.src ?? ipv4(0), tos: flow.tos ?? 0, mark: flow.mark ?? 0, iif: flow.iif }, passed);
    return { route, passed };
  }

  /** inet_select_addr: MASQUERADE, ARP. Primary of dev in dst's subnet, else its first of that scope or wider, else another device's. */
  selectAddress(dev: NetDevice | undefined, dst: Ipv4, scope: Scope): Ipv4 | undefined { return this.addressTable.select(dev, dst, scope); }

  /** inet_addr_type; with a device, inet_dev_addr_type (addrtype --limit-iface, ARP). */
  addressType(address: Ipv4, dev?: NetDevice): RouteType { return addressTypeIn(this, RT_TABLE_LOCAL, address, dev); }

  /** inet_addr_type(a) == RTN_LOCAL */
  isLocal(address: Ipv4): boolean { return this.addressTable.owns(address) || this.addressType(address) === 'local'; }
  addressesOf(dev: NetDevice): readonly AddressRow[] { return this.addressTable.of(dev.ifindex); }
  /** inet_addr_onlink */
  sharedSubnet(dev: NetDevice, a: Ipv4, b: Ipv4 | undefined): boolean {
    return this.addressTable.of(dev.ifindex).some((row) => !row.secondary && inSubnet(row, a) && (b === undefined || inSubnet(row, b)));
  }

  /** rt_cache_flush: K1's sysctl calls it after any net.ipv4 key changed. */
  flushCache(): void { this.generation++; }

  /** Path MTU or redirect learned for a destination behind a route. */
  learnMtu(dst: Ipv4, routeKey: string, oldMtu: number, mtu: number): void {
    if (this.exceptions.learnMtu(dst, routeKey, oldMtu, mtu)) this.flushCache();
  }
  learnGateway(dst: Ipv4, routeKey: string, gateway: Ipv4): void {
    this.exceptions.learnGateway(dst, routeKey, gateway);
    this.flushCache();
  }

  // Multicast membership (ip_mc_inc_group without IGMP)

  joinGroup(dev: NetDevice, group: Ipv4): void {
    const groups = this.#groups.get(dev.ifindex) ?? new Map<Ipv4, number>();
    groups.set(group, (groups.get(group) ?? 0) + 1);
    this.#groups.set(dev.ifindex, groups);
    this.flushCache();
  }
  leaveGroup(dev: NetDevice, group: Ipv4): void {
    const groups = this.#groups.get(dev.ifindex);
    const count = groups?.get(group) ?? 0;
    if (count > 1) groups?.set(group, count - 1);
    else groups?.delete(group);
    this.flushCache();
  }
  /** ip_check_mc_rcu: every device that is up listens to all hosts. */
  hasGroup(dev: NetDevice, group: Ipv4): boolean {
    return isMulticast(group) && ((group === ALL_HOSTS && dev.up) || this.#groups.get(dev.ifindex)?.has(group) === true);
  }
}
