/**
 * Which endpoints count.
 * Models: pkg/proxy/topology.go CategorizeEndpoints, pkg/proxy/endpointslicecache.go (v1.29). Not modelled: topology hints.
 */
import type { EndpointSlice, Service } from '../../api/kinds.ts';
import type { ServicePort } from '../../api/core.ts';

export interface Endpoint {
  /** `10.42.0.8:80` */
  readonly target: string;
  readonly ip: string;
  readonly local: boolean;
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
}

export interface Categorized {
  readonly cluster: readonly Endpoint[];
  readonly local: readonly Endpoint[];
  /** All that need a chain of their own. */
  readonly reachable: readonly Endpoint[];
  readonly any: boolean;
}

export const internalLocal = (s: Service): boolean => s.spec.internalTrafficPolicy === 'Local';
export const externallyAccessible = (s: Service, port: ServicePort): boolean =>
  (port.nodePort ?? 0) !== 0 || (s.spec.externalIPs ?? []).length > 0 || (s.status.loadBalancer.ingress ?? []).some((i) => i.ip !== undefined);
/** Only NodePort, LoadBalancer and externalIPs have an external policy. */
export const externalLocal = (s: Service): boolean =>
  s.spec.externalTrafficPolicy === 'Local' && (s.spec.type === 'NodePort' || s.spec.type === 'LoadBalancer' || (s.spec.externalIPs ?? []).length > 0);

/** Endpoints of one service port, sorted by the string `ip:port`; of two equal ones the local stays. */
export function endpointsOf(service: Service, port: ServicePort, slices: readonly EndpointSlice[], node: string): readonly Endpoint[] {
  const found = new Map<string, Endpoint>();
  for (const slice of slices) {
    if (slice.metadata.namespace !== service.metadata.namespace || slice.metadata.labels?.['kubernetes.io/service-name'] !== service.metadata.name || slice.addressType !== 'IPv4') continue;
    for (const p of slice.ports) {
      if ((p.name ?? '') !== (port.name ?? '') || (p.protocol ?? 'TCP') !== port.protocol || p.port === undefined) continue;
      for (const e of slice.endpoints) {
        const [ip] = e.addresses;
        if (ip === undefined) continue;
        const ready = e.conditions?.ready ?? true;
        const endpoint: Endpoint = {
          target: `${ip}:${p.port}`, ip, local: e.nodeName === node, ready, serving: e.conditions?.serving ?? ready, terminating: e.conditions?.terminating ?? false,
        };
        const other = found.get(endpoint.target);
        if (other === undefined || (endpoint.local && !other.local)) found.set(endpoint.target, endpoint);
      }
    }
  }
  return [...found.values()].sort((a, b) => (a.target < b.target ? -1 : 1));
}

export function categorize(service: Service, port: ServicePort, endpoints: readonly Endpoint[]): Categorized {
  const accessible = externallyAccessible(service, port);
  const usesCluster = !internalLocal(service) || accessible;
  const usesLocal = internalLocal(service) || (externalLocal(service) && accessible);
  const ready = endpoints.filter((e) => e.ready);
  const ending = endpoints.filter((e) => e.serving && e.terminating);
  const cluster = usesCluster ? (ready.length > 0 ? ready : ending) : [];
  const localReady = endpoints.filter((e) => e.local && e.ready);
  const local = usesLocal ? (localReady.length > 0 ? localReady : ending.filter((e) => e.local)) : [];
  const reachable = endpoints.filter((e) => cluster.includes(e) || local.includes(e));
  const any = ready.length > 0 || cluster.length > 0 || local.length > 0;
  return { cluster, local, reachable, any };
}
