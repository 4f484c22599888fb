import { condition, labelSelector, objectMeta } from './meta.ts';
import { absent, bool, inert, int32, int64, intOrString, list, map, str, struct, timestamp, type Infer } from './schema.ts';

const httpGet = struct('HTTPGetAction', { port: intOrString }, { path: str, host: str, scheme: str, httpHeaders: list(struct('HTTPHeader', { name: str, value: str }, {})) });
export const probe = struct('Probe', {}, {
  httpGet, tcpSocket: struct('TCPSocketAction', { port: intOrString }, { host: str }), exec: struct('ExecAction', { command: list(str) }, {}),
  grpc: absent('a gRPC probe'), initialDelaySeconds: int32, periodSeconds: int32, timeoutSeconds: int32, successThreshold: int32, failureThreshold: int32,
  terminationGracePeriodSeconds: int64,
});
export type Probe = Infer<typeof probe>;

const containerPort = struct('ContainerPort', { containerPort: int32, protocol: str }, { name: str, hostPort: int32, hostIP: str });
const fieldRef = struct('ObjectFieldSelector', { fieldPath: str }, { apiVersion: str });
const envVar = struct('EnvVar', { name: str }, {
  value: str,
  valueFrom: struct('EnvVarSource', {}, {
    fieldRef, configMapKeyRef: struct('ConfigMapKeySelector', { name: str, key: str }, { optional: bool }),
    secretKeyRef: absent('a Secret'), resourceFieldRef: inert }),
});
const volumeMount = struct('VolumeMount', { name: str, mountPath: str }, { subPath: str, readOnly: bool, mountPropagation: str, subPathExpr: inert });

export const container = struct('Container', { name: str, image: str }, {
  command: list(str), args: list(str), workingDir: str, ports: list(containerPort), env: list(envVar), envFrom: absent('envFrom'),
  readinessProbe: probe, livenessProbe: inert, startupProbe: inert, volumeMounts: list(volumeMount), imagePullPolicy: str, resources: inert,
  securityContext: inert, stdin: bool, stdinOnce: bool, tty: bool, terminationMessagePath: str, terminationMessagePolicy: str, lifecycle: inert,
  volumeDevices: inert, resizePolicy: inert, restartPolicy: inert,
});
export type Container = Infer<typeof container>;

const keyToPath = struct('KeyToPath', { key: str, path: str }, { mode: int32 });
const volume = struct('Volume', { name: str }, {
  configMap: struct('ConfigMapVolumeSource', { name: str }, { items: list(keyToPath), defaultMode: int32, optional: bool }),
  emptyDir: inert, hostPath: inert, projected: inert, secret: inert, downwardAPI: inert, persistentVolumeClaim: inert,
});

export const podSpec = struct('PodSpec', { containers: list(container) }, {
  nodeName: str, nodeSelector: map(str), hostNetwork: bool, dnsPolicy: str, restartPolicy: str, volumes: list(volume), serviceAccountName: str, serviceAccount: str,
  terminationGracePeriodSeconds: int64, hostname: str, subdomain: str,
  hostAliases: list(struct('HostAlias', { ip: str }, { hostnames: list(str) })),
  dnsConfig: struct('PodDNSConfig', {}, {
    nameservers: list(str), searches: list(str), options: list(struct('PodDNSConfigOption', { name: str }, { value: str })) }),
  initContainers: absent('an init container'), ephemeralContainers: absent('an ephemeral container'),
  tolerations: list(struct('Toleration', {}, { key: str, operator: str, value: str, effect: str, tolerationSeconds: int64 })),
  affinity: inert, topologySpreadConstraints: inert, securityContext: inert, schedulerName: str, enableServiceLinks: bool, priority: int32,
  priorityClassName: str, preemptionPolicy: str, automountServiceAccountToken: bool, imagePullSecrets: inert, shareProcessNamespace: inert,
  readinessGates: inert, runtimeClassName: inert, setHostnameAsFQDN: inert, overhead: inert, activeDeadlineSeconds: inert, hostPID: inert, hostIPC: inert,
  hostUsers: inert, os: inert, schedulingGates: inert, resourceClaims: inert,
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
  qosClass: str, reason: str, message: str, nominatedNodeName: str, initContainerStatuses: inert, ephemeralContainerStatuses: inert,
});

export const podFields = struct('Pod', { apiVersion: str, kind: str, metadata: objectMeta, spec: podSpec, status: podStatus }, {});
export const podTemplate = struct('PodTemplateSpec', { metadata: objectMeta, spec: podSpec }, {});
export type PodTemplate = Infer<typeof podTemplate>;

const deploymentStrategy = struct('DeploymentStrategy', {}, {
  type: str, rollingUpdate: struct('RollingUpdateDeployment', {}, { maxSurge: intOrString, maxUnavailable: intOrString }) });

export const deploymentFields = struct('Deployment', {
  apiVersion: str, kind: str, metadata: objectMeta,
  spec: struct('DeploymentSpec', { template: podTemplate, selector: labelSelector }, {
    replicas: int32, strategy: deploymentStrategy, minReadySeconds: int32, revisionHistoryLimit: int32, progressDeadlineSeconds: int32, paused: bool }),
  status: struct('DeploymentStatus', {}, {
    replicas: int32, updatedReplicas: int32, readyReplicas: int32, availableReplicas: int32, unavailableReplicas: int32, observedGeneration: int64,
    conditions: list(condition), collisionCount: int32 }),
}, {});

export const replicaSetFields = struct('ReplicaSet', {
  apiVersion: str, kind: str, metadata: objectMeta,
  spec: struct('ReplicaSetSpec', { template: podTemplate, selector: labelSelector }, { replicas: int32, minReadySeconds: int32 }),
  status: struct('ReplicaSetStatus', { replicas: int32 }, {
    readyReplicas: int32, availableReplicas: int32, fullyLabeledReplicas: int32, observedGeneration: int64, conditions: list(condition) }),
}, {});
