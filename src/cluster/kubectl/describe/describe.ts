/** kubectl describe. Models: kubectl/pkg/describe/describe.go (v1.29): pod, service, node, deployment, replicaset, configmap, namespace, endpoints. */
import { kindInfo, type AnyObject, type ApiEvent, type ConfigMap, type Deployment, type Node, type Pod, type ReplicaSet, type Service } from '../../api/kinds.ts';
import type { Labels } from '../../api/meta.ts';
import type { PodSpec } from '../../api/pod.ts';
import { liveEvents } from '../../events.ts';
import { humanDuration } from '../age.ts';
import { toYaml } from '../plain.ts';
import { endpointsText } from '../printers/columns.ts';
import { formatLabels, formatSelector } from '../printers/format.ts';
import { podStatusText } from '../printers/pod.ts';
import type { Kube } from '../verb.ts';
import { alignBlocks, DescribeWriter } from './writer.ts';

/** `Wed, 29 May 2024 13:09:28 +0000` (RFC 1123 with numeric zone) */
const rfc1123z = (t: string | undefined): string => (t === undefined || t === '' ? '<unknown>' : new Date(Date.parse(t)).toUTCString().replace('GMT', '+0000'));

function labelLines(w: DescribeWriter, title: string, labels: Labels | undefined, skip: (key: string) => boolean = () => false): void {
  const entries = Object.entries(labels ?? {}).filter(([k]) => !skip(k)).sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length === 0) w.line(0, `${title}:`, '<none>');
  for (const [i, [key, value]] of entries.entries()) {
    const text = title === 'Annotations' ? `${key}: ${value}` : `${key}=${value}`;
    w.line(0, i === 0 ? `${title}:` : '', text.length > 140 && title === 'Annotations' ? `${key}:\n  ${value.trim()}`.slice(0, 140) : text);
  }
}

const annotations = (w: DescribeWriter, object: AnyObject): void => labelLines(w, 'Annotations', object.metadata.annotations, (k) => k.startsWith('kubectl.kubernetes.io/last-applied'));

function finish(w: DescribeWriter, k: Kube, object: AnyObject): string {
  const found: readonly ApiEvent[] = liveEvents(k.cluster.plane).filter((e) => e.involvedObject.uid === object.metadata.uid);
  if (found.length === 0) {
    w.line(0, 'Events:', '<none>');
    return w.toString();
  }
  const age = (e: ApiEvent): string => (e.count > 1 ? `${humanDuration(k.now - Date.parse(e.lastTimestamp))} (x${e.count} over ${humanDuration(k.now - Date.parse(e.firstTimestamp))})` : humanDuration(k.now - Date.parse(e.firstTimestamp)));
  const rows = [['Type', 'Reason', 'Age', 'From', 'Message'], ['----', '------', '----', '----', '-------'], ...found.map((e) => [e.type, e.reason, age(e), e.source.component, e.message.trim()])];
  return `${w.toString()}Events:\n${alignBlocks(rows.map((r) => [`  ${r[0] ?? ''}`, ...r.slice(1)]))}`;
}

function containerLines(w: DescribeWriter, spec: PodSpec, pod: Pod | undefined, base: number): void {
  w.line(base, 'Containers:');
  for (const c of spec.containers) {
    const status = pod?.status.containerStatuses?.find((s) => s.name === c.name);
    const at = base + 1;
    w.line(at, `${c.name}:`);
    const field = (name: string, value: string): void => w.line(at + 1, `${name}:`, value);
    if (status?.containerID !== undefined) field('Container ID', status.containerID);
    field('Image', c.image);
    if (status !== undefined) field('Image ID', status.imageID);
    const ports = c.ports ?? [];
    field(ports.length > 1 ? 'Ports' : 'Port', ports.length === 0 ? '<none>' : ports.map((p) => `${p.containerPort}/${p.protocol}`).join(', '));
    field(ports.length > 1 ? 'Host Ports' : 'Host Port', ports.length === 0 ? '<none>' : ports.map((p) => `${p.hostPort ?? 0}/${p.protocol}`).join(', '));
    for (const [title, words] of [['Command', c.command], ['Args', c.args]] as const) {
      if (words === undefined || words.length === 0) continue;
      w.line(at + 1, `${title}:`);
      for (const word of words) w.line(at + 2, word);
    }
    if (status !== undefined) {
      const { running, waiting, terminated } = status.state;
      field('State', running !== undefined ? 'Running' : waiting !== undefined ? 'Waiting' : terminated !== undefined ? 'Terminated' : 'Waiting');
      if (running !== undefined) w.line(at + 2, 'Started:', rfc1123z(running.startedAt));
      if (waiting !== undefined) w.line(at + 2, 'Reason:', waiting.reason);
      if (waiting?.message !== undefined && waiting.reason !== 'ContainerCreating') w.line(at + 2, 'Message:', waiting.message);
      const last = terminated ?? undefined;
      if (last !== undefined) {
        w.line(at + 2, 'Reason:', last.reason);
        w.line(at + 2, 'Exit Code:', String(last.exitCode));
        w.line(at + 2, 'Started:', rfc1123z(last.startedAt));
        w.line(at + 2, 'Finished:', rfc1123z(last.finishedAt));
      }
      const before = status.lastState?.terminated;
      if (before !== undefined) {
        field('Last State', 'Terminated');
        w.line(at + 2, 'Reason:', before.reason);
        w.line(at + 2, 'Exit Code:', String(before.exitCode));
        w.line(at + 2, 'Started:', rfc1123z(before.startedAt));
        w.line(at + 2, 'Finished:', rfc1123z(before.finishedAt));
      }
      field('Ready', status.ready ? 'True' : 'False');
      field('Restart Count', String(status.restartCount));
    }
    const probe = c.readinessProbe;
    if (probe !== undefined) {
      const what = probe.httpGet !== undefined ? `http-get http://${probe.httpGet.host ?? ''}:${probe.httpGet.port}${probe.httpGet.path ?? '/'}` : probe.tcpSocket !== undefined ? `tcp-socket ${probe.tcpSocket.host ?? ''}:${probe.tcpSocket.port}` : `exec [${(probe.exec?.command ?? []).join(' ')}]`;
      field('Readiness', `${what} delay=${probe.initialDelaySeconds ?? 0}s timeout=${probe.timeoutSeconds ?? 1}s period=${probe.periodSeconds ?? 10}s #success=${probe.successThreshold ?? 1} #failure=${probe.failureThreshold ?? 3}`);
    }
    const env = c.env ?? [];
    if (env.length === 0) field('Environment', '<none>');
    else {
      w.line(at + 1, 'Environment:');
      for (const e of env) w.line(at + 2, `${e.name}:`, e.value ?? (e.valueFrom?.fieldRef === undefined ? '' : ` (v1:${e.valueFrom.fieldRef.fieldPath})`));
    }
    const mounts = c.volumeMounts ?? [];
    if (mounts.length === 0) field('Mounts', '<none>');
    else {
      w.line(at + 1, 'Mounts:');
      for (const m of [...mounts].sort((a, b) => (a.mountPath < b.mountPath ? -1 : 1))) w.line(at + 2, `${m.mountPath} from ${m.name} (${m.readOnly === true ? 'ro' : 'rw'})`);
    }
  }
}

function volumeLines(w: DescribeWriter, spec: PodSpec, base: number): void {
  const volumes = spec.volumes ?? [];
  if (volumes.length === 0) return w.line(base, 'Volumes:', '<none>');
  w.line(base, 'Volumes:');
  for (const v of volumes) {
    w.line(base + 1, `${v.name}:`);
    if (v.configMap !== undefined) {
      w.line(base + 2, 'Type:', 'ConfigMap (a volume populated by a ConfigMap)');
      w.line(base + 2, 'Name:', v.configMap.name);
      w.line(base + 2, 'Optional:', v.configMap.optional === true ? 'true' : 'false');
    } else w.line(base + 2, 'Type:', '(without effect in this lab)');
  }
}

const tolerations = (spec: PodSpec): readonly string[] =>
  (spec.tolerations ?? []).map((t) => `${t.key ?? ''}${t.value === undefined || t.value === '' ? '' : `=${t.value}`}${t.effect === undefined || t.effect === '' ? '' : `:${t.effect}`}${t.operator === 'Exists' ? ' op=Exists' : ''}${t.tolerationSeconds === undefined ? '' : ` for ${t.tolerationSeconds}s`}`).sort();

const several = (w: DescribeWriter, title: string, items: readonly string[]): void => {
  if (items.length === 0) w.line(0, `${title}:`, '<none>');
  for (const [i, item] of items.entries()) w.line(0, i === 0 ? `${title}:` : '', item);
};

function pod(k: Kube, p: Pod): string {
  const w = new DescribeWriter();
  const field = (name: string, value: string): void => w.line(0, `${name}:`, value);
  field('Name', p.metadata.name);
  field('Namespace', p.metadata.namespace);
  field('Priority', String(p.spec.priority ?? 0));
  if (p.spec.priorityClassName !== undefined) field('Priority Class Name', p.spec.priorityClassName);
  field('Service Account', p.spec.serviceAccountName ?? 'default');
  field('Node', p.spec.nodeName === undefined ? '<none>' : `${p.spec.nodeName}/${p.status.hostIP ?? ''}`);
  if (p.status.startTime !== undefined) field('Start Time', rfc1123z(p.status.startTime));
  labelLines(w, 'Labels', p.metadata.labels);
  annotations(w, p);
  if (p.metadata.deletionTimestamp === undefined) field('Status', podStatusText(p) === 'Pending' ? 'Pending' : p.status.phase);
  else {
    field('Status', 'Terminating (lasts <invalid>)');
    field('Termination Grace Period', `${p.metadata.deletionGracePeriodSeconds ?? 30}s`);
  }
  field('IP', p.status.podIP ?? '');
  if ((p.status.podIPs ?? []).length === 0) field('IPs', '<none>');
  else {
    w.line(0, 'IPs:');
    for (const ip of p.status.podIPs ?? []) w.line(1, 'IP:', ip.ip);
  }
  const owner = p.metadata.ownerReferences?.find((o) => o.controller === true);
  if (owner !== undefined) field('Controlled By', `${owner.kind}/${owner.name}`);
  containerLines(w, p.spec, p, 0);
  if ((p.status.conditions ?? []).length > 0) {
    w.line(0, 'Conditions:');
    w.line(1, 'Type', 'Status');
    for (const c of p.status.conditions ?? []) w.line(1, c.type, `${c.status} `);
  }
  volumeLines(w, p.spec, 0);
  w.line(0, 'QoS Class:', p.status.qosClass ?? 'BestEffort');
  several(w, 'Node-Selectors', Object.entries(p.spec.nodeSelector ?? {}).map(([key, value]) => `${key}=${value}`));
  several(w, 'Tolerations', tolerations(p.spec));
  return finish(w, k, p);
}

function service(k: Kube, s: Service): string {
  const w = new DescribeWriter();
  const field = (name: string, value: string): void => w.line(0, `${name}:`, value);
  field('Name', s.metadata.name);
  field('Namespace', s.metadata.namespace);
  labelLines(w, 'Labels', s.metadata.labels);
  annotations(w, s);
  field('Selector', formatLabels(s.spec.selector));
  field('Type', s.spec.type ?? 'ClusterIP');
  if (s.spec.ipFamilyPolicy !== undefined) field('IP Family Policy', s.spec.ipFamilyPolicy);
  if (s.spec.ipFamilies !== undefined) field('IP Families', s.spec.ipFamilies.join(','));
  field('IP', s.spec.clusterIP ?? '');
  field('IPs', (s.spec.clusterIPs ?? []).length === 0 ? '<none>' : (s.spec.clusterIPs ?? []).join(','));
  if ((s.spec.externalIPs ?? []).length > 0) field('External IPs', (s.spec.externalIPs ?? []).join(','));
  if (s.spec.loadBalancerIP !== undefined) field('IP', s.spec.loadBalancerIP);
  if (s.spec.externalName !== undefined) field('External Name', s.spec.externalName);
  const ingress = (s.status.loadBalancer.ingress ?? []).map((i) => i.ip ?? i.hostname ?? '');
  if (ingress.length > 0) field('LoadBalancer Ingress', ingress.join(', '));
  const endpoints = k.cluster.store.get('Endpoints', s.metadata.namespace, s.metadata.name);
  for (const p of s.spec.ports) {
    const name = p.name ?? '<unset>';
    field('Port', `${name}  ${p.port}/${p.protocol}`);
    field('TargetPort', `${String(p.targetPort ?? p.port)}/${p.protocol}`);
    if ((p.nodePort ?? 0) !== 0) field('NodePort', `${name}  ${String(p.nodePort)}/${p.protocol}`);
    const subsets = (endpoints?.subsets ?? []).map((sub) => ({ ...sub, ports: (sub.ports ?? []).filter((q) => (q.name ?? '') === (p.name ?? '')) })).filter((sub) => sub.ports.length > 0);
    field('Endpoints', endpointsText(subsets));
  }
  field('Session Affinity', s.spec.sessionAffinity ?? 'None');
  if (s.spec.externalTrafficPolicy !== undefined) field('External Traffic Policy', s.spec.externalTrafficPolicy);
  if ((s.spec.healthCheckNodePort ?? 0) !== 0) field('HealthCheck NodePort', String(s.spec.healthCheckNodePort));
  if ((s.spec.loadBalancerSourceRanges ?? []).length > 0) field('LoadBalancer Source Ranges', (s.spec.loadBalancerSourceRanges ?? []).join(','));
  return finish(w, k, s);
}

function deployment(k: Kube, d: Deployment): string {
  const w = new DescribeWriter();
  const field = (name: string, value: string): void => w.line(0, `${name}:`, value);
  const { status, spec } = d;
  field('Name', d.metadata.name);
  field('Namespace', d.metadata.namespace);
  field('CreationTimestamp', rfc1123z(d.metadata.creationTimestamp));
  labelLines(w, 'Labels', d.metadata.labels);
  annotations(w, d);
  field('Selector', formatSelector(spec.selector));
  field('Replicas', `${spec.replicas ?? 1} desired | ${status.updatedReplicas ?? 0} updated | ${status.replicas ?? 0} total | ${status.availableReplicas ?? 0} available | ${status.unavailableReplicas ?? 0} unavailable`);
  field('StrategyType', spec.strategy?.type ?? 'RollingUpdate');
  field('MinReadySeconds', String(spec.minReadySeconds ?? 0));
  const rolling = spec.strategy?.rollingUpdate;
  if (rolling !== undefined) field('RollingUpdateStrategy', `${String(rolling.maxUnavailable ?? '25%')} max unavailable, ${String(rolling.maxSurge ?? '25%')} max surge`);
  const body = new DescribeWriter();
  body.line(0, 'Pod Template:');
  body.line(1, 'Labels:', formatLabels(spec.template.metadata.labels).replaceAll(',', '\n           '));
  containerLines(body, spec.template.spec, undefined, 1);
  volumeLines(body, spec.template.spec, 1);
  body.line(0, 'Conditions:');
  body.line(1, 'Type', 'Status', 'Reason');
  body.line(1, '----', '------', '------');
  for (const c of status.conditions ?? []) body.line(1, c.type, c.status, c.reason ?? '');
  const sets = k.cluster.store.list('ReplicaSet', d.metadata.namespace).filter((r) => r.metadata.ownerReferences?.some((o) => o.uid === d.metadata.uid) === true);
  const revision = d.metadata.annotations?.['deployment.kubernetes.io/revision'];
  const text = (list: readonly ReplicaSet[]): string => (list.length === 0 ? '<none>' : list.map((r) => `${r.metadata.name} (${r.status.replicas}/${r.spec.replicas ?? 1} replicas created)`).join(', '));
  body.line(0, 'OldReplicaSets:', text(sets.filter((r) => r.metadata.annotations?.['deployment.kubernetes.io/revision'] !== revision)));
  body.line(0, 'NewReplicaSet:', text(sets.filter((r) => r.metadata.annotations?.['deployment.kubernetes.io/revision'] === revision)));
  return w.toString() + finish(body, k, d);
}

function replicaSet(k: Kube, r: ReplicaSet): string {
  const w = new DescribeWriter();
  const field = (name: string, value: string): void => w.line(0, `${name}:`, value);
  field('Name', r.metadata.name);
  field('Namespace', r.metadata.namespace);
  field('Selector', formatSelector(r.spec.selector));
  labelLines(w, 'Labels', r.metadata.labels);
  annotations(w, r);
  const owner = r.metadata.ownerReferences?.[0];
  if (owner !== undefined) field('Controlled By', `${owner.kind}/${owner.name}`);
  field('Replicas', `${r.status.replicas} current / ${r.spec.replicas ?? 1} desired`);
  const pods = k.cluster.store.list('Pod', r.metadata.namespace).filter((p) => p.metadata.ownerReferences?.some((o) => o.uid === r.metadata.uid) === true);
  const count = (phase: string): number => pods.filter((p) => p.status.phase === phase).length;
  field('Pods Status', `${count('Running')} Running / ${count('Pending')} Waiting / ${count('Succeeded')} Succeeded / ${count('Failed')} Failed`);
  const body = new DescribeWriter();
  body.line(0, 'Pod Template:');
  body.line(1, 'Labels:', formatLabels(r.spec.template.metadata.labels).replaceAll(',', '\n           '));
  containerLines(body, r.spec.template.spec, undefined, 1);
  volumeLines(body, r.spec.template.spec, 1);
  return w.toString() + finish(body, k, r);
}

function node(k: Kube, n: Node): string {
  const w = new DescribeWriter();
  w.line(0, 'Name:', n.metadata.name);
  const roles = Object.keys(n.metadata.labels ?? {}).filter((l) => l.startsWith('node-role.kubernetes.io/')).map((l) => l.slice(24)).sort();
  w.line(0, 'Roles:', roles.length === 0 ? '<none>' : roles.join(','));
  labelLines(w, 'Labels', n.metadata.labels);
  annotations(w, n);
  w.line(0, 'CreationTimestamp:', rfc1123z(n.metadata.creationTimestamp));
  w.line(0, 'Taints:', (n.spec.taints ?? []).length === 0 ? '<none>' : (n.spec.taints ?? []).map((t) => `${t.key}${t.value === undefined ? '' : `=${t.value}`}:${t.effect}`).join(', '));
  w.line(0, 'Unschedulable:', String(n.spec.unschedulable === true));
  w.line(0, 'Conditions:');
  w.line(1, 'Type', 'Status', 'LastHeartbeatTime', 'LastTransitionTime', 'Reason', 'Message');
  w.line(1, '----', '------', '-----------------', '------------------', '------', '-------');
  for (const c of n.status.conditions ?? []) w.line(1, c.type, c.status, rfc1123z(c.lastHeartbeatTime), rfc1123z(c.lastTransitionTime), c.reason ?? '', c.message ?? '');
  w.line(0, 'Addresses:');
  for (const a of n.status.addresses ?? []) w.line(1, `${a.type}:`, a.address);
  for (const [title, map] of [['Capacity', n.status.capacity], ['Allocatable', n.status.allocatable]] as const) {
    w.line(0, `${title}:`);
    for (const [key, value] of Object.entries(map ?? {})) w.line(1, `${key}:`, value);
  }
  const info = n.status.nodeInfo;
  if (info !== undefined) {
    w.line(0, 'System Info:');
    for (const [title, value] of [['Machine ID', info.machineID], ['System UUID', info.systemUUID], ['Boot ID', info.bootID], ['Kernel Version', info.kernelVersion], ['OS Image', info.osImage], ['Operating System', info.operatingSystem],
      ['Architecture', info.architecture], ['Container Runtime Version', info.containerRuntimeVersion], ['Kubelet Version', info.kubeletVersion], ['Kube-Proxy Version', info.kubeProxyVersion]] as const) w.line(1, `${title}:`, value);
  }
  w.line(0, 'PodCIDR:', n.spec.podCIDR ?? '');
  w.line(0, 'PodCIDRs:', (n.spec.podCIDRs ?? []).join(','));
  w.line(0, 'ProviderID:', n.spec.providerID ?? '');
  const pods = k.cluster.store.list('Pod').filter((p) => p.spec.nodeName === n.metadata.name);
  w.line(0, 'Non-terminated Pods:', `(${pods.length} in total)`);
  w.line(1, 'Namespace', 'Name', 'Age');
  w.line(1, '---------', '----', '---');
  for (const p of pods) w.line(1, p.metadata.namespace, p.metadata.name, humanDuration(k.now - Date.parse(p.metadata.creationTimestamp)));
  return finish(w, k, n);
}

function configMap(k: Kube, c: ConfigMap): string {
  const w = new DescribeWriter();
  w.line(0, 'Name:', c.metadata.name);
  w.line(0, 'Namespace:', c.metadata.namespace);
  labelLines(w, 'Labels', c.metadata.labels);
  annotations(w, c);
  const data = Object.entries(c.data ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => `${key}:\n----\n${value}\n`).join('');
  return `${w.toString()}\nData\n====\n${data}\n\nBinaryData\n====\n\n${finish(new DescribeWriter(), k, c)}`;
}

/** Other kinds: their fields as the generic describer shows them. */
function generic(k: Kube, o: AnyObject): string {
  const w = new DescribeWriter();
  w.line(0, 'Name:', o.metadata.name);
  if (o.metadata.namespace !== '') w.line(0, 'Namespace:', o.metadata.namespace);
  labelLines(w, 'Labels', o.metadata.labels);
  annotations(w, o);
  const { metadata: _metadata, apiVersion: _version, kind: _kind, ...rest } = o;
  return w.toString() + (Object.keys(rest).length > 0 ? toYaml(rest) : '') + finish(new DescribeWriter(), k, o);
}

export function describeObject(k: Kube, object: AnyObject): string {
  const { store } = k.cluster;
  const { namespace, name } = object.metadata;
  const { kind } = kindInfo(object.kind === 'Pod' || object.kind === 'Service' || object.kind === 'Deployment' || object.kind === 'ReplicaSet' || object.kind === 'Node' || object.kind === 'ConfigMap' ? object.kind : 'Event');
  switch (kind) {
    case 'Pod': { const o = store.get('Pod', namespace, name); return o === undefined ? '' : pod(k, o); }
    case 'Service': { const o = store.get('Service', namespace, name); return o === undefined ? '' : service(k, o); }
    case 'Deployment': { const o = store.get('Deployment', namespace, name); return o === undefined ? '' : deployment(k, o); }
    case 'ReplicaSet': { const o = store.get('ReplicaSet', namespace, name); return o === undefined ? '' : replicaSet(k, o); }
    case 'Node': { const o = store.get('Node', '', name); return o === undefined ? '' : node(k, o); }
    case 'ConfigMap': { const o = store.get('ConfigMap', namespace, name); return o === undefined ? '' : configMap(k, o); }
    default: return generic(k, object);
  }
}
