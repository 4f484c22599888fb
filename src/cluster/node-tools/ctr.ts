/** Read first: ctr help. Models: ctr 1.7 with k3s' default namespace k8s.io: containers ls, info; tasks ls; namespaces ls. */
import type { Program } from '../../engine/sim/process.ts';
import type { Context } from '../../userland/host.ts';
import { getopt, UsageError } from '../../userland/text/getopt.ts';
import type { Cluster } from '../cluster.ts';
import { formatTable } from '../kubectl/table.ts';
import { imageName, localPods, locals } from './locals.ts';
import { runtimeSpec } from './oci.ts';

const PAUSE_IMAGE = 'docker.io/rancher/mirrored-pause:3.6';
const ABSENT = ['plugins', 'plugin', 'version', 'content', 'events', 'images', 'image', 'i', 'leases', 'pprof', 'run', 'snapshots', 'snapshot', 'install', 'oci', 'sandboxes', 'info', 'shim'];
const RUNTIME = 'io.containerd.runc.v2';

export function* ctr(cluster: Cluster, context: Context): Program {
  const refuse = (text: string, code = 1): number => {
    context.stderr.write(`${text}\n`);
    return code;
  };
  if (context.user !== 'root') return refuse('ctr: failed to dial "/run/k3s/containerd/containerd.sock": connection error: desc = "transport: error while dialing: dial unix /run/k3s/containerd/containerd.sock: connect: permission denied"');
  let options;
  try {
    options = getopt(context.args.slice(1).map((a) => (a === '--namespace' ? '-n' : a)), { short: 'n:a:qh', long: { namespace: 'n:', address: 'a:', quiet: 'q', help: 'h' } });
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return refuse(`ctr: ${error.message.replace(/^invalid option -- '(.)'$/, 'flag provided but not defined: -$1')}`);
  }
  const [noun = '', verb = '', id = ''] = options.rest;
  const namespace = options.value('n') ?? 'k8s.io';
  const quiet = options.has('q');
  const all = namespace === 'k8s.io' ? locals(cluster, context) : [];
  const pods = namespace === 'k8s.io' ? localPods(cluster, context) : [];
  const listing = ['ls', 'list'].includes(verb);
  const table = (head: readonly string[], rows: readonly (readonly string[])[]): number => {
    const sorted = [...rows].sort((a, b) => ((a[0] ?? '') < (b[0] ?? '') ? -1 : 1));
    context.stdout.write(quiet ? sorted.map((r) => `${r[0] ?? ''}\n`).join('') : formatTable([head, ...sorted], 4, 4));
    return 0;
  };
  if (noun === '' || options.has('h')) {
    context.stdout.write('NAME:\n   ctr - \n\nCOMMANDS of this lab:\n   containers, c, container   ls, info\n   tasks, t, task             ls\n   namespaces, ns             ls\n');
    return 0;
  }
  if (['c', 'container', 'containers'].includes(noun)) {
    if (listing) return table(['CONTAINER', 'IMAGE', 'RUNTIME'], [...all.map((l) => [l.container.id, imageName(l), RUNTIME]), ...pods.map((p) => [p.sandbox.id, PAUSE_IMAGE, RUNTIME])]);
    if (verb !== 'info') return refuse(`ctr: containers ${verb}: not modelled in this lab`);
    if (id === '') return refuse('ctr: container id must be provided');
    const found = all.find((l) => l.container.id === id);
    if (found === undefined) return refuse(pods.some((p) => p.sandbox.id === id) ? 'ctr: the specification of a sandbox is not modelled in this lab' : `ctr: container "${id}" in namespace "${namespace}": not found`);
    const { pod, container, sandbox } = found;
    context.stdout.write(`${JSON.stringify({
      ID: container.id,
      Labels: { 'io.cri-containerd.kind': 'container', 'io.kubernetes.container.name': container.name, 'io.kubernetes.pod.name': pod.metadata.name, 'io.kubernetes.pod.namespace': pod.metadata.namespace, 'io.kubernetes.pod.uid': pod.metadata.uid },
      Image: imageName(found), Runtime: { Name: RUNTIME }, SnapshotKey: container.id, Snapshotter: 'overlayfs', CreatedAt: container.startedAt, UpdatedAt: container.startedAt, Extensions: {}, SandboxID: sandbox.id, Spec: runtimeSpec(found),
    }, undefined, 4)}\n`);
    return 0;
  }
  if (['t', 'task', 'tasks'].includes(noun)) {
    if (!listing) return refuse(`ctr: tasks ${verb}: not modelled in this lab`);
    return table(['TASK', 'PID', 'STATUS'], [...all.filter((l) => l.ended === undefined).map((l) => [l.container.id, String(l.container.pid), 'RUNNING']), ...pods.map((p) => [p.sandbox.id, String(p.sandbox.pause.pid), 'RUNNING'])]);
  }
  if (['ns', 'namespace', 'namespaces'].includes(noun)) {
    if (!listing) return refuse(`ctr: namespaces ${verb}: not modelled in this lab`);
    return table(['NAME', 'LABELS'], [['k8s.io', '']]);
  }
  if (ABSENT.includes(noun)) return refuse(`ctr: ${noun}: not modelled in this lab`);
  return refuse(`No help topic for '${noun}'`, 3);
}
