/** Ingresses. Models: kubectl/pkg/describe/describe.go describeIngressV1 (v1.29). */
import type { IngressBackend } from '../../api/ingress.ts';
import type { KindMap } from '../../api/kinds.ts';
import { endpointsText } from '../printers/columns.ts';
import type { Kube } from '../verb.ts';
import { annotationLines, labelLines, withEvents } from './common.ts';
import { DescribeWriter } from './writer.ts';

function backendText(k: Kube, namespace: string, b: IngressBackend): string {
  if (b.service === undefined) return b.resource === undefined ? '' : `APIGroup: ${b.resource.apiGroup ?? '<none>'}, Kind: ${b.resource.kind}, Name: ${b.resource.name}`;
  const { name, port } = b.service;
  const shown = `${name}:${(port?.number ?? 0) === 0 ? (port?.name ?? '') : String(port?.number)}`;
  const endpoints = k.cluster.store.get('Endpoints', namespace, name);
  if (endpoints === undefined) return `${shown} (<error: endpoints "${name}" not found>)`;
  const ports = k.cluster.store.get('Service', namespace, name)?.spec.ports ?? [];
  const named = ports.findLast((p) => ((port?.number ?? 0) !== 0 ? port?.number === p.port : port?.name === p.name));
  return `${shown} (${endpointsText(endpoints.subsets, named?.name ?? '')})`;
}

export function describeIngress(k: Kube, i: KindMap['Ingress']): string {
  const w = new DescribeWriter();
  const { spec, metadata: { name, namespace, labels, annotations } } = i;
  w.line(0, 'Name:', name);
  labelLines(w, 0, 'Labels', labels);
  w.line(0, 'Namespace:', namespace);
  w.line(0, 'Address:', '');
  w.line(0, 'Ingress Class:', spec.ingressClassName ?? '<none>');
  const fallback = spec.defaultBackend === undefined ? '<default>' : backendText(k, namespace, spec.defaultBackend);
  w.line(0, 'Default backend:', fallback);
  if ((spec.tls ?? []).length > 0) w.line(0, 'TLS:');
  for (const t of spec.tls ?? []) w.line(1, (t.secretName ?? '') === '' ? `SNI routes ${(t.hosts ?? []).join(',')}` : `${t.secretName ?? ''} terminates ${(t.hosts ?? []).join(',')}`);
  w.line(0, 'Rules:');
  w.line(0, '  Host', 'Path', 'Backends');
  w.line(0, '  ----', '----', '--------');
  const rules = (spec.rules ?? []).filter((r) => r.http !== undefined);
  for (const r of rules) {
    w.line(1, (r.host ?? '') === '' ? '*' : (r.host ?? ''), '');
    for (const p of r.http?.paths ?? []) w.line(2, '', `${p.path ?? ''} `, backendText(k, namespace, p.backend));
  }
  if (rules.length === 0) w.line(1, '*', '*', fallback);
  annotationLines(w, 0, annotations);
  return withEvents(w, k, i);
}
