/**
 * Deployments to ReplicaSets.
 * Models: pkg/controller/deployment (v1.29): a ReplicaSet per pod template (pod-template-hash), rolling update with maxSurge and maxUnavailable, Recreate, pause,
 * progress deadline, revision annotations and history limit.
 * Not modelled: proportional scaling of several sets while a rollout is paused or under way.
 */
import type { Deployment, ReplicaSet } from '../../api/kinds.ts';
import { sameJson, templateHash } from '../../api/names.ts';
import type { Condition } from '../../api/meta.ts';
import { recordEvent } from '../../events.ts';
import { seconds } from '../../../engine/sim/time.ts';
import { pinnedHash } from '../../pins.ts';
import { LATENCY, Loop, type ControlPlane } from '../../plane.ts';
import { blankMeta, hasEnded, isOwnedBy, nonZero, podsOf } from '../owned.ts';

const REVISION = 'deployment.kubernetes.io/revision';
const HISTORY = 'deployment.kubernetes.io/revision-history';
const NOT_COPIED: readonly string[] = ['kubectl.kubernetes.io/last-applied-configuration', REVISION, HISTORY, 'deployment.kubernetes.io/desired-replicas', 'deployment.kubernetes.io/max-replicas'];

/** `25%` of the replicas (up or down), or a number. */
export const scaled = (value: number | string | undefined, replicas: number, up: boolean): number => {
  if (typeof value === 'number') return value;
  const part = (Number.parseInt(value ?? '25%', 10) / 100) * replicas;
  return up ? Math.ceil(part) : Math.floor(part);
};

export class DeploymentController {
  readonly #plane: ControlPlane;
  readonly #loop: Loop;

  constructor(plane: ControlPlane) {
    this.#plane = plane;
    this.#loop = new Loop(plane, ['Deployment', 'ReplicaSet'], LATENCY.controller, () => this.#reconcile());
    this.#loop.queue();
    // Recreate waits for the old pods, which are no part of a ReplicaSet's status once they end.
    plane.store.watch((change) => {
      if (change.kind === 'Pod' && change.type === 'DELETED') this.#loop.queue();
    });
  }

  #reconcile(): void {
    for (const d of this.#plane.store.list('Deployment')) if (d.metadata.deletionTimestamp === undefined) this.#one(d);
  }

  #one(d: Deployment): void {
    const { store } = this.#plane;
    const sets = store.list('ReplicaSet', d.metadata.namespace).filter((r) => isOwnedBy(r, d.metadata.uid));
    const current = sets.find((r) => sameTemplate(r, d));
    const old = sets.filter((r) => r !== current);
    const top = Math.max(0, ...sets.map((r) => Number(r.metadata.annotations?.[REVISION] ?? 0)));
    const revision = current !== undefined && Number(current.metadata.annotations?.[REVISION] ?? 0) === top ? top : top + 1;
    if (d.spec.paused === true) this.#paused(d, current ?? sets.find((r) => (r.spec.replicas ?? 0) > 0));
    else this.#roll(d, current, old, revision);
    this.#status(d, current === undefined && d.spec.paused === true ? top : revision);
    this.#forget(d);
  }

  /** Only its size follows. */
  #paused(d: Deployment, active: ReplicaSet | undefined): void {
    if (active !== undefined && active.spec.replicas !== d.spec.replicas) this.#scale(d, active, d.spec.replicas ?? 1);
  }

  #roll(d: Deployment, known: ReplicaSet | undefined, old: readonly ReplicaSet[], revision: number): void {
    const { store } = this.#plane;
    const want = d.spec.replicas ?? 1;
    const recreate = d.spec.strategy?.type === 'Recreate';
    const running = old.reduce((n, r) => n + (r.spec.replicas ?? 0), 0);
    if (recreate) {
      for (const r of old) if ((r.spec.replicas ?? 0) > 0) this.#scale(d, r, 0);
      if (running > 0 || old.some((r) => podsOf(store, r).some((p) => !hasEnded(p)))) return;
    }
    const surge = recreate ? 0 : scaled(d.spec.strategy?.rollingUpdate?.maxSurge, want, true);
    const room = Math.max(0, want + surge - running);
    if (known === undefined) {
      const replicas = Math.min(want, room);
      const made = this.#make(d, replicas, revision);
      if (made !== undefined && replicas > 0) this.#scaled(d, 'up', made, undefined, replicas);
      return;
    }
    const current = this.#annotate(d, known, revision);
    const have = current.spec.replicas ?? 0;
    const next = have > want ? want : Math.min(want, Math.max(have, room));
    if (next !== have) return this.#scale(d, current, next); // one step a round
    const maxUnavailable = scaled(d.spec.strategy?.rollingUpdate?.maxUnavailable, want, false) || (surge === 0 ? 1 : 0);
    if (running > 0) this.#scaleDown(d, old, current, want - maxUnavailable);
  }

  /** reconcileOldReplicaSets: what is not available first, then as many as availability allows, the oldest set first. */
  #scaleDown(d: Deployment, old: readonly ReplicaSet[], current: ReplicaSet, minAvailable: number): void {
    const byAge = [...old].sort((a, b) => (a.metadata.creationTimestamp < b.metadata.creationTimestamp ? -1 : 1)).map((r) => ({ r, left: r.spec.replicas ?? 0 }));
    const have = current.spec.replicas ?? 0;
    const all = have + byAge.reduce((n, o) => n + o.left, 0);
    let most = all - minAvailable - (have - (current.status.availableReplicas ?? 0));
    if (most <= 0) return;
    for (const o of byAge) {
      const broken = Math.min(most, Math.max(0, o.left - (o.r.status.availableReplicas ?? 0)));
      o.left -= broken;
      most -= broken;
    }
    let spare = (current.status.availableReplicas ?? 0) + old.reduce((n, r) => n + (r.status.availableReplicas ?? 0), 0) - minAvailable;
    for (const o of byAge) {
      const drop = Math.min(o.left, Math.max(0, spare));
      o.left -= drop;
      spare -= drop;
      if (o.left !== (o.r.spec.replicas ?? 0)) this.#scale(d, o.r, o.left);
    }
  }

  /** What a set takes over from its Deployment: annotations, the revision, and the revisions it had before. */
  #annotations(d: Deployment, revision: number, before: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
    const want = d.spec.replicas ?? 1;
    const was = before[REVISION];
    const again: Readonly<Record<string, string>> = was !== undefined && was !== String(revision) ? { [HISTORY]: before[HISTORY] === undefined ? was : `${before[HISTORY]},${was}` } : {};
    const own = Object.entries(d.metadata.annotations ?? {}).filter(([key]) => !NOT_COPIED.includes(key));
    const surge = d.spec.strategy?.type === 'Recreate' ? 0 : scaled(d.spec.strategy?.rollingUpdate?.maxSurge, want, true);
    return { ...before, ...Object.fromEntries(own), ...again, 'deployment.kubernetes.io/desired-replicas': String(want), 'deployment.kubernetes.io/max-replicas': String(want + surge), [REVISION]: String(revision) };
  }

  #annotate(d: Deployment, r: ReplicaSet, revision: number): ReplicaSet {
    const annotations = this.#annotations(d, revision, r.metadata.annotations ?? {});
    if (sameJson(annotations, r.metadata.annotations ?? {})) return r;
    const next = { ...r, metadata: { ...r.metadata, annotations } };
    this.#plane.store.update('ReplicaSet', next);
    return next;
  }

  /** Empty sets beyond revisionHistoryLimit, the oldest first, once the rollout is done. */
  #forget(given: Deployment): void {
    const { store, api } = this.#plane;
    const d = store.get('Deployment', given.metadata.namespace, given.metadata.name);
    if (d?.status.conditions?.some((c) => c.type === 'Progressing' && c.reason === 'NewReplicaSetAvailable') !== true) return;
    const idle = store.list('ReplicaSet', d.metadata.namespace)
      .filter((r) => isOwnedBy(r, d.metadata.uid) && r.spec.replicas === 0 && r.status.replicas === 0 && !sameTemplate(r, d))
      .sort((a, b) => Number(a.metadata.annotations?.[REVISION] ?? 0) - Number(b.metadata.annotations?.[REVISION] ?? 0));
    for (const r of idle.slice(0, Math.max(0, idle.length - (d.spec.revisionHistoryLimit ?? 10)))) api.delete('ReplicaSet', r.metadata.namespace, r.metadata.name);
  }

  #make(d: Deployment, replicas: number, revision: number): ReplicaSet | undefined {
    const { api, pins, store } = this.#plane;
    const { name, namespace, uid } = d.metadata;
    const hash = pinnedHash(pins, `${namespace}/${name}`, revision - 1) ?? templateHash(d.spec.template);
    const labels = { ...d.spec.template.metadata.labels, 'pod-template-hash': hash };
    const made = api.create('ReplicaSet', {
      apiVersion: 'apps/v1', kind: 'ReplicaSet',
      metadata: {
        ...blankMeta(`${name}-${hash}`, namespace), labels,
        annotations: this.#annotations(d, revision, {}), ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name, uid, controller: true, blockOwnerDeletion: true }],
      },
      spec: {
        replicas, ...(d.spec.minReadySeconds === undefined ? {} : { minReadySeconds: d.spec.minReadySeconds }), selector: { ...d.spec.selector, matchLabels: { ...d.spec.selector.matchLabels, 'pod-template-hash': hash } },
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

  /** Without `from`: the set was made with that many (sync.go getNewReplicaSet, scaleReplicaSet, v1.27 to v1.31). */
  #scaled(d: Deployment, way: 'up' | 'down', r: ReplicaSet, from: number | undefined, to: number): void {
    recordEvent(this.#plane, d, 'deployment-controller', 'Normal', 'ScalingReplicaSet', `Scaled ${way} replica set ${r.metadata.name} to ${to}${from === undefined ? '' : ` from ${from}`}`);
  }

  #status(given: Deployment, revision: number): void {
    const { store, api } = this.#plane;
    const d = store.get('Deployment', given.metadata.namespace, given.metadata.name);
    if (d === undefined) return;
    const sets = store.list('ReplicaSet', d.metadata.namespace).filter((r) => isOwnedBy(r, d.metadata.uid));
    const sum = (of: (r: ReplicaSet) => number | undefined): number => sets.reduce((n, r) => n + (of(r) ?? 0), 0);
    const want = d.spec.replicas ?? 1;
    const available = sum((r) => r.status.availableReplicas);
    const current = sets.find((r) => sameTemplate(r, d));
    const now = api.now('Deployment', d.metadata.namespace, d.metadata.name);
    const enough = available >= want - scaled(d.spec.strategy?.rollingUpdate?.maxUnavailable, want, false);
    const complete = current !== undefined && (current.status.availableReplicas ?? 0) === want && sum((r) => r.status.replicas) === want;
    const total = sum((r) => r.status.replicas);
    const before = (type: string): Condition | undefined => d.status.conditions?.find((c) => c.type === type);
    const condition = (type: string, status: string, reason: string, message: string, moved: boolean): Condition => {
      const was = before(type);
      if (was !== undefined && was.status === status && was.reason === reason && !moved) return was;
      return { type, status, reason, message, lastUpdateTime: now, lastTransitionTime: was?.status === status ? was.lastTransitionTime : now };
    };
    // DeploymentProgressing: more updated pods, fewer old ones, more ready or available ones.
    const [updated, ready] = [current?.status.replicas ?? 0, sum((r) => r.status.readyReplicas)];
    const moved = updated > (d.status.updatedReplicas ?? 0) || total - updated < (d.status.replicas ?? 0) - (d.status.updatedReplicas ?? 0) || ready > (d.status.readyReplicas ?? 0) || available > (d.status.availableReplicas ?? 0);
    const name = current?.metadata.name ?? '';
    const deadline = d.spec.progressDeadlineSeconds ?? 600;
    const since = Math.max(0, Math.floor(this.#plane.wallMillis() / 1000) - Date.parse(before('Progressing')?.lastUpdateTime ?? now) / 1000);
    const late = !complete && !moved && !this.#plane.api.bootstrapping && before('Progressing') !== undefined && before('Progressing')?.reason !== 'NewReplicaSetAvailable' && since >= deadline;
    const progressing = d.spec.paused === true ? condition('Progressing', 'Unknown', 'DeploymentPaused', 'Deployment is paused', false)
      : complete ? condition('Progressing', 'True', 'NewReplicaSetAvailable', `ReplicaSet "${name}" has successfully progressed.`, false)
        : late ? condition('Progressing', 'False', 'ProgressDeadlineExceeded', `ReplicaSet "${name}" has timed out progressing.`, false)
          : before('Progressing')?.reason === 'ProgressDeadlineExceeded' && !moved ? condition('Progressing', 'False', 'ProgressDeadlineExceeded', `ReplicaSet "${name}" has timed out progressing.`, false)
            : condition('Progressing', 'True', 'ReplicaSetUpdated', `ReplicaSet "${name}" is progressing.`, moved);
    if (!complete && !late && d.spec.paused !== true && progressing.status === 'True') this.#loop.queue(seconds(Math.max(1, deadline - (moved ? 0 : since) + 1)));
    const next: Deployment = {
      ...d,
      metadata: { ...d.metadata, annotations: { ...d.metadata.annotations, [REVISION]: String(revision) } },
      status: {
        observedGeneration: d.metadata.generation, replicas: nonZero(total), updatedReplicas: nonZero(updated),
        readyReplicas: nonZero(ready), availableReplicas: nonZero(available), unavailableReplicas: nonZero(Math.max(0, Math.max(want, total) - available)),
        conditions: [
          condition('Available', enough ? 'True' : 'False', enough ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable', enough ? 'Deployment has minimum availability.' : 'Deployment does not have minimum availability.', false),
          progressing,
        ],
      },
    };
    store.update('Deployment', next);
  }
}

const sameTemplate = (r: ReplicaSet, d: Deployment): boolean => {
  const { 'pod-template-hash': _hash, ...labels } = r.spec.template.metadata.labels ?? {};
  return sameJson({ ...r.spec.template, metadata: { ...r.spec.template.metadata, labels } }, { ...d.spec.template, metadata: { ...d.spec.template.metadata, labels: d.spec.template.metadata.labels ?? {} } });
};
