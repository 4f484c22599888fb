/**
 * The rule set of one node as `iptables-restore --noflush --counters` input.
 * Read first: iptables-restore(8), facts 1.3 to 1.9.
 * Models: pkg/proxy/iptables/proxier.go syncProxyRules (v1.29).
 * Not modelled: IPv6, topology hints, nfacct (1.31), port ranges held open (before 1.24). Upstream walks Go maps: here services come by name.
 */
import type { EndpointSlice, Service } from '../../api/kinds.ts';
import type { ServicePort } from '../../api/core.ts';
import { formatPrefix, parseCidr, parseIpv4, contains, prefix } from '../../../engine/wire/addresses.ts';
import { categorize, endpointsOf, externalLocal, externallyAccessible, internalLocal, type Categorized, type Endpoint } from './endpoints.ts';
import { endpointChain, serviceChains, servicePortName, type ServiceChains } from './names.ts';

export interface ProxyConfig {
  readonly node: string;
  readonly nodeIp: string;
  /** ClusterCIDR detector; undefined: no local traffic detection. */
  readonly clusterCidr: string | undefined;
  readonly masqueradeAll: boolean;
  readonly masqueradeBit: number;
  readonly localhostNodePorts: boolean;
  /** --nodeport-addresses resolved to this node's addresses; undefined: all. */
  readonly nodePortAddresses: readonly string[] | undefined;
  /** nf_conntrack_tcp_be_liberal */
  readonly tcpBeLiberal: boolean;
  readonly randomFully: boolean;
  /** More endpoints than this: no comments in service chains. */
  readonly largeClusterEndpoints: number;
}

export const defaultConfig = (node: string, nodeIp: string, clusterCidr: string): ProxyConfig => ({
  node, nodeIp, clusterCidr, masqueradeAll: false, masqueradeBit: 14, localhostNodePorts: true, nodePortAddresses: undefined, tcpBeLiberal: false, randomFully: true, largeClusterEndpoints: 1000,
});

export interface RuleSet {
  readonly text: string;
  /** Every service chain that belongs to the present state. */
  readonly chains: ReadonlySet<string>;
}

export interface SyncScope {
  /** Service port names whose own chains are rewritten; undefined: all (full sync). */
  readonly changed: ReadonlySet<string> | undefined;
  /** Chains of kube-proxy in nat now: those that are no longer wanted are flushed and deleted. */
  readonly existing: readonly string[];
}

const OWN_CHAIN = /^KUBE-(SVC|SVL|SEP|FW|EXT)-/;
const quoted = (text: string): string => `"${text}"`;

interface Writer {
  readonly natChains: string[];
  readonly nat: string[];
  readonly filterChains: string[];
  readonly filter: string[];
}

export interface ServicePortInfo {
  readonly service: Service;
  readonly port: ServicePort;
  readonly name: string;
}

/** Service ports that get rules, in a stable order. Headless, ExternalName and not yet allocated ones get none. */
export function servicePorts(services: readonly Service[]): readonly ServicePortInfo[] {
  const out: ServicePortInfo[] = [];
  for (const service of services) {
    const ip = service.spec.clusterIP ?? '';
    if (ip === '' || ip === 'None' || service.spec.type === 'ExternalName' || service.metadata.labels?.['service.kubernetes.io/service-proxy-name'] !== undefined) continue;
    for (const port of service.spec.ports) out.push({ service, port, name: servicePortName(service.metadata.namespace, service.metadata.name, port.name ?? '') });
  }
  const key = (i: ServicePortInfo): string => `${i.service.metadata.namespace}/${i.service.metadata.name}`;
  return out.sort((a, b) => (key(a) === key(b) ? 0 : key(a) < key(b) ? -1 : 1));
}

export function buildRules(config: ProxyConfig, services: readonly Service[], slices: readonly EndpointSlice[], scope: SyncScope): RuleSet {
  const mark = `0x${(1 << config.masqueradeBit).toString(16).padStart(8, '0')}`;
  const ports = servicePorts(services);
  const total = ports.reduce((n, p) => n + endpointsOf(p.service, p.port, slices, config.node).length, 0);
  const large = total > config.largeClusterEndpoints;
  const w: Writer = {
    natChains: ['KUBE-SERVICES', 'KUBE-NODEPORTS', 'KUBE-POSTROUTING', 'KUBE-MARK-MASQ'], nat: [],
    filterChains: ['KUBE-SERVICES', 'KUBE-EXTERNAL-SERVICES', 'KUBE-FORWARD', 'KUBE-NODEPORTS', 'KUBE-PROXY-FIREWALL'], filter: [],
  };
  w.nat.push(
    `-A KUBE-POSTROUTING -m mark ! --mark ${mark}/${mark} -j RETURN`,
    `-A KUBE-POSTROUTING -j MARK --xor-mark ${mark}`,
    `-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE${config.randomFully ? ' --random-fully' : ''}`,
    `-A KUBE-MARK-MASQ -j MARK --or-mark ${mark}`,
  );
  if (config.localhostNodePorts) {
    w.filterChains.push('KUBE-FIREWALL');
    w.filter.push('-A KUBE-FIREWALL -m comment --comment "block incoming localnet connections" -d 127.0.0.0/8 ! -s 127.0.0.0/8 -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP');
  }
  const wanted = new Set<string>();
  for (const info of ports) servicePort(config, w, info, slices, wanted, scope, large);
  const stale = scope.existing.filter((chain) => OWN_CHAIN.test(chain) && !wanted.has(chain));
  for (const chain of stale) w.natChains.push(chain);
  for (const chain of stale) w.nat.push(`-X ${chain}`);
  nodePortTail(config, w);
  if (!config.tcpBeLiberal) w.filter.push('-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP');
  w.filter.push(
    `-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark ${mark}/${mark} -j ACCEPT`,
    '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
  );
  const table = (name: string, chains: readonly string[], rules: readonly string[]): readonly string[] => [`*${name}`, ...chains.map((c) => `:${c} - [0:0]`), ...rules, 'COMMIT'];
  return { text: `${[...table('filter', w.filterChains, w.filter), ...table('nat', w.natChains, w.nat)].join('\n')}\n`, chains: wanted };
}

function nodePortTail(config: ProxyConfig, w: Writer): void {
  const comment = '-m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain"';
  if (config.nodePortAddresses === undefined) {
    w.nat.push(`-A KUBE-SERVICES ${comment} -m addrtype --dst-type LOCAL${config.localhostNodePorts ? '' : ' ! -d 127.0.0.0/8'} -j KUBE-NODEPORTS`);
    return;
  }
  for (const ip of config.nodePortAddresses) {
    if (ip.startsWith('127.') && !config.localhostNodePorts) continue;
    w.nat.push(`-A KUBE-SERVICES ${comment} -d ${ip} -j KUBE-NODEPORTS`);
  }
}

function servicePort(config: ProxyConfig, w: Writer, info: ServicePortInfo, slices: readonly EndpointSlice[], wanted: Set<string>, scope: SyncScope, large: boolean): void {
  const { service, port, name } = info;
  const protocol = port.protocol.toLowerCase();
  const chains = serviceChains(name, protocol);
  const eps = categorize(service, port, endpointsOf(service, port, slices, config.node));
  const accessible = externallyAccessible(service, port);
  const localInside = internalLocal(service);
  const localOutside = externalLocal(service);
  const hasInternal = eps.any && (!localInside || eps.local.length > 0);
  const hasExternal = eps.any && accessible && (!localOutside || eps.local.length > 0);
  const usesCluster = !localInside || accessible;
  const usesLocal = localInside || (localOutside && accessible);
  const sep = (e: Endpoint): string => endpointChain(name, protocol, e.target);
  const own = {
    sep: eps.reachable.map((e) => ({ chain: sep(e), endpoint: e })),
    svc: usesCluster && eps.cluster.length > 0, svl: usesLocal && eps.local.length > 0, ext: eps.any && accessible,
    fw: eps.any && accessible && (service.spec.loadBalancerSourceRanges ?? []).length > 0 && lbIps(service).length > 0,
  };
  const write = scope.changed === undefined || scope.changed.has(name);
  const declare = (chain: string): void => {
    wanted.add(chain);
    if (write) w.natChains.push(chain);
  };
  if (own.ext) declare(chains.ext);
  if (own.fw) declare(chains.fw);
  if (own.svc) declare(chains.svc);
  if (own.svl) declare(chains.svl);
  for (const { chain } of own.sep) declare(chain);
  capture(w, info, chains, { hasInternal, hasExternal, eps, fw: own.fw, protocol, internal: localInside ? chains.svl : chains.svc, accessible });
  if (write) ownChains(config, w, info, chains, { eps, own, protocol, hasExternal, localInside, localOutside, large });
}

/** Both ends of the drawn text: who filters. */
const refused = (eps: Categorized, local: boolean): { readonly target: string; readonly why: string } =>
  (eps.any && local ? { target: 'DROP', why: 'has no local endpoints' } : { target: 'REJECT', why: 'has no endpoints' });

const lbIps = (service: Service): readonly string[] => (service.status.loadBalancer.ingress ?? []).flatMap((i) => (i.ip === undefined || i.ip === '' || parseIpv4(i.ip) === undefined ? [] : [i.ip]));

interface CaptureState {
  readonly hasInternal: boolean;
  readonly hasExternal: boolean;
  readonly eps: Categorized;
  readonly fw: boolean;
  readonly protocol: string;
  readonly internal: string;
  readonly accessible: boolean;
}

/** Rules in the shared chains that lead to (or refuse) this service port. */
function capture(w: Writer, { service, port, name }: ServicePortInfo, chains: ServiceChains, s: CaptureState): void {
  const p = `-m ${s.protocol} -p ${s.protocol}`;
  const to = (comment: string, ip: string): string => `-m comment --comment ${quoted(comment)} ${p} -d ${ip} --dport ${port.port}`;
  const clusterIp = service.spec.clusterIP ?? '';
  if (s.hasInternal) w.nat.push(`-A KUBE-SERVICES ${to(`${name} cluster IP`, clusterIp)} -j ${s.internal}`);
  else {
    const no = refused(s.eps, internalLocal(service));
    w.filter.push(`-A KUBE-SERVICES ${to(`${name} ${no.why}`, clusterIp)} -j ${no.target}`);
  }
  const no = refused(s.eps, externalLocal(service));
  for (const ip of service.spec.externalIPs ?? []) {
    if (s.eps.any) w.nat.push(`-A KUBE-SERVICES ${to(`${name} external IP`, ip)} -j ${chains.ext}`);
    if (!s.hasExternal) w.filter.push(`-A KUBE-EXTERNAL-SERVICES ${to(`${name} ${no.why}`, ip)} -j ${no.target}`);
  }
  for (const ip of lbIps(service)) {
    if (s.eps.any) w.nat.push(`-A KUBE-SERVICES ${to(`${name} loadbalancer IP`, ip)} -j ${s.fw ? chains.fw : chains.ext}`);
    if (s.fw) w.filter.push(`-A KUBE-PROXY-FIREWALL ${to(`${name} traffic not accepted by ${chains.fw}`, ip)} -j DROP`);
  }
  if (!s.hasExternal) for (const ip of lbIps(service)) w.filter.push(`-A KUBE-EXTERNAL-SERVICES ${to(`${name} ${no.why}`, ip)} -j ${no.target}`);
  const nodePort = port.nodePort ?? 0;
  if (nodePort !== 0) {
    if (s.eps.any) w.nat.push(`-A KUBE-NODEPORTS -m comment --comment ${quoted(name)} ${p} --dport ${nodePort} -j ${chains.ext}`);
    if (!s.hasExternal) w.filter.push(`-A KUBE-EXTERNAL-SERVICES -m comment --comment ${quoted(`${name} ${no.why}`)} -m addrtype --dst-type LOCAL ${p} --dport ${nodePort} -j ${no.target}`);
  }
  const health = service.spec.healthCheckNodePort ?? 0;
  if (health !== 0) w.filter.push(`-A KUBE-NODEPORTS -m comment --comment ${quoted(`${name} health check node port`)} -m tcp -p tcp --dport ${health} -j ACCEPT`);
}

interface OwnState {
  readonly eps: Categorized;
  readonly own: { readonly sep: readonly { readonly chain: string; readonly endpoint: Endpoint }[]; readonly svc: boolean; readonly svl: boolean; readonly ext: boolean; readonly fw: boolean };
  readonly protocol: string;
  readonly hasExternal: boolean;
  readonly localInside: boolean;
  readonly localOutside: boolean;
  readonly large: boolean;
}

/** The service port's own chains. */
function ownChains(config: ProxyConfig, w: Writer, { service, port, name }: ServicePortInfo, chains: ServiceChains, s: OwnState): void {
  const c = (text: string): string => (s.large ? '' : ` -m comment --comment ${quoted(text)}`);
  const p = `-m ${s.protocol} -p ${s.protocol}`;
  const local = config.clusterCidr;
  const internal = s.localInside ? chains.svl : chains.svc;
  if (s.localInside ? s.own.svl : s.own.svc) {
    const match = `${c(`${name} cluster IP`)} ${p} -d ${service.spec.clusterIP ?? ''} --dport ${port.port}`;
    if (config.masqueradeAll) w.nat.push(`-A ${internal}${match} -j KUBE-MARK-MASQ`);
    else if (local !== undefined) w.nat.push(`-A ${internal}${match} ! -s ${local} -j KUBE-MARK-MASQ`);
  }
  if (s.own.ext) {
    if (!s.localOutside) w.nat.push(`-A ${chains.ext}${c(`masquerade traffic for ${name} external destinations`)} -j KUBE-MARK-MASQ`);
    else {
      if (local !== undefined) w.nat.push(`-A ${chains.ext}${c(`pod traffic for ${name} external destinations`)} -s ${local} -j ${chains.svc}`);
      w.nat.push(
        `-A ${chains.ext}${c(`masquerade LOCAL traffic for ${name} external destinations`)} -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ`,
        `-A ${chains.ext}${c(`route LOCAL traffic for ${name} external destinations`)} -m addrtype --src-type LOCAL -j ${chains.svc}`,
      );
    }
    if (s.hasExternal) w.nat.push(`-A ${chains.ext} -j ${s.localOutside ? chains.svl : chains.svc}`);
  }
  if (s.own.fw) {
    const node = parseIpv4(config.nodeIp);
    let inside = false;
    for (const range of service.spec.loadBalancerSourceRanges ?? []) {
      const cidr = parseCidr(range.trim());
      if (cidr === undefined) continue;
      const network = prefix(cidr.address, cidr.length);
      inside ||= node !== undefined && contains(network, node);
      w.nat.push(`-A ${chains.fw}${c(`${name} loadbalancer IP`)} -s ${formatPrefix(network)} -j ${chains.ext}`);
    }
    if (inside) for (const ip of lbIps(service)) w.nat.push(`-A ${chains.fw}${c(`${name} loadbalancer IP`)} -s ${ip} -j ${chains.ext}`);
    w.nat.push(`-A ${chains.fw} -m comment --comment ${quoted(`other traffic to ${name} will be dropped by KUBE-PROXY-FIREWALL`)}`);
  }
  const affinity = service.spec.sessionAffinity === 'ClientIP' ? (service.spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10800) : undefined;
  const balance = (chain: string, endpoints: readonly Endpoint[]): void => {
    const sep = (e: Endpoint): string => endpointChain(name, s.protocol, e.target);
    if (affinity !== undefined) {
      for (const e of endpoints) w.nat.push(`-A ${chain}${c(`${name} -> ${e.target}`)} -m recent --name ${sep(e)} --rcheck --seconds ${affinity} --reap -j ${sep(e)}`);
    }
    for (const [i, e] of endpoints.entries()) {
      const rest = endpoints.length - i;
      w.nat.push(`-A ${chain}${c(`${name} -> ${e.target}`)}${rest > 1 ? ` -m statistic --mode random --probability ${(1 / rest).toFixed(10)}` : ''} -j ${sep(e)}`);
    }
  };
  if (s.own.svc) balance(chains.svc, s.eps.cluster);
  if (s.own.svl) balance(chains.svl, s.eps.local);
  for (const { chain, endpoint } of s.own.sep) {
    w.nat.push(
      `-A ${chain}${c(name)} -s ${endpoint.ip} -j KUBE-MARK-MASQ`,
      `-A ${chain}${c(name)}${affinity === undefined ? '' : ` -m recent --name ${chain} --set`} ${p} -j DNAT --to-destination ${endpoint.target}`,
    );
  }
}
