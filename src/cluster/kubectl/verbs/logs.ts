/** kubectl logs. Models: kubectl/pkg/cmd/logs (v1.29). Not modelled: times of lines (--timestamps, --since, --since-time). */
import type { Program } from '../../../engine/sim/process.ts';
import { millis, plus } from '../../../engine/sim/time.ts';
import { kindInfo, type Pod } from '../../api/kinds.ts';
import { logsError } from '../connection.ts';
import { flag } from '../flags.ts';
import { selected } from '../selectors.ts';
import type { Kube, Verb } from '../verb.ts';
import { chosenContainer, containerNames, podsOf } from './pods.ts';

const POLL = millis(100);

interface Stream {
  readonly pod: Pod;
  readonly container: string;
}

const textOf = (k: Kube, { pod, container }: Stream): string | undefined => k.cluster.kubelets.get(pod.spec.nodeName ?? '')?.log(pod.metadata.uid, container, k.flags.on('previous'));

/** The kubelet's reason why there is nothing to show yet. */
function absence(k: Kube, { pod, container }: Stream): string {
  const { name } = pod.metadata;
  if (k.flags.on('previous')) return `Error from server (BadRequest): previous terminated container "${container}" in pod "${name}" not found`;
  const statuses = [...(pod.status.containerStatuses ?? []), ...(pod.status.initContainerStatuses ?? []), ...(pod.status.ephemeralContainerStatuses ?? [])];
  const waiting = statuses.find((c) => c.name === container)?.state.waiting;
  const pulling = waiting?.reason === 'ErrImagePull' || waiting?.reason === 'ImagePullBackOff';
  return `Error from server (BadRequest): container "${container}" in pod "${name}" is waiting to start: ${pulling ? "trying and failing to pull image" : (waiting?.reason ?? 'ContainerCreating')}`;
}

function lastLines(text: string, tail: number): string {
  if (tail < 0) return text;
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  return (tail === 0 ? [] : lines.slice(-tail)).map((l) => `${l}\n`).join('');
}

const prefixed = (k: Kube, s: Stream, text: string): string => (k.flags.on('prefix') ? text.replaceAll(/^(?=.)/gm, `[pod/${s.pod.metadata.name}/${s.container}] `) : text);

function* follow(k: Kube, streams: readonly Stream[], tail: number): Program {
  const shown = new Map<Stream, number>();
  for (const s of streams) {
    const text = textOf(k, s) ?? '';
    k.out(prefixed(k, s, lastLines(text, tail)));
    shown.set(s, text.length);
  }
  for (;;) {
    let alive = false;
    for (const s of streams) {
      const text = textOf(k, s) ?? '';
      const from = shown.get(s) ?? 0;
      if (text.length > from) k.out(prefixed(k, s, text.slice(from)));
      shown.set(s, text.length);
      const kubelet = k.cluster.kubelets.get(s.pod.spec.nodeName ?? '');
      if (kubelet?.containers(s.pod.metadata.uid).some((c) => c.name === s.container) === true) alive = true;
    }
    if (!alive) return 0;
    yield { until: plus(k.cluster.plane.scheduler.now, POLL) };
  }
}

export const logs: Verb = {
  name: 'logs', summary: 'Print the logs for a container in a pod',
  flags: [
    flag('container', 'string', 'c'), flag('follow', 'boolean', 'f'), flag('tail'), flag('previous', 'boolean', 'p'), flag('selector', 'string', 'l'), flag('all-containers', 'boolean'), flag('timestamps', 'boolean'), flag('since'),
    flag('since-time'), flag('prefix', 'boolean'), flag('limit-bytes'), flag('max-log-requests'), flag('ignore-errors', 'boolean'), flag('pod-running-timeout'), flag('insecure-skip-tls-verify-backend', 'boolean'),
  ],
  *run(k): Program {
    const [target, second, ...more] = k.flags.args;
    const usage = "See 'kubectl logs -h' for help and examples";
    if (target === undefined && !k.flags.has('selector')) return k.fail(`error: expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command\n${usage}`);
    if (more.length > 0) return k.fail(`error: expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command\n${usage}`);
    if (target !== undefined && k.flags.has('selector')) return k.fail(`error: only a selector (-l) or a POD name is allowed\n${usage}`);
    if (second !== undefined && k.flags.has('container')) return k.fail('error: only one of -c or an inline [CONTAINER] arg is allowed');
    for (const absent of ['timestamps', 'since', 'since-time', 'limit-bytes']) if (k.flags.has(absent)) return k.fail(`error: logs --${absent} is not modelled in this lab`);
    const given = k.flags.text('tail');
    if (given !== undefined && !/^-?\d+$/.test(given)) return k.fail(`error: invalid argument "${given}" for "--tail" flag: strconv.ParseInt: parsing "${given}": invalid syntax\nSee 'kubectl logs --help' for usage.`);
    if (Number(given ?? -1) < -1) return k.fail('error: --tail must be greater than or equal to -1');
    const list = target === undefined ? undefined : podsOf(k, target, 'get the logs from');
    if (list?.ok === false) return k.fail(list.error);
    const kept = selected(kindInfo('Pod'), k.flags.text('selector'), undefined, k.cluster.store.list('Pod', k.namespace));
    if (!kept.ok) return k.fail(kept.error);
    const pods = list?.value ?? k.cluster.store.list('Pod', k.namespace).filter((p) => kept.value.some((o) => o.metadata.uid === p.metadata.uid));
    if (pods.length === 0) {
      k.fail(`No resources found in ${k.namespace} namespace.`);
      return 0;
    }
    const one = k.flags.has('selector') ? pods : pods.slice(0, 1);
    if (!k.flags.has('selector') && pods.length > 1) k.context.stderr.write(`Found ${pods.length} pods, using pod/${pods[0]?.metadata.name ?? ''}\n`);
    const streams = one.flatMap((pod) => (k.flags.on('all-containers') ? [...(pod.spec.initContainers ?? []), ...pod.spec.containers, ...(pod.spec.ephemeralContainers ?? [])].map((c) => ({ pod, container: c.name }))
      : [{ pod, container: chosenContainer(k, pod, k.flags.text('container') ?? second) }]));
    const wrong = streams.find((s) => !containerNames(s.pod).includes(s.container));
    if (wrong !== undefined) return k.fail(`error: container ${wrong.container} is not valid for pod ${wrong.pod.metadata.name}`);
    // With a selector kubectl shows the last ten lines of each.
    const tail = Number(given ?? (k.flags.has('selector') ? 10 : -1));
    for (const s of streams) {
      const dial = yield* logsError(k, s.pod, s.container);
      if (dial !== undefined) return k.fail(dial);
    }
    const missing = streams.find((s) => textOf(k, s) === undefined);
    if (missing !== undefined && !k.flags.on('ignore-errors')) return k.fail(absence(k, missing));
    if (k.flags.on('follow')) return yield* follow(k, streams, tail);
    for (const s of streams) k.out(prefixed(k, s, lastLines(textOf(k, s) ?? '', tail)));
    return 0;
  },
};
