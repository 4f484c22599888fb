/** Taints and tolerations. Models: component-helpers/scheduling/corev1 (v1.29). */
import type { Node } from '../api/kinds.ts';
import type { PodSpec, Toleration } from '../api/pod.ts';

export type Taint = NonNullable<Node['spec']['taints']>[number];

export const tolerates = (t: Toleration, taint: Taint): boolean =>
  ((t.effect ?? '') === '' || t.effect === taint.effect)
  && ((t.key ?? '') === '' ? t.operator === 'Exists' : t.key === taint.key && (t.operator === 'Exists' || (t.value ?? '') === (taint.value ?? '')));

/** The first taint with one of these effects that no toleration meets. */
export const untolerated = (spec: PodSpec, taints: readonly Taint[] | undefined, effects: readonly string[]): Taint | undefined =>
  (taints ?? []).find((taint) => effects.includes(taint.effect) && !(spec.tolerations ?? []).some((t) => tolerates(t, taint)));

export const UNSCHEDULABLE: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };
export const NOT_READY = 'node.kubernetes.io/not-ready';
export const UNREACHABLE = 'node.kubernetes.io/unreachable';
