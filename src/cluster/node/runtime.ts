/**
 * containerd of one node: sandboxes (network namespaces) and containers (a host with a file tree and a first process).
 * Models: containerd 1.7 CRI as far as the network and the tools see it. Not modelled: cgroups, layers.
 */
import { WaitQueue, type Process, type Program, type SignalError } from '../../engine/sim/process.ts';
import type { Kernel } from '../../engine/uapi/kernel.ts';
import type { Ipv4 } from '../../engine/wire/addresses.ts';
import { ABSENT_IN_NETSHOOT } from '../../userland/commands/absent/absent.ts';
import type { MemoryFileSystem } from '../../userland/fs/memory-file-system.ts';
import type { Command, FileSystem, Host, Output } from '../../userland/host.ts';
import { makeHost, type MadeHost } from '../../userland/make-host.ts';
import { Pipe } from '../../userland/shell/io.ts';
import { registerProcess, type ProcessEntry } from '../../userland/shell/process-table.ts';
import type { Pod } from '../api/kinds.ts';
import type { Container } from '../api/pod.ts';
import type { ControlPlane } from '../plane.ts';
import { expand, type Mount } from './container-setup.ts';
import { firstWords, imageReference, mainProgram, type Image } from './images.ts';

export interface Sandbox {
  readonly id: string;
  /** '' for host-network pods. */
  readonly netns: string;
  readonly kernel: Kernel;
  readonly ip: Ipv4;
  readonly hostVeth: string | undefined;
  /** The process that keeps the namespaces while containers come and go. */
  readonly pause: { readonly pid: number; readonly process: Process };
}

export interface PauseOptions {
  readonly node: Host;
  readonly pod: Pod;
  /** Of the sandbox. */
  readonly id: string;
  readonly pid: number | undefined;
  readonly startedMillis: number;
}

/** Namespaces of a container's processes: network, host name and IPC are the sandbox's, the rest its own. */
const namespacesOf = (pod: Pod, netns: string, sandboxId: string, id: string): ProcessEntry['namespaces'] => ({
  mnt: id, pid: id, cgroup: id, ipc: sandboxId, ...(pod.spec.hostNetwork === true ? {} : { net: netns, uts: sandboxId }),
});

/** The image's pause runs as 65535 and waits for ever. */
export function startPause(kernel: Kernel, o: PauseOptions): Sandbox['pause'] {
  const never = new WaitQueue();
  const pause = kernel.spawn('/pause', function* (): Program {
    for (;;) yield { on: [never] };
  }, o.pid);
  registerProcess(o.node, { ...pause, user: '65535', args: ['/pause'], startedMillis: o.startedMillis, tty: false, namespaces: namespacesOf(o.pod, kernel.netns, o.id, o.id) });
  return pause;
}

export const stopPause = ({ pause }: Sandbox): void => {
  if (pause.process.exitCode === undefined) pause.process.kill('SIGKILL');
};

export class ContainerLog implements Output {
  text = '';
  write(text: string): boolean {
    this.text += text;
    return true;
  }
  close(): void {
    // the log outlives its writer
  }
}

export interface RunningContainer {
  readonly name: string;
  readonly id: string;
  readonly image: Image;
  readonly host: MadeHost;
  readonly process: Process;
  readonly pid: number;
  /** Command line of the first process. */
  readonly words: readonly string[];
  /** What is written here is read by the first process; undefined: it has no input. */
  readonly stdin: Output | undefined;
  readonly log: ContainerLog;
  readonly startedAt: string;
  /** Working directory of its processes, those of kubectl exec too. */
  readonly cwd: string;
}

export interface StartContainer {
  readonly plane: ControlPlane;
  readonly pod: Pod;
  readonly container: Container;
  readonly image: Image;
  readonly id: string;
  readonly sandbox: Sandbox;
  readonly hostname: string;
  readonly commands: readonly Command[];
  /** Environment beyond the image's. */
  readonly env: ReadonlyMap<string, string>;
  readonly node: Host;
  /** What of the node's file tree is seen in the container. */
  readonly mounts: readonly Mount[];
  readonly startedAt: string;
  readonly wallMillis: number;
  /** Of its first process, when the scenario says so. */
  readonly pid?: number | undefined;
}

/** `0-3` is four; one when the machine does not say. */
function cpusOf(fs: FileSystem): number {
  const text = fs.read('/sys/devices/system/cpu/online');
  return text.ok ? Number(/-(\d+)/.exec(text.value)?.[1] ?? 0) + 1 : 1;
}

/** Name a terminal opens it with: `test-pod`, `kube-system/coredns-…`, `test-pod/sidecar`. */
export const hostName = (pod: Pod, container: Container): string => {
  const base = pod.metadata.namespace === 'default' ? pod.metadata.name : `${pod.metadata.namespace}/${pod.metadata.name}`;
  return pod.spec.containers[0]?.name === container.name ? base : `${base}/${container.name}`;
};

function bindMount(fs: MemoryFileSystem, node: FileSystem, { path, source, readOnly }: Mount): void {
  if (node.kind(source) === 'directory') return fs.bind(path, node, source, readOnly);
  const read = (): string => {
    const content = node.read(source);
    return content.ok ? content.value : '';
  };
  fs.provide(path, read, readOnly ? undefined : (text) => node.write(source, text));
}

export function startContainer(o: StartContainer): RunningContainer {
  const { image, sandbox } = o;
  const container = { ...o.container, command: o.container.command?.map((w) => expand(w, o.env)), args: o.container.args?.map((w) => expand(w, o.env)) };
  const env = new Map([...Object.entries({ ...image.tagEnv?.(imageReference(container.image).tag), ...image.env }), ['HOSTNAME', o.hostname] as const, ...o.env]);
  const allowed = image.commands;
  const host = makeHost({
    name: hostName(o.pod, container), hostname: o.hostname, kernel: sandbox.kernel, user: 'root', prompt: 'container', env, files: image.files,
    commands: allowed === undefined ? [...o.commands, ...ABSENT_IN_NETSHOOT] : o.commands.filter((c) => allowed.includes(c.name)), available: o.commands, versions: image.versions, system: o.node.system,
  });
  for (const mount of o.mounts) bindMount(host.fs, o.node.fs, mount);
  const namespaces = namespacesOf(o.pod, sandbox.kernel.netns, sandbox.id, o.id);
  // Seen in the container, its first process as number 1, and on the node.
  const register = (entry: Pick<ProcessEntry, 'pid' | 'process' | 'args' | 'title'>, init = false): void => {
    const known = { ...entry, user: 'root', startedMillis: o.wallMillis, tty: false };
    registerProcess(host, { ...known, init });
    registerProcess(o.node, { ...known, namespaces });
  };
  const log = new ContainerLog();
  const stdin = container.stdin === true ? new Pipe() : undefined;
  const spec = {
    host, stdin: stdin?.input, command: container.command, args: container.args, env, cwd: container.workingDir ?? image.workingDir ?? '/', log, api: o.plane.store, plane: o.plane, namespace: o.pod.metadata.namespace, tag: imageReference(container.image).tag,
    random: o.plane.random.fork(`container/${o.id}`), cpus: cpusOf(o.node.fs), child: (pid: number, process: Process, title: string) => register({ pid, process, args: title.split(' '), title }),
  };
  const words = firstWords(image, host, container.command, container.args);
  const { pid, process } = sandbox.kernel.spawn(words[0] ?? 'init', mainProgram(image, spec), o.pid);
  register({ pid, process, args: words, title: image.title?.(words) }, true);
  return { name: container.name, id: o.id, image, host, cwd: spec.cwd, process, pid, words, stdin: stdin?.output, log, startedAt: o.startedAt };
}

/** Programs of ours end on SIGTERM; a shell or sleep as process 1 has no handler and waits for SIGKILL. */
export const handlesTerm = (container: RunningContainer): boolean => container.image.main !== undefined;

export function stopContainer(container: RunningContainer, signal: SignalError['signal']): void {
  if (container.process.exitCode === undefined) container.process.kill(signal);
}
