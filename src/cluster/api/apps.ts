/** Field tables of apps/v1. Not modelled: volumeClaimTemplates (refused), minReadySeconds of sets other than Deployments. */
import { condition, labelSelector, objectMeta } from './meta.ts';
import { podTemplate } from './pod.ts';
import { absent, bool, inert, int32, int64, intOrString, list, str, struct } from './schema.ts';

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

export const daemonSetFields = struct('DaemonSet', {
  apiVersion: str, kind: str, metadata: objectMeta,
  spec: struct('DaemonSetSpec', { template: podTemplate, selector: labelSelector }, {
    updateStrategy: struct('DaemonSetUpdateStrategy', {}, {
      type: str, rollingUpdate: struct('RollingUpdateDaemonSet', {}, { maxSurge: intOrString, maxUnavailable: intOrString }) }),
    minReadySeconds: int32, revisionHistoryLimit: int32 }),
  status: struct('DaemonSetStatus', { currentNumberScheduled: int32, numberMisscheduled: int32, desiredNumberScheduled: int32, numberReady: int32 }, {
    observedGeneration: int64, updatedNumberScheduled: int32, numberAvailable: int32, numberUnavailable: int32, collisionCount: int32, conditions: list(condition) }),
}, {});

export const statefulSetFields = struct('StatefulSet', {
  apiVersion: str, kind: str, metadata: objectMeta,
  spec: struct('StatefulSetSpec', { template: podTemplate, selector: labelSelector, serviceName: str }, {
    replicas: int32, podManagementPolicy: str, revisionHistoryLimit: int32, minReadySeconds: int32,
    updateStrategy: struct('StatefulSetUpdateStrategy', {}, {
      type: str, rollingUpdate: struct('RollingUpdateStatefulSetStrategy', {}, { partition: int32, maxUnavailable: inert }) }),
    ordinals: struct('StatefulSetOrdinals', { start: int32 }, {}),
    volumeClaimTemplates: absent('a volume claim template'), persistentVolumeClaimRetentionPolicy: inert }),
  status: struct('StatefulSetStatus', { replicas: int32 }, {
    observedGeneration: int64, readyReplicas: int32, currentReplicas: int32, updatedReplicas: int32, availableReplicas: int32, currentRevision: str, updateRevision: str,
    collisionCount: int32, conditions: list(condition) }),
}, {});

export const controllerRevisionFields = struct('ControllerRevision', { apiVersion: str, kind: str, metadata: objectMeta, revision: int64 }, { data: inert });
