/**
 * ReplicaSets to pods.
 * Models: pkg/controller/replicaset (v1.29): creation, the ranking of pods to delete (unassigned, pending, not ready, doubled up on a node, youngest).
 * Names come from the scenario's pins while there are some with the right prefix, then from the random alphabet.
 */
import type { Pod, ReplicaSet } from '../../api/kinds.ts';
import { matches } from '../../api/meta.ts';
import { randomName } from '../../api/names.ts';
import { recordEvent } from '../../events.ts';
import { isReady } from '../../node/pod-status.ts';
import { LATENCY, Loop, type ControlPlane } from '../../plane.ts';
import { blankMeta } from '../deployment/deployment-controller.ts';

export class ReplicaSetController {
  readonly #plane: ControlPlane;
  readonly #usedNames = new Set<string>();

  constructor(plane: ControlPlane) {
    this.#plane = plane;
    new Loop(plane, ['ReplicaSet', 'Pod'], LATENCY.controller, () => this.#reconcile()).queue();
  }

  #reconcile(): void {
    for (const r of this.#plane.store.list('ReplicaSet')) this.#one(r);
  }

  #one(r: ReplicaSet): void {
    const { store, api } = this.#plane;
    const active = store.list('Pod', r.metadata.namespace).filter((p) =>
      p.metadata.deletionTimestamp === undefined && p.status.phase !== 'Succeeded' && p.status.phase !== 'Failed' && matches(r.spec.selector, p.metadata.labels ?? {})
      && (p.metadata.ownerReferences ?? []).every((o) => o.uid === r.metadata.uid));
    const want = r.spec.replicas ?? 1;
    // One POST a round: the pod's ADDED event starts the next.
    if (active.length < want) this.#create(r);
    if (active.length > want) {
      for (const pod of [...active].sort((a, b) => rank(b, active) - rank(a, active)).slice(0, active.length - want)) {
        api.delete('Pod', pod.metadata.namespace, pod.metadata.name);
        recordEvent(this.#plane, r, 'replicaset-controller', 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`);
      }
    }
    const ready = active.filter(isReady).length;
    const latest = store.get('ReplicaSet', r.metadata.namespace, r.metadata.name);
    if (latest === undefined) return;
    const nonZero = (n: number): number | undefined => (n === 0 ? undefined : n);
    store.update('ReplicaSet', {
      ...latest,
      status: { replicas: active.length, fullyLabeledReplicas: nonZero(active.length), readyReplicas: nonZero(ready), availableReplicas: nonZero(ready), observedGeneration: latest.metadata.generation },
    });
  }

  #create(r: ReplicaSet): void {
    const { api, pins, random, store } = this.#plane;
    const { namespace, name, uid } = r.metadata;
    const prefix = `${name}-`;
    const pinned = pins.pods.find((p) => p.namespace === namespace && p.name.startsWith(prefix) && !this.#usedNames.has(`${namespace}/${p.name}`));
    const podName = pinned?.name ?? `${prefix}${randomName(random.fork(`pod/${namespace}/${name}/${store.revision}`), 5)}`;
    this.#usedNames.add(`${namespace}/${podName}`);
    const pod: Pod = {
      apiVersion: 'v1', kind: 'Pod',
      metadata: {
        ...blankMeta(podName, namespace), generateName: prefix, labels: r.spec.template.metadata.labels,
        ...(r.spec.template.metadata.annotations === undefined ? {} : { annotations: r.spec.template.metadata.annotations }),
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name, uid, controller: true, blockOwnerDeletion: true }],
      },
      spec: r.spec.template.spec, status: { phase: 'Pending' },
    };
    const made = api.create('Pod', pod);
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
