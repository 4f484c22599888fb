import { condition, labelSelector, labelSelectorRequirement, objectMeta } from './meta.ts';
import { absent, bool, inert, int32, int64, intOrString, list, map, quantity, str, struct, timestamp, type Infer } from './schema.ts';

const httpGet = struct('HTTPGetAction', { port: intOrString }, { path: str, host: str, scheme: str, httpHeaders: list(struct('HTTPHeader', { name: str, value: str }, {})) });
const tcpSocket = struct('TCPSocketAction', { port: intOrString }, { host: str });
const exec = struct('ExecAction', { command: list(str) }, {});
export const probe = struct('Probe', {}, {
  httpGet, tcpSocket, exec,
  grpc: absent('a gRPC probe'), initialDelaySeconds: int32, periodSeconds: int32, timeoutSeconds: int32, successThreshold: int32, failureThreshold: int32,
  terminationGracePeriodSeconds: int64,
});
export type Probe = Infer<typeof probe>;

const containerPort = struct('ContainerPort', { containerPort: int32, protocol: str }, { name: str, hostPort: int32, hostIP: str });
const fieldRef = struct('ObjectFieldSelector', { fieldPath: str }, { apiVersion: str });
const resourceFieldRef = struct('ResourceFieldSelector', { resource: str }, { containerName: str, divisor: quantity });
export type ResourceFieldRef = Infer<typeof resourceFieldRef>;
const envVar = struct('EnvVar', { name: str }, {
  value: str,
  valueFrom: struct('EnvVarSource', {}, {
    fieldRef, configMapKeyRef: struct('ConfigMapKeySelector', { name: str, key: str }, { optional: bool }),
    secretKeyRef: struct('SecretKeySelector', { name: str, key: str }, { optional: bool }), resourceFieldRef }),
});
export type EnvVar = Infer<typeof envVar>;
const envFromSource = struct('EnvFromSource', {}, {
  prefix: str, configMapRef: struct('ConfigMapEnvSource', { name: str }, { optional: bool }), secretRef: struct('SecretEnvSource', { name: str }, { optional: bool }) });
/** `sleep` is alpha and off in 1.29: the API server drops it. */
const lifecycleHandler = struct('LifecycleHandler', {}, { exec, httpGet, tcpSocket, sleep: inert });
export type LifecycleHandler = Infer<typeof lifecycleHandler>;
const resources = struct('ResourceRequirements', {}, { limits: map(quantity), requests: map(quantity), claims: inert });
const volumeMount = struct('VolumeMount', { name: str, mountPath: str }, { subPath: str, readOnly: bool, mountPropagation: str, subPathExpr: str });

/** Who a process runs as is checked against the image (runAsNonRoot); what it may do is not enforced. */
const user = { runAsNonRoot: bool, runAsUser: { ...int64, inert: true }, runAsGroup: inert, seLinuxOptions: inert, seccompProfile: inert, windowsOptions: inert };
const securityContext = struct('SecurityContext', {}, { ...user, allowPrivilegeEscalation: inert, capabilities: inert, privileged: inert, procMount: inert, readOnlyRootFilesystem: inert });
const podSecurityContext = struct('PodSecurityContext', {}, { ...user, fsGroup: inert, fsGroupChangePolicy: inert, supplementalGroups: inert, sysctls: list(struct('Sysctl', { name: str, value: str }, {})) });

const containerOptions = {
  command: list(str), args: list(str), workingDir: str, ports: list(containerPort), env: list(envVar), envFrom: list(envFromSource),
  readinessProbe: probe, livenessProbe: probe, startupProbe: probe, volumeMounts: list(volumeMount), imagePullPolicy: str, resources,
  securityContext, stdin: bool, stdinOnce: bool, tty: bool, terminationMessagePath: str, terminationMessagePolicy: str,
  lifecycle: struct('Lifecycle', {}, { postStart: lifecycleHandler, preStop: lifecycleHandler }), volumeDevices: inert, resizePolicy: inert, restartPolicy: str,
};
export const container = struct('Container', { name: str, image: str }, containerOptions);
export type Container = Infer<typeof container>;
/** kubectl debug adds these to a running pod; `targetContainerName` names whose processes it is to see. */
const ephemeralContainer = struct('EphemeralContainer', { name: str, image: str }, { ...containerOptions, targetContainerName: str });

const keyToPath = struct('KeyToPath', { key: str, path: str }, { mode: int32 });
const downwardFile = struct('DownwardAPIVolumeFile', { path: str }, { fieldRef, mode: int32, resourceFieldRef });
const projection = struct('VolumeProjection', {}, {
  configMap: struct('ConfigMapProjection', {}, { name: str, items: list(keyToPath), optional: bool }), secret: struct('SecretProjection', {}, { name: str, items: list(keyToPath), optional: bool }),
  downwardAPI: struct('DownwardAPIProjection', {}, { items: list(downwardFile) }), serviceAccountToken: absent('a projected service account token'), clusterTrustBundle: absent('a cluster trust bundle') });
/** Storage that lies outside the cluster. */
const outside = absent('storage outside the cluster');
const absentVolumes = {
  nfs: outside, csi: outside, iscsi: outside, fc: outside, rbd: outside, cephfs: outside, cinder: outside, glusterfs: outside, gitRepo: outside, flexVolume: outside, flocker: outside, quobyte: outside, scaleIO: outside,
  storageos: outside, portworxVolume: outside, photonPersistentDisk: outside, vsphereVolume: outside, azureDisk: outside, azureFile: outside, awsElasticBlockStore: outside, gcePersistentDisk: outside };
const volume = struct('Volume', { name: str }, {
  configMap: struct('ConfigMapVolumeSource', { name: str }, { items: list(keyToPath), defaultMode: int32, optional: bool }),
  secret: struct('SecretVolumeSource', {}, { secretName: str, items: list(keyToPath), defaultMode: int32, optional: bool }),
  emptyDir: struct('EmptyDirVolumeSource', {}, { medium: str, sizeLimit: quantity }), hostPath: struct('HostPathVolumeSource', { path: str }, { type: str }),
  downwardAPI: struct('DownwardAPIVolumeSource', {}, { items: list(downwardFile), defaultMode: int32 }),
  projected: struct('ProjectedVolumeSource', {}, { sources: list(projection), defaultMode: int32 }),
  persistentVolumeClaim: absent('a persistent volume claim'), ephemeral: absent('an ephemeral volume claim'), ...absentVolumes,
});
export type Volume = Infer<typeof volume>;

const nodeSelectorTerm = struct('NodeSelectorTerm', {}, { matchExpressions: list(labelSelectorRequirement), matchFields: list(labelSelectorRequirement) });
export type NodeSelectorTerm = Infer<typeof nodeSelectorTerm>;
const podAffinityTerm = struct('PodAffinityTerm', { topologyKey: str }, {
  labelSelector, namespaces: list(str), namespaceSelector: labelSelector, matchLabelKeys: inert, mismatchLabelKeys: inert });
export type PodAffinityTerm = Infer<typeof podAffinityTerm>;
const podAffinity = struct('PodAffinity', {}, {
  requiredDuringSchedulingIgnoredDuringExecution: list(podAffinityTerm),
  preferredDuringSchedulingIgnoredDuringExecution: list(struct('WeightedPodAffinityTerm', { weight: int32, podAffinityTerm }, {})) });
const affinity = struct('Affinity', {}, {
  nodeAffinity: struct('NodeAffinity', {}, {
    requiredDuringSchedulingIgnoredDuringExecution: struct('NodeSelector', { nodeSelectorTerms: list(nodeSelectorTerm) }, {}),
    preferredDuringSchedulingIgnoredDuringExecution: list(struct('PreferredSchedulingTerm', { weight: int32, preference: nodeSelectorTerm }, {})) }),
  podAffinity, podAntiAffinity: podAffinity });
export type Affinity = Infer<typeof affinity>;
const spreadConstraint = struct('TopologySpreadConstraint', { maxSkew: int32, topologyKey: str, whenUnsatisfiable: str }, {
  labelSelector, minDomains: int32, nodeAffinityPolicy: str, nodeTaintsPolicy: str, matchLabelKeys: inert });
export const toleration = struct('Toleration', {}, { key: str, operator: str, value: str, effect: str, tolerationSeconds: int64 });
export type Toleration = Infer<typeof toleration>;

export const podSpec = struct('PodSpec', { containers: list(container) }, {
  nodeName: str, nodeSelector: map(str), hostNetwork: bool, dnsPolicy: str, restartPolicy: str, volumes: list(volume), serviceAccountName: str, serviceAccount: str,
  terminationGracePeriodSeconds: int64, hostname: str, subdomain: str,
  hostAliases: list(struct('HostAlias', { ip: str }, { hostnames: list(str) })),
  dnsConfig: struct('PodDNSConfig', {}, {
    nameservers: list(str), searches: list(str), options: list(struct('PodDNSConfigOption', { name: str }, { value: str })) }),
  initContainers: list(container), ephemeralContainers: list(ephemeralContainer), tolerations: list(toleration),
  affinity, topologySpreadConstraints: list(spreadConstraint), securityContext: podSecurityContext, schedulerName: str, enableServiceLinks: bool, priority: int32,
  priorityClassName: str, preemptionPolicy: str, automountServiceAccountToken: bool, imagePullSecrets: inert, shareProcessNamespace: inert,
  readinessGates: list(struct('PodReadinessGate', { conditionType: str }, {})), runtimeClassName: absent('a runtime class'), setHostnameAsFQDN: inert, overhead: inert, activeDeadlineSeconds: int64, hostPID: inert, hostIPC: inert,
  hostUsers: inert, os: inert, schedulingGates: list(struct('PodSchedulingGate', { name: str }, {})), resourceClaims: absent('a resource claim'),
});
export type PodSpec = Infer<typeof podSpec>;

const stateRunning = struct('ContainerStateRunning', { startedAt: timestamp }, {});
const stateWaiting = struct('ContainerStateWaiting', { reason: str }, { message: str });
const stateTerminated = struct('ContainerStateTerminated', { exitCode: int32, reason: str, startedAt: timestamp, finishedAt: timestamp }, { containerID: str, message: str, signal: int32 });
const containerState = struct('ContainerState', {}, { running: stateRunning, waiting: stateWaiting, terminated: stateTerminated });
export const containerStatus = struct(
  'ContainerStatus', { name: str, ready: bool, restartCount: int32, image: str, imageID: str, state: containerState },
  { containerID: str, started: bool, lastState: containerState });
export type ContainerStatus = Infer<typeof containerStatus>;

const podIP = struct('PodIP', { ip: str }, {});
export const podStatus = struct('PodStatus', { phase: str }, {
  conditions: list(condition), containerStatuses: list(containerStatus), hostIP: str, hostIPs: list(podIP), podIP: str, podIPs: list(podIP), startTime: timestamp,
  qosClass: str, reason: str, message: str, nominatedNodeName: str, initContainerStatuses: list(containerStatus), ephemeralContainerStatuses: list(containerStatus),
});

export const podFields = struct('Pod', { apiVersion: str, kind: str, metadata: objectMeta, spec: podSpec, status: podStatus }, {});
export const podTemplate = struct('PodTemplateSpec', { metadata: objectMeta, spec: podSpec }, {});
export type PodTemplate = Infer<typeof podTemplate>;
