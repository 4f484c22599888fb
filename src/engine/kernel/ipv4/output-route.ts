/**
 * Read first: ip_route_output_key_hash_rcu, __mkroute_output (net/ipv4/route.c).
 * Models: v6.1. Not modelled: L3 master devices, IGMP. Answers come with what was passed over when asked.
 */
import { ANY, BROADCAST, isLoopback, isMulticast, LOOPBACK, type Ipv4 } from '../../wire/addresses.ts';
import type { NetDevice } from '../net-device.ts';
import type { Fib } from './fib.ts';
import { fibLookup, selectNexthop, type FibAnswer, type Passed } from './lookup.ts';
import { DstEntry, type Flow, type OutputRoute } from './route.ts';
import { SCOPE_NUMBER } from './rows.ts';

const isZeronet = (a: Ipv4): boolean => a >>> 24 === 0;
const isLocalMulticast = (a: Ipv4): boolean => a >>> 8 === 0xe00000;
const fail = (errno: Extract<OutputRoute, { ok: false }>['errno'], answer?: FibAnswer): OutputRoute =>
  ({ ok: false, errno, ...(answer !== undefined && !answer.ok ? { type: answer.type, table: answer.table, ruleKey: answer.ruleKey, routeKey: answer.routeKey } : {}) });

export function outputRoute(fib: Fib, flow: Flow, passed?: Passed[]): OutputRoute {
  let src = flow.src ?? ANY;
  let dst = flow.dst;
  let out = flow.oif;
  const loopback = fib.loopback;

  if (src !== ANY) {
    if (isMulticast(src) || src === BROADCAST || isZeronet(src)) return fail('EINVAL');
    if (out === undefined && (isMulticast(dst) || dst === BROADCAST)) {
      out = fib.addressTable.deviceOf(src);
      if (out === undefined) return fail('ENETUNREACH');
      return make(fib, flow, dst, src, out, undefined, 'unicast');
    }
    if (flow.anySrc !== true && !fib.isLocal(src)) return fail('ENETUNREACH');
  }
  if (out !== undefined) {
    if (!out.up) return fail('ENETUNREACH');
    if (isLocalMulticast(dst) || dst === BROADCAST) {
      if (src === ANY) src = fib.addressTable.select(out, ANY, 'link') ?? ANY;
      return make(fib, flow, dst, src, out, undefined, 'unicast');
    }
    if (src === ANY) {
      if (isMulticast(dst)) src = fib.addressTable.select(out, ANY, SCOPE_NUMBER.universe) ?? ANY;
      else if (dst === ANY) src = fib.addressTable.select(out, ANY, 'host') ?? ANY;
    }
  }
  if (dst === ANY) {
    dst = src === ANY ? LOOPBACK : src;
    if (loopback === undefined) return fail('ENETUNREACH');
    return make(fib, flow, flow.dst, src === ANY ? LOOPBACK : src, loopback, undefined, 'local');
  }

  const answer = fibLookup(fib, { dst, src, iif: undefined, oif: out, mark: flow.mark ?? 0, tos: flow.tos ?? 0, scope: 0, ignoreLinkstate: false }, passed);
  if (!answer.ok) {
    // Apparently the routing tables are wrong: assume that the destination is on the named link.
    if (out === undefined) return fail(answer.errno, answer);
    return make(fib, flow, dst, src === ANY ? (fib.addressTable.select(out, ANY, 'link') ?? ANY) : src, out, undefined, 'unicast');
  }
  const { row } = answer.alias;
  if (answer.type === 'local') {
    if (loopback === undefined) return fail('ENETUNREACH');
    return make(fib, flow, dst, src === ANY ? (row.prefSrc ?? dst) : src, loopback, answer, 'local');
  }
  return throughRoute(fib, flow, dst, src, answer);
}

function throughRoute(fib: Fib, flow: Flow, dst: Ipv4, wanted: Ipv4, answer: FibAnswer & { readonly ok: true }): OutputRoute {
  const { alias } = answer;
  const selected = alias.nexthops.length > 1 && flow.oif === undefined ? selectNexthop(alias, answer.nhsel, wanted, dst) : answer.nhsel;
  const nexthop = alias.nexthops[selected] ?? answer.nexthop;
  const out = nexthop.dev;
  if (out === undefined) return fail('ENETUNREACH');
  const src = wanted !== ANY ? wanted : alias.row.prefSrc ?? fib.addressTable.select(out, nexthop.gateway ?? ANY, alias.scope) ?? ANY;
  return make(fib, flow, dst, src, out, { ...answer, nexthop, nhsel: selected }, answer.type);
}

/** __mkroute_output */
function make(fib: Fib, flow: Flow, dst: Ipv4, src: Ipv4, dev: NetDevice, answer: (FibAnswer & { readonly ok: true }) | undefined, found: string): OutputRoute {
  if (isLoopback(src) && dev.kind !== 'loopback' && !fib.sysctl.orConf(dev, 'route_localnet')) return fail('EINVAL');
  const type = dst === BROADCAST ? 'broadcast' : isMulticast(dst) ? 'multicast' : found;
  if (isZeronet(dst) && type !== 'local' && answer === undefined) return fail('EINVAL');
  const kind = type === 'local' || type === 'broadcast' || type === 'multicast' ? type : 'unicast';
  const useInfo = answer !== undefined && kind !== 'broadcast' && kind !== 'local';
  const exception = useInfo ? fib.exceptions.find(dst, answer.alias.key) : undefined;
  const loopCopy = dev.kind !== 'loopback' && (kind === 'broadcast' || (kind === 'multicast' && fib.hasGroup(dev, dst)));
  return {
    ok: true,
    dst: new DstEntry({
      kind, direction: 'output', daddr: flow.dst, src, dev, type: kind, loopCopy,
      gateway: useInfo && kind === 'unicast' ? exception?.gateway ?? answer.nexthop.gateway : undefined,
      prefSrc: answer?.alias.row.prefSrc, routeMtu: useInfo ? answer.alias.row.mtu : undefined,
      pmtu: exception?.mtu, mtuLocked: exception?.mtuLocked, expires: exception?.expires,
      table: answer?.table ?? 0, ruleKey: answer?.ruleKey, routeKey: answer?.alias.key,
    }),
  };
}
