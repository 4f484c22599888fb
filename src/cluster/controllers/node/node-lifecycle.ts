/**
 * Nodes that stop posting, and what their taints do.
 * Models: pkg/controller/nodelifecycle (v1.29): monitor every 5 s, grace 40 s, conditions Unknown, taints by condition (not-ready, unreachable, unschedulable), pods marked
 * not ready; pkg/controller/tainteviction: NoExecute with tolerationSeconds; pkg/controller/podgc: pods of a node that was deleted.
 * Heartbeats are events only around changes (../../reach): otherwise a kubelet renews its Lease every 10 s from its start, so that the last one is known from the clock.
 * Not modelled: zones and eviction rates, memory and disk pressure.
 */
import { plus, seconds, type Nanos } from '../../../engine/sim/time.ts';
import type { Node, Pod } from '../../api/kinds.ts';
import type { Condition } from '../../api/meta.ts';
import { recordEvent } from '../../events.ts';
import { isReady } from '../../node/pod-status.ts';
import { LATENCY, Loop, rfc3339, samePlain, type ControlPlane } from '../../plane.ts';
import { NOT_READY, tolerates, UNREACHABLE, UNSCHEDULABLE, type Taint } from '../../scheduler/taints.ts';

const RENEW = 10;
const GRACE = 40;
const MONITOR = 5;
const GC_QUARANTINE = seconds(40);

const readyOf = (node: Node): string => node.status.conditions?.find((c) => c.type === 'Ready')?.status ?? 'Unknown';

/** Seconds after the start of the clock at which silence is noticed. */
export function noticedAt(silentSince: number, started: number): number {
  const last = started + Math.floor(Math.max(0, silentSince - started) / RENEW) * RENEW;
  return Math.ceil((last + GRACE) / MONITOR) * MONITOR;
}

/** Seconds a pod may stay; undefined: for ever. */
export function minTolerationSeconds(pod: Pod, taints: readonly Taint[]): number | undefined {
  let least: number | undefined;
  for (const taint of taints) {
    const used = (pod.spec.tolerations ?? []).filter((t) => tolerates(t, taint));
    if (used.length === 0) return 0;
    for (const t of used) if (t.tolerationSeconds !== undefined) least = Math.min(least ?? Number.POSITIVE_INFINITY, Math.max(0, t.tolerationSeconds));
  }
  return least;
}

export class NodeLifecycleController {
  readonly #plane: ControlPlane;
  readonly #silent = new Map<string, number>();
  readonly #started = new Map<string, number>();
  /** By pod uid: when it is to go. */
  readonly #evictions = new Map<string, Nanos>();

  constructor(plane: ControlPlane) {
    this.#plane = plane;
    new Loop(plane, ['Node'], LATENCY.controller, () => this.#taintNodes()).queue();
    const evict = new Loop(plane, ['Node', 'Pod'], LATENCY.controller, () => this.#evict(evict));
    plane.revived?.add(() => this.#restarted());
    plane.store.watch((change) => {
      if (change.kind === 'Node' && change.type === 'DELETED') plane.scheduler.after(GC_QUARANTINE, () => this.#orphans());
    });
  }

  isSilent(name: string): boolean {
    return this.#silent.has(name);
  }

  /** The kubelet of a node began to post. */
  heard(name: string, readyMessage?: string): void {
    const { store } = this.#plane;
    this.#silent.delete(name);
    this.#started.set(name, this.#now);
    const node = store.get('Node', '', name);
    if (node === undefined || readyMessage === undefined) return;
    const good: Readonly<Record<string, readonly [string, string, string]>> = {
      MemoryPressure: ['False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'], DiskPressure: ['False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
      PIDPressure: ['False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'], Ready: ['True', 'KubeletReady', readyMessage],
    };
    const was = readyOf(node);
    this.#conditions(node, (c) => {
      const [status, reason, message] = good[c.type] ?? [c.status, c.reason ?? '', c.message ?? ''];
      return { ...c, status, reason, message };
    });
    if (was !== 'True') recordEvent(this.#plane, node, 'kubelet', 'Normal', 'NodeReady', `Node ${name} status is now: NodeReady`, name);
  }

  /** Nothing came from this node since `since` (seconds). */
  silent(name: string, since = this.#now): void {
    if (this.#silent.has(name)) return;
    this.#silent.set(name, since);
    this.#watchSilence(name, since, noticedAt(since, this.#started.get(name) ?? 0));
  }

  /** When its kubelet renews the Lease next. */
  nextBeat(name: string): Nanos {
    const started = this.#started.get(name) ?? 0;
    return seconds(started + (Math.floor((this.#now - started) / RENEW) + 1) * RENEW);
  }

  #watchSilence(name: string, since: number, at: number): void {
    this.#plane.scheduler.at(seconds(at), () => {
      if (this.#silent.get(name) === since && this.#plane.alive?.() !== false) this.#lost(name);
    });
  }

  /** A controller that starts gives every node the whole grace. */
  #restarted(): void {
    for (const [name, since] of this.#silent) this.#watchSilence(name, since, Math.ceil((this.#now + GRACE) / MONITOR) * MONITOR);
  }

  get #now(): number {
    return this.#plane.scheduler.now / 1e9;
  }

  #conditions(node: Node, change: (c: Condition) => Condition): void {
    const { store, wallMillis } = this.#plane;
    const now = rfc3339(wallMillis());
    const conditions = (node.status.conditions ?? []).map((c) => {
      const next = change(c);
      return { ...next, ...(next.status === 'Unknown' ? {} : { lastHeartbeatTime: now }), lastTransitionTime: next.status === c.status ? c.lastTransitionTime : now };
    });
    const latest = store.get('Node', '', node.metadata.name) ?? node;
    store.update('Node', { ...latest, status: { ...latest.status, conditions } });
  }

  #lost(name: string): void {
    const { store } = this.#plane;
    const node = store.get('Node', '', name);
    if (node === undefined) return;
    this.#conditions(node, (c) => ({ ...c, status: 'Unknown', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' }));
    recordEvent(this.#plane, node, 'node-controller', 'Normal', 'NodeNotReady', `Node ${name} status is now: NodeNotReady`);
    const now = rfc3339(this.#plane.wallMillis());
    for (const pod of store.list('Pod').filter((p) => p.spec.nodeName === name && isReady(p))) {
      const conditions = (pod.status.conditions ?? []).map((c) => (c.type === 'Ready' ? { ...c, status: 'False', lastTransitionTime: now } : c));
      store.update('Pod', { ...pod, status: { ...pod.status, conditions } });
      recordEvent(this.#plane, pod, 'node-controller', 'Warning', 'NodeNotReady', 'Node is not ready');
    }
  }

  /** Taints that follow from conditions and from cordoning; the others are left as they are. */
  #taintNodes(): void {
    const { store } = this.#plane;
    for (const node of store.list('Node')) {
      const ready = readyOf(node);
      const key = ready === 'Unknown' ? UNREACHABLE : ready === 'False' ? NOT_READY : undefined;
      const wanted: Taint[] = [
        ...(node.spec.unschedulable === true ? [UNSCHEDULABLE] : []),
        ...(key === undefined ? [] : [{ key, effect: 'NoSchedule' }, { key, effect: 'NoExecute' }]),
      ];
      const old = node.spec.taints ?? [];
      const ours = (t: Taint): boolean => [UNSCHEDULABLE.key, NOT_READY, UNREACHABLE].includes(t.key);
      const timeAdded = rfc3339(this.#plane.wallMillis());
      const taints = [...old.filter((t) => !ours(t)), ...wanted.map((w) => old.find((t) => t.key === w.key && t.effect === w.effect) ?? { ...w, timeAdded })];
      if (samePlain(taints, old)) continue;
      const { taints: _before, ...spec } = node.spec;
      store.update('Node', { ...node, spec: taints.length === 0 ? spec : { ...spec, taints } });
    }
  }

  #evict(loop: Loop): void {
    const { store, api, scheduler } = this.#plane;
    let next: Nanos | undefined;
    const live = new Set<string>();
    for (const pod of store.list('Pod')) {
      const { uid, namespace, name, deletionTimestamp } = pod.metadata;
      const taints = (store.get('Node', '', pod.spec.nodeName ?? '')?.spec.taints ?? []).filter((t) => t.effect === 'NoExecute');
      if (taints.length === 0 || deletionTimestamp !== undefined) continue;
      const stay = minTolerationSeconds(pod, taints);
      if (stay === undefined) continue;
      live.add(uid);
      const at = this.#evictions.get(uid) ?? plus(scheduler.now, seconds(stay));
      this.#evictions.set(uid, at);
      if (at > scheduler.now) {
        next = next === undefined || at < next ? at : next;
        continue;
      }
      const now = rfc3339(this.#plane.wallMillis());
      const target = { type: 'DisruptionTarget', status: 'True', reason: 'DeletionByTaintManager', message: 'Taint manager: deleting due to NoExecute taint', lastTransitionTime: now };
      store.update('Pod', { ...pod, status: { ...pod.status, conditions: [...(pod.status.conditions ?? []).filter((c) => c.type !== target.type), target] } });
      recordEvent(this.#plane, pod, 'taint-eviction-controller', 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${namespace}/${name}`);
      api.delete('Pod', namespace, name);
    }
    for (const uid of [...this.#evictions.keys()]) {
      if (live.has(uid)) continue;
      this.#evictions.delete(uid);
      const pod = store.list('Pod').find((p) => p.metadata.uid === uid);
      if (pod !== undefined && pod.metadata.deletionTimestamp === undefined) recordEvent(this.#plane, pod, 'taint-eviction-controller', 'Normal', 'TaintManagerEviction', `Cancelling deletion of Pod ${pod.metadata.namespace}/${pod.metadata.name}`);
    }
    if (next !== undefined) loop.queue((next - scheduler.now) as Nanos);
  }

  /** No kubelet is left to end them. */
  #orphans(): void {
    const { store } = this.#plane;
    for (const pod of store.list('Pod')) {
      const node = pod.spec.nodeName ?? '';
      if (node !== '' && store.get('Node', '', node) === undefined) store.delete('Pod', pod.metadata.namespace, pod.metadata.name);
    }
  }
}
