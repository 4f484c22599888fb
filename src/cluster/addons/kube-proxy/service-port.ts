/**
 * A Service's port as kube-proxy keeps it: IPv4 only, policies worked out.
 * Models: pkg/proxy/serviceport.go, pkg/apis/core/v1/helper (ExternalPolicyLocal, NeedsHealthCheck).
 */
import { formatPrefix, parseCidr, parseIpv4, prefix, type Prefix } from '../../../engine/wire/addresses.ts';
import type { Service } from '../../api/kinds.ts';
import { serviceChains, servicePortName, type ServiceChains } from './names.ts';
import type { Behaviour } from './versions.ts';

export interface SourceRange {
  /** As it stands in the rule. */
  readonly text: string;
  readonly network: Prefix;
}

export interface ServicePortInfo {
  /** `namespace/name` of the Service. */
  readonly service: string;
  readonly name: string;
  readonly portName: string;
  readonly protocol: string;
  readonly clusterIp: string;
  readonly port: number;
  readonly nodePort: number;
  readonly externalIps: readonly string[];
  readonly lbIps: readonly string[];
  readonly sourceRanges: readonly SourceRange[];
  readonly externalLocal: boolean;
  readonly internalLocal: boolean;
  /** Reachable other than by its cluster IP. */
  readonly accessible: boolean;
  /** Seconds. */
  readonly affinity: number | undefined;
  readonly healthCheckNodePort: number;
  /** Topology hints of its endpoints are followed. */
  readonly hints: boolean;
  readonly chains: ServiceChains;
}

const isIpv4 = (text: string | undefined): text is string => text !== undefined && parseIpv4(text) !== undefined;

function usesHints(service: Service, mode: Behaviour['hints']): boolean {
  const annotations = service.metadata.annotations ?? {};
  const annotation = annotations['service.kubernetes.io/topology-aware-hints'] ?? annotations['service.kubernetes.io/topology-mode'] ?? '';
  const enabled = annotation !== '' && annotation !== 'disabled' && annotation !== 'Disabled';
  switch (mode) {
    case 'ignored': return false;
    case 'auto': return /^[Aa]uto$/.test(annotations['service.kubernetes.io/topology-aware-hints'] ?? '');
    case 'annotation': return enabled;
    case 'zones':
    case 'nodes and zones': return true;
  }
}

/** Ranges of the other family, and what is not a range, are left out as upstream does. */
const ranges = (service: Service, written: Behaviour['ranges']): readonly SourceRange[] => (service.spec.loadBalancerSourceRanges ?? []).flatMap((range) => {
  const given = range.trim();
  const cidr = given.includes('/') ? parseCidr(given) : undefined;
  if (cidr === undefined) return [];
  const network = prefix(cidr.address, cidr.length);
  return [{ text: written === 'networks' ? formatPrefix(network) : given, network }];
});

export const ignoredBy = (labels: Readonly<Record<string, string>> | undefined): boolean =>
  labels !== undefined && (labels['service.kubernetes.io/service-proxy-name'] !== undefined || labels['service.kubernetes.io/headless'] !== undefined);

/** Objects are never changed in place: what was worked out for one holds as long as it lives. */
const KNOWN = new WeakMap<Service, { readonly behaviour: Behaviour; readonly ports: readonly ServicePortInfo[] }>();

/** Ports of one Service that get rules. Headless, ExternalName, IPv6 and not yet allocated ones get none. */
export function portsOf(service: Service, behaviour: Behaviour): readonly ServicePortInfo[] {
  const known = KNOWN.get(service);
  if (known?.behaviour === behaviour) return known.ports;
  const ports = workOut(service, behaviour);
  KNOWN.set(service, { behaviour, ports });
  return ports;
}

function workOut(service: Service, behaviour: Behaviour): readonly ServicePortInfo[] {
  const { metadata, spec, status } = service;
  if (ignoredBy(metadata.labels) || spec.type === 'ExternalName' || spec.clusterIP === undefined || spec.clusterIP === '' || spec.clusterIP === 'None') return [];
  const clusterIp = [spec.clusterIP, ...(spec.clusterIPs ?? [])].find(isIpv4);
  if (clusterIp === undefined) return [];
  const externalIps = (spec.externalIPs ?? []).filter(isIpv4);
  const lbIps = (status.loadBalancer.ingress ?? []).filter((i) => !(behaviour.ipMode && i.ipMode === 'Proxy')).map((i) => i.ip).filter(isIpv4);
  const outside = spec.type === 'NodePort' || spec.type === 'LoadBalancer';
  const local = spec.externalTrafficPolicy === 'Local';
  return spec.ports.map((p) => {
    const portName = p.name ?? '';
    const name = servicePortName(metadata.namespace, metadata.name, portName);
    const protocol = (p.protocol === '' ? 'TCP' : p.protocol).toLowerCase();
    const nodePort = p.nodePort ?? 0;
    return {
      service: `${metadata.namespace}/${metadata.name}`, name, portName, protocol, clusterIp, port: p.port, nodePort, externalIps, lbIps, sourceRanges: ranges(service, behaviour.ranges),
      externalLocal: local && (outside || (behaviour.layout === 'ext' && (spec.externalIPs ?? []).length > 0)),
      internalLocal: behaviour.internalPolicy !== 'ignored' && spec.internalTrafficPolicy === 'Local',
      accessible: nodePort !== 0 || externalIps.length > 0 || lbIps.length > 0,
      affinity: spec.sessionAffinity === 'ClientIP' ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10800) : undefined,
      healthCheckNodePort: spec.type === 'LoadBalancer' && local ? (spec.healthCheckNodePort ?? 0) : 0,
      hints: usesHints(service, behaviour.hints), chains: serviceChains(name, protocol),
    };
  });
}

/** Service ports that get rules, in a stable order: by Service. */
export const servicePorts = (services: readonly Service[], behaviour: Behaviour): readonly ServicePortInfo[] =>
  services.flatMap((s) => portsOf(s, behaviour)).sort((a, b) => (a.service === b.service ? 0 : a.service < b.service ? -1 : 1));
