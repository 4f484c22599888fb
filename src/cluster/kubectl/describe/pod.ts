/** Models: kubectl/pkg/describe/describe.go describePod (v1.29). */
import type { Pod } from '../../api/kinds.ts';
import { humanDuration } from '../age.ts';
import type { Kube } from '../verb.ts';
import { annotationLines, labelLines, rfc1123z, several, withEvents } from './common.ts';
import { containerLines, tolerationTexts, volumeLines } from './containers.ts';
import { DescribeWriter } from './writer.ts';

export function describePod(k: Kube, p: Pod): string {
  const w = new DescribeWriter();
  const field = (name: string, value: string): void => w.line(0, `${name}:`, value);
  field('Name', p.metadata.name);
  field('Namespace', p.metadata.namespace);
  field('Priority', String(p.spec.priority ?? 0));
  if ((p.spec.priorityClassName ?? '') !== '') field('Priority Class Name', p.spec.priorityClassName ?? '');
  if ((p.spec.serviceAccountName ?? '') !== '') field('Service Account', p.spec.serviceAccountName ?? '');
  field('Node', (p.spec.nodeName ?? '') === '' ? '<none>' : `${p.spec.nodeName ?? ''}/${p.status.hostIP ?? ''}`);
  if (p.status.startTime !== undefined) field('Start Time', rfc1123z(p.status.startTime));
  labelLines(w, 0, 'Labels', p.metadata.labels);
  annotationLines(w, 0, p.metadata.annotations);
  if (p.metadata.deletionTimestamp !== undefined) {
    field('Status', `Terminating (lasts ${humanDuration(k.now - Date.parse(p.metadata.deletionTimestamp))})`);
    field('Termination Grace Period', `${p.metadata.deletionGracePeriodSeconds ?? 30}s`);
  } else field('Status', p.status.phase);
  if ((p.status.reason ?? '') !== '') field('Reason', p.status.reason ?? '');
  if ((p.status.message ?? '') !== '') field('Message', p.status.message ?? '');
  field('IP', p.status.podIP ?? '');
  const ips = p.status.podIPs ?? [];
  if (ips.length === 0) field('IPs', '<none>');
  else {
    w.line(0, 'IPs:');
    for (const { ip } of ips) w.line(1, 'IP:', ip);
  }
  const owner = p.metadata.ownerReferences?.find((o) => o.controller === true);
  if (owner !== undefined) field('Controlled By', `${owner.kind}/${owner.name}`);
  containerLines(w, p.spec, p, 0);
  const conditions = p.status.conditions ?? [];
  if (conditions.length > 0) {
    w.line(0, 'Conditions:');
    w.line(1, 'Type', 'Status');
    for (const c of conditions) w.line(1, `${c.type} `, `${c.status} `);
  }
  volumeLines(w, p.spec, 0);
  if (p.status.qosClass !== undefined) field('QoS Class', p.status.qosClass);
  labelLines(w, 0, 'Node-Selectors', p.spec.nodeSelector);
  several(w, 0, 'Tolerations', tolerationTexts(p.spec));
  return withEvents(w, k, p);
}
