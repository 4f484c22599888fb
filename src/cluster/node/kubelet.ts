/**
 * The kubelet of one node: pods bound to it get a worker; the node's iptables chains.
 * Read first: pod-worker.ts. Models: pkg/kubelet (v1.29) as seen from outside.
 * Not modelled: eviction for lack of resources, static pods.
 */
import { seconds } from '../../engine/sim/time.ts';
import type { Command, Host } from '../../userland/host.ts';
import { Canary } from '../addons/kube-proxy/canary.ts';
import type { Pod } from '../api/kinds.ts';
import { LATENCY, Loop, type ControlPlane } from '../plane.ts';
import type { CniPlugin } from './cni.ts';
import { removeTree, kubeletDir, type DnsSettings } from './files.ts';
import { prepareIptables, syncIptables } from './kubelet-iptables.ts';
import { PodWorker, type NodeRuntime } from './pod-worker.ts';
import type { RunningContainer, Sandbox } from './runtime.ts';
import { Sandboxes } from './sandboxes.ts';

const CANARY_PERIOD = seconds(60);

export interface KubeletOptions {
  readonly name: string;
  readonly host: Host;
  readonly internalIp: string;
  readonly clusterCidr: string;
  readonly dns: DnsSettings;
  readonly commands: readonly Command[];
  readonly cni: CniPlugin;
  /** The node's own resolver, as --resolv-conf names it. */
  readonly resolvConf: string;
}

export interface Ended {
  readonly container: RunningContainer;
  readonly exitCode: number;
  readonly finishedAt: string;
}

export class Kubelet {
  readonly options: KubeletOptions;
  readonly #plane: ControlPlane;
  readonly #pods = new Map<string, PodWorker>();
  readonly #pulled = new Set<string>();
  /** What a reboot left in host-local's files. */
  readonly #stale: Sandbox[] = [];
  #stops: (() => void)[] = [];

  constructor(plane: ControlPlane, options: KubeletOptions) {
    this.#plane = plane;
    this.options = options;
  }

  prepareIptables(): void {
    prepareIptables(this.options.host.kernel.netfilter);
  }

  #syncIptables(): void {
    syncIptables(this.options.host.kernel.netfilter, this.#plane.store.get('Node', '', this.options.name)?.status.nodeInfo?.kubeletVersion ?? '');
  }

  start(): void {
    this.#syncIptables();
    const canary = new Canary(this.#plane.scheduler, this.options.host.kernel.netfilter, 'KUBE-KUBELET-CANARY', CANARY_PERIOD, () => this.#syncIptables());
    canary.start();
    const sandboxes = new Sandboxes(this.#plane, this.options);
    for (const old of this.#stale.splice(0)) sandboxes.forget(old);
    const node: NodeRuntime = { plane: this.#plane, options: this.options, sandboxes, pulled: this.#pulled, forget: (uid) => this.#pods.delete(uid) };
    const loop = new Loop(this.#plane, ['Pod'], LATENCY.kubelet, () => this.#sync(node));
    loop.queue();
    const unwatch = this.#plane.store.watch((change) => {
      if ((change.kind === 'ConfigMap' || change.kind === 'Secret') && change.type !== 'DELETED') for (const worker of this.#pods.values()) worker.refreshVolumes();
    });
    this.#stops = [() => loop.stop(), unwatch, () => canary.stop()];
  }

  /** The API is back after a break: what it has of these pods may be old. */
  postStatuses(): void {
    for (const worker of this.#pods.values()) worker.status();
  }

  /** Power is gone: processes end, nobody is told. */
  stop(): void {
    for (const stop of this.#stops.splice(0)) stop();
    for (const worker of this.#pods.values()) {
      worker.die();
      if (worker.sandbox !== undefined) this.#stale.push(worker.sandbox);
    }
    this.#pods.clear();
  }

  /** Running containers of a pod, in the order of its spec. */
  containers(uid: string): readonly RunningContainer[] {
    return [...(this.#pods.get(uid)?.slots.values() ?? [])].flatMap((s) => (s.running === undefined ? [] : [s.running]));
  }

  /** Containers of a pod whose last process has ended and that have no new one. */
  ended(uid: string): readonly Ended[] {
    return [...(this.#pods.get(uid)?.slots.values() ?? [])].flatMap((s) => (s.running !== undefined || s.last === undefined || s.ended === undefined ? [] : [{ container: s.last, exitCode: s.ended.exitCode, finishedAt: s.ended.finishedAt }]));
  }

  sandbox(uid: string): Sandbox | undefined {
    return this.#pods.get(uid)?.sandbox;
  }

  /** Output of a container's present (or previous) process. */
  log(uid: string, container: string, previous: boolean): string | undefined {
    const slot = this.#pods.get(uid)?.slots.get(container);
    return (previous ? slot?.last : (slot?.running ?? slot?.last))?.log.text;
  }

  #sync(node: NodeRuntime): void {
    const mine = this.#plane.store.list('Pod').filter((p) => p.spec.nodeName === this.options.name).map((pod) => ({ pod, since: Date.parse(pod.metadata.creationTimestamp) }));
    // HandlePodAdditions: oldest first
    for (const { pod } of mine.sort((a, b) => a.since - b.since)) {
      const worker = this.#pods.get(pod.metadata.uid);
      if (pod.metadata.deletionTimestamp !== undefined) this.#end(pod, worker);
      else if (worker === undefined) this.#begin(node, pod);
      else worker.syncEphemeral(pod);
    }
    for (const worker of this.#pods.values()) worker.endIfForgotten();
  }

  #begin(node: NodeRuntime, pod: Pod): void {
    if (pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed') return;
    const worker = new PodWorker(node, pod);
    this.#pods.set(pod.metadata.uid, worker);
    worker.begin();
  }

  #end(pod: Pod, worker: PodWorker | undefined): void {
    if (worker !== undefined) return worker.end(pod);
    removeTree(this.options.host.fs, kubeletDir(pod.metadata.uid));
    this.#plane.api.delete('Pod', pod.metadata.namespace, pod.metadata.name, 0);
    return undefined;
  }
}
