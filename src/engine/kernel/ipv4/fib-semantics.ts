/**
 * Read first: fib_create_info, fib_check_nh, fib_valid_prefsrc (net/ipv4/fib_semantics.c).
 * Models: v6.1: what makes a route valid, with the kernel's words. Not modelled: nexthop objects, encapsulation, metrics other than mtu.
 */
import type { Result } from '../../../base/result.ts';
import { ok } from '../../../base/result.ts';
import { refuse, type KernelError } from '../../uapi/errno.ts';
import { RT_TABLE_LOCAL, RT_TABLE_MAIN, type NewRoute, type NextHop, type RouteType } from '../../uapi/rtnetlink.ts';
import { ANY, isMulticast, maskOf, type Ipv4 } from '../../wire/addresses.ts';
import type { NetDevice } from '../net-device.ts';
import type { Netns } from '../netns.ts';
import type { FibNexthop } from './fib-table.ts';
import { fibLookup, tableLookup, typeError, type FibView, type LookupFlow } from './lookup.ts';
import { SCOPE_NUMBER, type RouteRow, type RouteScope } from './rows.ts';

export interface FibInfo {
  readonly row: Omit<RouteRow, 'position' | 'nexthops'>;
  readonly scope: number;
  readonly nexthops: readonly FibNexthop[];
}

type Checked = Result<FibNexthop, KernelError>;

/** What iproute2 fills in when the user says nothing: local and broadcast routes go to table local. */
export const tableOf = (spec: NewRoute): number =>
  spec.table ?? (spec.type === 'local' || spec.type === 'broadcast' ? RT_TABLE_LOCAL : RT_TABLE_MAIN);

export function defaultScope(spec: NewRoute): RouteScope {
  switch (spec.type ?? 'unicast') {
    case 'local': return 'host';
    case 'broadcast': case 'multicast': return 'link';
    case 'unicast': return (spec.nexthops ?? []).some((nh) => nh.via !== undefined) || (spec.nexthops?.length ?? 0) > 1 ? 'universe' : 'link';
    default: return 'universe';
  }
}

/** fib_props[].scope */
const typeScope = (type: RouteType): number => (type === 'local' ? SCOPE_NUMBER.host : type === 'broadcast' ? SCOPE_NUMBER.link : SCOPE_NUMBER.universe);

/** inet_addr_type_table and relatives: what a table says an address is; multicast and limited broadcast need no table. */
export function addressTypeIn(view: FibView, table: number, address: Ipv4, dev?: NetDevice): RouteType {
  if (address >>> 24 === 0 || address === 0xffffffff) return 'broadcast';
  if (isMulticast(address)) return 'multicast';
  const found = view.table(table);
  const hit = found === undefined ? undefined : tableLookup(view, found, flowTo(address), '', undefined);
  if (hit === undefined || hit.errno !== undefined) return 'unicast';
  if (dev !== undefined && hit.alias.nexthops[hit.nhsel]?.dev !== dev) return 'unicast';
  return hit.alias.row.type;
}

export const flowTo = (dst: Ipv4): LookupFlow =>
  ({ dst, src: ANY, iif: undefined, oif: undefined, mark: 0, tos: 0, scope: SCOPE_NUMBER.universe, ignoreLinkstate: false });

export class FibSemantics {
  readonly #ns: Netns;
  readonly #view: FibView;

  constructor(ns: Netns, view: FibView) {
    this.#ns = ns;
    this.#view = view;
  }

  /** fib_create_info */
  create(spec: NewRoute): Result<FibInfo, KernelError> {
    const { dst } = spec;
    const type = spec.type ?? 'unicast';
    const table = tableOf(spec);
    const scopeName = spec.scope ?? defaultScope(spec);
    const scope = SCOPE_NUMBER[scopeName];
    if (dst.length > 32 || dst.length < 0) return refuse('EINVAL', 'Invalid prefix length');
    if (((dst.address & maskOf(dst.length)) >>> 0) !== dst.address) return refuse('EINVAL', 'Invalid prefix for given prefix length');
    if (typeScope(type) > scope) return refuse('EINVAL', 'Invalid scope');
    const row: FibInfo['row'] = {
      table, type, dst, tos: spec.tos ?? 0, priority: spec.priority ?? 0, protocol: spec.protocol ?? 'boot', scope: scopeName,
      prefSrc: spec.prefSrc, mtu: spec.mtu,
    };
    const wanted = spec.nexthops ?? [];
    if (typeError(type) !== undefined) {
      if (wanted.some((nh) => nh.via !== undefined || nh.dev !== undefined)) {
        return refuse('EINVAL', 'Gateway, device and multipath can not be specified for this route type');
      }
      return ok({ row, scope, nexthops: [] });
    }
    const nexthops: FibNexthop[] = [];
    if (scope === SCOPE_NUMBER.host && wanted.length > 1) return refuse('EINVAL', 'Route with host scope can not have multiple nexthops');
    for (const nh of wanted.length === 0 ? [{}] : wanted) {
      const checked = scope === SCOPE_NUMBER.host ? this.#hostNexthop(nh) : this.#nexthop(nh, table, scope);
      if (!checked.ok) return checked;
      nexthops.push(checked.value);
    }
    if (spec.prefSrc !== undefined && !this.#validPrefSrc(spec.prefSrc, table, type, dst.address)) return refuse('EINVAL', 'Invalid prefsrc address');
    return ok({ row, scope, nexthops });
  }

  #validPrefSrc(src: Ipv4, table: number, type: RouteType, dst: Ipv4): boolean {
    if (type === 'local' && src === dst) return true;
    const first = table === RT_TABLE_MAIN ? RT_TABLE_LOCAL : table;
    return addressTypeIn(this.#view, first, src) === 'local' || addressTypeIn(this.#view, RT_TABLE_LOCAL, src) === 'local';
  }

  /** A local address is added. */
  #hostNexthop(nh: Partial<NextHop>): Checked {
    if (nh.via !== undefined) return refuse('EINVAL', 'Route with host scope can not have a gateway');
    const dev = nh.dev === undefined ? undefined : this.#ns.device(nh.dev);
    if (dev === undefined) return refuse('ENODEV');
    return ok({ gateway: undefined, dev, weight: nh.weight ?? 1, onlink: false, scope: SCOPE_NUMBER.nowhere, dead: false, linkdown: false });
  }

  /** fib_check_nh */
  #nexthop(nh: Partial<NextHop>, table: number, scope: number): Checked {
    const dev = nh.dev === undefined ? undefined : this.#ns.device(nh.dev);
    if (nh.dev !== undefined && dev === undefined) return refuse('ENODEV');
    const make = (out: NetDevice, nhScope: number): Checked =>
      ok({ gateway: nh.via, dev: out, weight: nh.weight ?? 1, onlink: nh.onlink ?? false, scope: nhScope, dead: false, linkdown: !out.ops.carrier(out) });

    if (nh.via === undefined) {
      if (nh.onlink === true) return refuse('EINVAL', 'Invalid flags for nexthop - PERVASIVE and ONLINK can not be set');
      if (dev === undefined) return refuse('ENODEV');
      return dev.up ? make(dev, SCOPE_NUMBER.host) : refuse('ENETDOWN', 'Device for nexthop is not up');
    }
    if (nh.onlink === true) {
      if (scope >= SCOPE_NUMBER.link) return refuse('EINVAL', 'Nexthop has invalid scope');
      if (dev === undefined) return refuse('ENODEV', 'Nexthop device required for onlink');
      if (!dev.up) return refuse('ENETDOWN', 'Nexthop device is not up');
      if (addressTypeIn(this.#view, RT_TABLE_LOCAL, nh.via) !== 'unicast') return refuse('EINVAL', 'Nexthop has invalid gateway');
      return make(dev, SCOPE_NUMBER.link);
    }
    const flow: LookupFlow = { ...flowTo(nh.via), oif: dev, scope: Math.max(scope + 1, SCOPE_NUMBER.link), ignoreLinkstate: true };
    const own = table === RT_TABLE_MAIN ? undefined : this.#view.table(table);
    const inOwn = own === undefined ? undefined : tableLookup(this.#view, own, flow, '', undefined);
    if (inOwn !== undefined && inOwn.errno === undefined) return this.#gateway(inOwn.alias.row.type, inOwn.alias.scope, inOwn.alias.nexthops[inOwn.nhsel]?.dev, make);
    const full = fibLookup(this.#view, flow);
    if (!full.ok) return refuse(full.errno, 'Nexthop has invalid gateway');
    return this.#gateway(full.type, full.alias.scope, full.nexthop.dev, make);
  }

  #gateway(type: RouteType, scope: number, dev: NetDevice | undefined, make: (dev: NetDevice, scope: number) => Checked): Checked {
    if (type !== 'unicast' && type !== 'local') return refuse('EINVAL', 'Nexthop has invalid gateway');
    if (dev === undefined) return refuse('EINVAL', 'No egress device for nexthop gateway');
    if (!dev.up) return refuse('ENETDOWN', 'Nexthop device is not up');
    return make(dev, scope);
  }
}
