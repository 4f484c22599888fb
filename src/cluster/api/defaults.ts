/** Defaulting as the API server does it on create. Models: pkg/apis/{core,apps}/v1/defaults.go (v1.29). Not modelled: projected service account volumes. */
import type { AnyObject, Deployment, Kind, KindMap, Pod, Service } from './kinds.ts';
import type { Container, PodSpec, Probe } from './pod.ts';

const probe = (p: Probe): Probe => ({
  ...p, periodSeconds: p.periodSeconds || 10, timeoutSeconds: p.timeoutSeconds || 1, successThreshold: p.successThreshold || 1, failureThreshold: p.failureThreshold || 3,
  ...(p.httpGet === undefined ? {} : { httpGet: { ...p.httpGet, path: p.httpGet.path ?? '/', scheme: p.httpGet.scheme ?? 'HTTP' } }),
});

/** Tag of an image reference; `latest` when there is none. */
export const imageTag = (image: string): string => /:([\w][\w.-]*)$/.exec(image)?.[1] ?? 'latest';

const container = (c: Container, hostNetwork: boolean): Container => ({
  ...c,
  imagePullPolicy: c.imagePullPolicy ?? (imageTag(c.image) === 'latest' && !c.image.includes('@') ? 'Always' : 'IfNotPresent'),
  resources: c.resources ?? {},
  terminationMessagePath: c.terminationMessagePath ?? '/dev/termination-log',
  terminationMessagePolicy: c.terminationMessagePolicy ?? 'File',
  ...(c.ports === undefined ? {} : { ports: c.ports.map((p) => ({ ...p, protocol: p.protocol || 'TCP', ...(hostNetwork ? { hostPort: p.hostPort ?? p.containerPort } : {}) })) }),
  ...(c.readinessProbe === undefined ? {} : { readinessProbe: probe(c.readinessProbe) }),
});

export const defaultPodSpec = (s: PodSpec): PodSpec => ({
  ...s,
  containers: s.containers.map((c) => container(c, s.hostNetwork === true)),
  restartPolicy: s.restartPolicy ?? 'Always', dnsPolicy: s.dnsPolicy ?? 'ClusterFirst', terminationGracePeriodSeconds: s.terminationGracePeriodSeconds ?? 30,
  schedulerName: s.schedulerName ?? 'default-scheduler', securityContext: s.securityContext ?? {},
});

/** The DefaultTolerationSeconds admission plugin. */
const tolerations = (given: NonNullable<PodSpec['tolerations']>): PodSpec['tolerations'] => [
  ...given,
  ...['not-ready', 'unreachable'].map((what) => `node.kubernetes.io/${what}`).filter((key) => !given.some((t) => t.key === key))
    .map((key) => ({ effect: 'NoExecute', key, operator: 'Exists', tolerationSeconds: 300 })),
];

const defaultPod = (pod: Pod): Pod => {
  const spec = defaultPodSpec(pod.spec);
  return {
    ...pod,
    spec: {
      ...spec, enableServiceLinks: spec.enableServiceLinks ?? true, priority: spec.priority ?? 0, preemptionPolicy: spec.preemptionPolicy ?? 'PreemptLowerPriority',
      serviceAccountName: spec.serviceAccountName ?? 'default', serviceAccount: spec.serviceAccountName ?? 'default',
      tolerations: tolerations(spec.tolerations ?? []),
    },
    status: { ...pod.status, phase: pod.status.phase || 'Pending', qosClass: pod.status.qosClass ?? 'BestEffort' },
  };
};

const defaultService = (s: Service): Service => {
  const type = s.spec.type ?? 'ClusterIP';
  const external = type === 'NodePort' || type === 'LoadBalancer';
  return {
    ...s,
    spec: {
      ...s.spec, type, sessionAffinity: s.spec.sessionAffinity ?? 'None',
      ...(s.spec.sessionAffinity === 'ClientIP' && s.spec.sessionAffinityConfig === undefined ? { sessionAffinityConfig: { clientIP: { timeoutSeconds: 10800 } } } : {}),
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
    template: { ...d.spec.template, spec: defaultPodSpec(d.spec.template.spec) },
  },
});

const same = <T extends AnyObject>(object: T): T => object;

const DEFAULTS: { readonly [K in Kind]: (object: KindMap[K]) => KindMap[K] } = {
  Pod: defaultPod, Service: defaultService, Deployment: defaultDeployment,
  ReplicaSet: (r) => ({ ...r, spec: { ...r.spec, replicas: r.spec.replicas ?? 1, template: { ...r.spec.template, spec: defaultPodSpec(r.spec.template.spec) } } }),
  Namespace: (n) => ({ ...n, spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' }, metadata: { ...n.metadata, labels: { ...n.metadata.labels, 'kubernetes.io/metadata.name': n.metadata.name } } }),
  Node: same, Endpoints: same, EndpointSlice: (s) => ({ ...s, ports: s.ports.map((p) => ({ ...p, name: p.name ?? '', protocol: p.protocol ?? 'TCP' })) }), ConfigMap: same, ServiceAccount: same, Event: same,
};

export function withDefaults<K extends Kind>(kind: K, object: KindMap[K]): KindMap[K] {
  return DEFAULTS[kind](object);
}
