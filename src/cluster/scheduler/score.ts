/**
 * Which of the fitting nodes is best.
 * Models: the wishes of a pod by their weights (TaintToleration, NodeAffinity, InterPodAffinity, PodTopologySpread of ScheduleAnyway), then fewest pods, then order of joining.
 * Not modelled: the other score plugins (resources, images) and their normalisation: between equal nodes kube-scheduler draws at random.
 */
import type { Node, Pod } from '../api/kinds.ts';
import { matches } from '../api/meta.ts';
import { termMatches, termSelects } from './affinity.ts';
import type { View } from './filters.ts';
import { tolerates } from './taints.ts';

function wishes(pod: Pod, node: Node, view: View): number {
  let score = 0;
  for (const t of node.spec.taints ?? []) if (t.effect === 'PreferNoSchedule' && !(pod.spec.tolerations ?? []).some((x) => tolerates(x, t))) score -= 300; // weight 3 of a full score
  for (const p of pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []) if (termMatches(p.preference, node)) score += 2 * p.weight;
  const near = (key: string): readonly Pod[] => {
    const value = node.metadata.labels?.[key];
    const same = new Set(view.nodes.filter((n) => n.metadata.labels?.[key] === value).map((n) => n.metadata.name));
    return value === undefined ? [] : view.placed.filter((p) => same.has(p.spec.nodeName ?? ''));
  };
  for (const [sign, terms] of [[2, pod.spec.affinity?.podAffinity], [-2, pod.spec.affinity?.podAntiAffinity]] as const) {
    for (const { weight, podAffinityTerm: t } of terms?.preferredDuringSchedulingIgnoredDuringExecution ?? []) score += sign * weight * near(t.topologyKey).filter((p) => termSelects(t, pod, p, view.namespaceLabels)).length;
  }
  for (const c of (pod.spec.topologySpreadConstraints ?? []).filter((s) => s.whenUnsatisfiable === 'ScheduleAnyway')) {
    const selector = c.labelSelector;
    if (selector !== undefined) score -= 2 * near(c.topologyKey).filter((p) => p.metadata.namespace === pod.metadata.namespace && matches(selector, p.metadata.labels ?? {})).length;
  }
  return score;
}

/** Best first. */
export function ranked(pod: Pod, fit: readonly Node[], view: View): readonly Node[] {
  const scored = fit.map((node) => ({
    node, wish: wishes(pod, node, view), load: view.placed.filter((p) => p.spec.nodeName === node.metadata.name && p.metadata.deletionTimestamp === undefined).length,
  }));
  return scored.sort((a, b) => b.wish - a.wish || a.load - b.load || (a.node.spec.podCIDR ?? '').localeCompare(b.node.spec.podCIDR ?? '', 'en', { numeric: true })).map((s) => s.node);
}
