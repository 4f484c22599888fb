/** Selectors of affinity. Models: component-helpers/scheduling/corev1/nodeaffinity, plugins/interpodaffinity (v1.29). */
import type { Node, Pod } from '../api/kinds.ts';
import { matches, type LabelSelector } from '../api/meta.ts';
import type { NodeSelectorTerm, PodAffinityTerm } from '../api/pod.ts';

type Requirement = NonNullable<LabelSelector['matchExpressions']>[number];

function holds({ key, operator, values = [] }: Requirement, have: Readonly<Record<string, string>>): boolean {
  if (operator !== 'Gt' && operator !== 'Lt') return matches({ matchExpressions: [{ key, operator, values }] }, have);
  const [mine, limit] = [Number(have[key] ?? Number.NaN), Number(values[0] ?? Number.NaN)];
  return operator === 'Gt' ? mine > limit : mine < limit;
}

/** A term without any requirement matches nothing. */
export function termMatches(term: NodeSelectorTerm, node: Node): boolean {
  const { matchExpressions = [], matchFields = [] } = term;
  if (matchExpressions.length + matchFields.length === 0) return false;
  return matchExpressions.every((r) => holds(r, node.metadata.labels ?? {})) && matchFields.every((r) => holds(r, { 'metadata.name': node.metadata.name }));
}

/** nodeSelector and the required node affinity. */
export function nodeAffinityMatches(pod: Pod, node: Node): boolean {
  const terms = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return matches({ matchLabels: pod.spec.nodeSelector ?? {} }, node.metadata.labels ?? {}) && (terms === undefined || terms.some((t) => termMatches(t, node)));
}

/** Nodes that the affinity names by metadata.name in every term (a DaemonSet's pods): the others are not looked at. */
export function namedNodes(pod: Pod): readonly string[] | undefined {
  const terms = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  if (terms === undefined || terms.length === 0) return undefined;
  const named = terms.map((t) => t.matchFields?.find((f) => f.key === 'metadata.name' && f.operator === 'In')?.values);
  return named.every((n) => n !== undefined) ? named.flat() : undefined;
}

/** Whether `other` is one of the pods that a term of `owner` speaks of. */
export function termSelects(term: PodAffinityTerm, owner: Pod, other: Pod, namespaceLabels: (name: string) => Readonly<Record<string, string>>): boolean {
  const space = other.metadata.namespace;
  const named = term.namespaces ?? [];
  const inSpace = named.length === 0 && term.namespaceSelector === undefined ? space === owner.metadata.namespace
    : named.includes(space) || (term.namespaceSelector !== undefined && matches(term.namespaceSelector, namespaceLabels(space)));
  return inSpace && term.labelSelector !== undefined && matches(term.labelSelector, other.metadata.labels ?? {});
}
