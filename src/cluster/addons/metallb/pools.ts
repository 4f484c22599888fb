/**
 * The configuration that controller and speakers read from the API.
 * Read first: metallb.io/configuration/_advanced_ipaddresspool_configuration.
 * Models: metallb internal/config/config.go (v0.14.5): ParseCIDR, poolsFor, l2AdvertisementFromCR and their errors. A CIDR is masked to its network without
 * complaint, host bits or not: 10.123.123.64/24 is 10.123.123.0/24.
 * Not modelled: IPv6 ranges (refused), BGP advertisements.
 */
import { err, ok, type Result } from '../../../base/result.ts';
import { contains, formatIpv4, formatPrefix, ipv4, parseIpv4, prefix, type Ipv4, type Prefix } from '../../../engine/wire/addresses.ts';
import type { Node } from '../../api/kinds.ts';
import { matches, type Labels, type LabelSelector } from '../../api/meta.ts';
import type { IPAddressPool, L2Advertisement } from '../../api/metallb.ts';

export interface L2Adv {
  readonly nodes: ReadonlySet<string>;
  /** undefined: all. */
  readonly interfaces: readonly string[] | undefined;
}

export interface Pool {
  readonly name: string;
  readonly cidrs: readonly Prefix[];
  readonly avoidBuggyIps: boolean;
  readonly autoAssign: boolean;
  /** Restricts the pool to some services. */
  readonly allocation: { readonly priority: number; readonly namespaces: ReadonlySet<string>; readonly services: readonly LabelSelector[] } | undefined;
  readonly l2: readonly L2Adv[];
}

interface Named {
  readonly metadata: { readonly name: string; readonly labels?: Labels | undefined };
}

export interface Resources {
  readonly pools: readonly IPAddressPool[];
  readonly l2: readonly L2Advertisement[];
  readonly nodes: readonly Node[];
  readonly namespaces: readonly Named[];
}

const IPV6 = /:/;

/** ipaddr.Summarize: the fewest prefixes that make up a range. */
export function summarize(from: Ipv4, to: Ipv4): readonly Prefix[] {
  const out: Prefix[] = [];
  let at: number = from;
  while (at <= to) {
    let size = 1;
    while (size < 2 ** 32 && at % (size * 2) === 0 && at + size * 2 - 1 <= to) size *= 2;
    out.push({ address: ipv4(at), length: 32 - Math.log2(size) });
    at += size;
  }
  return out;
}

export function parseAddresses(text: string): Result<readonly Prefix[], string> {
  if (IPV6.test(text)) return err(`IPv6 addresses (${JSON.stringify(text)}) are not modelled in this lab`);
  if (!text.includes('-')) {
    const [, address = '', length = ''] = /^([\d.]+)\/(\d{1,2})$/.exec(text) ?? [];
    const ip = parseIpv4(address);
    return ip === undefined || length === '' || Number(length) > 32 ? err(`invalid CIDR ${JSON.stringify(text)}`) : ok([prefix(ip, Number(length))]);
  }
  const at = text.indexOf('-');
  const [first, last] = [text.slice(0, at), text.slice(at + 1)];
  const [from, to] = [parseIpv4(first.trim()), parseIpv4(last.trim())];
  const range = `invalid IP range ${JSON.stringify(text)}`;
  if (from === undefined) return err(`${range}: invalid start IP ${JSON.stringify(first)}`);
  if (to === undefined) return err(`${range}: invalid end IP ${JSON.stringify(last)}`);
  if (from > to) return err(`${range}: start IP "${formatIpv4(from)}" is after the end IP "${formatIpv4(to)}"`);
  return ok(summarize(from, to));
}

function duplicate(items: readonly string[] | undefined, what: string): string | undefined {
  const twice = twiceIn(items ?? []);
  return twice === undefined ? undefined : `duplicate definition of ${what} ${JSON.stringify(twice)}`;
}

type Requirement = NonNullable<LabelSelector['matchExpressions']>[number];
const quoted = (texts: readonly string[]): string => texts.map((t) => JSON.stringify(t)).join(' ');
const requirementText = ({ key, operator, values = [] }: Requirement): string => `{${quoted([key, operator])} [${quoted([...values].sort())}]}`;
/** Go's %q of a metav1.LabelSelector. */
const selectorText = ({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string =>
  `{map[${Object.keys(matchLabels).sort().map((k) => `${JSON.stringify(k)}:${JSON.stringify(matchLabels[k])}`).join(' ')}] [${matchExpressions.map(requirementText).join(' ')}]}`;

const twiceIn = (texts: readonly string[]): string | undefined => texts.find((t, i) => texts.includes(t, i + 1));

/** validateLabelSelectorDuplicate */
function duplicateSelector(selectors: readonly LabelSelector[] | undefined, what: string): string | undefined {
  for (const { matchExpressions = [] } of selectors ?? []) {
    for (const { values } of matchExpressions) {
      const clash = duplicate(values, 'match expression value in label selector');
      if (clash !== undefined) return clash;
    }
    const twice = twiceIn(matchExpressions.map(requirementText));
    if (twice !== undefined) return `duplicate definition of match expressions ${twice}`;
  }
  const twice = twiceIn(selectors?.map(selectorText) ?? []);
  return twice === undefined ? undefined : `duplicate definition of ${what} ${twice}`;
}

function poolOf(p: IPAddressPool, namespaces: readonly Named[]): Result<Pool, string> {
  const { name } = p.metadata;
  if (p.spec.addresses.length === 0) return err('pool has no prefixes defined');
  const cidrs: Prefix[] = [];
  for (const text of p.spec.addresses) {
    const parsed = parseAddresses(text);
    if (!parsed.ok) return err(`invalid CIDR ${JSON.stringify(text)} in pool ${JSON.stringify(name)}: ${parsed.error}`);
    cidrs.push(...parsed.value);
  }
  const to = p.spec.serviceAllocation;
  if (duplicate(to?.namespaces, '') !== undefined) return err('duplicate definition in namespaces field');
  const clash = duplicateSelector(to?.namespaceSelectors, 'namespaceSelectors') ?? duplicateSelector(to?.serviceSelectors, 'serviceSelectors');
  if (clash !== undefined) return err(clash);
  const named = to?.namespaces ?? [];
  const [bySpace, byService] = [to?.namespaceSelectors ?? [], to?.serviceSelectors ?? []];
  const chosen = namespaces.filter((n) => bySpace.some((s) => matches(s, n.metadata.labels ?? {}))).map((n) => n.metadata.name);
  return ok({
    name, cidrs, autoAssign: p.spec.autoAssign ?? true, avoidBuggyIps: p.spec.avoidBuggyIPs ?? false, l2: [],
    allocation: to === undefined ? undefined : { priority: to.priority ?? 0, namespaces: new Set([...named, ...chosen]), services: byService },
  });
}

function l2Of(a: L2Advertisement, nodes: readonly Node[]): Result<L2Adv, string> {
  const s = a.spec;
  const clash = duplicate(s.ipAddressPools, 'ipAddressPools') ?? duplicateSelector(s.ipAddressPoolSelectors, 'ipAddressPoolSelectors') ?? duplicateSelector(s.nodeSelectors, 'nodeSelectors');
  if (clash !== undefined) return err(clash);
  const selectors = s.nodeSelectors ?? [];
  const chosen = nodes.filter((n) => selectors.length === 0 || selectors.some((sel) => matches(sel, n.metadata.labels ?? {}))).map((n) => n.metadata.name);
  return ok({ nodes: new Set(chosen), interfaces: (s.interfaces ?? []).length === 0 ? undefined : s.interfaces });
}

/** Pools with the advertisements that select them, or the first fault as MetalLB words it. */
export function poolsFor(r: Resources): Result<readonly Pool[], string> {
  const pools: Pool[] = [];
  const seen: Prefix[] = [];
  for (const p of r.pools) {
    const pool = poolOf(p, r.namespaces);
    if (!pool.ok) return err(`parsing address pool ${p.metadata.name}: ${pool.error}`);
    for (const cidr of pool.value.cidrs) {
      const clash = seen.find((m) => contains(m, cidr.address) || contains(cidr, m.address));
      if (clash !== undefined) return err(`CIDR "${formatPrefix(cidr)}" in pool ${JSON.stringify(p.metadata.name)} overlaps with already defined CIDR "${formatPrefix(clash)}"`);
      seen.push(cidr);
    }
    pools.push(pool.value);
  }
  const advertised = new Map<string, L2Adv[]>();
  for (const a of r.l2) {
    const adv = l2Of(a, r.nodes);
    if (!adv.ok) return adv;
    const { ipAddressPools: names = [], ipAddressPoolSelectors: selectors = [] } = a.spec;
    for (const { metadata } of r.pools) {
      const all = names.length === 0 && selectors.length === 0;
      if (all || names.includes(metadata.name) || selectors.some((s) => matches(s, metadata.labels ?? {}))) advertised.set(metadata.name, [...(advertised.get(metadata.name) ?? []), adv.value]);
    }
  }
  return ok(pools.map((p) => ({ ...p, l2: advertised.get(p.name) ?? [] })));
}

/** Some consumer firmware drops traffic of addresses that end in 0 or 255. */
export const buggy = (ip: Ipv4): boolean => (ip & 255) === 0 || (ip & 255) === 255;

export const poolHas = (pool: Pool, ip: Ipv4): boolean => pool.cidrs.some((c) => contains(c, ip)) && !(pool.avoidBuggyIps && buggy(ip));

/** A configuration as text: the same for the same. */
export const configText = (pools: readonly Pool[]): string => JSON.stringify(pools, (_key, value: unknown) => (value instanceof Set ? [...value] : value));
