/** kubectl describe: which describer a kind has. Models: kubectl/pkg/describe/describe.go describerMap (v1.29). */
import type { AnyObject, Kind, KindMap } from '../../api/kinds.ts';
import { kindOf } from '../../store.ts';
import type { Kube } from '../verb.ts';
import { describeIngressClass, describePodDisruptionBudget, describePriorityClass, describeStorageClass } from './classes.ts';
import { describeBinding, describeConfigMap, describeNamespace, describeRole, describeSecret, describeServiceAccount } from './config.ts';
import { describeGeneric } from './generic.ts';
import { describeIngress } from './ingress.ts';
import { describeNode } from './node.ts';
import { describePod } from './pod.ts';
import { describeEndpoints, describeEndpointSlice, describeService } from './service.ts';
import { describeCronJob, describeDaemonSet, describeDeployment, describeJob, describeReplicaSet, describeStatefulSet } from './workloads.ts';

const DESCRIBERS: { readonly [K in Kind]?: (k: Kube, object: KindMap[K]) => string } = {
  Pod: describePod, Service: describeService, Endpoints: describeEndpoints, EndpointSlice: describeEndpointSlice, Node: describeNode, Namespace: describeNamespace, Deployment: describeDeployment, ReplicaSet: describeReplicaSet,
  DaemonSet: describeDaemonSet, StatefulSet: describeStatefulSet, Job: describeJob, CronJob: describeCronJob, Ingress: describeIngress, ConfigMap: describeConfigMap, Secret: describeSecret, ServiceAccount: describeServiceAccount, Role: describeRole, ClusterRole: describeRole,
  RoleBinding: describeBinding, ClusterRoleBinding: describeBinding, PriorityClass: describePriorityClass, StorageClass: describeStorageClass, IngressClass: describeIngressClass, PodDisruptionBudget: describePodDisruptionBudget,
};

function byKind<K extends Kind>(k: Kube, kind: K, { metadata: { namespace, name } }: AnyObject): string | undefined {
  const object = k.cluster.store.get(kind, namespace, name);
  return object === undefined ? undefined : DESCRIBERS[kind]?.(k, object);
}

export const describeObject = (k: Kube, object: AnyObject): string => byKind(k, kindOf(object), object) ?? describeGeneric(k, object);
