/** Defaulting as the API server does it on create. Models: pkg/apis/{core,apps}/v1/defaults.go (v1.29). Not modelled: projected service account volumes. */
import { toBase64 } from '../../base/base64.ts';
import { utf8 } from '../../engine/wire/bytes.ts';
import type { DaemonSet, Deployment, EndpointSlice, Job, Kind, KindMap, Pod, Secret, Service, StatefulSet } from './kinds.ts';
import type { Container, EnvVar, LifecycleHandler, PodSpec, Probe, Volume } from './pod.ts';
import { establish } from './crd.ts';
import { defaultPool } from './metallb.ts';
import { qosClass, requestsOf } from './quantity.ts';

const httpGet = <H extends LifecycleHandler>(h: H): H => (h.httpGet === undefined ? h : { ...h, httpGet: { ...h.httpGet, path: h.httpGet.path || '/', scheme: h.httpGet.scheme || 'HTTP' } });
const probe = (p: Probe): Probe => ({
  ...httpGet(p), periodSeconds: p.periodSeconds || 10, timeoutSeconds: p.timeoutSeconds || 1, successThreshold: p.successThreshold || 1, failureThreshold: p.failureThreshold || 3,
});

/** ObjectFieldSelector */
const fieldRef = <T extends { readonly fieldRef?: { readonly fieldPath: string; readonly apiVersion?: string | undefined } | undefined }>(o: T): T => (o.fieldRef === undefined ? o : { ...o, fieldRef: { ...o.fieldRef, apiVersion: o.fieldRef.apiVersion || 'v1' } });
const env = (e: EnvVar): EnvVar => (e.valueFrom === undefined ? e : { ...e, valueFrom: fieldRef(e.valueFrom) });

const FILE_MODE = 0o644;
function volume(v: Volume): Volume {
  const mode = <T extends { readonly defaultMode?: number | undefined }>(source: T): T => ({ ...source, defaultMode: source.defaultMode ?? FILE_MODE });
  const { name, ...sources } = v;
  if (Object.values(sources).every((source) => source === undefined)) return { name, emptyDir: {} };
  return {
    ...v,
    ...(v.configMap === undefined ? {} : { configMap: mode(v.configMap) }), ...(v.secret === undefined ? {} : { secret: mode(v.secret) }), ...(v.hostPath === undefined ? {} : { hostPath: { ...v.hostPath, type: v.hostPath.type ?? '' } }),
    ...(v.downwardAPI === undefined ? {} : { downwardAPI: { ...mode(v.downwardAPI), items: v.downwardAPI.items?.map(fieldRef) } }),
    ...(v.projected === undefined ? {} : { projected: { ...mode(v.projected), sources: v.projected.sources?.map((p) => (p.downwardAPI === undefined ? p : { ...p, downwardAPI: { ...p.downwardAPI, items: p.downwardAPI.items?.map(fieldRef) } })) } }),
  };
}

/** Tag of an image reference; `latest` when there is none. */
export const imageTag = (image: string): string => /:([\w][\w.-]*)$/.exec(image)?.[1] ?? 'latest';

const container = <C extends Container>(c: C): C => ({
  ...c,
  imagePullPolicy: c.imagePullPolicy || (imageTag(c.image) === 'latest' && !c.image.includes('@') ? 'Always' : 'IfNotPresent'),
  resources: c.resources ?? {},
  terminationMessagePath: c.terminationMessagePath || '/dev/termination-log',
  terminationMessagePolicy: c.terminationMessagePolicy || 'File',
  ...(c.ports === undefined ? {} : { ports: c.ports.map((p) => ({ ...p, protocol: p.protocol || 'TCP' })) }),
  ...(c.env === undefined ? {} : { env: c.env.map(env) }),
  ...(c.readinessProbe === undefined ? {} : { readinessProbe: probe(c.readinessProbe) }),
  ...(c.livenessProbe === undefined ? {} : { livenessProbe: probe(c.livenessProbe) }),
  ...(c.startupProbe === undefined ? {} : { startupProbe: probe(c.startupProbe) }),
  ...(c.lifecycle === undefined ? {} : { lifecycle: { ...c.lifecycle, ...(c.lifecycle.postStart === undefined ? {} : { postStart: httpGet(c.lifecycle.postStart) }), ...(c.lifecycle.preStop === undefined ? {} : { preStop: httpGet(c.lifecycle.preStop) }) } }),
});

export const defaultPodSpec = (s: PodSpec): PodSpec => ({
  ...s,
  containers: s.containers.map(container),
  ...(s.initContainers === undefined ? {} : { initContainers: s.initContainers.map(container) }),
  ...(s.ephemeralContainers === undefined ? {} : { ephemeralContainers: s.ephemeralContainers.map(container) }),
  ...(s.volumes === undefined ? {} : { volumes: s.volumes.map(volume) }),
  restartPolicy: s.restartPolicy || 'Always', dnsPolicy: s.dnsPolicy || 'ClusterFirst', terminationGracePeriodSeconds: s.terminationGracePeriodSeconds ?? 30,
  schedulerName: s.schedulerName || 'default-scheduler', securityContext: s.securityContext ?? {},
});

/** SetDefaults_Pod: of a pod, not of a template. */
const ofPod = (s: PodSpec) => <C extends Container>(c: C): C => ({
  ...c, resources: requestsOf(c.resources ?? {}),
  ...(c.ports === undefined || s.hostNetwork !== true ? {} : { ports: c.ports.map((p) => ({ ...p, hostPort: p.hostPort || p.containerPort })) }),
});

/** The DefaultTolerationSeconds admission plugin. */
const tolerations = (given: NonNullable<PodSpec['tolerations']>): PodSpec['tolerations'] => [
  ...given,
  ...['not-ready', 'unreachable'].map((what) => `node.kubernetes.io/${what}`)
    .filter((key) => !given.some((t) => ['', key].includes(t.key ?? '') && ['', 'NoExecute'].includes(t.effect ?? '')))
    .map((key) => ({ effect: 'NoExecute', key, operator: 'Exists', tolerationSeconds: 300 })),
];

/** The Priority admission plugin with the two classes every cluster has. */
const PRIORITIES: Readonly<Record<string, number>> = { 'system-cluster-critical': 2_000_000_000, 'system-node-critical': 2_000_001_000 };

/** Of the class that is named, or of the default one; undefined: there is no such class. */
export function withPriority<P extends Pod>(pod: P, classes: readonly KindMap['PriorityClass'][]): P | undefined {
  const { priorityClassName = '', priority } = pod.spec;
  const named = classes.find((c) => (priorityClassName === '' ? c.globalDefault === true : c.metadata.name === priorityClassName));
  if (named === undefined) return priorityClassName === '' || PRIORITIES[priorityClassName] !== undefined ? pod : undefined;
  return { ...pod, spec: { ...pod.spec, priorityClassName: named.metadata.name, priority: priority ?? named.value, preemptionPolicy: pod.spec.preemptionPolicy ?? named.preemptionPolicy } };
}

const defaultPod = (pod: Pod): Pod => {
  const common = defaultPodSpec(pod.spec);
  const own = ofPod(common);
  const spec: PodSpec = { ...common, containers: common.containers.map(own), ...(common.initContainers === undefined ? {} : { initContainers: common.initContainers.map(own) }) };
  return {
    ...pod,
    spec: {
      ...spec, enableServiceLinks: spec.enableServiceLinks ?? true, priority: spec.priority ?? PRIORITIES[spec.priorityClassName ?? ''] ?? 0, preemptionPolicy: spec.preemptionPolicy ?? 'PreemptLowerPriority',
      serviceAccountName: spec.serviceAccountName ?? 'default', serviceAccount: spec.serviceAccountName ?? 'default',
      tolerations: tolerations(spec.tolerations ?? []),
    },
    status: { ...pod.status, phase: pod.status.phase || 'Pending', qosClass: pod.status.qosClass ?? qosClass(spec) },
  };
};

const defaultService = (s: Service): Service => {
  const type = s.spec.type ?? 'ClusterIP';
  const external = type === 'NodePort' || type === 'LoadBalancer';
  return {
    ...s,
    spec: {
      ...s.spec, type, sessionAffinity: s.spec.sessionAffinity ?? 'None',
      sessionAffinityConfig: s.spec.sessionAffinity === 'ClientIP' ? (s.spec.sessionAffinityConfig ?? { clientIP: { timeoutSeconds: 10800 } }) : undefined,
      ...(type === 'ExternalName' ? {} : { internalTrafficPolicy: s.spec.internalTrafficPolicy ?? 'Cluster', ipFamilies: s.spec.ipFamilies ?? ['IPv4'], ipFamilyPolicy: s.spec.ipFamilyPolicy ?? 'SingleStack' }),
      ...(external || (s.spec.externalIPs?.length ?? 0) > 0 ? { externalTrafficPolicy: s.spec.externalTrafficPolicy ?? 'Cluster' } : {}),
      ...(type === 'LoadBalancer' ? { allocateLoadBalancerNodePorts: s.spec.allocateLoadBalancerNodePorts ?? true } : {}),
      ports: s.spec.ports.map((p) => ({ ...p, protocol: p.protocol || 'TCP', targetPort: p.targetPort === undefined || p.targetPort === 0 || p.targetPort === '' ? p.port : p.targetPort })),
    },
  };
};

const defaultDeployment = (d: Deployment): Deployment => ({
  ...d,
  spec: {
    ...d.spec, replicas: d.spec.replicas ?? 1, revisionHistoryLimit: d.spec.revisionHistoryLimit ?? 10, progressDeadlineSeconds: d.spec.progressDeadlineSeconds ?? 600,
    strategy: d.spec.strategy?.type === 'Recreate' ? d.spec.strategy
      : { type: 'RollingUpdate', rollingUpdate: { maxSurge: d.spec.strategy?.rollingUpdate?.maxSurge ?? '25%', maxUnavailable: d.spec.strategy?.rollingUpdate?.maxUnavailable ?? '25%' } },
    template: template(d.spec.template),
  },
});

const template = <T extends { readonly spec: PodSpec }>(t: T): T => ({ ...t, spec: defaultPodSpec(t.spec) });

const defaultDaemonSet = (d: DaemonSet): DaemonSet => ({
  ...d,
  spec: {
    ...d.spec, revisionHistoryLimit: d.spec.revisionHistoryLimit ?? 10, template: template(d.spec.template),
    updateStrategy: d.spec.updateStrategy?.type === 'OnDelete' ? d.spec.updateStrategy
      : { type: 'RollingUpdate', rollingUpdate: { maxSurge: d.spec.updateStrategy?.rollingUpdate?.maxSurge ?? 0, maxUnavailable: d.spec.updateStrategy?.rollingUpdate?.maxUnavailable ?? 1 } },
  },
});

const defaultStatefulSet = (s: StatefulSet): StatefulSet => ({
  ...s,
  spec: {
    ...s.spec, replicas: s.spec.replicas ?? 1, podManagementPolicy: s.spec.podManagementPolicy ?? 'OrderedReady', persistentVolumeClaimRetentionPolicy: s.spec.persistentVolumeClaimRetentionPolicy ?? { whenDeleted: 'Retain', whenScaled: 'Retain' }, revisionHistoryLimit: s.spec.revisionHistoryLimit ?? 10, template: template(s.spec.template),
    updateStrategy: s.spec.updateStrategy?.type === 'OnDelete' ? s.spec.updateStrategy : { type: 'RollingUpdate', rollingUpdate: { partition: s.spec.updateStrategy?.rollingUpdate?.partition ?? 0 } },
  },
});

const defaultJob = (j: Job): Job => ({
  ...j,
  ...(Object.keys(j.metadata.labels ?? {}).length > 0 || j.spec.template.metadata.labels === undefined ? {} : { metadata: { ...j.metadata, labels: j.spec.template.metadata.labels } }),
  spec: {
    ...j.spec, podReplacementPolicy: j.spec.podReplacementPolicy ?? 'TerminatingOrFailed', backoffLimit: j.spec.backoffLimit ?? 6, completionMode: j.spec.completionMode ?? 'NonIndexed', suspend: j.spec.suspend ?? false,
    ...(j.spec.completions === undefined && j.spec.parallelism === undefined ? { completions: 1 } : {}), parallelism: j.spec.parallelism ?? 1, template: template(j.spec.template),
  },
});

/** stringData is written into data and never read back. */
const defaultSecret = ({ stringData, ...s }: Secret): Secret => {
  const data = { ...s.data, ...Object.fromEntries(Object.entries(stringData ?? {}).map(([key, value]) => [key, toBase64(utf8(value))])) };
  return { ...s, ...(Object.keys(data).length === 0 ? {} : { data }), type: s.type ?? 'Opaque' };
};

const slice = (s: EndpointSlice): EndpointSlice => ({ ...s, ports: s.ports.map((p) => ({ ...p, name: p.name ?? '', protocol: p.protocol ?? 'TCP' })) });

/** rbac/v1: the group of a role, and of users and groups. */
const RBAC = 'rbac.authorization.k8s.io';
const bound = <B extends KindMap['RoleBinding'] | KindMap['ClusterRoleBinding']>(b: B): B => ({
  ...b, roleRef: { ...b.roleRef, apiGroup: b.roleRef.apiGroup || RBAC },
  ...(b.subjects === undefined ? {} : { subjects: b.subjects.map((s) => (s.kind === 'ServiceAccount' ? s : { ...s, apiGroup: s.apiGroup || RBAC })) }),
});

const DEFAULTS: { readonly [K in Kind]?: (object: KindMap[K]) => KindMap[K] } = {
  Pod: defaultPod, Service: defaultService, Deployment: defaultDeployment, DaemonSet: defaultDaemonSet, StatefulSet: defaultStatefulSet, Job: defaultJob,
  ReplicaSet: (r) => ({ ...r, spec: { ...r.spec, replicas: r.spec.replicas ?? 1, template: template(r.spec.template) } }),
  Namespace: (n) => ({ ...n, spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' }, metadata: { ...n.metadata, labels: { ...n.metadata.labels, 'kubernetes.io/metadata.name': n.metadata.name } } }),
  CronJob: (c) => ({
    ...c,
    spec: {
      ...c.spec, concurrencyPolicy: c.spec.concurrencyPolicy || 'Allow', suspend: c.spec.suspend ?? false, successfulJobsHistoryLimit: c.spec.successfulJobsHistoryLimit ?? 3, failedJobsHistoryLimit: c.spec.failedJobsHistoryLimit ?? 1,
      jobTemplate: { ...c.spec.jobTemplate, spec: { ...c.spec.jobTemplate.spec, template: template(c.spec.jobTemplate.spec.template) } },
    },
  }),
  Endpoints: (e) => ({ ...e, subsets: e.subsets.map((s) => (s.ports === undefined ? s : { ...s, ports: s.ports.map((p) => ({ ...p, protocol: p.protocol || 'TCP' })) })) }),
  RoleBinding: bound, ClusterRoleBinding: bound,
  EndpointSlice: slice, Secret: defaultSecret, CustomResourceDefinition: establish, IPAddressPool: defaultPool,
  StorageClass: (s) => ({ ...s, reclaimPolicy: s.reclaimPolicy ?? 'Delete', volumeBindingMode: s.volumeBindingMode ?? 'Immediate' }),
  PriorityClass: (p) => ({ ...p, preemptionPolicy: p.preemptionPolicy ?? 'PreemptLowerPriority' }),
};

export function withDefaults<K extends Kind>(kind: K, object: KindMap[K]): KindMap[K] {
  return DEFAULTS[kind]?.(object) ?? object;
}
