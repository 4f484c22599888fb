/**
 * StatefulSets to pods with stable names, in order.
 * Models: pkg/controller/statefulset/stateful_set_control.go (v1.29): OrderedReady and Parallel, rolling update from the highest ordinal down to partition, OnDelete.
 * Not modelled: volume claims (refused), maxUnavailable, minReadySeconds.
 */
import type { Pod, StatefulSet } from '../../api/kinds.ts';
import { recordEvent } from '../../events.ts';
import { isReady } from '../../node/pod-status.ts';
import { LATENCY, Loop, type ControlPlane } from '../../plane.ts';
import { currentRevision, hasEnded, nonZero, podFrom, podsOf } from '../owned.ts';

const HASH = 'controller-revision-hash';
const ordinalOf = (pod: Pod): number => Number(/-(\d+)$/.exec(pod.metadata.name)?.[1] ?? -1);

export class StatefulSetController {
  readonly #plane: ControlPlane;

  constructor(plane: ControlPlane) {
    this.#plane = plane;
    new Loop(plane, ['StatefulSet', 'Pod'], LATENCY.controller, () => {
      for (const s of plane.store.list('StatefulSet')) if (s.metadata.deletionTimestamp === undefined) this.#one(s);
    }).queue();
  }

  #one(s: StatefulSet): void {
    const { name: revision } = currentRevision(this.#plane, s, s.spec.template);
    this.#step(s, revision);
    this.#status(s, revision);
  }

  /** Does what may be done now; in order, everything waits for the first pod that is not healthy. */
  #step(s: StatefulSet, revision: string): void {
    const inOrder = s.spec.podManagementPolicy !== 'Parallel';
    const first = s.spec.ordinals?.start ?? 0;
    const end = first + (s.spec.replicas ?? 1);
    const pods = podsOf(this.#plane.store, s);
    for (let i = first; i < end; i++) {
      const pod = pods.find((p) => ordinalOf(p) === i);
      if (pod === undefined) this.#create(s, i, this.#revisionFor(s, i, revision));
      else if (hasEnded(pod) && pod.metadata.deletionTimestamp === undefined) this.#delete(s, pod);
      else if (isReady(pod) && pod.metadata.deletionTimestamp === undefined) continue;
      if (inOrder) return;
    }
    for (const pod of pods.filter((p) => ordinalOf(p) >= end || ordinalOf(p) < first).sort((a, b) => ordinalOf(b) - ordinalOf(a))) {
      if (pod.metadata.deletionTimestamp === undefined) this.#delete(s, pod);
      if (inOrder) return;
    }
    if (s.spec.updateStrategy?.type === 'OnDelete') return;
    const lowest = Math.max(first, s.spec.updateStrategy?.rollingUpdate?.partition ?? 0);
    for (let i = end - 1; i >= lowest; i--) {
      const pod = pods.find((p) => ordinalOf(p) === i);
      if (pod !== undefined && pod.metadata.labels?.[HASH] !== revision && pod.metadata.deletionTimestamp === undefined) {
        this.#delete(s, pod);
        return;
      }
      if (pod === undefined || !isReady(pod)) return;
    }
  }

  /** Below the partition a pod comes back as it was. */
  #revisionFor(s: StatefulSet, ordinal: number, revision: string): string {
    const partition = s.spec.updateStrategy?.type === 'OnDelete' ? 0 : (s.spec.updateStrategy?.rollingUpdate?.partition ?? 0);
    return ordinal < partition ? (s.status.currentRevision ?? revision) : revision;
  }

  #create(s: StatefulSet, ordinal: number, revision: string): void {
    const { namespace, name } = s.metadata;
    const podName = `${name}-${ordinal}`;
    const template = this.#template(s, revision);
    const labels = { 'apps.kubernetes.io/pod-index': String(ordinal), [HASH]: revision, 'statefulset.kubernetes.io/pod-name': podName };
    const made = this.#plane.api.create('Pod', podFrom(s, template, podName, { generateName: `${name}-`, labels, spec: { hostname: podName, subdomain: s.spec.serviceName } }));
    if (made.ok) recordEvent(this.#plane, s, 'statefulset-controller', 'Normal', 'SuccessfulCreate', `create Pod ${podName} in StatefulSet ${name} successful`);
    else recordEvent(this.#plane, s, 'statefulset-controller', 'Warning', 'FailedCreate', `create Pod ${podName} in StatefulSet ${name} failed error: ${made.error.message}`);
    this.#plane.log('statefulset-controller', `${namespace}/${podName} revision ${revision}`);
  }

  #template(s: StatefulSet, revision: string): StatefulSet['spec']['template'] {
    const data = this.#plane.store.get('ControllerRevision', s.metadata.namespace, revision)?.data;
    if (typeof data !== 'object' || data === null) return s.spec.template;
    const decoded = this.#plane.api.decode('StatefulSet', { ...s, ...data, spec: { ...s.spec, template: withoutPatch(Reflect.get(Reflect.get(data, 'spec'), 'template')) } });
    return decoded.ok ? decoded.value.spec.template : s.spec.template;
  }

  #delete(s: StatefulSet, pod: Pod): void {
    this.#plane.api.delete('Pod', pod.metadata.namespace, pod.metadata.name);
    recordEvent(this.#plane, s, 'statefulset-controller', 'Normal', 'SuccessfulDelete', `delete Pod ${pod.metadata.name} in StatefulSet ${s.metadata.name} successful`);
  }

  #status(given: StatefulSet, revision: string): void {
    const { store } = this.#plane;
    const s = store.get('StatefulSet', given.metadata.namespace, given.metadata.name);
    if (s === undefined) return;
    const pods = podsOf(store, s).filter((p) => !hasEnded(p));
    const live = pods.filter((p) => p.metadata.deletionTimestamp === undefined);
    const updated = live.filter((p) => p.metadata.labels?.[HASH] === revision);
    const ready = live.filter(isReady).length;
    const rolled = updated.length === (s.spec.replicas ?? 1) && ready === updated.length && pods.length === live.length;
    const current = rolled ? revision : (s.status.currentRevision ?? revision);
    store.update('StatefulSet', {
      ...s,
      status: {
        replicas: pods.length, observedGeneration: s.metadata.generation, readyReplicas: nonZero(ready), availableReplicas: ready, updatedReplicas: nonZero(updated.length),
        currentReplicas: nonZero(live.filter((p) => p.metadata.labels?.[HASH] === current).length), currentRevision: current, updateRevision: revision, collisionCount: 0,
      },
    });
  }
}

const withoutPatch = (template: unknown): unknown => {
  if (typeof template !== 'object' || template === null) return template;
  return Object.fromEntries(Object.entries(template).filter(([key]) => key !== '$patch'));
};
