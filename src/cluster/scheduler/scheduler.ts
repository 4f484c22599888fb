/**
 * Pods to nodes.
 * Models: kube-scheduler (v1.29): filters (filters.ts), wishes and fewest pods (score.ts), the words of FailedScheduling.
 * A scenario's pin wins over the score when its node passes the filters. An unschedulable pod is tried again at every change of pods or nodes.
 * Not modelled: preemption (nobody is a victim), other schedulers.
 */
import type { Node, Pod } from '../api/kinds.ts';
import { recordEvent } from '../events.ts';
import { LATENCY, Loop, type ControlPlane } from '../plane.ts';
import { refusal, type Refusal, type View } from './filters.ts';
import { ranked } from './score.ts';

export interface Choice {
  readonly node: string | undefined;
  /** Why there is none, in kube-scheduler's words. */
  readonly message: string;
}

/** `1 Insufficient cpu, 2 node(s) were unschedulable` */
function histogram(reasons: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const r of reasons) counts.set(r, (counts.get(r) ?? 0) + 1);
  return [...counts].map(([why, n]) => `${n} ${why}`).sort().join(', ');
}

function failure(refusals: readonly Refusal[]): string {
  const none = `0/${refusals.length} nodes are available`;
  const preemption = histogram(refusals.map((r) => (r.final ? 'Preemption is not helpful for scheduling' : 'No preemption victims found for incoming pod')));
  return `${none}: ${histogram(refusals.flatMap((r) => r.reasons))}. preemption: ${none}: ${preemption}.`;
}

export function choose(pod: Pod, view: View, pinned: string | undefined): Choice {
  if (view.nodes.length === 0) return { node: undefined, message: 'no nodes available to schedule pods' };
  const refusals: Refusal[] = [];
  const fit: Node[] = [];
  for (const node of view.nodes) {
    const why = refusal(pod, node, view);
    if (why === undefined) fit.push(node);
    else refusals.push(why);
  }
  if (fit.length === 0) return { node: undefined, message: failure(refusals) };
  if (pinned !== undefined && fit.some((n) => n.metadata.name === pinned)) return { node: pinned, message: '' };
  return { node: ranked(pod, fit, view)[0]?.metadata.name, message: '' };
}

export class PodScheduler {
  readonly #plane: ControlPlane;

  constructor(plane: ControlPlane) {
    this.#plane = plane;
    new Loop(plane, ['Pod', 'Node'], LATENCY.scheduler, () => this.#run()).queue();
  }

  #run(): void {
    const { store } = this.#plane;
    for (const pod of store.list('Pod')) {
      if ((pod.spec.nodeName ?? '') !== '' || pod.metadata.deletionTimestamp !== undefined || pod.spec.schedulerName !== 'default-scheduler') continue;
      if ((pod.spec.schedulingGates ?? []).length > 0) {
        this.#gated(pod);
        continue;
      }
      const placed = store.list('Pod').filter((p) => (p.spec.nodeName ?? '') !== '' && p.status.phase !== 'Succeeded' && p.status.phase !== 'Failed');
      const view: View = { nodes: store.list('Node'), placed, namespaceLabels: (name) => store.get('Namespace', '', name)?.metadata.labels ?? {} };
      this.#bind(pod, choose(pod, view, this.#plane.api.pinBook.current(pod.metadata.namespace, pod.metadata.name)?.node));
    }
  }

  /** PreEnqueue plugin SchedulingGates: no event, only the condition. */
  #gated(pod: Pod): void {
    if (pod.status.conditions?.some((c) => c.reason === 'SchedulingGated') === true) return;
    const { namespace, name } = pod.metadata;
    const condition = { type: 'PodScheduled', status: 'False', reason: 'SchedulingGated', message: 'Scheduling is blocked due to non-empty scheduling gates', lastTransitionTime: this.#plane.api.now('Pod', namespace, name) };
    this.#plane.store.update('Pod', { ...pod, status: { ...pod.status, conditions: [...(pod.status.conditions ?? []), condition] } });
  }

  #bind(pod: Pod, { node, message }: Choice): void {
    const { store, api } = this.#plane;
    const { namespace, name } = pod.metadata;
    const now = api.now('Pod', namespace, name);
    const others = (pod.status.conditions ?? []).filter((c) => c.type !== 'PodScheduled');
    if (node === undefined) {
      const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message, lastTransitionTime: now };
      if (pod.status.conditions?.some((c) => c.type === 'PodScheduled' && c.message === message) === true) return;
      store.update('Pod', { ...pod, status: { ...pod.status, conditions: [...others, condition] } });
      recordEvent(this.#plane, pod, 'default-scheduler', 'Warning', 'FailedScheduling', message);
      return;
    }
    const scheduled = { type: 'PodScheduled', status: 'True', lastTransitionTime: now };
    store.update('Pod', { ...pod, spec: { ...pod.spec, nodeName: node }, status: { ...pod.status, conditions: [...others, scheduled] } });
    recordEvent(this.#plane, pod, 'default-scheduler', 'Normal', 'Scheduled', `Successfully assigned ${namespace}/${name} to ${node}`);
  }
}
