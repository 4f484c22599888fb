/** Read first: crictl help. Models: crictl 1.29 ps, pods, images, inspect, inspectp, exec, logs, version. */
import { sha256Hex } from '../../base/hash.ts';
import { formatIpv4 } from '../../engine/wire/addresses.ts';
import type { Program } from '../../engine/sim/process.ts';
import type { Context } from '../../userland/host.ts';
import { getopt, UsageError, type Options } from '../../userland/text/getopt.ts';
import type { Cluster } from '../cluster.ts';
import { humanDuration } from '../kubectl/age.ts';
import { formatTable } from '../kubectl/table.ts';
import { IMAGES } from '../node/images.ts';
import { imageName, localPods, locals, type Local, type LocalPod } from './locals.ts';
import { bindMounts, runtimeSpec } from './oci.ts';

/** Digits of an id in tables. */
const SHORT = 13;
const ABSENT = ['attach', 'create', 'checkpoint', 'imagefsinfo', 'imgp', 'inspecti', 'info', 'metricsp', 'port-forward', 'pull', 'rm', 'rmi', 'rmp', 'run', 'runp', 'start', 'stats', 'statsp', 'stop', 'stopp', 'update', 'runtime-config', 'config', 'completion', 'events'];
const HELP = `NAME:
   crictl - client for CRI

USAGE:
   crictl [global options] command [command options] [arguments...]

COMMANDS of this lab:
   exec                Run a command in a running container
   images, image, img  List images
   inspect             Display the status of one or more containers
   inspectp            Display the status of one or more pods
   logs                Fetch the logs of a container
   pods                List pods
   ps                  List containers
   version             Display runtime version information
   help, h             Shows a list of commands or help for one command
`;

class Crictl {
  readonly #cluster: Cluster;
  readonly #context: Context;

  constructor(cluster: Cluster, context: Context) {
    this.#cluster = cluster;
    this.#context = context;
  }

  #print(text: string): number {
    this.#context.stdout.write(text);
    return 0;
  }

  #fatal(text: string): number {
    this.#context.stderr.write(`FATA[0000] ${text}\n`);
    return 1;
  }

  /** go-units HumanDuration, as `About an hour ago`. */
  #ago(t: string): string {
    const seconds = Math.max(0, Math.floor((this.#cluster.plane.wallMillis() - Date.parse(t)) / 1000));
    const minutes = Math.floor(seconds / 60);
    const hours = Math.round(minutes / 60);
    const text = seconds < 1 ? 'Less than a second' : seconds < 2 ? '1 second' : seconds < 60 ? `${seconds} seconds` : minutes === 1 ? 'About a minute' : minutes < 60 ? `${minutes} minutes` : hours === 1 ? 'About an hour'
      : hours < 48 ? `${hours} hours` : hours < 24 * 14 ? `${Math.floor(hours / 24)} days` : hours < 24 * 60 ? `${Math.floor(hours / 24 / 7)} weeks` : humanDuration(seconds * 1000);
    return `${text} ago`;
  }

  ps(options: Options): number {
    const shown = locals(this.#cluster, this.#context).filter((l) => (options.has('a') || l.ended === undefined) && matches(l, options));
    if (options.has('q')) return this.#print(shown.map((l) => `${l.container.id}\n`).join(''));
    const id = (text: string): string => (options.has('no-trunc') ? text : text.slice(0, SHORT));
    return this.#print(formatTable([['CONTAINER', 'IMAGE', 'CREATED', 'STATE', 'NAME', 'ATTEMPT', 'POD ID', 'POD'], ...shown.map((l) => [
      id(l.container.id), sha256Hex(imageName(l)).slice(0, SHORT), this.#ago(l.container.startedAt), l.ended === undefined ? 'Running' : 'Exited', l.container.name, String(l.attempt), id(l.sandbox.id), l.pod.metadata.name])], 4, 12));
  }

  pods(options: Options): number {
    const shown = [...localPods(this.#cluster, this.#context)].reverse().filter((p) => podMatches(p, options));
    if (options.has('q')) return this.#print(shown.map((p) => `${p.sandbox.id}\n`).join(''));
    return this.#print(formatTable([['POD ID', 'CREATED', 'STATE', 'NAME', 'NAMESPACE', 'ATTEMPT', 'RUNTIME'], ...shown.map((p) =>
      [p.sandbox.id.slice(0, SHORT), this.#ago(p.pod.status.startTime ?? ''), 'Ready', p.pod.metadata.name, p.pod.metadata.namespace, '0', '(default)'])], 4, 12));
  }

  images(): number {
    const names = [...new Set(locals(this.#cluster, this.#context).map(imageName))].sort();
    const size = (name: string): string => `${IMAGES.find((i) => i.names.some((n) => name.startsWith(`${n}:`)))?.megabytes ?? 0}MB`;
    return this.#print(formatTable([['IMAGE', 'TAG', 'IMAGE ID', 'SIZE'], ...names.map((n) => [n.slice(0, n.lastIndexOf(':')), n.slice(n.lastIndexOf(':') + 1), sha256Hex(n).slice(0, SHORT), size(n)])], 4, 12));
  }

  #container(id: string): Local | undefined {
    return id === '' ? undefined : locals(this.#cluster, this.#context).find((l) => l.container.id.startsWith(id));
  }

  inspect(id: string): number {
    const l = this.#container(id);
    if (l === undefined) return this.#fatal(`getting the status of the container "${id}": rpc error: code = NotFound desc = an error occurred when try to find container "${id}": not found`);
    const { pod, container, sandbox } = l;
    const { name, namespace, uid } = pod.metadata;
    const labels = { 'io.kubernetes.container.name': container.name, 'io.kubernetes.pod.name': name, 'io.kubernetes.pod.namespace': namespace, 'io.kubernetes.pod.uid': uid };
    const metadata = { attempt: l.attempt, name: container.name };
    const mounts = bindMounts(l).filter((m) => !/resolv\.conf|hostname|shm/.test(m.destination));
    const image = { annotations: {}, image: imageName(l), userSpecifiedImage: l.spec?.image ?? '' };
    const log = `/var/log/pods/${namespace}_${name}_${uid}/${container.name}/${l.attempt}.log`;
    return this.#print(`${JSON.stringify({
      status: {
        id: container.id, metadata, state: l.ended === undefined ? 'CONTAINER_RUNNING' : 'CONTAINER_EXITED', createdAt: container.startedAt, startedAt: container.startedAt, finishedAt: l.ended?.finishedAt ?? '0001-01-01T00:00:00Z',
        exitCode: l.ended?.exitCode ?? 0, image, imageRef: `sha256:${sha256Hex(imageName(l))}`, reason: l.ended === undefined ? '' : l.ended.exitCode === 0 ? 'Completed' : 'Error', message: '', labels, annotations: { 'io.kubernetes.container.restartCount': String(l.attempt) },
        mounts: mounts.map((m) => ({ containerPath: m.destination, gidMappings: [], hostPath: m.source, propagation: 'PROPAGATION_PRIVATE', readonly: m.options.includes('ro'), selinuxRelabel: false, uidMappings: [] })), logPath: log,
      },
      info: {
        sandboxID: sandbox.id, pid: container.pid, removing: false, snapshotKey: container.id, snapshotter: 'overlayfs', runtimeType: 'io.containerd.runc.v2', runtimeOptions: { systemd_cgroup: true },
        config: {
          metadata: { name: container.name }, image: { image: `sha256:${sha256Hex(imageName(l))}` }, envs: [...container.host.env].map(([key, value]) => ({ key, value })), mounts: mounts.map((m) => ({ container_path: m.destination, host_path: m.source })), labels,
          log_path: `${container.name}/${l.attempt}.log`, linux: { resources: { cpu_period: 100000, cpu_shares: 2, oom_score_adj: 1000 }, security_context: { namespace_options: { pid: 1 }, run_as_user: {} } },
        },
        runtimeSpec: runtimeSpec(l),
      },
    }, undefined, 2)}\n`);
  }

  inspectPod(id: string): number {
    const p = id === '' ? undefined : localPods(this.#cluster, this.#context).find((l) => l.sandbox.id.startsWith(id));
    if (p === undefined) return this.#fatal(`getting the status of the pod sandbox "${id}": rpc error: code = NotFound desc = an error occurred when try to find sandbox: not found`);
    const { pod, sandbox } = p;
    const { name, namespace, uid, labels } = pod.metadata;
    return this.#print(`${JSON.stringify({
      status: {
        id: sandbox.id, metadata: { attempt: 0, name, namespace, uid }, state: 'SANDBOX_READY', createdAt: pod.status.startTime ?? '', network: { additionalIps: [], ip: pod.spec.hostNetwork === true ? '' : formatIpv4(sandbox.ip) },
        linux: { namespaces: { options: { ipc: 'POD', network: pod.spec.hostNetwork === true ? 'NODE' : 'POD', pid: 'CONTAINER', targetId: '' } } }, labels: { ...labels, 'io.kubernetes.pod.name': name, 'io.kubernetes.pod.namespace': namespace, 'io.kubernetes.pod.uid': uid }, annotations: {}, runtimeHandler: '',
      },
      info: {
        pid: sandbox.pause.pid, processStatus: 'running', netNamespaceClosed: false, image: 'rancher/mirrored-pause:3.6', snapshotKey: sandbox.id, snapshotter: 'overlayfs', runtimeHandler: '', runtimeType: 'io.containerd.runc.v2',
        ...(sandbox.netns === '' ? {} : { cniResult: { Interfaces: { eth0: { IPConfigs: [{ IP: formatIpv4(sandbox.ip) }], Sandbox: `/var/run/netns/${sandbox.netns}` }, ...(sandbox.hostVeth === undefined ? {} : { [sandbox.hostVeth]: { IPConfigs: null, Sandbox: '' } }) } } }),
      },
    }, undefined, 2)}\n`);
  }

  *exec(options: Options): Program {
    const [id = '', ...command] = options.rest;
    const found = this.#container(id);
    if (found === undefined || found.ended !== undefined) return this.#fatal(`execing command in container: rpc error: code = NotFound desc = an error occurred when try to find container "${id}": not found`);
    if (command.length === 0) return this.#fatal('execing command in container: command cannot be empty');
    const { host, cwd } = found.container;
    if (host.command(command[0]?.split('/').at(-1) ?? '') === undefined) return this.#fatal(`execing command in container: command terminated with exit code 126\nOCI runtime exec failed: exec failed: unable to start container process: exec: "${command[0] ?? ''}": executable file not found in $PATH: unknown`);
    const code = yield* this.#context.exec(command, { host, kernel: host.kernel, user: 'root', cwd, env: new Map(host.env), tty: options.has('t') && this.#context.tty });
    return code === 0 ? 0 : this.#fatal(`execing command in container: command terminated with exit code ${code}`);
  }

  logs(options: Options): number {
    const [id = ''] = options.rest;
    const found = this.#container(id);
    if (found === undefined) return this.#fatal(`getting container status: rpc error: code = NotFound desc = an error occurred when try to find container "${id}": not found`);
    if (options.has('f')) return this.#fatal('following a log is not modelled in this lab; use kubectl logs -f');
    const lines = found.container.log.text.split(/(?<=\n)/);
    const tail = options.value('tail');
    return this.#print((tail === undefined ? lines : lines.slice(Math.max(0, lines.length - Number(tail)))).join(''));
  }

  version(): number {
    const runtime = this.#cluster.store.get('Node', '', this.#context.host.name)?.status.nodeInfo?.containerRuntimeVersion.replace('containerd://', '') ?? '';
    return this.#print(`Version:  0.1.0\nRuntimeName:  containerd\nRuntimeVersion:  v${runtime}\nRuntimeApiVersion:  v1\n`);
  }
}

const matches = (l: Local, o: Options): boolean => {
  const [name, pod, image, state, id] = ['name', 'p', 'image', 's', 'id'].map((k) => o.value(k));
  return (name === undefined || new RegExp(name).test(l.container.name)) && (pod === undefined || l.sandbox.id.startsWith(pod)) && (image === undefined || imageName(l).includes(image)) && (id === undefined || l.container.id.startsWith(id))
    && (state === undefined || state.toLowerCase() === (l.ended === undefined ? 'running' : 'exited'));
};

const podMatches = ({ pod, sandbox }: LocalPod, o: Options): boolean => {
  const [name, namespace, id] = ['name', 'namespace', 'id'].map((k) => o.value(k));
  return (name === undefined || new RegExp(name).test(pod.metadata.name)) && (namespace === undefined || pod.metadata.namespace === namespace) && (id === undefined || sandbox.id.startsWith(id));
};

interface Verb {
  readonly names: readonly string[];
  readonly short: string;
  readonly long?: Readonly<Record<string, string>>;
  readonly stopAtOperand?: boolean;
  readonly run: (tool: Crictl, options: Options) => number | Program;
}

const VERBS: readonly Verb[] = [
  { names: ['ps'], short: 'aqlvs:p:', long: { all: 'a', quiet: 'q', state: 's:', pod: 'p:', name: 'name:', image: 'image:', id: 'id:', 'no-trunc': 'no-trunc', verbose: 'v', latest: 'l' }, run: (t, o) => t.ps(o) },
  { names: ['pods', 'po'], short: 'ql', long: { quiet: 'q', name: 'name:', namespace: 'namespace:', id: 'id:', latest: 'l' }, run: (t, o) => t.pods(o) },
  { names: ['images', 'image', 'img'], short: 'qv', run: (t) => t.images() },
  { names: ['inspect'], short: 'qo:', long: { output: 'o:', quiet: 'q' }, run: (t, o) => t.inspect(o.rest[0] ?? '') },
  { names: ['inspectp'], short: 'qo:', long: { output: 'o:', quiet: 'q' }, run: (t, o) => t.inspectPod(o.rest[0] ?? '') },
  { names: ['exec'], short: 'itsr:', long: { interactive: 'i', tty: 't', sync: 's' }, stopAtOperand: true, run: (t, o) => t.exec(o) },
  { names: ['logs'], short: 'ftp', long: { follow: 'f', tail: 'tail:', timestamps: 't', previous: 'p' }, run: (t, o) => t.logs(o) },
  { names: ['version'], short: '', run: (t) => t.version() },
];

export function* crictl(cluster: Cluster, context: Context): Program {
  const refuse = (text: string, code = 1): number => {
    context.stderr.write(`${text}\n`);
    return code;
  };
  if (context.user !== 'root') return refuse('FATA[0000] validate service connection: validate CRI v1 runtime API for endpoint "unix:///run/k3s/containerd/containerd.sock": rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial unix /run/k3s/containerd/containerd.sock: connect: permission denied"');
  const [, name = 'help', ...words] = context.args;
  if (['help', 'h', '--help', '-h'].includes(name)) {
    context.stdout.write(HELP);
    return 0;
  }
  const verb = VERBS.find((v) => v.names.includes(name));
  if (verb === undefined) return ABSENT.includes(name) ? refuse(`crictl ${name}: not modelled in this lab`) : refuse(`No help topic for '${name}'`, 3);
  try {
    const result = verb.run(new Crictl(cluster, context), getopt(words, verb));
    return typeof result === 'number' ? result : yield* result;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const flag = /'?(-{1,2}[\w-]+)'?$/.exec(error.message)?.[1] ?? /'(.)'$/.exec(error.message)?.[1] ?? '';
    return refuse(`Incorrect Usage: flag provided but not defined: -${flag.replace(/^-+/, '')}\n\nFATA[0000] flag provided but not defined: -${flag.replace(/^-+/, '')}`);
  }
}
