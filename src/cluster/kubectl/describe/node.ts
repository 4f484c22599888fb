/** Models: kubectl/pkg/describe/describe.go describeNode, describeNodeResource (v1.29). Not modelled: Lease objects (the renewal shown is the node's heartbeat). */
import type { Node, Pod } from '../../api/kinds.ts';
import { parseQuantity } from '../../api/quantity.ts';
import { humanDuration } from '../age.ts';
import { roles } from '../printers/columns.ts';
import type { Kube } from '../verb.ts';
import { annotationLines, labelLines, rfc1123z, several, withEvents } from './common.ts';
import { DescribeWriter } from './writer.ts';

/** Canonical text of a sum: cores in milli, bytes with the largest binary suffix that divides. */
function quantity(resource: string, value: number): string {
  if (value === 0) return '0';
  if (resource === 'cpu') return Number.isInteger(value) ? String(value) : `${Math.round(value * 1000)}m`;
  for (const [suffix, size] of [['Gi', 2 ** 30], ['Mi', 2 ** 20], ['Ki', 2 ** 10]] as const) if (value % size === 0) return `${value / size}${suffix}`;
  return String(value);
}

const sumOf = (pods: readonly Pod[], kind: 'requests' | 'limits', resource: string): number =>
  pods.reduce((total, p) => total + p.spec.containers.reduce((n, c) => n + (parseQuantity(c.resources?.[kind]?.[resource] ?? '0') ?? 0), 0), 0);

function resourceLines(w: DescribeWriter, k: Kube, n: Node, pods: readonly Pod[]): void {
  const share = (list: readonly Pod[], kind: 'requests' | 'limits', resource: string): string => {
    const [value, all] = [sumOf(list, kind, resource), parseQuantity(n.status.allocatable?.[resource] ?? '0') ?? 0];
    return `${quantity(resource, value)} (${all === 0 ? 0 : Math.floor((value / all) * 100)}%)`;
  };
  w.line(1, 'Namespace', 'Name', 'CPU Requests', 'CPU Limits', 'Memory Requests', 'Memory Limits', 'Age');
  w.line(1, '---------', '----', '------------', '----------', '---------------', '-------------', '---');
  for (const p of pods) {
    w.line(1, p.metadata.namespace, p.metadata.name, share([p], 'requests', 'cpu'), share([p], 'limits', 'cpu'), share([p], 'requests', 'memory'), share([p], 'limits', 'memory'), humanDuration(k.now - Date.parse(p.metadata.creationTimestamp)));
  }
  w.line(0, 'Allocated resources:');
  w.line(1, '(Total limits may be over 100 percent, i.e., overcommitted.)');
  w.line(1, 'Resource', 'Requests', 'Limits');
  w.line(1, '--------', '--------', '------');
  for (const resource of ['cpu', 'memory', 'ephemeral-storage']) w.line(1, resource, share(pods, 'requests', resource), share(pods, 'limits', resource));
}

export function describeNode(k: Kube, n: Node): string {
  const w = new DescribeWriter();
  w.line(0, 'Name:', n.metadata.name);
  w.line(0, 'Roles:', roles(n.metadata.labels));
  labelLines(w, 0, 'Labels', n.metadata.labels);
  annotationLines(w, 0, n.metadata.annotations);
  w.line(0, 'CreationTimestamp:', rfc1123z(n.metadata.creationTimestamp));
  several(w, 0, 'Taints', (n.spec.taints ?? []).map((t) => `${t.key}${(t.value ?? '') === '' ? '' : `=${t.value ?? ''}`}:${t.effect}`));
  w.line(0, 'Unschedulable:', String(n.spec.unschedulable === true));
  w.line(0, 'Lease:');
  w.line(1, 'HolderIdentity:', n.metadata.name);
  w.line(1, 'AcquireTime:', '<unset>');
  w.line(1, 'RenewTime:', rfc1123z(n.status.conditions?.find((c) => c.type === 'Ready')?.lastHeartbeatTime));
  w.line(0, 'Conditions:');
  w.line(1, 'Type', 'Status', 'LastHeartbeatTime', 'LastTransitionTime', 'Reason', 'Message');
  w.line(1, '----', '------', '-----------------', '------------------', '------', '-------');
  for (const c of n.status.conditions ?? []) w.line(1, ...[c.type, c.status, rfc1123z(c.lastHeartbeatTime), rfc1123z(c.lastTransitionTime), c.reason ?? ''].map((cell) => `${cell} `), c.message ?? '');
  w.line(0, 'Addresses:');
  for (const a of n.status.addresses ?? []) w.line(1, `${a.type}:`, a.address);
  for (const [title, map] of [['Capacity', n.status.capacity], ['Allocatable', n.status.allocatable]] as const) {
    w.line(0, `${title}:`);
    for (const [key, value] of Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))) w.line(1, `${key}:`, value);
  }
  const info = n.status.nodeInfo;
  w.line(0, 'System Info:');
  for (const [title, value] of [['Machine ID', info?.machineID], ['System UUID', info?.systemUUID], ['Boot ID', info?.bootID], ['Kernel Version', info?.kernelVersion], ['OS Image', info?.osImage], ['Operating System', info?.operatingSystem],
    ['Architecture', info?.architecture], ['Container Runtime Version', info?.containerRuntimeVersion], ['Kubelet Version', info?.kubeletVersion], ['Kube-Proxy Version', info?.kubeProxyVersion]] as const) w.line(1, `${title}:`, value ?? '');
  if ((n.spec.podCIDR ?? '') !== '') w.line(0, 'PodCIDR:', n.spec.podCIDR ?? '');
  if ((n.spec.podCIDRs ?? []).length > 0) w.line(0, 'PodCIDRs:', (n.spec.podCIDRs ?? []).join(','));
  if ((n.spec.providerID ?? '') !== '') w.line(0, 'ProviderID:', n.spec.providerID ?? '');
  const pods = k.cluster.store.list('Pod').filter((p) => p.spec.nodeName === n.metadata.name && p.status.phase !== 'Succeeded' && p.status.phase !== 'Failed')
    .sort((a, b) => (`${a.metadata.namespace}/${a.metadata.name}` < `${b.metadata.namespace}/${b.metadata.name}` ? -1 : 1));
  w.line(0, 'Non-terminated Pods:', `(${pods.length} in total)`);
  resourceLines(w, k, n, pods);
  return withEvents(w, k, n);
}
