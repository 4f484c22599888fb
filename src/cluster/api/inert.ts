/**
 * Kinds that a manifest may bring along, kept and shown without effect in this lab: nobody is refused for want of a role, no webhook is called,
 * no lease is renewed. Models: core, rbac, admissionregistration, scheduling, networking, coordination, storage and policy APIs (v1.29).
 */
import { labelSelector, objectMeta, objectReference } from './meta.ts';
import { bool, inert, int32, intOrString, list, map, str, struct, type Infer } from './schema.ts';

const top = { apiVersion: str, kind: str, metadata: objectMeta } as const;

/** `stringData` is write only: see defaults.ts. */
export const secretFields = struct('Secret', top, { data: map(str), stringData: map(str), type: str, immutable: bool });
export type Secret = Infer<typeof secretFields>;

const policyRule = struct('PolicyRule', { verbs: list(str) }, { apiGroups: list(str), resources: list(str), resourceNames: list(str), nonResourceURLs: list(str) });
const subject = struct('Subject', { kind: str, name: str }, { apiGroup: str, namespace: str });
const roleRef = struct('RoleRef', { apiGroup: str, kind: str, name: str }, {});
export const roleFields = struct('Role', { ...top, rules: list(policyRule) }, {});
export const clusterRoleFields = struct('ClusterRole', { ...top, rules: list(policyRule) }, { aggregationRule: struct('AggregationRule', {}, { clusterRoleSelectors: list(labelSelector) }) });
export const roleBindingFields = struct('RoleBinding', { ...top, roleRef }, { subjects: list(subject) });
export const clusterRoleBindingFields = struct('ClusterRoleBinding', { ...top, roleRef }, { subjects: list(subject) });

const clientConfig = struct('WebhookClientConfig', {}, { caBundle: str, url: str, service: struct('ServiceReference', { namespace: str, name: str }, { path: str, port: int32 }) });
const rule = struct('RuleWithOperations', {}, { apiGroups: list(str), apiVersions: list(str), operations: list(str), resources: list(str), scope: str });
const webhook = { name: str, clientConfig, admissionReviewVersions: list(str) } as const;
const webhookOptions = {
  rules: list(rule), failurePolicy: str, matchPolicy: str, sideEffects: str, timeoutSeconds: int32, namespaceSelector: labelSelector, objectSelector: labelSelector, matchConditions: inert,
} as const;
export const validatingWebhookFields = struct('ValidatingWebhookConfiguration', { ...top, webhooks: list(struct('ValidatingWebhook', webhook, webhookOptions)) }, {});
export const mutatingWebhookFields = struct('MutatingWebhookConfiguration', { ...top, webhooks: list(struct('MutatingWebhook', webhook, { ...webhookOptions, reinvocationPolicy: str })) }, {});

export const priorityClassFields = struct('PriorityClass', { ...top, value: int32 }, { globalDefault: bool, description: str, preemptionPolicy: str });
export const ingressClassFields = struct('IngressClass', top, {
  spec: struct('IngressClassSpec', {}, { controller: str, parameters: struct('IngressClassParametersReference', { kind: str, name: str }, { apiGroup: str, namespace: str, scope: str }) }) });
export const leaseFields = struct('Lease', top, {
  spec: struct('LeaseSpec', {}, { holderIdentity: str, leaseDurationSeconds: int32, acquireTime: str, renewTime: str, leaseTransitions: int32 }) });
export const storageClassFields = struct('StorageClass', { ...top, provisioner: str }, {
  parameters: map(str), reclaimPolicy: str, mountOptions: list(str), allowVolumeExpansion: bool, volumeBindingMode: str, allowedTopologies: inert });
export const podDisruptionBudgetFields = struct('PodDisruptionBudget', top, {
  spec: struct('PodDisruptionBudgetSpec', {}, { minAvailable: intOrString, maxUnavailable: intOrString, selector: labelSelector, unhealthyPodEvictionPolicy: str }),
  status: inert });

export const serviceAccountFields = struct('ServiceAccount', top, {
  secrets: list(objectReference), imagePullSecrets: list(struct('LocalObjectReference', { name: str }, {})), automountServiceAccountToken: bool });
