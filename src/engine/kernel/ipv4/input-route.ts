/**
 * Read first: ip_route_input_slow, __mkroute_input, ip_route_input_mc (net/ipv4/route.c), __fib_validate_source (fib_frontend.c).
 * Models: v6.1; drop reasons as v6.14 names them. Not modelled: multicast forwarding, bc_forwarding, realms.
 */
import { ANY, BROADCAST, isLoopback, isMulticast, type Ipv4 } from '../../wire/addresses.ts';
import type { DropReason } from '../../trace/drop-reasons.ts';
import type { Errno } from '../../uapi/errno.ts';
import type { NetDevice } from '../net-device.ts';
import type { Fib } from './fib.ts';
import type { FibNexthop } from './fib-table.ts';
import { fibLookup, selectNexthop, type FibAnswer, type LookupFlow, type Passed } from './lookup.ts';
import { DstEntry, type DstInit, type InputRoute } from './route.ts';
import { SCOPE_NUMBER } from './rows.ts';

export interface InputFlow {
  readonly dst: Ipv4;
  readonly src: Ipv4;
  readonly tos: number;
  readonly mark: number;
  readonly iif: NetDevice;
}

/** 1: the sender is on the link of `dev`; 0: elsewhere; otherwise why it is not believed. */
type Validity = 0 | 1 | DropReason;

const isZeronet = (a: Ipv4): boolean => a >>> 24 === 0;
const refuse = (reason: DropReason): InputRoute => ({ ok: false, reason });

export function inputRoute(fib: Fib, flow: InputFlow, passed?: Passed[]): InputRoute {
  const { dst, src, iif } = flow;
  if (isMulticast(dst)) return multicast(fib, flow);
  if (isMulticast(src) || src === BROADCAST) return refuse('IP_INVALID_SOURCE');
  if (dst === BROADCAST || (src === ANY && dst === ANY)) return broadcast(fib, flow, undefined);
  if (isZeronet(src)) return refuse('IP_INVALID_SOURCE');
  if (isZeronet(dst)) return refuse('IP_INVALID_DEST');
  const localnet = isLoopback(dst) || isLoopback(src) ? fib.sysctl.orConf(iif, 'route_localnet') || iif.kind === 'loopback' : true;
  if (!localnet) return refuse('IP_LOCALNET');

  const forwarding = fib.forwarding(iif);
  const answer = fibLookup(fib, { dst, src, iif, oif: undefined, mark: flow.mark, tos: flow.tos, scope: 0, ignoreLinkstate: false }, passed);
  if (!answer.ok) return unreachable(fib, flow, forwarding ? answer.errno : 'EHOSTUNREACH', answer);
  switch (answer.type) {
    case 'broadcast': return broadcast(fib, flow, answer);
    case 'local': {
      const valid = validateSource(fib, flow, undefined);
      return typeof valid === 'string' ? refuse(valid) : local(fib, flow, 'local', answer);
    }
    case 'unicast': break;
    default: return forwarding ? refuse('IP_INVALID_DEST') : unreachable(fib, flow, 'EHOSTUNREACH', undefined);
  }
  return forwarding ? forwarded(fib, flow, answer) : unreachable(fib, flow, 'EHOSTUNREACH', undefined);
}

/** __mkroute_input */
function forwarded(fib: Fib, flow: InputFlow, answer: FibAnswer & { readonly ok: true }): InputRoute {
  const { alias } = answer;
  const nhsel = alias.nexthops.length > 1 ? selectNexthop(alias, answer.nhsel, flow.src, flow.dst) : answer.nhsel;
  const nexthop = alias.nexthops[nhsel] ?? answer.nexthop;
  const out = nexthop.dev;
  if (out === undefined) return unreachable(fib, flow, 'EINVAL', undefined);
  const valid = validateSource(fib, flow, out);
  if (typeof valid === 'string') return refuse(valid);
  const exception = fib.exceptions.find(flow.dst, alias.key);
  const gateway = exception?.gateway ?? nexthop.gateway;
  return entry({
    kind: 'unicast', direction: 'input', daddr: flow.dst, src: ANY, dev: out, iif: flow.iif, gateway, prefSrc: alias.row.prefSrc,
    routeMtu: alias.row.mtu, pmtu: exception?.mtu, mtuLocked: exception?.mtuLocked, expires: exception?.expires,
    type: 'unicast', table: answer.table, ruleKey: answer.ruleKey, routeKey: alias.key,
    doRedirect: out === flow.iif && valid === 1 && fib.sysctl.orConf(out, 'send_redirects')
      && (fib.sysctl.orConf(out, 'shared_media') || onlink(fib, out, flow.src, gateway)),
  });
}

/** inet_addr_onlink: both in a subnet of the device. */
const onlink = (fib: Fib, dev: NetDevice, src: Ipv4, gateway: Ipv4 | undefined): boolean => fib.sharedSubnet(dev, src, gateway);

function entry(init: DstInit): InputRoute {
  return { ok: true, dst: new DstEntry(init) };
}

function local(fib: Fib, flow: InputFlow, kind: 'local' | 'broadcast' | 'multicast', answer: (FibAnswer & { readonly ok: true }) | undefined): InputRoute {
  return entry({
    kind, direction: 'input', daddr: flow.dst, src: ANY, dev: fib.loopback ?? flow.iif, iif: flow.iif, type: kind,
    table: answer?.table ?? 0, ruleKey: answer?.ruleKey, routeKey: answer?.alias.key, prefSrc: answer?.alias.row.prefSrc,
  });
}

function unreachable(fib: Fib, flow: InputFlow, error: Errno, answer: (FibAnswer & { readonly ok: false }) | undefined): InputRoute {
  return entry({
    kind: 'unreachable', direction: 'input', daddr: flow.dst, src: ANY, dev: fib.loopback ?? flow.iif, iif: flow.iif, error,
    type: answer?.type ?? 'none', table: answer?.table ?? 0, ruleKey: answer?.ruleKey, routeKey: answer?.routeKey,
  });
}

function broadcast(fib: Fib, flow: InputFlow, answer: (FibAnswer & { readonly ok: true }) | undefined): InputRoute {
  if (!isZeronet(flow.src)) {
    const valid = validateSource(fib, { ...flow, dst: ANY }, undefined);
    if (typeof valid === 'string') return refuse(valid);
  }
  return local(fib, flow, 'broadcast', answer);
}

/** ip_route_input_mc */
function multicast(fib: Fib, flow: InputFlow): InputRoute {
  const { src, iif } = flow;
  if (!fib.hasGroup(iif, flow.dst)) return refuse('NOT_SPECIFIED');
  if (isMulticast(src) || src === BROADCAST) return refuse('IP_INVALID_SOURCE');
  if (isLoopback(src) && !fib.sysctl.orConf(iif, 'route_localnet')) return refuse('IP_LOCALNET');
  if (isZeronet(src)) {
    if (flow.dst >>> 8 !== 0xe00000) return refuse('IP_INVALID_SOURCE');
  } else {
    const valid = validateSource(fib, { ...flow, dst: ANY }, undefined);
    if (typeof valid === 'string') return refuse(valid);
  }
  return local(fib, flow, 'multicast', undefined);
}

/** fib_validate_source. `out`: where it would be forwarded to. */
function validateSource(fib: Fib, flow: InputFlow, out: NetDevice | undefined): Validity {
  const { iif, src } = flow;
  const rpFilter = fib.sysctl.maxConf(iif, 'rp_filter');
  if (rpFilter === 0 && (iif !== out || !fib.sysctl.orConf(iif, 'send_redirects'))) {
    if (fib.sysctl.orConf(iif, 'accept_local')) return 0;
    if (!fib.hasCustomRules && !fib.hasCustomLocalRoutes) return fib.addressTable.owns(src) ? 'IP_LOCAL_SOURCE' : 0;
  }
  return fullCheck(fib, flow, out, rpFilter);
}

const usesDevice = (nexthops: readonly FibNexthop[], dev: NetDevice): boolean => nexthops.some((nh) => nh.dev === dev);

/** __fib_validate_source */
function fullCheck(fib: Fib, flow: InputFlow, out: NetDevice | undefined, rpFilter: number): Validity {
  const { iif } = flow;
  const back: LookupFlow = {
    dst: flow.src, src: flow.dst, iif: out, oif: undefined, tos: flow.tos, scope: 0, ignoreLinkstate: false,
    mark: fib.sysctl.orConf(iif, 'src_valid_mark') ? flow.mark : 0,
  };
  const lastResort: Validity = rpFilter > 0 ? 'IP_RPFILTER' : 0;
  const answer = fibLookup(fib, back);
  if (!answer.ok) return lastResort;
  if (answer.type !== 'unicast') {
    if (answer.type !== 'local') return 'IP_INVALID_SOURCE';
    if (!fib.sysctl.orConf(iif, 'accept_local')) return 'IP_LOCAL_SOURCE';
  }
  if (usesDevice(answer.alias.nexthops, iif) || (answer.type === 'local' && iif.kind === 'loopback')) {
    return answer.nexthop.scope >= SCOPE_NUMBER.host ? 1 : 0;
  }
  if (fib.addressTable.of(iif.ifindex).length === 0) return lastResort;
  if (rpFilter === 1) return 'IP_RPFILTER';
  const again = fibLookup(fib, { ...back, oif: iif, ignoreLinkstate: true });
  return again.ok && again.type === 'unicast' && again.nexthop.scope >= SCOPE_NUMBER.host ? 1 : 0;
}
