/** Priority, storage and ingress classes, disruption budgets. Models: kubectl/pkg/describe/describe.go describePriorityClass, describeStorageClass, describeIngressClassV1, describePodDisruptionBudgetv1 (checked against kubectl 1.29.14). */
import type { KindMap } from '../../api/kinds.ts';
import type { Labels } from '../../api/meta.ts';
import { formatLabels, formatSelector } from '../printers/format.ts';
import type { Kube } from '../verb.ts';
import { annotationLines, labelLines, withEvents } from './common.ts';
import { DescribeWriter } from './writer.ts';

/** These two kinds print annotations as a selector would be. */
const annotationText = (annotations: Labels | undefined): string => formatLabels(annotations);

export function describePriorityClass(k: Kube, p: KindMap['PriorityClass']): string {
  const w = new DescribeWriter();
  const field = (name: string, value: string): void => w.line(0, `${name}:`, value);
  field('Name', p.metadata.name);
  field('Value', String(p.value));
  field('GlobalDefault', String(p.globalDefault === true));
  field('PreemptionPolicy', p.preemptionPolicy ?? 'PreemptLowerPriority');
  field('Description', p.description ?? '');
  const annotations = annotationText(p.metadata.annotations);
  field('Annotations', annotations.trimEnd());
  if (annotations.endsWith('\n')) w.line(0, ''); // kubectl apply's own ends with a line of its own
  return withEvents(w, k, p);
}

export function describeStorageClass(k: Kube, s: KindMap['StorageClass']): string {
  const w = new DescribeWriter();
  const field = (name: string, value: string): void => w.line(0, `${name}:`, value);
  field('Name', s.metadata.name);
  field('IsDefaultClass', s.metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true' ? 'Yes' : 'No');
  const annotations = annotationText(s.metadata.annotations);
  field('Annotations', annotations.trimEnd());
  if (annotations.endsWith('\n')) w.line(0, ''); // kubectl apply's own ends with a line of its own
  field('Provisioner', s.provisioner);
  field('Parameters', formatLabels(s.parameters));
  field('AllowVolumeExpansion', s.allowVolumeExpansion === undefined ? '<unset>' : s.allowVolumeExpansion ? 'True' : 'False');
  field('MountOptions', (s.mountOptions ?? []).length === 0 ? '<none>' : '');
  for (const option of s.mountOptions ?? []) w.line(1, option);
  field('ReclaimPolicy', s.reclaimPolicy ?? 'Delete');
  field('VolumeBindingMode', s.volumeBindingMode ?? 'Immediate');
  return withEvents(w, k, s);
}

export function describeIngressClass(k: Kube, c: KindMap['IngressClass']): string {
  const w = new DescribeWriter();
  w.line(0, 'Name:', c.metadata.name);
  labelLines(w, 0, 'Labels', c.metadata.labels);
  annotationLines(w, 0, c.metadata.annotations);
  w.line(0, 'Controller:', c.spec?.controller ?? '');
  const { parameters } = c.spec ?? {};
  if (parameters !== undefined) {
    w.line(0, 'Parameters:');
    if (parameters.apiGroup !== undefined) w.line(1, 'APIGroup:', parameters.apiGroup);
    w.line(1, 'Kind:', parameters.kind);
    w.line(1, 'Name:', parameters.name);
  }
  return withEvents(w, k, c);
}

export function describePodDisruptionBudget(k: Kube, p: KindMap['PodDisruptionBudget']): string {
  const w = new DescribeWriter();
  w.line(0, 'Name:', p.metadata.name);
  w.line(0, 'Namespace:', p.metadata.namespace);
  if (p.spec?.minAvailable !== undefined) w.line(0, 'Min available:', String(p.spec.minAvailable));
  else if (p.spec?.maxUnavailable !== undefined) w.line(0, 'Max unavailable:', String(p.spec.maxUnavailable));
  w.line(0, 'Selector:', formatSelector(p.spec?.selector ?? {}));
  w.line(0, 'Status:');
  for (const name of ['Allowed disruptions', 'Current', 'Desired', 'Total']) w.line(2, `${name}:`, '0'); // the kind has no effect here, its status stays empty
  return withEvents(w, k, p);
}
