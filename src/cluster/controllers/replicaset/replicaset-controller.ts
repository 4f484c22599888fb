/**
 * ReplicaSets to pods.
 * Models: pkg/controller/replicaset (v1.29): creation, the ranking of pods to delete (unassigned, pending, not ready, doubled up on a node, youngest).
 */
import { seconds } from '../../../engine/sim/time.ts';
import type { Pod, ReplicaSet } from '../../api/kinds.ts';
import { matches } from '../../api/meta.ts';
import { recordEvent } from '../../events.ts';
import { isReady } from '../../node/pod-status.ts';
import { LATENCY, Loop, type ControlPlane } from '../../plane.ts';
import { isActive, nonZero, PodNames, podFrom } from '../owned.ts';

export class ReplicaSetController {
  readonly #plane: ControlPlane;
  readonly #names: PodNames;
  readonly #loop: Loop;

  constructor(plane: ControlPlane) {
    this.#plane = plane;
    this.#names = new PodNames(plane);
    this.#loop = new Loop(plane, ['ReplicaSet', 'Pod'], LATENCY.controller, () => this.#reconcile());
    this.#loop.queue();
  }

  #reconcile(): void {
    for (const r of this.#plane.store.list('ReplicaSet')) if (r.metadata.deletionTimestamp === undefined) this.#one(r);
  }

  #one(r: ReplicaSet): void {
    const { store, api } = this.#plane;
    const active = store.list('Pod', r.metadata.namespace).filter((p) => isActive(p) && matches(r.spec.selector, p.metadata.labels ?? {}) && (p.metadata.ownerReferences ?? []).every((o) => o.uid === r.metadata.uid));
    const want = r.spec.replicas ?? 1;
    // One POST a round: the pod's ADDED event starts the next.
    if (active.length < want) this.#create(r);
    if (active.length > want) {
      for (const pod of [...active].sort((a, b) => rank(b, active) - rank(a, active)).slice(0, active.length - want)) {
        api.delete('Pod', pod.metadata.namespace, pod.metadata.name);
        recordEvent(this.#plane, r, 'replicaset-controller', 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`);
      }
    }
    const ready = active.filter(isReady);
    const available = ready.filter((p) => this.#available(p, r.spec.minReadySeconds ?? 0)).length;
    const latest = store.get('ReplicaSet', r.metadata.namespace, r.metadata.name);
    if (latest === undefined) return;
    store.update('ReplicaSet', {
      ...latest,
      status: { replicas: active.length, fullyLabeledReplicas: nonZero(active.length), readyReplicas: nonZero(ready.length), availableReplicas: nonZero(available), observedGeneration: latest.metadata.generation },
    });
  }

  /** Ready for minReadySeconds; otherwise this looks again when it will be. */
  #available(pod: Pod, minReadySeconds: number): boolean {
    if (minReadySeconds === 0) return true;
    const since = Date.parse(pod.status.conditions?.find((c) => c.type === 'Ready')?.lastTransitionTime ?? '');
    const left = minReadySeconds - Math.floor((this.#plane.wallMillis() - since) / 1000);
    if (left > 0) this.#loop.queue(seconds(left));
    return left <= 0;
  }

  #create(r: ReplicaSet): void {
    const { namespace, name } = r.metadata;
    const podName = this.#names.take(namespace, name);
    const made = this.#plane.api.create('Pod', podFrom(r, r.spec.template, podName, { generateName: `${name}-` }));
    if (made.ok) recordEvent(this.#plane, r, 'replicaset-controller', 'Normal', 'SuccessfulCreate', `Created pod: ${podName}`);
    else recordEvent(this.#plane, r, 'replicaset-controller', 'Warning', 'FailedCreate', `Error creating: ${made.error.message}`);
  }
}

/** ActivePodsWithRanks: the higher, the sooner it goes. */
function rank(pod: Pod, all: readonly Pod[]): number {
  const unassigned = (pod.spec.nodeName ?? '') === '' ? 1 : 0;
  const pending = pod.status.phase === 'Running' ? 0 : 1;
  const notReady = isReady(pod) ? 0 : 1;
  const doubled = all.filter((p) => p.spec.nodeName === pod.spec.nodeName && isReady(p)).length;
  const youth = Date.parse(pod.metadata.creationTimestamp) / 1e13;
  return unassigned * 1e6 + pending * 1e5 + notReady * 1e4 + doubled * 10 + youth;
}
