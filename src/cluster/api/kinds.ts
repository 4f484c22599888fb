/** The registry of kinds: names, groups and field tables. To add a kind: one field table and one line in each list here. */
import { configMapFields, endpointSliceFields, endpointsFields, eventFields, namespaceFields, nodeFields, serviceFields } from './core.ts';
import {
  clusterRoleBindingFields, clusterRoleFields, ingressClassFields, leaseFields, mutatingWebhookFields, podDisruptionBudgetFields, priorityClassFields, roleBindingFields, roleFields, secretFields,
  serviceAccountFields, storageClassFields, validatingWebhookFields,
} from './inert.ts';
import { crdFields } from './crd.ts';
import { bfdProfileFields, bgpAdvertisementFields, bgpPeerFields, communityFields, ipAddressPoolFields, l2AdvertisementFields, serviceL2StatusFields } from './metallb.ts';
import { controllerRevisionFields, daemonSetFields, deploymentFields, replicaSetFields, statefulSetFields } from './apps.ts';
import { cronJobFields, jobFields } from './batch.ts';
import { ingressFields } from './ingress.ts';
import { podFields } from './pod.ts';
import { ingressRouteFields } from './traefik.ts';
import type { Infer } from './schema.ts';

export const FIELDS = {
  Namespace: namespaceFields, Node: nodeFields, Pod: podFields, Service: serviceFields, Endpoints: endpointsFields, EndpointSlice: endpointSliceFields,
  ConfigMap: configMapFields, ServiceAccount: serviceAccountFields, Event: eventFields, Deployment: deploymentFields, ReplicaSet: replicaSetFields,
  DaemonSet: daemonSetFields, StatefulSet: statefulSetFields, ControllerRevision: controllerRevisionFields, Job: jobFields, CronJob: cronJobFields, Ingress: ingressFields,
  Secret: secretFields, Role: roleFields, RoleBinding: roleBindingFields, ClusterRole: clusterRoleFields, ClusterRoleBinding: clusterRoleBindingFields,
  ValidatingWebhookConfiguration: validatingWebhookFields, MutatingWebhookConfiguration: mutatingWebhookFields, PriorityClass: priorityClassFields,
  IngressClass: ingressClassFields, Lease: leaseFields, StorageClass: storageClassFields, PodDisruptionBudget: podDisruptionBudgetFields,
  CustomResourceDefinition: crdFields, IPAddressPool: ipAddressPoolFields, L2Advertisement: l2AdvertisementFields, ServiceL2Status: serviceL2StatusFields,
  BGPPeer: bgpPeerFields, BGPAdvertisement: bgpAdvertisementFields, BFDProfile: bfdProfileFields, Community: communityFields,
  IngressRoute: ingressRouteFields,
} as const;

export type Kind = keyof typeof FIELDS;
export type KindMap = { readonly [K in Kind]: Infer<(typeof FIELDS)[K]> };
export type AnyObject = KindMap[Kind];
export type Pod = KindMap['Pod'];
export type Service = KindMap['Service'];
export type Node = KindMap['Node'];
export type Deployment = KindMap['Deployment'];
export type ReplicaSet = KindMap['ReplicaSet'];
export type DaemonSet = KindMap['DaemonSet'];
export type StatefulSet = KindMap['StatefulSet'];
export type Job = KindMap['Job'];
export type CronJob = KindMap['CronJob'];
export type EndpointSlice = KindMap['EndpointSlice'];
export type ConfigMap = KindMap['ConfigMap'];
export type Secret = KindMap['Secret'];
export type ApiEvent = KindMap['Event'];

export interface KindInfo {
  readonly kind: Kind;
  readonly apiVersion: string;
  readonly plural: string;
  readonly singular: string;
  readonly short: readonly string[];
  readonly namespaced: boolean;
  /** Kept and shown, without effect in this lab. */
  readonly inert?: boolean;
  /** Served only while a CustomResourceDefinition of this name is stored. */
  readonly crd?: string;
}

const info = (kind: Kind, apiVersion: string, plural: string, short: readonly string[], namespaced = true): KindInfo =>
  ({ kind, apiVersion, plural, singular: kind.toLowerCase(), short, namespaced });
const inert = (kind: Kind, apiVersion: string, plural: string, short: readonly string[] = [], namespaced = true): KindInfo => ({ ...info(kind, apiVersion, plural, short, namespaced), inert: true });
/** A custom kind. */
const custom = (kind: Kind, apiVersion: string, plural: string, short: readonly string[] = []): KindInfo =>
  ({ ...info(kind, apiVersion, plural, short), crd: `${plural}.${apiVersion.slice(0, apiVersion.indexOf('/'))}` });

export const KINDS: readonly KindInfo[] = [
  info('ConfigMap', 'v1', 'configmaps', ['cm']), info('Endpoints', 'v1', 'endpoints', ['ep']), info('Event', 'v1', 'events', ['ev']),
  info('Namespace', 'v1', 'namespaces', ['ns'], false), info('Node', 'v1', 'nodes', ['no'], false), info('Pod', 'v1', 'pods', ['po']),
  info('ServiceAccount', 'v1', 'serviceaccounts', ['sa']), info('Service', 'v1', 'services', ['svc']),
  info('ControllerRevision', 'apps/v1', 'controllerrevisions', []), info('DaemonSet', 'apps/v1', 'daemonsets', ['ds']),
  info('Deployment', 'apps/v1', 'deployments', ['deploy']), info('ReplicaSet', 'apps/v1', 'replicasets', ['rs']),
  info('StatefulSet', 'apps/v1', 'statefulsets', ['sts']), info('CronJob', 'batch/v1', 'cronjobs', ['cj']), info('Job', 'batch/v1', 'jobs', []),
  info('EndpointSlice', 'discovery.k8s.io/v1', 'endpointslices', []),
  info('Secret', 'v1', 'secrets', []), inert('Role', 'rbac.authorization.k8s.io/v1', 'roles'), inert('RoleBinding', 'rbac.authorization.k8s.io/v1', 'rolebindings'),
  inert('ClusterRole', 'rbac.authorization.k8s.io/v1', 'clusterroles', [], false), inert('ClusterRoleBinding', 'rbac.authorization.k8s.io/v1', 'clusterrolebindings', [], false),
  info('ValidatingWebhookConfiguration', 'admissionregistration.k8s.io/v1', 'validatingwebhookconfigurations', [], false),
  inert('MutatingWebhookConfiguration', 'admissionregistration.k8s.io/v1', 'mutatingwebhookconfigurations', [], false),
  inert('Ingress', 'networking.k8s.io/v1', 'ingresses', ['ing']), inert('PriorityClass', 'scheduling.k8s.io/v1', 'priorityclasses', ['pc'], false), inert('IngressClass', 'networking.k8s.io/v1', 'ingressclasses', [], false),
  inert('Lease', 'coordination.k8s.io/v1', 'leases'), inert('StorageClass', 'storage.k8s.io/v1', 'storageclasses', ['sc'], false),
  inert('PodDisruptionBudget', 'policy/v1', 'poddisruptionbudgets', ['pdb']),
  info('CustomResourceDefinition', 'apiextensions.k8s.io/v1', 'customresourcedefinitions', ['crd', 'crds'], false),
  custom('BFDProfile', 'metallb.io/v1beta1', 'bfdprofiles'), custom('BGPAdvertisement', 'metallb.io/v1beta1', 'bgpadvertisements'), custom('BGPPeer', 'metallb.io/v1beta2', 'bgppeers'),
  custom('Community', 'metallb.io/v1beta1', 'communities'), custom('IPAddressPool', 'metallb.io/v1beta1', 'ipaddresspools'), custom('L2Advertisement', 'metallb.io/v1beta1', 'l2advertisements'),
  custom('ServiceL2Status', 'metallb.io/v1beta1', 'servicel2statuses'),
  custom('IngressRoute', 'traefik.io/v1alpha1', 'ingressroutes'),
];

const BY_KIND = new Map(KINDS.map((k) => [k.kind, k]));

export const isKind = (text: string): text is Kind => Object.hasOwn(FIELDS, text);

export function kindInfo(kind: Kind): KindInfo {
  const found = BY_KIND.get(kind);
  if (found === undefined) throw new Error(`kind ${kind} is not in KINDS`);
  return found;
}

/** `po`, `pod`, `pods`, `Pod`, `deployments.apps`, `deployments.v1.apps`, `pods.v1.`. `serves`: whether the API server has the kind now. */
export function kindByResource(name: string, serves: (kind: Kind) => boolean): KindInfo | undefined {
  const [word = '', ...rest] = name.toLowerCase().split('.');
  const where = rest.join('.');
  return KINDS.find((k) => {
    const [group, version] = k.apiVersion.includes('/') ? k.apiVersion.split('/') : ['', k.apiVersion];
    return [k.plural, k.singular, ...k.short].includes(word) && (rest.length === 0 || where === group || where === `${version ?? ''}.${group ?? ''}`) && serves(k.kind);
  });
}

/** Upstream kinds a learner may well write, which would need an effect that this lab does not have. */
export const ABSENT_KINDS: ReadonlyMap<string, readonly string[]> = new Map([
  ['PersistentVolumeClaim', ['v1']], ['PersistentVolume', ['v1']], ['ReplicationController', ['v1']], ['PodTemplate', ['v1']],
  ['NetworkPolicy', ['networking.k8s.io/v1']], ['HorizontalPodAutoscaler', ['autoscaling/v1', 'autoscaling/v2']],
  ['ResourceQuota', ['v1']], ['LimitRange', ['v1']], ['RuntimeClass', ['node.k8s.io/v1']], ['CertificateSigningRequest', ['certificates.k8s.io/v1']], ['APIService', ['apiregistration.k8s.io/v1']],
  ['FlowSchema', ['flowcontrol.apiserver.k8s.io/v1', 'flowcontrol.apiserver.k8s.io/v1beta3']], ['PriorityLevelConfiguration', ['flowcontrol.apiserver.k8s.io/v1', 'flowcontrol.apiserver.k8s.io/v1beta3']],
  ['CSIDriver', ['storage.k8s.io/v1']], ['CSINode', ['storage.k8s.io/v1']], ['CSIStorageCapacity', ['storage.k8s.io/v1']], ['VolumeAttachment', ['storage.k8s.io/v1']],
]);

/** pods, services, deployments.apps: how errors and `kubectl get -o name` call a kind. */
export const resourceName = (k: KindInfo): string => (k.apiVersion.includes('/') ? `${k.plural}.${k.apiVersion.slice(0, k.apiVersion.indexOf('/'))}` : k.plural);
export const singularName = (k: KindInfo): string => (k.apiVersion.includes('/') ? `${k.singular}.${k.apiVersion.slice(0, k.apiVersion.indexOf('/'))}` : k.singular);
