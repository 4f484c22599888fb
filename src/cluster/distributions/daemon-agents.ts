/**
 * Agents that DaemonSets run: each works while its pod on this node does. At boot they start with the node, before their pods are there, which changes nothing that is seen.
 * Models: a DaemonSet's pod on the host's network: told to stop it stops at once, what it wrote stays; the next one writes all of it again.
 */
import type { Pod } from '../api/kinds.ts';
import type { ControlPlane } from '../plane.ts';

export interface Agent {
  readonly start: () => void;
  readonly stop: () => void;
}

const runs = (p: Pod): boolean => p.status.phase === 'Running' && p.metadata.deletionTimestamp === undefined;

/** `label`: of the DaemonSet's pods in kube-system, `k8s-app=kube-proxy`. `make`: another agent, for the next pod. */
export function followPod(plane: ControlPlane, node: string, label: readonly [key: string, value: string], first: Agent, make: () => Agent): void {
  let agent: Agent | undefined = first;
  let seen = false;
  first.start();
  const stop = plane.store.watch(({ kind, object }) => {
    if (plane.alive?.() === false) return stop();
    if (kind !== 'Pod' || object.metadata.labels?.[label[0]] !== label[1]) return undefined;
    const running = plane.store.list('Pod', 'kube-system').some((p) => p.metadata.labels?.[label[0]] === label[1] && p.spec.nodeName === node && runs(p));
    if (running) {
      seen = true;
      if (agent === undefined) {
        agent = make();
        agent.start();
      }
    } else if (seen) {
      agent?.stop();
      agent = undefined;
    }
    return undefined;
  });
}
