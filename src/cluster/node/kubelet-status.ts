/** What the kubelet reports of a pod. Models: pkg/kubelet/status, kubelet_pods.go (v1.29): phase, conditions, container states. */
import { sha256Hex } from '../../base/hash.ts';
import { formatIpv4 } from '../../engine/wire/addresses.ts';
import type { Pod } from '../api/kinds.ts';
import type { Condition } from '../api/meta.ts';
import type { Container, ContainerStatus } from '../api/pod.ts';
import { findImage, imageReference } from './images.ts';
import type { RunningContainer, Sandbox } from './runtime.ts';

export interface Ended {
  readonly exitCode: number;
  readonly reason: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly containerID: string;
}

export interface ContainerSlot {
  readonly container: Container;
  readonly role: 'init' | 'app' | 'ephemeral';
  running: RunningContainer | undefined;
  /** The process before this one, for its log. */
  last: RunningContainer | undefined;
  ended: Ended | undefined;
  restarts: number;
  ready: boolean;
  started: boolean;
  waiting: { readonly reason: string; readonly message?: string };
  backoff: number;
}

export interface PodRecord {
  sandbox: Sandbox | undefined;
  readonly slots: Map<string, ContainerSlot>;
  ending: boolean;
  gone: boolean;
}

/** Conditions that the kubelet itself writes. */
const OWN: readonly string[] = ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady'];

const isDone = (slot: ContainerSlot): boolean => slot.running === undefined && slot.ended?.exitCode === 0;
export const initialized = (record: PodRecord): boolean => [...record.slots.values()].every((s) => s.role !== 'init' || isDone(s));

/** The status of a pod as its containers are now. */
export function podStatus(pod: Pod, record: PodRecord, hostIP: string, now: string): Pod['status'] {
  const of = (containers: readonly Container[] | undefined): readonly ContainerStatus[] => (containers ?? []).map((c) => containerStatus(c, record.slots.get(c.name)));
  const [statuses, inits, ephemerals] = [of(pod.spec.containers), of(pod.spec.initContainers), of(pod.spec.ephemeralContainers)];
  const ready = statuses.every((s) => s.ready);
  const initFailed = pod.spec.restartPolicy === 'Never' && inits.some((s) => s.state.terminated !== undefined && s.state.terminated.exitCode !== 0);
  const done = initFailed || (statuses.every((s) => s.state.terminated !== undefined) && statuses.length > 0);
  const begun = statuses.some((s) => s.state.running !== undefined || s.restartCount > 0 || s.state.terminated !== undefined);
  const running = begun && statuses.every((s) => s.state.waiting === undefined || s.restartCount > 0);
  const condition = (type: string, good: boolean, why: Partial<Condition>): Condition => {
    const status = good ? 'True' : 'False';
    const before = pod.status.conditions?.find((c) => c.type === type);
    return { type, status, lastTransitionTime: before?.status === status ? (before.lastTransitionTime ?? now) : now, ...(good ? {} : why) };
  };
  const unready = statuses.filter((s) => !s.ready).map((s) => s.name);
  const why = done ? { reason: 'PodCompleted' } : { reason: 'ContainersNotReady', message: `containers with unready status: [${unready.join(' ')}]` };
  const closed = (pod.spec.readinessGates ?? []).map((g) => g.conditionType).filter((type) => pod.status.conditions?.some((c) => c.type === type && c.status === 'True') !== true);
  const gated = { reason: 'ReadinessGatesNotReady', message: closed.map((type) => `corresponding condition of pod readiness gate "${type}" ${pod.status.conditions?.some((c) => c.type === type) === true ? 'is not "True"' : 'does not exist'}.`).join(', ') };
  const uninitialized = inits.filter((s) => s.state.terminated?.exitCode !== 0).map((s) => s.name);
  const ip = record.sandbox === undefined ? undefined : formatIpv4(record.sandbox.ip);
  return {
    ...pod.status,
    phase: done ? (!initFailed && statuses.every((s) => s.state.terminated?.exitCode === 0) ? 'Succeeded' : 'Failed') : running ? 'Running' : 'Pending',
    conditions: [
      ...(record.sandbox === undefined ? [] : [condition('PodReadyToStartContainers', true, {})]),
      condition('Initialized', uninitialized.length === 0, { reason: 'ContainersNotInitialized', message: `containers with incomplete status: [${uninitialized.join(' ')}]` }),
      condition('Ready', ready && closed.length === 0, ready ? gated : why), condition('ContainersReady', ready, why),
      ...(pod.status.conditions ?? []).filter((c) => !OWN.includes(c.type)),
    ],
    containerStatuses: statuses, ...(inits.length === 0 ? {} : { initContainerStatuses: inits }), ...(ephemerals.length === 0 ? {} : { ephemeralContainerStatuses: ephemerals }),
    hostIP, hostIPs: [{ ip: hostIP }], startTime: pod.status.startTime ?? now, ...(ip === undefined ? {} : { podIP: ip, podIPs: [{ ip }] }),
  };
}

function containerStatus(container: Container, slot: ContainerSlot | undefined): ContainerStatus {
  const image = findImage(container.image);
  const ref = imageReference(container.image);
  const running = slot?.running;
  const ended = slot?.ended;
  const waits = ended !== undefined && ['CrashLoopBackOff', 'PodInitializing', 'ContainerCreating', 'CreateContainerConfigError'].includes(slot?.waiting.reason ?? '');
  const state: ContainerStatus['state'] = running !== undefined ? { running: { startedAt: running.startedAt } }
    : waits || ended === undefined ? { waiting: slot?.waiting ?? { reason: 'ContainerCreating' } } : { terminated: ended };
  return {
    name: container.name, ready: slot?.role === 'init' ? isDone(slot) : slot?.ready === true, restartCount: slot?.restarts ?? 0, started: running !== undefined && slot?.started === true,
    image: image === undefined ? container.image : `${ref.name}:${ref.tag}`,
    imageID: running === undefined || image === undefined ? '' : `${ref.name}@sha256:${sha256Hex(`${ref.name}:${ref.tag}`)}`,
    ...(running === undefined ? {} : { containerID: `containerd://${running.id}` }), state,
    ...((waits || running !== undefined) && ended !== undefined ? { lastState: { terminated: ended } } : {}),
  };
}
