/** kubectl exec and logs: the two verbs that reach a container. Models: kubectl/pkg/cmd/{exec,logs} (v1.29), containerd's refusals. */
import { err, ok, type Result } from '../../../base/result.ts';
import type { Program } from '../../../engine/sim/process.ts';
import { kubectlText, notFound } from '../../api/errors.ts';
import type { Pod } from '../../api/kinds.ts';
import { matches } from '../../api/meta.ts';
import type { RunningContainer } from '../../node/runtime.ts';
import { flag } from '../flags.ts';
import type { Kube, Verb } from '../verb.ts';

/** A pod by `name`, `pod/name`, or the first pod of `deploy/name`, `svc/name`. */
export function podOf(k: Kube, word: string): Result<Pod, string> {
  const [type, name = ''] = word.includes('/') ? word.split('/') : ['pod', word];
  const { store } = k.cluster;
  if (['pod', 'pods', 'po'].includes(type ?? '')) {
    const pod = store.get('Pod', k.namespace, name);
    return pod === undefined ? err(kubectlText(notFound('Pod', name))) : ok(pod);
  }
  const isDeployment = ['deploy', 'deployment', 'deployments', 'deployment.apps'].includes(type ?? '');
  const isService = ['svc', 'service', 'services'].includes(type ?? '');
  if (!isDeployment && !isService) return err(`error: the server doesn't have a resource type "${type ?? ''}"`);
  const selector = isDeployment ? store.get('Deployment', k.namespace, name)?.spec.selector : store.get('Service', k.namespace, name)?.spec;
  if (selector === undefined) return err(kubectlText(notFound(isDeployment ? 'Deployment' : 'Service', name)));
  const found = 'ports' in selector ? { matchLabels: selector.selector ?? {} } : selector;
  const pod = store.list('Pod', k.namespace).find((p) => matches(found, p.metadata.labels ?? {}) && p.status.phase === 'Running');
  return pod === undefined ? err(`error: no pods found for ${word}`) : ok(pod);
}

function containerOf(k: Kube, pod: Pod): Result<RunningContainer, string> {
  const name = k.flags.text('container') ?? pod.metadata.annotations?.['kubectl.kubernetes.io/default-container'] ?? pod.spec.containers[0]?.name ?? '';
  if (!pod.spec.containers.some((c) => c.name === name)) return err(`Error from server (BadRequest): container ${name} is not valid for pod ${pod.metadata.name}`);
  if ((pod.spec.nodeName ?? '') === '') return err(`Error from server (BadRequest): pod ${pod.metadata.name} does not have a host assigned`);
  const running = k.cluster.kubelets.get(pod.spec.nodeName ?? '')?.containers(pod.metadata.uid).find((c) => c.name === name);
  if (running === undefined) return err(pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed' ? `error: cannot exec into a container in a completed pod; current phase is ${pod.status.phase}` : `error: unable to upgrade connection: container not found ("${name}")`);
  return ok(running);
}

/** Runs words in a container with the streams of this command. */
export function* execIn(k: Kube, running: RunningContainer, words: readonly string[], interactive: boolean, tty: boolean): Program {
  const { context } = k;
  const [command = ''] = words;
  if (running.host.command(command) === undefined && !BUILTINS.has(command)) {
    return k.fail(`error: Internal error occurred: error executing command in container: failed to exec in container: failed to start exec: OCI runtime exec failed: exec failed: unable to start container process: exec: "${command}": executable file not found in $PATH: unknown`);
  }
  const code = yield* context.exec(words, {
    host: running.host, kernel: running.host.kernel, user: 'root', cwd: running.cwd, tty: tty && context.tty, env: new Map(running.host.env), stdout: context.stdout, stderr: context.stderr,
    stdin: interactive ? context.stdin : { read: () => 'eof', readable: context.stdin.readable },
  });
  if (code !== 0) k.context.stderr.write(`command terminated with exit code ${code}\n`);
  return code;
}

/** Binaries that the lab's shell has built in. */
const BUILTINS: ReadonlySet<string> = new Set(['echo', 'printf', 'true', 'false', 'test', 'kill', 'pwd']);

export const exec: Verb = {
  name: 'exec', summary: 'Execute a command in a container',
  flags: [flag('container', 'string', 'c'), flag('stdin', 'boolean', 'i'), flag('tty', 'boolean', 't'), flag('quiet', 'boolean', 'q'), flag('filename', 'string', 'f'), flag('pod-running-timeout')],
  options: { interspersed: true },
  *run(k) {
    const [target, ...deprecated] = k.flags.args;
    if (target === undefined) return k.fail('error: pod, type/name or --filename must be specified');
    const words = k.flags.rest ?? deprecated;
    if (k.flags.rest === undefined && deprecated.length > 0) k.context.stderr.write('kubectl exec [POD] [COMMAND] is DEPRECATED and will be removed in a future version. Use kubectl exec [POD] -- [COMMAND] instead.\n');
    if (words.length === 0) return k.fail('error: you must specify at least one command for the container');
    const pod = podOf(k, target);
    if (!pod.ok) return k.fail(pod.error);
    const running = containerOf(k, pod.value);
    if (!running.ok) return k.fail(running.error);
    if (pod.value.spec.containers.length > 1 && !k.flags.has('container') && !k.flags.on('quiet')) {
      k.context.stderr.write(`Defaulted container "${running.value.name}" out of: ${pod.value.spec.containers.map((c) => c.name).join(', ')}\n`);
    }
    if (k.flags.on('tty') && !k.context.tty) k.context.stderr.write('Unable to use a TTY - input is not a terminal or the right kind of file\n');
    return yield* execIn(k, running.value, words, k.flags.on('stdin'), k.flags.on('tty'));
  },
};

export const logs: Verb = {
  name: 'logs', summary: 'Print the logs for a container in a pod',
  flags: [flag('container', 'string', 'c'), flag('follow', 'boolean', 'f'), flag('tail'), flag('previous', 'boolean', 'p'), flag('selector', 'string', 'l'), flag('all-containers', 'boolean'), flag('timestamps', 'boolean'), flag('since'), flag('prefix', 'boolean')],
  *run(k): Program {
    const [target, container] = k.flags.args;
    if (target === undefined && !k.flags.has('selector')) return k.fail("error: expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command\nSee 'kubectl logs -h' for help and examples");
    for (const absent of ['follow', 'timestamps', 'since']) if (k.flags.on(absent)) return k.fail(`error: --${absent} is not modelled in this lab`);
    if (target === undefined) return k.fail('error: logs with a selector is not modelled in this lab');
    const pod = podOf(k, target);
    if (!pod.ok) return k.fail(pod.error);
    const name = k.flags.text('container') ?? container ?? pod.value.spec.containers[0]?.name ?? '';
    if (!pod.value.spec.containers.some((c) => c.name === name)) return k.fail(`error: container ${name} is not valid for pod ${pod.value.metadata.name}`);
    const text = k.cluster.kubelets.get(pod.value.spec.nodeName ?? '')?.log(pod.value.metadata.uid, name, k.flags.on('previous'));
    if (text === undefined) {
      return k.fail(k.flags.on('previous') ? `Error from server (BadRequest): previous terminated container "${name}" in pod "${pod.value.metadata.name}" not found`
        : `Error from server (BadRequest): container "${name}" in pod "${pod.value.metadata.name}" is waiting to start: ${pod.value.status.containerStatuses?.find((c) => c.name === name)?.state.waiting?.reason ?? 'ContainerCreating'}`);
    }
    const tail = k.flags.text('tail');
    const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
    const kept = tail === undefined || tail === '-1' ? lines : Number(tail) === 0 ? [] : lines.slice(-Number(tail));
    k.out(kept.map((l) => `${l}\n`).join(''));
    return 0;
  },
};
