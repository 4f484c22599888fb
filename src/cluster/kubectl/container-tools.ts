/** crictl and ctr on a node, as far as one needs them to find a container. Models: crictl 1.29, ctr 1.7 (namespace k8s.io, as k3s sets it). */
import type { Program } from '../../engine/sim/process.ts';
import type { Command, Context } from '../../userland/host.ts';
import type { Cluster } from '../cluster.ts';
import { configVolumeDir, kubeletDir, sandboxDir } from '../node/files.ts';
import type { Kubelet } from '../node/kubelet.ts';
import type { RunningContainer, Sandbox } from '../node/runtime.ts';
import type { Pod } from '../api/kinds.ts';
import { humanDuration } from './age.ts';
import { formatTable } from './table.ts';
import { podRestarts } from './printers/pod.ts';
import { imageReference } from '../node/images.ts';
import { sha256Hex } from '../../base/hash.ts';

interface Local {
  readonly pod: Pod;
  readonly sandbox: Sandbox;
  readonly container: RunningContainer;
}

function locals(cluster: Cluster, context: Context): readonly Local[] {
  const kubelet: Kubelet | undefined = [...cluster.kubelets.values()].find((k) => k.options.host === context.host);
  if (kubelet === undefined) return [];
  return cluster.store.list('Pod').filter((p) => p.spec.nodeName === kubelet.options.name).flatMap((pod) => {
    const sandbox = kubelet.sandbox(pod.metadata.uid);
    return sandbox === undefined ? [] : kubelet.containers(pod.metadata.uid).map((container) => ({ pod, sandbox, container }));
  });
}

const ago = (cluster: Cluster, t: string): string => {
  const text = humanDuration(cluster.plane.wallMillis() - Date.parse(t));
  const n = Number.parseInt(text, 10);
  const unit = { s: 'second', m: 'minute', h: 'hour', d: 'day' }[text.replace(/^\d+/, '').charAt(0)] ?? 'second';
  return `${n} ${unit}${n === 1 ? '' : 's'} ago`;
};

const mount = (destination: string, source: string, options: readonly string[]) => ({ destination, type: 'bind', source, options });

/** The OCI mounts of a container: config maps first, then what the kubelet and the sandbox add. */
function mountsOf({ pod, sandbox, container }: Local) {
  const spec = pod.spec.containers.find((c) => c.name === container.name);
  const dir = kubeletDir(pod.metadata.uid);
  const volumes = (spec?.volumeMounts ?? []).flatMap((m) => {
    const volume = pod.spec.volumes?.find((v) => v.name === m.name);
    return volume?.configMap === undefined ? [] : [mount(m.mountPath, configVolumeDir(pod.metadata.uid, volume.name), ['rbind', 'rprivate', m.readOnly === true ? 'ro' : 'rw'])];
  });
  return [
    ...volumes, mount('/etc/hosts', `${dir}/etc-hosts`, ['rbind', 'rprivate', 'rw']),
    mount('/etc/hostname', `${sandboxDir(sandbox.id)}/hostname`, ['rbind', 'rprivate', 'ro']), mount('/etc/resolv.conf', `${sandboxDir(sandbox.id)}/resolv.conf`, ['rbind', 'rprivate', 'ro']),
  ];
}

const root = (context: Context, tool: string): boolean => {
  if (context.user === 'root') return true;
  context.stderr.write(tool === 'ctr' ? 'ctr: failed to dial "/run/k3s/containerd/containerd.sock": connection error: desc = "transport: error while dialing: dial unix /run/k3s/containerd/containerd.sock: connect: permission denied"\n'
    : 'FATA[0000] validate service connection: validate CRI v1 runtime API for endpoint "unix:///run/k3s/containerd/containerd.sock": rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial unix /run/k3s/containerd/containerd.sock: connect: permission denied"\n');
  return false;
};

function* ctr(cluster: Cluster, context: Context): Program {
  if (!root(context, 'ctr')) return 1;
  const words = context.args.slice(1).filter((w, i, all) => w !== '-n' && all[i - 1] !== '-n');
  const [noun, verb, id] = words;
  if (!['c', 'container', 'containers'].includes(noun ?? '')) {
    context.stderr.write(`ctr: ${noun ?? ''}: not modelled in this lab\n`);
    return 1;
  }
  const all = locals(cluster, context);
  if (verb === 'ls' || verb === 'list') {
    context.stdout.write(formatTable([['CONTAINER', 'IMAGE', 'RUNTIME'], ...all.map((l) => [l.container.id, imageName(l), 'io.containerd.runc.v2'])], 4, 0));
    return 0;
  }
  if (verb !== 'info') {
    context.stderr.write(`ctr: containers ${verb ?? ''}: not modelled in this lab\n`);
    return 1;
  }
  const found = all.find((l) => l.container.id === id);
  if (found === undefined) {
    context.stderr.write(`ctr: container "${id ?? ''}" in namespace "k8s.io": not found\n`);
    return 1;
  }
  const { pod, container, sandbox } = found;
  const info = {
    ID: container.id,
    Labels: { 'io.kubernetes.container.name': container.name, 'io.kubernetes.pod.name': pod.metadata.name, 'io.kubernetes.pod.namespace': pod.metadata.namespace, 'io.kubernetes.pod.uid': pod.metadata.uid },
    Image: imageName(found), Runtime: { Name: 'io.containerd.runc.v2' }, SandboxID: sandbox.id, CreatedAt: container.startedAt,
    Spec: { ociVersion: '1.1.0', process: { cwd: '/', env: [...container.host.env].map(([k, v]) => `${k}=${v}`) }, hostname: container.host.hostname, mounts: mountsOf(found) },
  };
  context.stdout.write(`${JSON.stringify(info, undefined, 4)}\n`);
  return 0;
}

const imageName = (l: Local): string => {
  const ref = imageReference(l.pod.spec.containers.find((c) => c.name === l.container.name)?.image ?? '');
  return `${ref.name}:${ref.tag}`;
};

function* crictl(cluster: Cluster, context: Context): Program {
  if (!root(context, 'crictl')) return 1;
  const [verb, ...words] = context.args.slice(1);
  const all = locals(cluster, context);
  switch (verb) {
    case 'ps': {
      const rows = all.map((l) => [l.container.id.slice(0, 13), sha256Hex(imageName(l)).slice(0, 13), ago(cluster, l.container.startedAt), 'Running', l.container.name, podRestarts(l.pod, 0).split(' ')[0] ?? '0', l.sandbox.id.slice(0, 13), l.pod.metadata.name]);
      context.stdout.write(formatTable([['CONTAINER', 'IMAGE', 'CREATED', 'STATE', 'NAME', 'ATTEMPT', 'POD ID', 'POD'], ...rows.reverse()], 4, 12));
      return 0;
    }
    case 'pods': {
      const rows = all.filter((l, i) => all.findIndex((o) => o.sandbox === l.sandbox) === i).map((l) => [l.sandbox.id.slice(0, 13), ago(cluster, l.pod.status.startTime ?? ''), 'Ready', l.pod.metadata.name, l.pod.metadata.namespace, '0', '(default)']);
      context.stdout.write(formatTable([['POD ID', 'CREATED', 'STATE', 'NAME', 'NAMESPACE', 'ATTEMPT', 'RUNTIME'], ...rows.reverse()], 4, 12));
      return 0;
    }
    case 'exec': {
      const plain = words.filter((w, i) => !(w.startsWith('-') && words.slice(0, i).every((p) => p.startsWith('-'))));
      const [id = '', ...command] = plain;
      const found = all.find((l) => l.container.id.startsWith(id));
      if (found === undefined || command.length === 0) {
        context.stderr.write(`FATA[0000] execing command in container: rpc error: code = NotFound desc = an error occurred when try to find container "${id}": not found\n`);
        return 1;
      }
      const { host } = found.container;
      return yield* context.exec(command, { host, kernel: host.kernel, user: 'root', cwd: '/', env: new Map(host.env) });
    }
    case 'logs': {
      const found = all.find((l) => words[0] !== undefined && l.container.id.startsWith(words[0]));
      context.stdout.write(found?.container.log.text ?? '');
      return found === undefined ? 1 : 0;
    }
    case 'inspect': {
      const found = all.find((l) => words[0] !== undefined && l.container.id.startsWith(words[0]));
      if (found === undefined) {
        context.stderr.write(`FATA[0000] getting the status of the container "${words[0] ?? ''}": rpc error: code = NotFound desc = an error occurred when try to find container "${words[0] ?? ''}": not found\n`);
        return 1;
      }
      const { pod, container, sandbox } = found;
      context.stdout.write(`${JSON.stringify({
        status: { id: container.id, metadata: { attempt: 0, name: container.name }, state: 'CONTAINER_RUNNING', createdAt: container.startedAt, image: { image: imageName(found) }, mounts: mountsOf(found).map((m) => ({ containerPath: m.destination, hostPath: m.source })) },
        info: { sandboxID: sandbox.id, pid: container.pid, runtimeSpec: { linux: { namespaces: [{ type: 'pid' }, { type: 'ipc' }, { type: 'uts' }, { type: 'mount' }, { type: 'network', ...(sandbox.netns === '' ? {} : { path: `/var/run/netns/${sandbox.netns}` }) }] } } },
        pod: pod.metadata.name,
      }, undefined, 2)}\n`);
      return 0;
    }
    default:
      context.stderr.write(`crictl ${verb ?? ''}: not modelled in this lab\n`);
      return 1;
  }
}

export const containerTools = (cluster: Cluster): readonly Command[] => [
  { name: 'ctr', models: 'ctr containers ls, info', notModelled: 'images, tasks, snapshots', run: (context) => ctr(cluster, context) },
  { name: 'crictl', models: 'crictl ps, pods, exec, logs, inspect', notModelled: 'images, stats, run', run: (context) => crictl(cluster, context) },
];
