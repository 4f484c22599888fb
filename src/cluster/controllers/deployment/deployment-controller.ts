/**
 * Deployments to ReplicaSets.
 * Models: pkg/controller/deployment (v1.29): a ReplicaSet per pod template (pod-template-hash), rolling update with maxSurge and maxUnavailable, Recreate.
 * Not modelled: paused rollouts, progress deadline, proportional scaling, revision history clean-up.
 */
import type { Deployment, ReplicaSet } from '../../api/kinds.ts';
import { canonicalJson, templateHash } from '../../api/names.ts';
import { recordEvent } from '../../events.ts';
import { LATENCY, Loop, samePlain, type ControlPlane } from '../../plane.ts';

const REVISION = 'deployment.kubernetes.io/revision';

/** `25%` of the replicas (up or down), or a number. */
export const scaled = (value: number | string | undefined, replicas: number, up: boolean): number => {
  if (typeof value === 'number') return value;
  const part = (Number.parseInt(value ?? '25%', 10) / 100) * replicas;
  return up ? Math.ceil(part) : Math.floor(part);
};

export class DeploymentController {
  readonly #plane: ControlPlane;

  constructor(plane: ControlPlane) {
    this.#plane = plane;
    const loop = new Loop(plane, ['Deployment', 'ReplicaSet'], LATENCY.controller, () => this.#reconcile());
    loop.queue();
  }

  #reconcile(): void {
    for (const d of this.#plane.store.list('Deployment')) this.#one(d);
  }

  #one(d: Deployment): void {
    const { store } = this.#plane;
    const sets = store.list('ReplicaSet', d.metadata.namespace).filter((r) => r.metadata.ownerReferences?.some((o) => o.uid === d.metadata.uid) === true);
    let current = sets.find((r) => sameTemplate(r, d));
    const old = sets.filter((r) => r !== current);
    const revisions = sets.map((r) => Number(r.metadata.annotations?.[REVISION] ?? 0));
    const top = Math.max(0, ...revisions);
    const revision = current !== undefined && Number(current.metadata.annotations?.[REVISION] ?? 0) === top ? top : top + 1;
    const want = d.spec.replicas ?? 1;
    const surge = scaled(d.spec.strategy?.rollingUpdate?.maxSurge, want, true);
    if (current === undefined) {
      const idle = old.every((r) => r.spec.replicas === 0);
      const recreate = d.spec.strategy?.type === 'Recreate';
      if (recreate && !idle) return this.#scaleDown(d, old, 0, 0);
      const running = old.reduce((n, r) => n + (r.spec.replicas ?? 0), 0);
      const replicas = old.length === 0 || recreate ? want : Math.min(want, Math.max(0, want + surge - running));
      current = this.#make(d, replicas, revision);
      if (current === undefined) return undefined;
      this.#scaled(d, 'up', current, 0, replicas);
    } else {
      const annotations = { ...current.metadata.annotations, [REVISION]: String(revision) };
      if (!samePlain(annotations, current.metadata.annotations)) store.update('ReplicaSet', { ...current, metadata: { ...current.metadata, annotations } });
      const running = old.reduce((n, r) => n + (r.spec.replicas ?? 0), 0);
      const have = current.spec.replicas ?? 0;
      const next = running === 0 ? want : Math.min(want, Math.max(have, want + surge - running));
      if (next !== have) this.#scale(d, current, next);
    }
    const now = store.get('ReplicaSet', current.metadata.namespace, current.metadata.name) ?? current;
    const maxUnavailable = scaled(d.spec.strategy?.rollingUpdate?.maxUnavailable, want, false) || (surge === 0 ? 1 : 0);
    if (old.some((r) => (r.spec.replicas ?? 0) > 0)) this.#scaleDown(d, old, want - maxUnavailable, now.status.availableReplicas ?? 0);
    this.#status(d, revision);
  }

  #scaleDown(d: Deployment, old: readonly ReplicaSet[], minAvailable: number, availableNew: number): void {
    let spare = availableNew + old.reduce((n, r) => n + (r.status.availableReplicas ?? 0), 0) - minAvailable;
    for (const r of old) {
      const have = r.spec.replicas ?? 0;
      const broken = have - (r.status.availableReplicas ?? 0);
      const drop = Math.min(have, Math.max(0, spare) + Math.max(0, broken));
      if (drop > 0) this.#scale(d, r, have - drop);
      spare -= drop;
    }
  }

  #make(d: Deployment, replicas: number, revision: number): ReplicaSet | undefined {
    const { api, pins, store } = this.#plane;
    const { name, namespace, uid } = d.metadata;
    const pinned = pins.templateHashes[`${namespace}/${name}`];
    const hash = revision === 1 && pinned !== undefined ? pinned : templateHash(d.spec.template);
    const labels = { ...d.spec.template.metadata.labels, 'pod-template-hash': hash };
    const made = api.create('ReplicaSet', {
      apiVersion: 'apps/v1', kind: 'ReplicaSet',
      metadata: {
        ...blankMeta(`${name}-${hash}`, namespace), labels,
        annotations: { 'deployment.kubernetes.io/desired-replicas': String(d.spec.replicas ?? 1), 'deployment.kubernetes.io/max-replicas': String((d.spec.replicas ?? 1) + 1), [REVISION]: String(revision) },
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name, uid, controller: true, blockOwnerDeletion: true }],
      },
      spec: {
        replicas, selector: { ...d.spec.selector, matchLabels: { ...d.spec.selector.matchLabels, 'pod-template-hash': hash } },
        template: { ...d.spec.template, metadata: { ...d.spec.template.metadata, labels } },
      },
      status: { replicas: 0 },
    });
    return made.ok ? made.value : store.get('ReplicaSet', namespace, `${name}-${hash}`);
  }

  #scale(d: Deployment, r: ReplicaSet, replicas: number): void {
    const from = r.spec.replicas ?? 0;
    const latest = this.#plane.store.get('ReplicaSet', r.metadata.namespace, r.metadata.name) ?? r;
    this.#plane.store.update('ReplicaSet', { ...latest, spec: { ...latest.spec, replicas } });
    this.#scaled(d, replicas > from ? 'up' : 'down', r, from, replicas);
  }

  #scaled(d: Deployment, way: 'up' | 'down', r: ReplicaSet, from: number, to: number): void {
    recordEvent(this.#plane, d, 'deployment-controller', 'Normal', 'ScalingReplicaSet', `Scaled ${way} replica set ${r.metadata.name} to ${to}${from === 0 && way === 'up' ? '' : ` from ${from}`}`);
  }

  #status(given: Deployment, revision: number): void {
    const { store, api } = this.#plane;
    const d = store.get('Deployment', given.metadata.namespace, given.metadata.name);
    if (d === undefined) return;
    const sets = store.list('ReplicaSet', d.metadata.namespace).filter((r) => r.metadata.ownerReferences?.some((o) => o.uid === d.metadata.uid) === true);
    const sum = (of: (r: ReplicaSet) => number | undefined): number => sets.reduce((n, r) => n + (of(r) ?? 0), 0);
    const want = d.spec.replicas ?? 1;
    const available = sum((r) => r.status.availableReplicas);
    const current = sets.find((r) => sameTemplate(r, d));
    const now = api.now('Deployment', d.metadata.namespace, d.metadata.name);
    const enough = available >= want - scaled(d.spec.strategy?.rollingUpdate?.maxUnavailable, want, false);
    const complete = current !== undefined && (current.status.availableReplicas ?? 0) === want && sum((r) => r.status.replicas) === want;
    const condition = (type: string, status: boolean, reason: string, message: string) => {
      const before = d.status.conditions?.find((c) => c.type === type);
      return before !== undefined && before.status === (status ? 'True' : 'False') && before.reason === reason ? before
        : { type, status: status ? 'True' : 'False', reason, message, lastUpdateTime: now, lastTransitionTime: before?.status === (status ? 'True' : 'False') ? before.lastTransitionTime : now };
    };
    const nonZero = (n: number): number | undefined => (n === 0 ? undefined : n);
    const next: Deployment = {
      ...d,
      metadata: { ...d.metadata, annotations: { ...d.metadata.annotations, [REVISION]: String(revision) } },
      status: {
        observedGeneration: d.metadata.generation, replicas: nonZero(sum((r) => r.status.replicas)), updatedReplicas: nonZero(current?.status.replicas ?? 0),
        readyReplicas: nonZero(sum((r) => r.status.readyReplicas)), availableReplicas: nonZero(available), unavailableReplicas: nonZero(Math.max(0, Math.max(want, sum((r) => r.status.replicas)) - available)),
        conditions: [
          condition('Available', enough, enough ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable', enough ? 'Deployment has minimum availability.' : 'Deployment does not have minimum availability.'),
          condition('Progressing', true, complete ? 'NewReplicaSetAvailable' : 'ReplicaSetUpdated', complete ? `ReplicaSet "${current.metadata.name}" has successfully progressed.` : `ReplicaSet "${current?.metadata.name ?? ''}" is progressing.`),
        ],
      },
    };
    store.update('Deployment', next);
  }
}

const sameTemplate = (r: ReplicaSet, d: Deployment): boolean => {
  const { 'pod-template-hash': _hash, ...labels } = r.spec.template.metadata.labels ?? {};
  return canonicalJson({ ...r.spec.template, metadata: { ...r.spec.template.metadata, labels } }) === canonicalJson({ ...d.spec.template, metadata: { ...d.spec.template.metadata, labels: d.spec.template.metadata.labels ?? {} } });
};

export const blankMeta = (name: string, namespace: string) => ({ name, namespace, uid: '', resourceVersion: '', creationTimestamp: '' });
