/**
 * The life of one pod on its node: sandbox, init containers one after another, containers, restarts, end.
 * Models: pkg/kubelet/kuberuntime SyncPod and KillPod (v1.29): images first, back-off 10 s doubling to 5 min and forgotten after 10 min of running, preStop, SIGTERM,
 * grace, SIGKILL; after a reboot of the node a new sandbox and restarted containers.
 * Not modelled: restartable init containers (refused), resizing, the sandbox of a pod whose network changed.
 */
import { millis, seconds, type Nanos } from '../../engine/sim/time.ts';
import type { Program } from '../../engine/sim/process.ts';
import { formatIpv4 } from '../../engine/wire/addresses.ts';
import type { Kernel } from '../../engine/uapi/kernel.ts';
import { hex } from '../api/names.ts';
import type { Pod } from '../api/kinds.ts';
import type { Container } from '../api/pod.ts';
import { recordEvent } from '../events.ts';
import { rfc3339, type ControlPlane } from '../plane.ts';
import { environmentOf, mountsOf, rootRefused } from './container-setup.ts';
import type { Place } from './fields.ts';
import { kubeletDir, removeTree, sandboxDir } from './files.ts';
import { runHook, type Target } from './handler.ts';
import type { Image } from './images.ts';
import type { KubeletOptions } from './kubelet.ts';
import { initialized, podStatus, type ContainerSlot, type PodRecord } from './kubelet-status.ts';
import { hostnameOf, writePodFiles } from './pod-files.ts';
import { Prober } from './prober.ts';
import { BACKOFF_FIRST, BACKOFF_MAX, pull } from './pull.ts';
import { startContainer, stopContainer, type RunningContainer, type Sandbox } from './runtime.ts';
import type { Sandboxes } from './sandboxes.ts';
import { terminate } from './terminate.ts';
import { writeVolumes } from './volumes.ts';

const SANDBOX_TIME = millis(350);
/** A container that ran this long starts from the shortest pause again. */
const BACKOFF_FORGET_MS = 600_000;
const MOUNT_RETRY_MAX = 122;

/** What the pods of a node share. */
export interface NodeRuntime {
  readonly plane: ControlPlane;
  readonly options: KubeletOptions;
  readonly sandboxes: Sandboxes;
  readonly pulled: Set<string>;
  readonly forget: (uid: string) => void;
}

export class PodWorker implements PodRecord {
  readonly #node: NodeRuntime;
  readonly #given: Pod;
  readonly slots = new Map<string, ContainerSlot>();
  sandbox: Sandbox | undefined;
  ending = false;
  gone = false;
  #attempts: number;
  #mountWait = 0.5;

  constructor(node: NodeRuntime, pod: Pod) {
    this.#node = node;
    this.#given = pod;
    const before = [...(pod.status.containerStatuses ?? []), ...(pod.status.initContainerStatuses ?? [])];
    this.#attempts = before.reduce((n, s) => Math.max(n, s.restartCount + (s.containerID === undefined ? 0 : 1)), 0);
    for (const container of pod.spec.initContainers ?? []) this.#add(container, 'init', 'PodInitializing');
    for (const container of pod.spec.containers) this.#add(container, 'app', (pod.spec.initContainers ?? []).length > 0 ? 'PodInitializing' : 'ContainerCreating');
  }

  /** A slot as the API knows the container: what ran before the node went down counts as ended. */
  #add(container: Container, role: ContainerSlot['role'], reason: string): void {
    const known = [...(this.#given.status.containerStatuses ?? []), ...(this.#given.status.initContainerStatuses ?? [])].find((s) => s.name === container.name);
    const ran = known?.state.running;
    const ended = ran === undefined ? known?.state.terminated : { exitCode: 255, reason: 'Unknown', startedAt: ran.startedAt, finishedAt: rfc3339(this.#node.plane.wallMillis()), containerID: known?.containerID ?? '' };
    this.slots.set(container.name, {
      container, role, running: undefined, last: undefined, ready: false, started: false, waiting: { reason }, backoff: 0, restarts: (known?.restartCount ?? 0) + (ended === undefined ? 0 : 1),
      ended: ended === undefined ? undefined : { exitCode: ended.exitCode, reason: ended.reason, startedAt: ended.startedAt, finishedAt: ended.finishedAt, containerID: ended.containerID ?? '' },
    });
  }

  begin(): void {
    const { restartPolicy = 'Always', initContainers = [] } = this.#given.spec;
    if (this.#attempts > 0 && restartPolicy === 'Never' && initContainers.length === 0) return this.#lost();
    if (this.#attempts > 0) this.#event('Normal', 'SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.');
    this.status();
    this.#later(SANDBOX_TIME, (pod) => this.#sandbox(pod));
    return undefined;
  }

  /** Nothing may be started again: the pod is what its containers ended as. */
  #lost(): void {
    for (const slot of this.slots.values()) slot.waiting = { reason: '' };
    this.status();
  }

  get #kernel(): Kernel {
    return this.#node.options.host.kernel;
  }

  get #pod(): Pod | undefined {
    const { namespace, name, uid } = this.#given.metadata;
    const now = this.#node.plane.store.get('Pod', namespace, name);
    return now?.metadata.uid === uid ? now : undefined;
  }

  get #place(): Place {
    const { name, internalIp } = this.#node.options;
    return { node: name, hostIp: internalIp, podIp: this.sandbox === undefined ? '' : formatIpv4(this.sandbox.ip) };
  }

  #event(type: 'Normal' | 'Warning', reason: string, message: string, container?: Container): void {
    recordEvent(this.#node.plane, this.#pod ?? this.#given, 'kubelet', type, reason, message, this.#node.options.name, container === undefined ? undefined : `spec.containers{${container.name}}`);
  }

  #later(delay: Nanos, step: (pod: Pod) => void): void {
    this.#node.plane.scheduler.after(delay, () => {
      const pod = this.#pod;
      if (pod !== undefined && !this.gone && !this.ending) step(pod);
    });
  }

  status(): void {
    const pod = this.#pod;
    if (pod === undefined || this.gone) return;
    const { store, api } = this.#node.plane;
    store.update('Pod', { ...pod, status: podStatus(pod, this, this.#node.options.internalIp, api.now('Pod', pod.metadata.namespace, pod.metadata.name)) });
  }

  #sandbox(pod: Pod): void {
    const missing = writeVolumes(this.#node.plane.store, this.#node.options.host.fs, pod, this.#place);
    if (missing !== undefined) {
      this.#event('Warning', 'FailedMount', missing);
      this.#later(seconds(this.#mountWait), (now) => this.#sandbox(now));
      this.#mountWait = Math.min(MOUNT_RETRY_MAX, this.#mountWait * 2);
      return;
    }
    const made = this.#node.sandboxes.make(pod, this.#attempts);
    if (!made.ok) {
      this.#event('Warning', 'FailedCreatePodSandBox', `Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox: ${made.error}`);
      this.#later(seconds(10), (now) => this.#sandbox(now));
      return;
    }
    this.sandbox = made.value;
    writePodFiles(this.#node.options, pod, made.value);
    this.refreshVolumes();
    this.#next();
  }

  /** The first init container that has not succeeded, or else every container. */
  #next(): void {
    const init = [...this.slots.values()].find((s) => s.role === 'init' && !(s.running === undefined && s.ended?.exitCode === 0 && this.#attempts === 0));
    if (init !== undefined && !initialized(this)) return this.#pull(init);
    for (const slot of this.slots.values()) if (slot.role === 'app') this.#pull(slot);
    return undefined;
  }

  refreshVolumes(): void {
    const pod = this.#pod;
    if (pod !== undefined && this.sandbox !== undefined) writeVolumes(this.#node.plane.store, this.#node.options.host.fs, pod, this.#place);
  }

  /** kubectl debug adds containers to a running pod; they are never started twice. */
  syncEphemeral(pod: Pod): void {
    if (this.sandbox === undefined || this.ending) return;
    for (const container of pod.spec.ephemeralContainers ?? []) {
      if (this.slots.has(container.name)) continue;
      this.#add(container, 'ephemeral', 'ContainerCreating');
      const slot = this.slots.get(container.name);
      if (slot !== undefined) this.#pull(slot);
    }
  }

  #pull(slot: ContainerSlot): void {
    pull(slot, {
      pulled: this.#node.pulled, event: (type, reason, message) => this.#event(type, reason, message, slot.container), later: (delay, step) => this.#later(delay, step),
      status: () => this.status(), run: (pod, image) => this.#run(pod, slot, image), again: () => this.#pull(slot),
    });
  }

  #run(pod: Pod, slot: ContainerSlot, image: Image): void {
    const { plane, options } = this.#node;
    const { container } = slot;
    const { sandbox } = this;
    if (sandbox === undefined) return;
    const { namespace, name, uid } = pod.metadata;
    const env = environmentOf(plane.store, pod, container, this.#place);
    const refused = env.ok ? rootRefused(pod, container, image.user ?? 'root') : env.error;
    if (!env.ok || refused !== undefined) {
      slot.waiting = { reason: 'CreateContainerConfigError', message: refused ?? '' };
      this.#event('Warning', 'Failed', `Error: ${refused ?? ''}`, container);
      this.status();
      this.#later(seconds(10), () => this.#pull(slot));
      return;
    }
    const pin = plane.api.pinBook.current(namespace, name);
    const first = pod.spec.containers[0]?.name === container.name;
    const fresh = (slot.restarts === 0 || this.#attempts > 0) && slot.last === undefined;
    const own = fresh ? { ...(first ? { id: pin?.containerId } : {}), ...pin?.containers?.[container.name] } : {};
    const id = own.id ?? hex(plane.random.fork(`container/${uid}/${container.name}/${slot.restarts}`), 64);
    this.#event('Normal', 'Created', `Created container ${container.name}`, container);
    const running = startContainer({
      plane, pod, container, image, id, sandbox, hostname: hostnameOf(options.host, pod), commands: options.commands, env: env.value, node: options.host,
      mounts: mountsOf(options.host.fs, pod, container, sandbox.id, env.value), startedAt: plane.api.now('Pod', namespace, name), wallMillis: plane.wallMillis(), pid: own.pid,
    });
    this.#event('Normal', 'Started', `Started container ${container.name}`, container);
    slot.running = running;
    slot.started = container.startupProbe === undefined;
    slot.ready = slot.role === 'app' && slot.started && container.readinessProbe === undefined;
    this.status();
    if (running.process.exitCode === undefined) running.process.exited.add(() => this.#exited(slot, running));
    else this.#exited(slot, running);
    if (slot.role === 'app' && slot.running === running) this.#watch(pod, slot, running, sandbox);
  }

  /** Post-start hook and probes. */
  #watch(pod: Pod, slot: ContainerSlot, running: RunningContainer, sandbox: Sandbox): void {
    const { container } = slot;
    const target: Target = { pod, container, running, ip: sandbox.ip };
    const alive = (): boolean => slot.running === running && !this.ending && !this.gone && this.#pod !== undefined;
    const hook = container.lifecycle?.postStart;
    if (hook !== undefined) {
      this.#spawn(function* (kernel) {
        return yield* runHook(kernel, target, hook, 3600);
      }, (failed) => {
        if (failed === undefined || !alive()) return;
        this.#event('Warning', 'FailedPostStartHook', 'PostStartHook failed', container);
        this.#event('Normal', 'Killing', 'FailedPostStartHook', container);
        this.#stop(slot, running, pod.spec.terminationGracePeriodSeconds ?? 30);
      });
    }
    new Prober(this.#node.plane, this.#kernel, target, {
      alive,
      ready: (ready) => {
        slot.ready = ready;
        this.status();
      },
      started: () => {
        slot.started = true;
        slot.ready = container.readinessProbe === undefined;
        this.status();
      },
      failed: (type, message) => this.#event('Warning', 'Unhealthy', `${type} probe failed: ${message}`, container),
      kill: (type, grace) => {
        this.#event('Normal', 'Killing', `Container ${container.name} failed ${type.toLowerCase()} probe, will be restarted`, container);
        this.#stop(slot, running, grace ?? pod.spec.terminationGracePeriodSeconds ?? 30);
      },
    }).start();
  }

  #spawn(work: (kernel: Kernel) => Program<string | undefined>, done: (result: string | undefined) => void): void {
    this.#kernel.spawn('kubelet', function* (kernel): Program {
      done(yield* work(kernel));
      return 0;
    });
  }

  /** `after`: when nothing of it runs any more. */
  #stop(slot: ContainerSlot, running: RunningContainer, grace: number, after: () => void = () => undefined): void {
    const pod = this.#pod;
    const target = pod === undefined || this.sandbox === undefined ? undefined : { pod, container: slot.container, running, ip: this.sandbox.ip };
    terminate({
      scheduler: this.#node.plane.scheduler, kernel: this.#kernel, running, grace, hook: slot.container.lifecycle?.preStop, target, gone: () => this.gone,
      hookFailed: () => this.#event('Warning', 'FailedPreStopHook', 'PreStopHook failed', slot.container), after,
    });
  }

  #exited(slot: ContainerSlot, running: RunningContainer): void {
    if (slot.running !== running) return;
    const { plane } = this.#node;
    const { container } = slot;
    const exitCode = running.process.exitCode ?? 0;
    slot.last = running;
    slot.running = undefined;
    slot.ready = false;
    slot.started = false;
    slot.ended = { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error', startedAt: running.startedAt, finishedAt: rfc3339(plane.wallMillis()), containerID: `containerd://${running.id}` };
    slot.waiting = { reason: '' };
    const pod = this.#pod;
    if (this.gone || pod === undefined) return;
    if (this.ending) return this.status();
    const policy = pod.spec.restartPolicy ?? 'Always';
    const over = slot.role === 'ephemeral' || (slot.role === 'init' ? exitCode === 0 || policy === 'Never' : policy === 'Never' || (policy === 'OnFailure' && exitCode === 0));
    if (over) {
      this.status();
      if (slot.role === 'init' && exitCode === 0) this.#afterInit();
      return;
    }
    if (Date.parse(slot.ended.finishedAt) - Date.parse(running.startedAt) > BACKOFF_FORGET_MS) slot.backoff = 0;
    const wait = slot.backoff;
    slot.backoff = Math.min(BACKOFF_MAX, wait === 0 ? BACKOFF_FIRST : wait * 2);
    if (wait > 0) {
      const where = `${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})`;
      slot.waiting = { reason: 'CrashLoopBackOff', message: `back-off ${wait < 60 ? `${wait}s` : `${Math.floor(wait / 60)}m${wait % 60}s`} restarting failed container=${container.name} pod=${where}` };
      this.#event('Warning', 'BackOff', `Back-off restarting failed container ${container.name} in pod ${where}`, container);
    }
    this.status();
    this.#later(wait === 0 ? millis(1000) : seconds(wait), () => {
      slot.restarts++;
      this.#pull(slot);
    });
  }

  #afterInit(): void {
    const next = [...this.slots.values()].find((s) => s.role === 'init' && s.last === undefined);
    if (next !== undefined) this.#pull(next);
    else for (const slot of this.slots.values()) if (slot.role === 'app') this.#pull(slot);
  }

  /** Deleted by force: the API does not wait for the node. */
  endIfForgotten(): void {
    if (this.#pod === undefined) this.end(this.#given);
  }

  end(pod: Pod): void {
    if (this.ending) return;
    this.ending = true;
    const grace = pod.metadata.deletionGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30;
    const live = [...this.slots.values()].flatMap((slot) => (slot.running === undefined ? [] : [{ slot, running: slot.running }]));
    let left = live.length;
    const { scheduler } = this.#node.plane;
    const began = scheduler.now;
    const finish = (): void => {
      if (left > 0) return;
      if (scheduler.now > began) this.#tearDown(pod);
      else scheduler.after(millis(100), () => this.#tearDown(pod));
    };
    for (const { slot, running } of live) {
      this.#event('Normal', 'Killing', `Stopping container ${slot.container.name}`, slot.container);
      this.#stop(slot, running, grace, () => {
        left--;
        finish();
      });
    }
    this.status();
    if (live.length === 0) finish();
  }

  #tearDown(pod: Pod): void {
    if (this.gone) return;
    const { fs } = this.#node.options.host;
    this.gone = true;
    if (this.sandbox !== undefined) this.#node.sandboxes.end(pod, this.sandbox);
    removeTree(fs, kubeletDir(pod.metadata.uid));
    if (this.sandbox !== undefined) removeTree(fs, sandboxDir(this.sandbox.id));
    this.#node.forget(pod.metadata.uid);
    if (this.#pod !== undefined) this.#node.plane.api.delete('Pod', pod.metadata.namespace, pod.metadata.name, 0);
  }

  /** The machine lost its power: nothing is said to anybody. */
  die(): void {
    this.gone = true;
    for (const slot of this.slots.values()) if (slot.running !== undefined) stopContainer(slot.running, 'SIGKILL');
  }
}
