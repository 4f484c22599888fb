/**
 * Which endpoints count.
 * Models: pkg/proxy/topology.go CategorizeEndpoints, pkg/proxy/endpointslicecache.go (1.29; topology by hints as in each release).
 */
import type { EndpointSlice } from '../../api/kinds.ts';
import type { ProxyConfig } from './config.ts';
import { ignoredBy, type ServicePortInfo } from './service-port.ts';

export interface Endpoint {
  /** `10.42.0.8:80` */
  readonly target: string;
  readonly ip: string;
  readonly local: boolean;
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
  readonly zones: readonly string[];
  readonly nodes: readonly string[];
}

export interface Categorized {
  readonly cluster: readonly Endpoint[];
  readonly local: readonly Endpoint[];
  /** All that need a chain of their own. */
  readonly reachable: readonly Endpoint[];
  readonly any: boolean;
}

/** By `namespace/name` of the Service. */
export type SliceIndex = ReadonlyMap<string, readonly EndpointSlice[]>;

export function indexSlices(slices: readonly EndpointSlice[]): SliceIndex {
  const index = new Map<string, EndpointSlice[]>();
  for (const slice of slices) {
    const name = slice.metadata.labels?.['kubernetes.io/service-name'];
    if (name === undefined || slice.addressType !== 'IPv4' || ignoredBy(slice.metadata.labels)) continue;
    const key = `${slice.metadata.namespace}/${name}`;
    const found = index.get(key);
    if (found === undefined) index.set(key, [slice]);
    else found.push(slice);
  }
  return index;
}

/** `hints.forZones[].name`: kept as given by the API, so read with care. */
function names(hints: unknown, key: 'forZones' | 'forNodes'): readonly string[] {
  if (typeof hints !== 'object' || hints === null) return [];
  const list: unknown = Object.entries(hints).find(([k]) => k === key)?.[1];
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: unknown) => (typeof item === 'object' && item !== null && 'name' in item && typeof item.name === 'string' ? [item.name] : []));
}

/** Endpoints of one service port, sorted by the string `ip:port`. A port of a slice without a name or number is ignored. */
export function endpointsOf(info: ServicePortInfo, index: SliceIndex, { node, behaviour }: ProxyConfig): readonly Endpoint[] {
  const found = new Map<string, Endpoint>();
  for (const slice of index.get(info.service) ?? []) {
    for (const p of slice.ports) {
      if (p.name !== info.portName || (p.protocol ?? 'TCP').toLowerCase() !== info.protocol || p.port === undefined || p.port === 0) continue;
      for (const e of slice.endpoints) {
        const [ip] = e.addresses;
        if (ip === undefined) continue;
        const target = `${ip}:${p.port}`;
        const local = e.nodeName !== undefined && e.nodeName === node;
        const { ready = true, serving = true, terminating = false } = e.conditions ?? {};
        if (!ready && behaviour.readyOnly) continue;
        const key = behaviour.sameEndpoint === 'ip' ? ip : target;
        if (found.has(key) && !(behaviour.ofTwins === 'the local one' ? local : !terminating)) continue;
        found.set(key, {
          target, ip, local, ready, serving, terminating,
          zones: names(e.hints, 'forZones'), nodes: names(e.hints, 'forNodes'),
        });
      }
    }
  }
  return [...found.values()].sort((a, b) => (a.target < b.target ? -1 : 1));
}

/** Every ready endpoint has a hint and one is meant for us: those; undefined: all. */
function hinted(info: ServicePortInfo, ready: readonly Endpoint[], config: ProxyConfig): ((e: Endpoint) => boolean) | undefined {
  if (!info.hints || ready.length === 0) return undefined;
  if (config.behaviour.hints === 'nodes and zones' && ready.every((e) => e.nodes.length > 0)) {
    const forNode = (e: Endpoint): boolean => e.nodes.includes(config.node);
    if (ready.some(forNode)) return forNode;
  }
  const zone = config.nodeLabels['topology.kubernetes.io/zone'];
  if (zone === undefined || zone === '' || ready.some((e) => e.zones.length === 0)) return undefined;
  const forZone = (e: Endpoint): boolean => e.zones.includes(zone);
  return ready.some(forZone) ? forZone : undefined;
}

export function categorize(info: ServicePortInfo, given: readonly Endpoint[], config: ProxyConfig): Categorized {
  const { behaviour } = config;
  const endpoints = behaviour.internalPolicy === 'filters endpoints' && info.internalLocal && !info.externalLocal ? given.filter((e) => e.local) : given;
  const ready = endpoints.filter((e) => e.ready);
  if (behaviour.layout === 'xlb') return { cluster: ready, local: ready.filter((e) => e.local), reachable: ready, any: ready.length > 0 };
  const ending = behaviour.terminating ? endpoints.filter((e) => e.serving && e.terminating) : [];
  const usesCluster = !info.internalLocal || info.accessible;
  const usesLocal = info.internalLocal || (info.externalLocal && info.accessible);
  const filter = usesCluster ? hinted(info, ready, config) : undefined;
  const usable = filter === undefined ? ready : ready.filter(filter);
  const cluster = !usesCluster ? [] : usable.length > 0 ? usable : ending;
  const localReady = ready.filter((e) => e.local);
  const local = !usesLocal ? [] : localReady.length > 0 ? localReady : ending.filter((e) => e.local);
  const reachable = endpoints.filter((e) => cluster.includes(e) || local.includes(e));
  const any = cluster.length > 0 || (usesLocal && (ready.length > 0 || ending.length > 0));
  return { cluster, local, reachable, any };
}
