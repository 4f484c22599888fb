/**
 * DaemonSets to pods, one on every node that suits.
 * Models: pkg/controller/daemon (v1.29): nodeShouldRunDaemonPod, the tolerations its pods get by themselves, rolling update by maxUnavailable, OnDelete, status.
 * Not modelled: maxSurge (refused), minReadySeconds, the back-off before a failed pod is replaced.
 */
import type { DaemonSet, Node, Pod } from '../../api/kinds.ts';
import type { PodSpec, Toleration } from '../../api/pod.ts';
import { recordEvent } from '../../events.ts';
import { isReady } from '../../node/pod-status.ts';
import { LATENCY, Loop, type ControlPlane } from '../../plane.ts';
import { namedNodes, nodeAffinityMatches } from '../../scheduler/affinity.ts';
import { NOT_READY, UNREACHABLE, untolerated } from '../../scheduler/taints.ts';
import { scaled } from '../deployment/deployment-controller.ts';
import { currentRevision, hasEnded, nonZero, PodNames, podFrom, podsOf } from '../owned.ts';

const HASH = 'controller-revision-hash';

/** AddOrUpdateDaemonPodTolerations */
export function daemonTolerations(spec: PodSpec): readonly Toleration[] {
  const added: Toleration[] = [NOT_READY, UNREACHABLE].map((key) => ({ key, operator: 'Exists', effect: 'NoExecute' }));
  for (const what of ['disk-pressure', 'memory-pressure', 'pid-pressure', 'unschedulable']) added.push({ key: `node.kubernetes.io/${what}`, operator: 'Exists', effect: 'NoSchedule' });
  if (spec.hostNetwork === true) added.push({ key: 'node.kubernetes.io/network-unavailable', operator: 'Exists', effect: 'NoSchedule' });
  const same = (a: Toleration, b: Toleration): boolean => a.key === b.key && a.effect === b.effect && a.operator === b.operator && (a.value ?? '') === (b.value ?? '');
  return [...(spec.tolerations ?? []).filter((t) => !added.some((a) => same(a, t))), ...added];
}

/** The pod's node by its affinity, once it is not bound yet. */
export const nodeOf = (pod: Pod): string => pod.spec.nodeName ?? namedNodes(pod)?.[0] ?? '';

export class DaemonSetController {
  readonly #plane: ControlPlane;
  readonly #names: PodNames;

  constructor(plane: ControlPlane) {
    this.#plane = plane;
    this.#names = new PodNames(plane);
    new Loop(plane, ['DaemonSet', 'Pod', 'Node'], LATENCY.controller, () => {
      for (const d of plane.store.list('DaemonSet')) if (d.metadata.deletionTimestamp === undefined) this.#one(d);
    }).queue();
  }

  #one(d: DaemonSet): void {
    const { store } = this.#plane;
    const { hash } = currentRevision(this.#plane, d, d.spec.template);
    const nodes = store.list('Node');
    const runs = (n: Node, effects: readonly string[]): boolean => this.#suits(d, n, effects);
    for (const pod of podsOf(store, d).filter((p) => p.metadata.deletionTimestamp === undefined)) {
      const node = nodes.find((n) => n.metadata.name === nodeOf(pod));
      if (hasEnded(pod)) {
        recordEvent(this.#plane, d, 'daemonset-controller', 'Warning', 'FailedDaemonPod', `Found failed daemon pod ${pod.metadata.namespace}/${pod.metadata.name} on node ${nodeOf(pod)}, will try to kill it`);
        this.#delete(d, pod);
      } else if (node === undefined || !runs(node, ['NoExecute'])) this.#delete(d, pod);
    }
    for (const node of nodes) {
      const there = podsOf(store, d).filter((p) => nodeOf(p) === node.metadata.name);
      const [, ...surplus] = there.filter((p) => p.metadata.deletionTimestamp === undefined).sort((a, b) => (a.metadata.creationTimestamp < b.metadata.creationTimestamp ? -1 : 1));
      for (const pod of surplus) this.#delete(d, pod);
      if (there.length === 0 && runs(node, ['NoSchedule', 'NoExecute'])) this.#create(d, node.metadata.name, hash);
    }
    if (d.spec.updateStrategy?.type !== 'OnDelete') this.#roll(d, hash);
    this.#status(d, hash);
  }

  #suits(d: DaemonSet, node: Node, effects: readonly string[]): boolean {
    const spec = { ...d.spec.template.spec, tolerations: daemonTolerations(d.spec.template.spec) };
    const pod = podFrom(d, { ...d.spec.template, spec }, d.metadata.name);
    return (spec.nodeName === undefined || spec.nodeName === node.metadata.name) && nodeAffinityMatches(pod, node) && untolerated(spec, node.spec.taints, effects) === undefined;
  }

  /** Old pods that do not run go at once, running ones as long as enough are available. */
  #roll(d: DaemonSet, hash: string): void {
    const { store } = this.#plane;
    const desired = store.list('Node').filter((n) => this.#suits(d, n, ['NoSchedule', 'NoExecute']));
    const pods = podsOf(store, d);
    const limit = scaled(d.spec.updateStrategy?.rollingUpdate?.maxUnavailable ?? 1, desired.length, true);
    let unavailable = 0;
    const able: Pod[] = [];
    for (const node of desired) {
      const pod = pods.find((p) => nodeOf(p) === node.metadata.name && p.metadata.deletionTimestamp === undefined);
      const old = pod !== undefined && pod.metadata.labels?.[HASH] !== hash;
      if (pod === undefined || !isReady(pod)) unavailable++;
      else if (old) able.push(pod);
      if (pod !== undefined && old && !isReady(pod)) this.#delete(d, pod);
    }
    for (const pod of able.slice(0, Math.max(0, limit - unavailable))) this.#delete(d, pod);
  }

  #delete(d: DaemonSet, pod: Pod): void {
    this.#plane.api.delete('Pod', pod.metadata.namespace, pod.metadata.name);
    recordEvent(this.#plane, d, 'daemonset-controller', 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`);
  }

  #create(d: DaemonSet, node: string, hash: string): void {
    const { namespace, name, annotations } = d.metadata;
    const { template } = d.spec;
    const nodeAffinity = { ...template.spec.affinity?.nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }] } };
    const podName = this.#names.take(namespace, name, node);
    const pod = podFrom(d, template, podName, {
      generateName: `${name}-`, labels: { [HASH]: hash, 'pod-template-generation': annotations?.['deprecated.daemonset.template.generation'] ?? String(d.metadata.generation ?? 1) },
      spec: { affinity: { ...template.spec.affinity, nodeAffinity }, tolerations: daemonTolerations(template.spec) },
    });
    const made = this.#plane.api.create('Pod', pod);
    if (made.ok) recordEvent(this.#plane, d, 'daemonset-controller', 'Normal', 'SuccessfulCreate', `Created pod: ${podName}`);
    else recordEvent(this.#plane, d, 'daemonset-controller', 'Warning', 'FailedCreate', `Error creating: ${made.error.message}`);
  }

  #status(given: DaemonSet, hash: string): void {
    const { store } = this.#plane;
    const d = store.get('DaemonSet', given.metadata.namespace, given.metadata.name);
    if (d === undefined) return;
    const pods = podsOf(store, d);
    const count = { desired: 0, current: 0, ready: 0, updated: 0, wrong: 0 };
    for (const node of store.list('Node')) {
      const there = pods.filter((p) => nodeOf(p) === node.metadata.name);
      const [pod] = there.filter((p) => p.metadata.deletionTimestamp === undefined);
      if (!this.#suits(d, node, ['NoSchedule', 'NoExecute'])) {
        if (there.length > 0) count.wrong++;
        continue;
      }
      count.desired++;
      if (there.length > 0) count.current++;
      if (pod === undefined) continue;
      if (isReady(pod)) count.ready++;
      if (pod.metadata.labels?.[HASH] === hash) count.updated++;
    }
    store.update('DaemonSet', {
      ...d,
      metadata: { ...d.metadata, annotations: { ...d.metadata.annotations, 'deprecated.daemonset.template.generation': this.#templateGeneration(d) } },
      status: {
        currentNumberScheduled: count.current, numberMisscheduled: count.wrong, desiredNumberScheduled: count.desired, numberReady: count.ready, observedGeneration: d.metadata.generation,
        updatedNumberScheduled: nonZero(count.updated), numberAvailable: nonZero(count.ready), numberUnavailable: nonZero(count.desired - count.ready),
      },
    });
  }

  /** Grows with every new template, as the revisions do. */
  #templateGeneration(d: DaemonSet): string {
    return String(Math.max(1, ...this.#plane.store.list('ControllerRevision', d.metadata.namespace).filter((r) => r.metadata.ownerReferences?.some((o) => o.uid === d.metadata.uid) === true).map((r) => r.revision)));
  }
}
