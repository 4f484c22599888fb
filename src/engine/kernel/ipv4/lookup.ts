/**
 * Read first: ip-rule(8), fib_rules_lookup (net/core/fib_rules.c), fib_table_lookup (net/ipv4/fib_trie.c).
 * Models: v6.1. Pure: answers, and on request the rows that were passed over and why.
 * Not modelled: L3 master devices, suppress_prefixlength, uid and port selectors.
 */
import { assertNever } from '../../../base/assert.ts';
import { contains, type Ipv4 } from '../../wire/addresses.ts';
import type { Errno } from '../../uapi/errno.ts';
import type { RouteType } from '../../uapi/rtnetlink.ts';
import type { NetDevice } from '../net-device.ts';
import type { FibAlias, FibNexthop, FibTable } from './fib-table.ts';
import type { RuleRow } from './rows.ts';

export interface LookupFlow {
  readonly dst: Ipv4;
  readonly src: Ipv4;
  /** Undefined: made here (`iif lo`). */
  readonly iif: NetDevice | undefined;
  readonly oif: NetDevice | undefined;
  readonly mark: number;
  readonly tos: number;
  /** flowi4_scope: only routes at least as narrow (checking a gateway). */
  readonly scope: number;
  /** FIB_LOOKUP_IGNORE_LINKSTATE */
  readonly ignoreLinkstate: boolean;
}

export interface Rule {
  readonly key: string;
  readonly row: RuleRow;
}

/** What was looked at and not used. */
export interface Passed {
  readonly rule: string;
  readonly route: string | undefined;
  readonly why: 'rule does not match' | 'no route in the table' | 'tos differs' | 'scope too wide' | 'dead' | 'no carrier' | 'other device' | 'throw';
}

export type FibAnswer =
  | { readonly ok: true; readonly type: RouteType; readonly alias: FibAlias; readonly nexthop: FibNexthop; readonly nhsel: number; readonly table: number; readonly ruleKey: string }
  | { readonly ok: false; readonly errno: Errno; readonly type: RouteType | 'none'; readonly table: number; readonly ruleKey: string | undefined; readonly routeKey: string | undefined };

/** Tables and rules that a lookup reads. */
export interface FibView {
  readonly rules: readonly Rule[];
  table(id: number): FibTable | undefined;
  /** IN_DEV_IGNORE_ROUTES_WITH_LINKDOWN */
  ignoresLinkdown(dev: NetDevice): boolean;
}

/** fib_props[].error */
export function typeError(type: RouteType): Errno | undefined {
  switch (type) {
    case 'unicast': case 'local': case 'broadcast': case 'multicast': return undefined;
    case 'blackhole': return 'EINVAL';
    case 'unreachable': return 'EHOSTUNREACH';
    case 'prohibit': return 'EACCES';
    case 'throw': return 'EAGAIN';
    default: return assertNever(type);
  }
}

export function ruleMatches(rule: RuleRow, flow: LookupFlow): boolean {
  if (rule.iif !== undefined && rule.iif !== (flow.iif === undefined ? 'lo' : flow.iif.name)) return rule.invert;
  if (rule.oif !== undefined && rule.oif !== flow.oif?.name) return rule.invert;
  if (rule.fwmark !== undefined && ((rule.fwmark ^ flow.mark) & (rule.fwmask ?? 0xffffffff)) !== 0) return rule.invert;
  if (rule.dst !== undefined && !contains(rule.dst, flow.dst)) return rule.invert;
  if (rule.src !== undefined && !contains(rule.src, flow.src)) return rule.invert;
  return !rule.invert;
}

type TableAnswer = { readonly alias: FibAlias; readonly nhsel: number; readonly errno: Errno | undefined };

/** fib_table_lookup; undefined: nothing here, go on (EAGAIN). */
export function tableLookup(view: FibView, table: FibTable, flow: LookupFlow, ruleKey: string, passed: Passed[] | undefined): TableAnswer | undefined {
  let answer: TableAnswer | undefined;
  table.match(flow.dst, (alias) => {
    const { row } = alias;
    const skip = (why: Passed['why']): false => {
      passed?.push({ rule: ruleKey, route: alias.key, why });
      return false;
    };
    if (row.tos !== 0 && row.tos !== flow.tos) return skip('tos differs');
    if (alias.scope < flow.scope) return skip('scope too wide');
    const errno = typeError(row.type);
    if (errno !== undefined) {
      if (errno === 'EAGAIN') skip('throw');
      else answer = { alias, nhsel: 0, errno };
      return true;
    }
    let why: Passed['why'] = 'dead';
    for (let i = 0; i < alias.nexthops.length; i++) {
      const nh = alias.nexthops[i];
      if (nh === undefined || nh.dev === undefined) continue;
      if (nh.dead) continue;
      if (nh.linkdown && !flow.ignoreLinkstate && view.ignoresLinkdown(nh.dev)) why = 'no carrier';
      else if (flow.oif !== undefined && flow.oif !== nh.dev) why = 'other device';
      else {
        answer = { alias, nhsel: i, errno: undefined };
        return true;
      }
    }
    return skip(why);
  });
  return answer;
}

/** fib_lookup: rules in order until one gives an answer. */
export function fibLookup(view: FibView, flow: LookupFlow, passed?: Passed[]): FibAnswer {
  const { rules } = view;
  for (let i = 0; i < rules.length; i++) {
    const rule = rules[i];
    if (rule === undefined) break;
    const { key, row } = rule;
    if (!ruleMatches(row, flow)) {
      passed?.push({ rule: key, route: undefined, why: 'rule does not match' });
      continue;
    }
    switch (row.action) {
      case 'goto': {
        const target = rules.findIndex((r) => r.row.priority >= row.table);
        // Unresolved: the kernel goes on with the next rule.
        if (target > i && rules[target]?.row.priority === row.table) i = target - 1;
        continue;
      }
      case 'nop': continue;
      case 'unreachable': return { ok: false, errno: 'ENETUNREACH', type: 'unreachable', table: 0, ruleKey: key, routeKey: undefined };
      case 'prohibit': return { ok: false, errno: 'EACCES', type: 'prohibit', table: 0, ruleKey: key, routeKey: undefined };
      case 'blackhole': return { ok: false, errno: 'EINVAL', type: 'blackhole', table: 0, ruleKey: key, routeKey: undefined };
      case 'lookup': break;
      default: return assertNever(row.action);
    }
    const table = view.table(row.table);
    const found = table === undefined ? undefined : tableLookup(view, table, flow, key, passed);
    if (found === undefined) {
      passed?.push({ rule: key, route: undefined, why: 'no route in the table' });
      continue;
    }
    const { alias, nhsel, errno } = found;
    if (errno !== undefined) return { ok: false, errno, type: alias.row.type, table: row.table, ruleKey: key, routeKey: alias.key };
    const nexthop = alias.nexthops[nhsel];
    if (nexthop !== undefined) return { ok: true, type: alias.row.type, alias, nexthop, nhsel, table: row.table, ruleKey: key };
  }
  return { ok: false, errno: 'ENETUNREACH', type: 'none', table: 0, ruleKey: undefined, routeKey: undefined };
}

const rol = (x: number, n: number): number => (x << n) | (x >>> (32 - n));

/** jhash_3words (include/linux/jhash.h). */
export function jhash3(x: number, y: number, z: number, seed: number): number {
  const init = (0xdeadbeef + 12 + seed) | 0;
  let a = (x + init) | 0;
  let b = (y + init) | 0;
  let c = (z + init) | 0;
  c ^= b; c = (c - rol(b, 14)) | 0;
  a ^= c; a = (a - rol(c, 11)) | 0;
  b ^= a; b = (b - rol(a, 25)) | 0;
  c ^= b; c = (c - rol(b, 16)) | 0;
  a ^= c; a = (a - rol(c, 4)) | 0;
  b ^= a; b = (b - rol(a, 14)) | 0;
  c ^= b; c = (c - rol(b, 24)) | 0;
  return c >>> 0;
}

/**
 * fib_select_multipath: the next hop whose share of 2^31 holds the flow's hash (policy 0: addresses only).
 * Linux salts the hash with a number of the boot; ours has none, so a flow takes the same way in every run.
 */
export function selectNexthop(alias: FibAlias, fallback: number, src: Ipv4, dst: Ipv4): number {
  const alive = alias.nexthops.filter((nh) => !nh.dead);
  if (alive.length < 2) return fallback;
  const total = alive.reduce((sum, nh) => sum + nh.weight, 0);
  const hash = jhash3(src, dst, 0, 0) >>> 1;
  let weight = 0;
  for (const [i, nh] of alias.nexthops.entries()) {
    if (nh.dead) continue;
    weight += nh.weight;
    if (hash <= Math.round((weight * 0x80000000) / total) - 1) return i;
  }
  return fallback;
}
