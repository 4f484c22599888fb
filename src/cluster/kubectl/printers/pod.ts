/** Models: pkg/printers/internalversion/printers.go printPod (v1.29). */
import type { Pod } from '../../api/kinds.ts';
import { humanDuration } from '../age.ts';

const ended = (t: { readonly exitCode: number; readonly signal?: number | undefined }): string => ((t.signal ?? 0) === 0 ? `ExitCode:${t.exitCode}` : `Signal:${String(t.signal)}`);

/** Where the init containers are; undefined: through. */
function initText(pod: Pod): string | undefined {
  if (pod.status.conditions?.some((c) => c.type === 'Initialized' && c.status === 'True') === true) return undefined;
  for (const [i, { state: { waiting, terminated } }] of (pod.status.initContainerStatuses ?? []).entries()) {
    if (terminated?.exitCode === 0) continue;
    if (terminated !== undefined) return `Init:${terminated.reason === '' ? ended(terminated) : terminated.reason}`;
    return waiting !== undefined && !['', 'PodInitializing'].includes(waiting.reason) ? `Init:${waiting.reason}` : `Init:${i}/${(pod.spec.initContainers ?? []).length}`;
  }
  return undefined;
}

export function podStatusText(pod: Pod): string {
  let reason = pod.status.reason ?? pod.status.phase;
  if (pod.status.conditions?.some((c) => c.type === 'PodScheduled' && c.reason === 'SchedulingGated') === true) reason = 'SchedulingGated';
  let running = false;
  const init = initText(pod);
  if (init !== undefined) reason = init;
  for (const c of init === undefined ? [...(pod.status.containerStatuses ?? [])].reverse() : []) {
    const { waiting, terminated } = c.state;
    if (waiting !== undefined && waiting.reason !== '') reason = waiting.reason;
    else if (terminated !== undefined && terminated.reason !== '') reason = terminated.reason;
    else if (terminated !== undefined) reason = ended(terminated);
    else if (c.ready && c.state.running !== undefined) running = true;
  }
  if (reason === 'Completed' && running) reason = pod.status.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') === true ? 'Running' : 'NotReady';
  return pod.metadata.deletionTimestamp === undefined ? reason : 'Terminating';
}

export function podRestarts(pod: Pod, now: number): string {
  const statuses = (initText(pod) === undefined ? pod.status.containerStatuses : pod.status.initContainerStatuses) ?? [];
  const restarts = statuses.reduce((n, c) => n + c.restartCount, 0);
  const last = Math.max(0, ...statuses.map((c) => Date.parse(c.lastState?.terminated?.finishedAt ?? '') || 0));
  return restarts > 0 && last > 0 ? `${restarts} (${humanDuration(now - last)} ago)` : String(restarts);
}

export const podReady = (pod: Pod): string => `${(pod.status.containerStatuses ?? []).filter((c) => c.ready && c.state.running !== undefined).length}/${pod.spec.containers.length}`;
