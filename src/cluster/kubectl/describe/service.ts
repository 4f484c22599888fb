/** Services, endpoints and endpoint slices. Models: kubectl/pkg/describe/describe.go describeService, describeEndpoints, describeEndpointSliceV1 (v1.29). */
import type { EndpointSlice, KindMap, Service } from '../../api/kinds.ts';
import { endpointsText } from '../printers/columns.ts';
import type { Kube } from '../verb.ts';
import { headLines, labelLines, withEvents } from './common.ts';
import { DescribeWriter } from './writer.ts';

export function describeService(k: Kube, s: Service): string {
  const w = new DescribeWriter();
  const field = (name: string, value: string): void => w.line(0, `${name}:`, value);
  headLines(w, s);
  labelLines(w, 0, 'Selector', s.spec.selector);
  field('Type', s.spec.type ?? 'ClusterIP');
  if (s.spec.ipFamilyPolicy !== undefined) field('IP Family Policy', s.spec.ipFamilyPolicy);
  field('IP Families', (s.spec.ipFamilies ?? []).length > 0 ? (s.spec.ipFamilies ?? []).join(',') : '<none>');
  field('IP', s.spec.clusterIP ?? '');
  field('IPs', (s.spec.clusterIPs ?? []).length > 0 ? (s.spec.clusterIPs ?? []).join(',') : '<none>');
  if ((s.spec.externalIPs ?? []).length > 0) field('External IPs', (s.spec.externalIPs ?? []).join(','));
  if ((s.spec.loadBalancerIP ?? '') !== '') field('IP', s.spec.loadBalancerIP ?? '');
  if ((s.spec.externalName ?? '') !== '') field('External Name', s.spec.externalName ?? '');
  const ingress = (s.status.loadBalancer.ingress ?? []).map((i) => i.ip ?? i.hostname ?? '');
  if (ingress.length > 0) field('LoadBalancer Ingress', ingress.join(', '));
  const endpoints = k.cluster.store.get('Endpoints', s.metadata.namespace, s.metadata.name);
  for (const p of s.spec.ports) {
    const name = (p.name ?? '') === '' ? '<unset>' : (p.name ?? '');
    w.line(0, 'Port:', name, `${p.port}/${p.protocol}`);
    field('TargetPort', `${String(p.targetPort ?? p.port)}/${p.protocol}`);
    if ((p.nodePort ?? 0) !== 0) w.line(0, 'NodePort:', name, `${String(p.nodePort)}/${p.protocol}`);
    field('Endpoints', endpointsText(endpoints?.subsets ?? [], p.name ?? ''));
  }
  field('Session Affinity', s.spec.sessionAffinity ?? 'None');
  if (s.spec.externalTrafficPolicy !== undefined) field('External Traffic Policy', s.spec.externalTrafficPolicy);
  if ((s.spec.healthCheckNodePort ?? 0) !== 0) field('HealthCheck NodePort', String(s.spec.healthCheckNodePort));
  if ((s.spec.loadBalancerSourceRanges ?? []).length > 0) field('LoadBalancer Source Ranges', (s.spec.loadBalancerSourceRanges ?? []).join(','));
  return withEvents(w, k, s);
}

export function describeEndpoints(k: Kube, e: KindMap['Endpoints']): string {
  const w = new DescribeWriter();
  headLines(w, e);
  w.line(0, 'Subsets:');
  for (const [i, subset] of e.subsets.entries()) {
    const ips = (list: typeof subset.addresses): string => ((list ?? []).length === 0 ? '<none>' : (list ?? []).map((a) => a.ip).join(','));
    w.line(1, 'Addresses:', ips(subset.addresses));
    w.line(1, 'NotReadyAddresses:', ips(subset.notReadyAddresses));
    if ((subset.ports ?? []).length > 0) {
      w.line(1, 'Ports:');
      w.line(2, 'Name', 'Port', 'Protocol');
      w.line(2, '----', '----', '--------');
      for (const p of subset.ports ?? []) w.line(2, (p.name ?? '') === '' ? '<unset>' : (p.name ?? ''), String(p.port), p.protocol);
    }
    if (i < e.subsets.length) w.line(0, '');
  }
  return withEvents(w, k, e);
}

export function describeEndpointSlice(k: Kube, s: EndpointSlice): string {
  const w = new DescribeWriter();
  headLines(w, s);
  w.line(0, 'AddressType:', s.addressType);
  if (s.ports.length === 0) w.line(0, 'Ports: <unset>');
  else {
    w.line(0, 'Ports:');
    w.line(1, 'Name', 'Port', 'Protocol');
    w.line(1, '----', '----', '--------');
    for (const p of s.ports) w.line(1, (p.name ?? '') === '' ? '<unset>' : (p.name ?? ''), String(p.port ?? '*'), p.protocol ?? 'TCP');
  }
  if (s.endpoints.length === 0) w.line(0, 'Endpoints: <none>');
  else {
    w.line(0, 'Endpoints:');
    for (const e of s.endpoints) {
      w.line(1, '- Addresses:', e.addresses.join(', '));
      w.line(2, 'Conditions:');
      w.line(3, 'Ready:', String(e.conditions?.ready ?? true));
      w.line(2, 'Hostname:', e.hostname ?? '<unset>');
      if (e.targetRef !== undefined) w.line(2, 'TargetRef:', `${e.targetRef.kind}/${e.targetRef.name}`);
      w.line(2, 'NodeName:', e.nodeName ?? '<unset>');
      w.line(2, 'Zone:', e.zone ?? '<unset>');
    }
  }
  return withEvents(w, k, s);
}
