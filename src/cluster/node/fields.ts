/** Downward API: fields of a pod and amounts of its containers as text. Models: pkg/fieldpath, pkg/api/v1/resource (v1.29). */
import type { Pod } from '../api/kinds.ts';
import type { Container, ResourceFieldRef } from '../api/pod.ts';
import { parseQuantity } from '../api/quantity.ts';

/** What the node adds to a pod's own fields. */
export interface Place {
  readonly node: string;
  readonly hostIp: string;
  readonly podIp: string;
}

const lines = (map: Readonly<Record<string, string>> | undefined): string =>
  Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => `${k}=${JSON.stringify(v)}\n`).join('').replace(/\n$/, '');

export function fieldValue(pod: Pod, path: string, place: Place): string | undefined {
  const [, map, key] = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(path) ?? [];
  if (map === 'labels' || map === 'annotations') return pod.metadata[map]?.[key ?? ''] ?? '';
  const fields: Readonly<Record<string, string>> = {
    'metadata.name': pod.metadata.name, 'metadata.namespace': pod.metadata.namespace, 'metadata.uid': pod.metadata.uid,
    'metadata.labels': lines(pod.metadata.labels), 'metadata.annotations': lines(pod.metadata.annotations),
    'spec.nodeName': place.node, 'spec.serviceAccountName': pod.spec.serviceAccountName ?? 'default',
    'status.podIP': place.podIp, 'status.podIPs': place.podIp, 'status.hostIP': place.hostIp, 'status.hostIPs': place.hostIp,
  };
  return fields[path];
}

/** `limits.cpu` in units of the divisor, rounded up; a limit that is not set is what the node has to give. */
export function resourceValue(pod: Pod, container: Container | undefined, ref: ResourceFieldRef, allocatable: Readonly<Record<string, string>> | undefined): string {
  const of = ref.containerName === undefined || ref.containerName === '' ? container : [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].find((c) => c.name === ref.containerName);
  const [kind = '', resource = ''] = ref.resource.split('.');
  const given = kind === 'limits' ? (of?.resources?.limits?.[resource] ?? allocatable?.[resource]) : of?.resources?.requests?.[resource];
  const unit = parseQuantity(ref.divisor ?? '1') ?? 1;
  const amount = parseQuantity(given ?? '0') ?? 0;
  return String(resource === 'cpu' ? Math.ceil(Math.ceil(amount * 1000) / ((unit || 1) * 1000)) : Math.ceil(amount / (unit || 1)));
}
