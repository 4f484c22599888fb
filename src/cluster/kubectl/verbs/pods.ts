/** Which pod and container a command line means. Models: kubectl/pkg/polymorphichelpers/attachablepodforobject.go, pkg/cmd/util/podcmd (v1.29). */
import { err, ok, type Result } from '../../../base/result.ts';
import { kubectlText, notFound } from '../../api/errors.ts';
import { kindByResource, type KindInfo, type Pod } from '../../api/kinds.ts';
import { matches, type LabelSelector } from '../../api/meta.ts';
import type { RunningContainer } from '../../node/runtime.ts';
import { unknownType } from '../resources.ts';
import type { Kube } from '../verb.ts';

const DEFAULT_CONTAINER = 'kubectl.kubernetes.io/default-container';

function selectorOf(k: Kube, info: KindInfo, name: string): LabelSelector | undefined {
  const { store } = k.cluster;
  switch (info.kind) {
    case 'Service': return { matchLabels: store.get('Service', k.namespace, name)?.spec.selector ?? {} };
    case 'Deployment': return store.get('Deployment', k.namespace, name)?.spec.selector;
    case 'ReplicaSet': return store.get('ReplicaSet', k.namespace, name)?.spec.selector;
    case 'DaemonSet': return store.get('DaemonSet', k.namespace, name)?.spec.selector;
    case 'StatefulSet': return store.get('StatefulSet', k.namespace, name)?.spec.selector;
    case 'Job': return store.get('Job', k.namespace, name)?.spec.selector;
    default: return undefined;
  }
}

/** Pods of `name`, `pod/name`, `deploy/name`, `svc/name` ...: the running ones first, then the older. */
export function podsOf(k: Kube, word: string, doing = 'attach to'): Result<readonly Pod[], string> {
  const [type = '', name = ''] = word.includes('/') ? word.split('/') : ['pod', word];
  const info = kindByResource(type, k.cluster.store.serves);
  if (info === undefined) return err(unknownType(type));
  if (info.kind === 'Pod') {
    const pod = k.cluster.store.get('Pod', k.namespace, name);
    return pod === undefined ? err(kubectlText(notFound('Pod', name))) : ok([pod]);
  }
  if (k.cluster.store.table(info.kind).get(`${info.namespaced ? k.namespace : ''}/${name}`) === undefined) return err(kubectlText(notFound(info.kind, name)));
  const selector = selectorOf(k, info, name);
  if (selector === undefined) return err(`error: cannot ${doing} *${info.apiVersion.split('/').at(-1) ?? ''}.${info.kind}: selector for *${info.apiVersion.split('/').at(-1) ?? ''}.${info.kind} not implemented`);
  const found = k.cluster.store.list('Pod', k.namespace).filter((p) => matches(selector, p.metadata.labels ?? {}));
  const rank = (p: Pod): number => (p.status.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') === true ? 0 : p.status.phase === 'Running' ? 1 : 2);
  return found.length === 0 ? err('error: timed out waiting for the condition') : ok([...found].sort((a, b) => rank(a) - rank(b)));
}

export function podOf(k: Kube, word: string): Result<Pod, string> {
  const pods = podsOf(k, word);
  if (!pods.ok) return pods;
  const [pod] = pods.value;
  return pod === undefined ? err(`error: no pods found for ${word}`) : ok(pod);
}

export const containerNames = (pod: Pod): readonly string[] => [...pod.spec.containers, ...(pod.spec.initContainers ?? []), ...(pod.spec.ephemeralContainers ?? [])].map((c) => c.name);

/** -c, the annotation, or the first one; says which when there are several. */
export function chosenContainer(k: Kube, pod: Pod, asked = k.flags.text('container')): string {
  const name = asked ?? pod.metadata.annotations?.[DEFAULT_CONTAINER] ?? pod.spec.containers[0]?.name ?? '';
  const several = containerNames(pod).length > 1 && pod.metadata.annotations?.[DEFAULT_CONTAINER] === undefined;
  if (asked === undefined && several && !k.flags.on('quiet')) {
    const all = [...pod.spec.containers.map((c) => c.name), ...(pod.spec.initContainers ?? []).map((c) => `${c.name} (init)`), ...(pod.spec.ephemeralContainers ?? []).map((c) => `${c.name} (ephem)`)];
    k.context.stderr.write(`Defaulted container "${name}" out of: ${all.join(', ')}\n`);
  }
  return name;
}

export function containerOf(k: Kube, pod: Pod): Result<RunningContainer, string> {
  if (pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed') return err(`error: cannot exec into a container in a completed pod; current phase is ${pod.status.phase}`);
  const name = chosenContainer(k, pod);
  if (!containerNames(pod).includes(name)) return err(`Error from server (BadRequest): container ${name} is not valid for pod ${pod.metadata.name}`);
  if ((pod.spec.nodeName ?? '') === '') return err(`Error from server (BadRequest): pod ${pod.metadata.name} does not have a host assigned`);
  const running = k.cluster.kubelets.get(pod.spec.nodeName ?? '')?.containers(pod.metadata.uid).find((c) => c.name === name);
  return running === undefined ? err(`error: unable to upgrade connection: container not found ("${name}")`) : ok(running);
}
