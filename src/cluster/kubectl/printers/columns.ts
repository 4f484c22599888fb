/** Table columns per kind. Models: pkg/printers/internalversion/printers.go (v1.29). */
import type { AnyObject, Kind, KindMap, Service } from '../../api/kinds.ts';
import type { Labels } from '../../api/meta.ts';
import { METALLB_COLUMNS, printerCell, type MetallbKind, type PrinterColumn } from '../../api/metallb.ts';
import { ageOf, humanDuration } from '../age.ts';
import { formatLabels, type Columns } from './format.ts';
import { podReady, podRestarts, podStatusText } from './pod.ts';
import { controllerRevisions, cronJobs, daemonSets, deployments, jobs, replicaSets, statefulSets } from './workloads.ts';

export function externalIps(s: Service): string {
  const { type = 'ClusterIP', externalIPs = [] } = s.spec;
  const list = (items: readonly string[]): string => (items.length === 0 ? '<none>' : items.join(','));
  if (type === 'ExternalName') return s.spec.externalName ?? '';
  if (type !== 'LoadBalancer') return list(externalIPs);
  const ingress = [...new Set((s.status.loadBalancer.ingress ?? []).map((i) => i.ip ?? i.hostname ?? ''))].sort().join(',');
  // The server makes every table with its wide cells (registry/…/storage.go, GenerateOptions{Wide: true}): nothing is cut.
  const all = [ingress, ...externalIPs].filter((t) => t !== '');
  return all.length === 0 ? '<pending>' : all.join(',');
}

export const servicePortsText = (s: Service): string =>
  (s.spec.ports.length === 0 ? '<none>' : s.spec.ports.map((p) => ((p.nodePort ?? 0) > 0 ? `${p.port}:${String(p.nodePort)}/${p.protocol}` : `${p.port}/${p.protocol}`)).join(','));

/** `10.42.0.8:80,10.42.1.2:80 + 1 more...`; empty when there are subsets, but no ready address in them. `port`: only the port of this name. */
export function endpointsText(subsets: KindMap['Endpoints']['subsets'], port?: string): string {
  if (subsets.length === 0) return '<none>';
  const all = subsets.flatMap((s) => ((s.ports ?? []).length === 0 ? (s.addresses ?? []).map((a) => a.ip) : (s.ports ?? []).filter((p) => port === undefined || (p.name ?? '') === port).flatMap((p) => (s.addresses ?? []).map((a) => `${a.ip}:${p.port}`))));
  return all.length > 3 ? `${all.slice(0, 3).join(',')} + ${all.length - 3} more...` : all.join(',');
}

const some = (items: readonly string[], limit: number): string =>
  (items.length === 0 ? '<unset>' : items.length > limit ? `${items.slice(0, limit).join(',')} + ${items.length - limit} more...` : items.join(','));

const ROLE = 'node-role.kubernetes.io/';
/** findNodeRoles: labels `node-role.kubernetes.io/<role>` and `kubernetes.io/role=<role>`. */
export const roles = (labels: Labels | undefined): string => {
  const found = Object.entries(labels ?? {}).flatMap(([key, value]) => (key.startsWith(ROLE) ? [key.slice(ROLE.length)] : key === 'kubernetes.io/role' ? [value] : [])).filter((role) => role !== '');
  return found.length === 0 ? '<none>' : [...new Set(found)].sort().join(',');
};

const binding: Columns<KindMap['RoleBinding'] | KindMap['ClusterRoleBinding']> = {
  names: ['NAME', 'ROLE', 'AGE'], wide: ['USERS', 'GROUPS', 'SERVICEACCOUNTS'],
  row: (b, now) => {
    const of = (kind: string): string => (b.subjects ?? []).filter((s) => s.kind === kind).map((s) => (kind === 'ServiceAccount' ? `${s.namespace ?? ''}/${s.name}` : s.name)).join(', ');
    return [b.metadata.name, `${b.roleRef.kind}/${b.roleRef.name}`, ageOf(b.metadata.creationTimestamp, now), of('User'), of('Group'), of('ServiceAccount')];
  },
};
const webhooks: Columns<KindMap['ValidatingWebhookConfiguration'] | KindMap['MutatingWebhookConfiguration']> = {
  names: ['NAME', 'WEBHOOKS', 'AGE'], wide: [], row: (c, now) => [c.metadata.name, String(c.webhooks.length), ageOf(c.metadata.creationTimestamp, now)],
};

/** additionalPrinterColumns of a custom kind. */
const custom = <K extends MetallbKind>(kind: K): Columns<KindMap[K]> => {
  const columns: readonly PrinterColumn[] = METALLB_COLUMNS[kind];
  const [shown, wide] = [columns.filter((c) => c.wide !== true), columns.filter((c) => c.wide === true)];
  return {
    names: ['NAME', ...shown.map((c) => c.name.toUpperCase())], wide: wide.map((c) => c.name.toUpperCase()),
    row: (o) => [o.metadata.name, ...[...shown, ...wide].map((c) => printerCell(o, c))],
  };
};

const COLUMNS: { readonly [K in Kind]?: Columns<KindMap[K]> } = {
  Pod: {
    names: ['NAME', 'READY', 'STATUS', 'RESTARTS', 'AGE'], wide: ['IP', 'NODE', 'NOMINATED NODE', 'READINESS GATES'],
    row: (p, now) => [p.metadata.name, podReady(p), podStatusText(p), podRestarts(p, now), ageOf(p.metadata.creationTimestamp, now),
      p.status.podIP ?? '<none>', p.spec.nodeName ?? '<none>', '<none>', '<none>'],
  },
  Service: {
    names: ['NAME', 'TYPE', 'CLUSTER-IP', 'EXTERNAL-IP', 'PORT(S)', 'AGE'], wide: ['SELECTOR'],
    row: (s, now) => [s.metadata.name, s.spec.type ?? 'ClusterIP', (s.spec.clusterIP ?? '') === '' ? '<none>' : (s.spec.clusterIP ?? ''), externalIps(s), servicePortsText(s), ageOf(s.metadata.creationTimestamp, now), formatLabels(s.spec.selector)],
  },
  Deployment: deployments, ReplicaSet: replicaSets, DaemonSet: daemonSets, StatefulSet: statefulSets, Job: jobs, CronJob: cronJobs, ControllerRevision: controllerRevisions,
  Node: {
    names: ['NAME', 'STATUS', 'ROLES', 'AGE', 'VERSION'], wide: ['INTERNAL-IP', 'EXTERNAL-IP', 'OS-IMAGE', 'KERNEL-VERSION', 'CONTAINER-RUNTIME'],
    row: (n, now) => {
      const ready = n.status.conditions?.find((c) => c.type === 'Ready')?.status;
      const address = (type: string): string => n.status.addresses?.find((a) => a.type === type)?.address ?? '<none>';
      const info = n.status.nodeInfo;
      return [n.metadata.name, `${ready === undefined ? 'Unknown' : ready === 'True' ? 'Ready' : 'NotReady'}${n.spec.unschedulable === true ? ',SchedulingDisabled' : ''}`, roles(n.metadata.labels), ageOf(n.metadata.creationTimestamp, now), info?.kubeletVersion ?? '',
        address('InternalIP'), address('ExternalIP'), info?.osImage ?? '<unknown>', info?.kernelVersion ?? '<unknown>', info?.containerRuntimeVersion ?? '<unknown>'];
    },
  },
  Namespace: { names: ['NAME', 'STATUS', 'AGE'], wide: [], row: (n, now) => [n.metadata.name, n.status.phase ?? '', ageOf(n.metadata.creationTimestamp, now)] },
  ConfigMap: { names: ['NAME', 'DATA', 'AGE'], wide: [], row: (c, now) => [c.metadata.name, String(Object.keys(c.data ?? {}).length + Object.keys(c.binaryData ?? {}).length), ageOf(c.metadata.creationTimestamp, now)] },
  ServiceAccount: { names: ['NAME', 'SECRETS', 'AGE'], wide: [], row: (s, now) => [s.metadata.name, String(s.secrets?.length ?? 0), ageOf(s.metadata.creationTimestamp, now)] },
  Endpoints: { names: ['NAME', 'ENDPOINTS', 'AGE'], wide: [], row: (e, now) => [e.metadata.name, endpointsText(e.subsets), ageOf(e.metadata.creationTimestamp, now)] },
  EndpointSlice: {
    names: ['NAME', 'ADDRESSTYPE', 'PORTS', 'ENDPOINTS', 'AGE'], wide: [],
    row: (s, now) => [s.metadata.name, s.addressType, some(s.ports.map((p) => String(p.port ?? '*')), 3), some(s.endpoints.flatMap((e) => e.addresses), 3), ageOf(s.metadata.creationTimestamp, now)],
  },
  Event: {
    names: ['LAST SEEN', 'TYPE', 'REASON', 'OBJECT', 'MESSAGE'], wide: ['SUBOBJECT', 'SOURCE', 'FIRST SEEN', 'COUNT', 'NAME'], wideOrder: [0, 1, 2, 3, 5, 6, 4, 7, 8, 9],
    row: (e, now) => [humanDuration(now - Date.parse(e.lastTimestamp)), e.type, e.reason, `${e.involvedObject.kind.toLowerCase()}/${e.involvedObject.name}`, e.message.trim(),
      e.involvedObject.fieldPath ?? '', [e.source.component, e.source.host ?? ''].filter((t) => t !== '').join(', '), humanDuration(now - Date.parse(e.firstTimestamp)), String(e.count), e.metadata.name],
  },
  CustomResourceDefinition: { names: ['NAME', 'CREATED AT'], wide: [], row: (c) => [c.metadata.name, c.metadata.creationTimestamp] },
  IPAddressPool: custom('IPAddressPool'), L2Advertisement: custom('L2Advertisement'), ServiceL2Status: custom('ServiceL2Status'),
  Secret: { names: ['NAME', 'TYPE', 'DATA', 'AGE'], wide: [], row: (s, now) => [s.metadata.name, s.type ?? 'Opaque', String(Object.keys(s.data ?? {}).length), ageOf(s.metadata.creationTimestamp, now)] },
  Role: { names: ['NAME', 'CREATED AT'], wide: [], row: (r) => [r.metadata.name, r.metadata.creationTimestamp] },
  ClusterRole: { names: ['NAME', 'CREATED AT'], wide: [], row: (r) => [r.metadata.name, r.metadata.creationTimestamp] },
  RoleBinding: binding, ClusterRoleBinding: binding,
  ValidatingWebhookConfiguration: webhooks, MutatingWebhookConfiguration: webhooks,
  PriorityClass: { names: ['NAME', 'VALUE', 'GLOBAL-DEFAULT', 'AGE'], wide: [], row: (p, now) => [p.metadata.name, String(p.value), String(p.globalDefault === true), ageOf(p.metadata.creationTimestamp, now)] },
  IngressClass: {
    names: ['NAME', 'CONTROLLER', 'PARAMETERS', 'AGE'], wide: [],
    row: (i, now) => {
      const p = i.spec?.parameters;
      return [i.metadata.name, i.spec?.controller ?? '', p === undefined ? '<none>' : `${p.kind}${p.apiGroup === undefined ? '' : `.${p.apiGroup}`}/${p.name}`, ageOf(i.metadata.creationTimestamp, now)];
    },
  },
  Ingress: {
    names: ['NAME', 'CLASS', 'HOSTS', 'ADDRESS', 'PORTS', 'AGE'], wide: [],
    row: (i, now) => {
      const hosts = (i.spec.rules ?? []).map((r) => r.host ?? '').filter((h) => h !== '');
      const shown = hosts.length === 0 ? '*' : hosts.length > 3 ? `${hosts.slice(0, 3).join(',')} + ${hosts.length - 3} more...` : hosts.join(',');
      return [i.metadata.name, i.spec.ingressClassName ?? '<none>', shown, '', (i.spec.tls ?? []).length > 0 ? '80, 443' : '80', ageOf(i.metadata.creationTimestamp, now)];
    },
  },
  Lease: { names: ['NAME', 'HOLDER', 'AGE'], wide: [], row: (l, now) => [l.metadata.name, l.spec?.holderIdentity ?? '', ageOf(l.metadata.creationTimestamp, now)] },
  StorageClass: {
    names: ['NAME', 'PROVISIONER', 'RECLAIMPOLICY', 'VOLUMEBINDINGMODE', 'ALLOWVOLUMEEXPANSION', 'AGE'], wide: [],
    row: (s, now) => [s.metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true' ? `${s.metadata.name} (default)` : s.metadata.name, s.provisioner, s.reclaimPolicy ?? 'Delete',
      s.volumeBindingMode ?? '<unset>', String(s.allowVolumeExpansion === true), ageOf(s.metadata.creationTimestamp, now)],
  },
  PodDisruptionBudget: {
    names: ['NAME', 'MIN AVAILABLE', 'MAX UNAVAILABLE', 'ALLOWED DISRUPTIONS', 'AGE'], wide: [],
    row: (p, now) => [p.metadata.name, String(p.spec?.minAvailable ?? 'N/A'), String(p.spec?.maxUnavailable ?? 'N/A'), '0', ageOf(p.metadata.creationTimestamp, now)],
  },
};

/** Kinds without a printer of their own, and custom resources that name no columns. */
const PLAIN: Columns<AnyObject> = { names: ['NAME', 'AGE'], wide: [], row: (o, now) => [o.metadata.name, ageOf(o.metadata.creationTimestamp, now)] };

export function columnsOf<K extends Kind>(kind: K): Columns<KindMap[K]> {
  return COLUMNS[kind] ?? PLAIN;
}
