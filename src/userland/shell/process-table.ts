/**
 * Processes of a host, for ps, kill, pgrep, jobs, lsns, nsenter: those that its shells started, and what registers itself.
 * A node's table has the processes of its containers too, with the namespaces that they live in.
 */
import type { Process } from '../../engine/sim/process.ts';
import type { Host } from '../host.ts';

/** In the order in which a runtime makes those of a pod: the network first, the others as copy_namespaces does. */
export const NAMESPACE_KINDS = ['net', 'mnt', 'uts', 'ipc', 'pid', 'cgroup', 'time', 'user'] as const;
export type NamespaceKind = (typeof NAMESPACE_KINDS)[number];

/** Inode numbers of the first namespaces: include/linux/proc_ns.h; net and mnt are the first that are handed out. */
const INITIAL: Readonly<Record<NamespaceKind, number>> = { time: 4026531834, cgroup: 4026531835, pid: 4026531836, user: 4026531837, uts: 4026531838, ipc: 4026531839, net: 4026531840, mnt: 4026531841 };
/** Where numbers of further ones begin, after those of the machine's own services. */
const FIRST = 4026532200;

export interface ProcessEntry {
  readonly pid: number;
  readonly user: string;
  readonly args: readonly string[];
  readonly process: Process;
  readonly startedMillis: number;
  readonly tty: boolean;
  /** First process of a container: 1 in there, and others of the machine are not seen. */
  readonly init?: boolean | undefined;
  /** What it calls itself in ps (setproctitle): `nginx: master process nginx -g daemon off;` */
  readonly title?: string | undefined;
  /** Names of the namespaces that are not the machine's first ones. `net`: as under /run/netns. */
  readonly namespaces?: Readonly<Partial<Record<NamespaceKind, string>>> | undefined;
}

interface Table {
  readonly entries: Map<number, ProcessEntry>;
  readonly numbers: Map<string, number>;
}

const TABLES = new WeakMap<Host, Table>();

function tableOf(host: Host): Table {
  let table = TABLES.get(host);
  if (table === undefined) {
    table = { entries: new Map(), numbers: new Map() };
    TABLES.set(host, table);
  }
  return table;
}

/** Inode number of a namespace; undefined: the first one. Numbers are given in the order of asking. */
export function namespaceNumber(host: Host, kind: NamespaceKind, name: string | undefined): number {
  if (name === undefined || name === '') return INITIAL[kind];
  const { numbers } = tableOf(host);
  const key = `${kind}:${name}`;
  const number = numbers.get(key) ?? FIRST + numbers.size;
  numbers.set(key, number);
  return number;
}

/** execve(2): a process goes on as another program. */
export function executes(host: Host, pid: number, args: readonly string[]): void {
  const { entries } = tableOf(host);
  const entry = entries.get(pid);
  if (entry !== undefined) entries.set(pid, { ...entry, args });
}

export function registerProcess(host: Host, entry: ProcessEntry): void {
  const { entries } = tableOf(host);
  for (const [pid, old] of entries) if (old.process.exitCode !== undefined) entries.delete(pid);
  entries.set(entry.pid, entry);
  for (const kind of NAMESPACE_KINDS) namespaceNumber(host, kind, entry.namespaces?.[kind]);
}

const running = (host: Host): readonly ProcessEntry[] => [...(TABLES.get(host)?.entries.values() ?? [])].filter((e) => e.process.exitCode === undefined);

/** Running ones, by pid as one sees it there. Not modelled: own numbers for all but the first of a pid namespace. */
export const processesOf = (host: Host): readonly ProcessEntry[] =>
  running(host).map((e) => (e.init === true ? { ...e, pid: 1 } : e)).sort((a, b) => a.pid - b.pid);

/** A machine's first process; undefined in a container, where an entry is number 1. */
export function initOf(host: Host): { readonly name: string; readonly command: string } | undefined {
  if (running(host).some((e) => e.init === true)) return undefined;
  const cmdline = host.fs.read('/proc/1/cmdline');
  return { name: 'systemd', command: cmdline.ok ? cmdline.value.replaceAll('\0', ' ').trim() : '/sbin/init' };
}

/** A process of root's that no shell started: init, or one that only its sockets tell of. */
export const isService = (host: Host, pid: number): boolean =>
  (pid === 1 && initOf(host) !== undefined) || host.kernel.sockets.list().some((s) => s.pid === pid && s.process !== undefined && ownerOf(host, pid, s.process) !== undefined);

/** Who on this host owns a socket, given the machine's pid and the command's name. undefined: nobody that one sees from there. */
export function ownerOf(host: Host, pid: number, name: string): { readonly pid: number; readonly name: string; readonly command: string } | undefined {
  const own = running(host);
  const found = own.find((e) => e.pid === pid);
  if (found === undefined) return own.some((e) => e.init === true) ? undefined : { pid, name, command: name };
  return { pid: found.init === true ? 1 : pid, name, command: found.title ?? (found.args[0] ?? name).split('/').at(-1) ?? name };
}
