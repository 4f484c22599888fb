/** Containers of the node that a tool was called on. */
import type { Context } from '../../userland/host.ts';
import type { Pod } from '../api/kinds.ts';
import type { Container } from '../api/pod.ts';
import type { Cluster } from '../cluster.ts';
import { imageReference } from '../node/images.ts';
import type { Ended } from '../node/kubelet.ts';
import type { RunningContainer, Sandbox } from '../node/runtime.ts';

export interface Local {
  readonly pod: Pod;
  readonly sandbox: Sandbox;
  readonly spec: Container | undefined;
  readonly container: RunningContainer;
  readonly attempt: number;
  /** undefined: it runs. */
  readonly ended: Ended | undefined;
}

export interface LocalPod {
  readonly pod: Pod;
  readonly sandbox: Sandbox;
}

const kubeletOf = (cluster: Cluster, context: Context) => [...cluster.kubelets.values()].find((k) => k.options.host.kernel.machine === context.host.kernel.machine);

export function localPods(cluster: Cluster, context: Context): readonly LocalPod[] {
  const kubelet = kubeletOf(cluster, context);
  return cluster.store.list('Pod').flatMap((pod) => {
    const sandbox = pod.spec.nodeName === kubelet?.options.name ? kubelet?.sandbox(pod.metadata.uid) : undefined;
    return sandbox === undefined ? [] : [{ pod, sandbox }];
  });
}

/** The newest first, as both tools list them. */
export function locals(cluster: Cluster, context: Context): readonly Local[] {
  const kubelet = kubeletOf(cluster, context);
  return localPods(cluster, context).flatMap(({ pod, sandbox }) => {
    const { uid } = pod.metadata;
    const of = (container: RunningContainer, ended: Ended | undefined): Local => {
      const spec = [...pod.spec.containers, ...(pod.spec.initContainers ?? []), ...(pod.spec.ephemeralContainers ?? [])].find((c) => c.name === container.name);
      const status = [...(pod.status.containerStatuses ?? []), ...(pod.status.initContainerStatuses ?? [])].find((s) => s.name === container.name);
      return { pod, sandbox, spec, container, ended, attempt: status?.restartCount ?? 0 };
    };
    return [...(kubelet?.containers(uid) ?? []).map((c) => of(c, undefined)), ...(kubelet?.ended(uid) ?? []).map((e) => of(e.container, e))];
  }).reverse();
}

export const imageName = (l: Local): string => {
  const ref = imageReference(l.spec?.image ?? '');
  return `${ref.name}:${ref.tag}`;
};
