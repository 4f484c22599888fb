/**
 * The rule set of one node as `iptables-restore --noflush --counters` input.
 * Read first: iptables-restore(8), facts 1.3 to 1.11.
 * Models: pkg/proxy/iptables/proxier.go syncProxyRules. Upstream walks Go maps: here services come by name (`portOrder` first).
 * Not modelled: IPv6.
 */
import type { EndpointSlice, Service } from '../../api/kinds.ts';
import { defaultConfig, onLocalhost, type ProxyConfig } from './config.ts';
import { categorize, endpointsOf, indexSlices, type Endpoint } from './endpoints.ts';
import { extLayout } from './ext-layout.ts';
import { isServiceChain } from './names.ts';
import { portsOf, type ServicePortInfo } from './service-port.ts';
import { comment, markText, type PortWriter, type Writer } from './writer.ts';
import { xlbLayout } from './xlb-layout.ts';

export { defaultConfig };

const LAYOUTS: Readonly<Record<ProxyConfig['behaviour']['layout'], PortWriter>> = { ext: extLayout, xlb: xlbLayout };

export interface ServicePortState {
  readonly info: ServicePortInfo;
  readonly endpoints: readonly Endpoint[];
}

/** One Service: its ports that get rules, and what they were worked out from. */
export interface ServiceState {
  readonly service: Service;
  readonly slices: readonly EndpointSlice[];
  readonly ports: readonly ServicePortState[];
}

/** States of Services, worked out anew only for those whose objects are other ones than the time before. */
export class StateReader {
  #known: ReadonlyMap<string, ServiceState> = new Map();

  read(config: ProxyConfig, services: readonly Service[], slices: readonly EndpointSlice[]): ReadonlyMap<string, ServiceState> {
    const index = indexSlices(slices);
    const next = new Map<string, ServiceState>();
    const keyed = services.map((service) => ({ service, key: `${service.metadata.namespace}/${service.metadata.name}` })).sort((a, b) => (a.key < b.key ? -1 : 1));
    for (const { service, key } of keyed) {
      const infos = portsOf(service, config.behaviour);
      if (infos.length === 0) continue;
      const mine = index.get(key) ?? [];
      const old = this.#known.get(key);
      const same = old?.service === service && old.slices.length === mine.length && old.slices.every((s, i) => s === mine[i]);
      next.set(key, same ? old : { service, slices: mine, ports: infos.map((info) => ({ info, endpoints: endpointsOf(info, index, config) })) });
    }
    this.#known = next;
    return next;
  }
}

export const portStates = (config: ProxyConfig, services: readonly Service[], slices: readonly EndpointSlice[]): readonly ServicePortState[] =>
  [...new StateReader().read(config, services, slices).values()].flatMap((s) => s.ports);

export interface SyncScope {
  /** Services (`namespace/name`) whose own chains are rewritten; undefined: all (full sync). */
  readonly changed: ReadonlySet<string> | undefined;
  /** Chains in nat now: those of kube-proxy that are no longer wanted are flushed and deleted. */
  readonly existing: Iterable<string>;
  /** A large cluster cleans up once per sync period only. */
  readonly cleanup?: boolean | undefined;
}

export interface RuleSet {
  readonly text: string;
  /** Every service chain that belongs to the present state. */
  readonly chains: ReadonlySet<string>;
  readonly large: boolean;
}

/** One sync for these objects. */
export const buildRules = (config: ProxyConfig, services: readonly Service[], slices: readonly EndpointSlice[], scope: SyncScope): RuleSet =>
  writeRules(config, portStates(config, services, slices), scope);

export function writeRules(config: ProxyConfig, states: readonly ServicePortState[], scope: SyncScope): RuleSet {
  const { behaviour } = config;
  const large = states.reduce((n, s) => n + s.endpoints.length, 0) > config.largeClusterEndpoints;
  const mark = markText(config.masqueradeBit);
  const w: Writer = { natChains: ['KUBE-SERVICES', 'KUBE-NODEPORTS', 'KUBE-POSTROUTING', 'KUBE-MARK-MASQ'], nat: masquerade(config, mark), filterChains: [...behaviour.filterChains], filter: [] };
  if (behaviour.kubeFirewall && onLocalhost(config)) {
    w.filterChains.push('KUBE-FIREWALL');
    w.filter.push(`-A KUBE-FIREWALL ${comment('block incoming localnet connections')} -d 127.0.0.0/8 ! -s 127.0.0.0/8 -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP`);
  }
  const wanted = new Set<string>();
  for (const { info, endpoints } of inOrder(states, config.portOrder ?? [])) {
    const own = scope.changed === undefined || scope.changed.has(info.service);
    for (const chain of LAYOUTS[behaviour.layout](w, { config, info, eps: categorize(info, endpoints, config), large }, own)) wanted.add(chain);
  }
  if (!large || !behaviour.lazyCleanup || scope.cleanup !== false) {
    const stale = [...scope.existing].filter((chain) => isServiceChain(chain, behaviour.ownChains) && !wanted.has(chain));
    for (const chain of stale) w.natChains.push(chain);
    for (const chain of stale) w.nat.push(`-X ${chain}`);
  }
  nodePortTail(config, w);
  forward(config, w, mark);
  const table = (name: string, chains: readonly string[], rules: readonly string[]): readonly string[] => [`*${name}`, ...chains.map((c) => `:${c} - [0:0]`), ...rules, 'COMMIT'];
  return { text: `${[...table('filter', w.filterChains, w.filter), ...table('nat', w.natChains, w.nat)].join('\n')}\n`, chains: wanted, large };
}

function inOrder(states: readonly ServicePortState[], names: readonly string[]): readonly ServicePortState[] {
  if (names.length === 0) return states;
  const place = (s: ServicePortState): number => ((i) => (i < 0 ? names.length : i))(names.indexOf(s.info.name));
  return [...states].sort((a, b) => place(a) - place(b));
}

function masquerade({ behaviour, randomFully }: ProxyConfig, mark: string): string[] {
  const snat = `-m comment --comment "kubernetes service traffic requiring SNAT"`;
  const random = randomFully ? ' --random-fully' : '';
  const marking = `-A KUBE-MARK-MASQ -j MARK --or-mark ${mark}`;
  if (behaviour.postrouting === 'one rule') return [`-A KUBE-POSTROUTING ${snat} -m mark --mark ${mark}/${mark} -j MASQUERADE${random}`, marking];
  return [`-A KUBE-POSTROUTING -m mark ! --mark ${mark}/${mark} -j RETURN`, `-A KUBE-POSTROUTING -j MARK --xor-mark ${mark}`, `-A KUBE-POSTROUTING ${snat} -j MASQUERADE${random}`, marking];
}

/** The end of KUBE-SERVICES: node ports, on all addresses of the node or on those chosen. */
function nodePortTail(config: ProxyConfig, w: Writer): void {
  const words = comment('kubernetes service nodeports; NOTE: this must be the last rule in this chain');
  const noLoopback = config.behaviour.localhostOption && !config.localhostNodePorts;
  if (config.nodePortAddresses === undefined) {
    w.nat.push(`-A KUBE-SERVICES ${words} -m addrtype --dst-type LOCAL${noLoopback ? ' ! -d 127.0.0.0/8' : ''} -j KUBE-NODEPORTS`);
    return;
  }
  for (const ip of config.nodePortAddresses) {
    if (!(noLoopback && ip.startsWith('127.'))) w.nat.push(`-A KUBE-SERVICES ${words} -d ${ip} -j KUBE-NODEPORTS`);
  }
}

function forward(config: ProxyConfig, w: Writer, mark: string): void {
  const { behaviour } = config;
  const counter = behaviour.nfacct && config.nfacct ? ' -m nfacct --nfacct-name ct_state_invalid_dropped_pkts' : '';
  if (!(behaviour.liberal && config.tcpBeLiberal)) w.filter.push(`-A KUBE-FORWARD -m conntrack --ctstate INVALID${counter} -j DROP`);
  w.filter.push(`-A KUBE-FORWARD ${comment('kubernetes forwarding rules')} -m mark --mark ${mark}/${mark} -j ACCEPT`);
  for (const [which, text] of behaviour.established) {
    const accept = (before: string, after: string): unknown => w.filter.push(`-A KUBE-FORWARD ${before}${comment(text)}${after} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`);
    if (which === 'all') accept('', '');
    else if (which === 'from pods' && config.detector !== undefined) accept(`${config.detector.local} `, '');
    else if (which === 'to pods' && config.detector?.toLocal !== undefined) accept('', ` ${config.detector.toLocal}`);
  }
}
