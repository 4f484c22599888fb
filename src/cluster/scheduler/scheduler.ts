/**
 * Pods to nodes.
 * Models: kube-scheduler's filters (nodeName, nodeSelector, unschedulable, taints) and one score: fewest pods, then order of joining.
 * A scenario's pin wins over the score when its node passes the filters.
 * Not modelled: resources, affinity, spread constraints, preemption.
 */
import type { Node, Pod } from '../api/kinds.ts';
import { matches } from '../api/meta.ts';
import { recordEvent } from '../events.ts';
import { LATENCY, Loop, type ControlPlane } from '../plane.ts';
import { podPin } from '../pins.ts';

export interface Choice {
  readonly node: string | undefined;
  /** Why there is none, in kube-scheduler's words. */
  readonly message: string;
}

const tolerated = (pod: Pod, taint: { readonly key: string; readonly effect: string; readonly value?: string | undefined }): boolean =>
  (pod.spec.tolerations ?? []).some((t) =>
    (t.effect === undefined || t.effect === '' || t.effect === taint.effect)
    && (t.key === undefined || t.key === '' ? t.operator === 'Exists' : t.key === taint.key && (t.operator === 'Exists' || (t.value ?? '') === (taint.value ?? ''))));

/** Why a node is out, or undefined. */
function refusal(pod: Pod, node: Node): string | undefined {
  if (node.spec.unschedulable === true) return 'node(s) were unschedulable';
  const taint = (node.spec.taints ?? []).find((t) => t.effect !== 'PreferNoSchedule' && !tolerated(pod, t));
  if (taint !== undefined) return `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`;
  if (node.status.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') !== true) return 'node(s) had untolerated taint {node.kubernetes.io/not-ready: }';
  if (!matches({ matchLabels: pod.spec.nodeSelector ?? {} }, node.metadata.labels ?? {})) return "node(s) didn't match Pod's node affinity/selector";
  return undefined;
}

export function choose(pod: Pod, nodes: readonly Node[], pods: readonly Pod[], pinned: string | undefined): Choice {
  const reasons = new Map<string, number>();
  const fit = nodes.filter((node) => {
    const why = refusal(pod, node);
    if (why !== undefined) reasons.set(why, (reasons.get(why) ?? 0) + 1);
    return why === undefined;
  });
  if (fit.length === 0) {
    const counted = [...reasons].sort(([a], [b]) => (a < b ? -1 : 1)).map(([why, n]) => `${n} ${why}`).join(', ');
    return { node: undefined, message: `0/${nodes.length} nodes are available: ${counted}. preemption: 0/${nodes.length} nodes are available: ${nodes.length} Preemption is not helpful for scheduling.` };
  }
  if (pinned !== undefined && fit.some((n) => n.metadata.name === pinned)) return { node: pinned, message: '' };
  const load = (node: Node): number => pods.filter((p) => p.spec.nodeName === node.metadata.name && p.metadata.deletionTimestamp === undefined).length;
  const joined = [...fit].sort((a, b) => load(a) - load(b) || (a.spec.podCIDR ?? '').localeCompare(b.spec.podCIDR ?? '', 'en', { numeric: true }));
  return { node: joined[0]?.metadata.name, message: '' };
}

export class PodScheduler {
  readonly #plane: ControlPlane;

  constructor(plane: ControlPlane) {
    this.#plane = plane;
    new Loop(plane, ['Pod', 'Node'], LATENCY.scheduler, () => this.#run()).queue();
  }

  #run(): void {
    const { store, api, pins } = this.#plane;
    for (const pod of store.list('Pod')) {
      if ((pod.spec.nodeName ?? '') !== '' || pod.metadata.deletionTimestamp !== undefined || pod.spec.schedulerName !== 'default-scheduler') continue;
      const { namespace, name } = pod.metadata;
      const { node, message } = choose(pod, store.list('Node'), store.list('Pod'), podPin(pins, namespace, name)?.node);
      const now = api.now('Pod', namespace, name);
      const others = (pod.status.conditions ?? []).filter((c) => c.type !== 'PodScheduled');
      if (node === undefined) {
        const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message, lastTransitionTime: now };
        if (pod.status.conditions?.some((c) => c.type === 'PodScheduled' && c.message === message) === true) continue;
        store.update('Pod', { ...pod, status: { ...pod.status, conditions: [...others, condition] } });
        recordEvent(this.#plane, pod, 'default-scheduler', 'Warning', 'FailedScheduling', message);
        continue;
      }
      const scheduled = { type: 'PodScheduled', status: 'True', lastTransitionTime: now };
      store.update('Pod', { ...pod, spec: { ...pod.spec, nodeName: node }, status: { ...pod.status, conditions: [...others, scheduled] } });
      recordEvent(this.#plane, pod, 'default-scheduler', 'Normal', 'Scheduled', `Successfully assigned ${namespace}/${name} to ${node}`);
    }
  }
}
