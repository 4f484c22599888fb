/**
 * Images of kubeadm's and kind's own pods. Their work is done by the lab's control plane and by ../addons; the containers only live.
 * Not modelled: ports of the static pods (2379, 10257, 10259), metrics, what they log: the log says that.
 */
import { WaitQueue, type Program } from '../../engine/sim/process.ts';
import { NOT_MODELLED } from '../../userland/commands/kit.ts';
import type { Image, ProcessSpec } from './images.ts';

/** Waits for nothing: only a signal ends it. */
export function* live(): Program {
  const never = new WaitQueue();
  for (;;) yield { on: [never] };
}

const standIn = (names: readonly string[], command: string) => (spec: ProcessSpec): Program => {
  spec.log.write(`${command}: the log of ${names[0] ?? ''} is ${NOT_MODELLED}\n`);
  return live();
};

const image = (names: readonly string[], megabytes: number, command: string): Image =>
  ({ names, version: 'v1.29.2', megabytes, commands: [], env: {}, files: {}, main: standIn(names, command), defaultCommand: [command] });

export const KUBEADM_IMAGES: readonly Image[] = [
  image(['registry.k8s.io/kube-proxy'], 80, '/usr/local/bin/kube-proxy'),
  image(['registry.k8s.io/kube-apiserver'], 120, 'kube-apiserver'),
  image(['registry.k8s.io/kube-controller-manager'], 118, 'kube-controller-manager'),
  image(['registry.k8s.io/kube-scheduler'], 58, 'kube-scheduler'),
  image(['registry.k8s.io/etcd'], 136, 'etcd'),
  image(['docker.io/kindest/kindnetd'], 28, '/bin/kindnetd'),
];
