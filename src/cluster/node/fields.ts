/** Downward API: fields of a pod as text. Models: pkg/fieldpath (v1.29). */
import type { Pod } from '../api/kinds.ts';

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
