/** The registry of kinds: names, groups and field tables. To add a kind: one field table and one line in each list here. */
import type { ObjectMeta } from './meta.ts';
import { configMapFields, endpointSliceFields, endpointsFields, eventFields, namespaceFields, nodeFields, serviceAccountFields, serviceFields } from './core.ts';
import { deploymentFields, podFields, replicaSetFields } from './pod.ts';
import type { Infer } from './schema.ts';

export const FIELDS = {
  Namespace: namespaceFields, Node: nodeFields, Pod: podFields, Service: serviceFields, Endpoints: endpointsFields, EndpointSlice: endpointSliceFields,
  ConfigMap: configMapFields, ServiceAccount: serviceAccountFields, Event: eventFields, Deployment: deploymentFields, ReplicaSet: replicaSetFields,
} as const;

export type Kind = keyof typeof FIELDS;
export type KindMap = { readonly [K in Kind]: Infer<(typeof FIELDS)[K]> };
export type AnyObject = KindMap[Kind];
export type Pod = KindMap['Pod'];
export type Service = KindMap['Service'];
export type Node = KindMap['Node'];
export type Deployment = KindMap['Deployment'];
export type ReplicaSet = KindMap['ReplicaSet'];
export type EndpointSlice = KindMap['EndpointSlice'];
export type ConfigMap = KindMap['ConfigMap'];
export type ApiEvent = KindMap['Event'];
export type Meta = ObjectMeta;

export interface KindInfo {
  readonly kind: Kind;
  readonly apiVersion: string;
  readonly plural: string;
  readonly singular: string;
  readonly short: readonly string[];
  readonly namespaced: boolean;
}

const info = (kind: Kind, apiVersion: string, plural: string, short: readonly string[], namespaced = true): KindInfo =>
  ({ kind, apiVersion, plural, singular: kind.toLowerCase(), short, namespaced });

/** In the order of `kubectl api-resources`. */
export const KINDS: readonly KindInfo[] = [
  info('ConfigMap', 'v1', 'configmaps', ['cm']), info('Endpoints', 'v1', 'endpoints', ['ep']), info('Event', 'v1', 'events', ['ev']),
  info('Namespace', 'v1', 'namespaces', ['ns'], false), info('Node', 'v1', 'nodes', ['no'], false), info('Pod', 'v1', 'pods', ['po']),
  info('ServiceAccount', 'v1', 'serviceaccounts', ['sa']), info('Service', 'v1', 'services', ['svc']),
  info('Deployment', 'apps/v1', 'deployments', ['deploy']), info('ReplicaSet', 'apps/v1', 'replicasets', ['rs']),
  info('EndpointSlice', 'discovery.k8s.io/v1', 'endpointslices', []),
];

const BY_KIND = new Map(KINDS.map((k) => [k.kind, k]));

export const isKind = (text: string): text is Kind => Object.hasOwn(FIELDS, text);

export function kindInfo(kind: Kind): KindInfo {
  const found = BY_KIND.get(kind);
  if (found === undefined) throw new Error(`kind ${kind} is not in KINDS`);
  return found;
}

/** `po`, `pod`, `pods`, `Pod`, `deployments.apps`. */
export function kindByResource(name: string): KindInfo | undefined {
  const lower = name.toLowerCase();
  return KINDS.find((k) => {
    const group = k.apiVersion.includes('/') ? k.apiVersion.slice(0, k.apiVersion.indexOf('/')) : '';
    return [k.plural, k.singular, ...k.short].includes(lower) || (group !== '' && (lower === `${k.plural}.${group}` || lower === `${k.singular}.${group}`));
  });
}

/** Upstream kinds a learner may well write, which this lab does not have (yet). */
export const ABSENT_KINDS: ReadonlyMap<string, string> = new Map([
  ['DaemonSet', 'apps/v1'], ['StatefulSet', 'apps/v1'], ['Job', 'batch/v1'], ['CronJob', 'batch/v1'], ['Secret', 'v1'], ['PersistentVolumeClaim', 'v1'],
  ['PersistentVolume', 'v1'], ['ReplicationController', 'v1'], ['NetworkPolicy', 'networking.k8s.io/v1'], ['Ingress', 'networking.k8s.io/v1'],
  ['IngressClass', 'networking.k8s.io/v1'], ['Role', 'rbac.authorization.k8s.io/v1'], ['RoleBinding', 'rbac.authorization.k8s.io/v1'],
  ['ClusterRole', 'rbac.authorization.k8s.io/v1'], ['ClusterRoleBinding', 'rbac.authorization.k8s.io/v1'], ['HorizontalPodAutoscaler', 'autoscaling/v2'],
  ['PodDisruptionBudget', 'policy/v1'], ['Lease', 'coordination.k8s.io/v1'], ['StorageClass', 'storage.k8s.io/v1'], ['CustomResourceDefinition', 'apiextensions.k8s.io/v1'],
]);

/** pods, services, deployments.apps: how errors and `kubectl get -o name` call a kind. */
export const resourceName = (k: KindInfo): string => (k.apiVersion.includes('/') ? `${k.plural}.${k.apiVersion.slice(0, k.apiVersion.indexOf('/'))}` : k.plural);
export const singularName = (k: KindInfo): string => (k.apiVersion.includes('/') ? `${k.singular}.${k.apiVersion.slice(0, k.apiVersion.indexOf('/'))}` : k.singular);
