import { bool, inert, int32, int64, list, map, str, struct, timestamp, type Infer } from './schema.ts';

export const ownerReference = struct('OwnerReference', { apiVersion: str, kind: str, name: str, uid: str }, { controller: bool, blockOwnerDeletion: bool });

/** Strings that are '' are absent: the store fills them. */
export const objectMeta = struct(
  'ObjectMeta',
  { name: str, namespace: str, uid: str, resourceVersion: str, creationTimestamp: timestamp },
  {
    generateName: str, labels: map(str), annotations: map(str), generation: int64, ownerReferences: list(ownerReference),
    deletionTimestamp: timestamp, deletionGracePeriodSeconds: int64, finalizers: list(str), managedFields: inert, selfLink: inert,
  },
);
export type ObjectMeta = Infer<typeof objectMeta>;
export type OwnerReference = Infer<typeof ownerReference>;

export const labelSelectorRequirement = struct('LabelSelectorRequirement', { key: str, operator: str }, { values: list(str) });
export const labelSelector = struct('LabelSelector', {}, { matchLabels: map(str), matchExpressions: list(labelSelectorRequirement) });
export type LabelSelector = Infer<typeof labelSelector>;

export const objectReference = struct(
  'ObjectReference', { kind: str, name: str },
  { namespace: str, apiVersion: str, uid: str, resourceVersion: str, fieldPath: str });

export const condition = struct(
  'Condition', { type: str, status: str },
  { reason: str, message: str, lastTransitionTime: timestamp, lastUpdateTime: timestamp, lastHeartbeatTime: timestamp, lastProbeTime: timestamp, observedGeneration: int32 });
export type Condition = Infer<typeof condition>;

export type Labels = Readonly<Record<string, string>>;

/** LabelSelectorAsSelector: an empty selector matches everything. */
export function matches(selector: LabelSelector, labels: Labels): boolean {
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) if (labels[key] !== value) return false;
  for (const { key, operator, values = [] } of selector.matchExpressions ?? []) {
    const has = labels[key];
    if (operator === 'In' && (has === undefined || !values.includes(has))) return false;
    if (operator === 'NotIn' && has !== undefined && values.includes(has)) return false;
    if (operator === 'Exists' && has === undefined) return false;
    if (operator === 'DoesNotExist' && has !== undefined) return false;
  }
  return true;
}

/** A Service's selector: no selector matches nothing. */
export const selects = (selector: Labels | undefined, labels: Labels): boolean =>
  selector !== undefined && Object.keys(selector).length > 0 && matches({ matchLabels: selector }, labels);
