/** Builds what a shell runs in: a machine (VM, hypervisor) or a container (pod). */
import type { Kernel } from '../engine/uapi/kernel.ts';
import { netnsFiles, networkClassFiles, sysctlFiles } from './fs/kernel-files.ts';
import { MemoryFileSystem } from './fs/memory-file-system.ts';
import { PROC_NET } from './fs/proc-net.ts';
import type { Command, Host } from './host.ts';
import { cpuinfo, UBUNTU_VM, type System } from './system.ts';

export interface HostSpec {
  readonly name: string;
  readonly kernel: Kernel;
  readonly hostname?: string | undefined;
  /** root when left out. */
  readonly user?: string | undefined;
  readonly commands: readonly Command[];
  /** Commands that can be installed later. */
  readonly available?: readonly Command[] | undefined;
  /** Commands that this host lacks (an image without curl). */
  readonly without?: readonly string[] | undefined;
  readonly files?: Readonly<Record<string, string>> | undefined;
  readonly env?: ReadonlyMap<string, string> | undefined;
  readonly versions?: Readonly<Record<string, string>> | undefined;
  /** A VM with Ubuntu when left out. */
  readonly system?: System | undefined;
  /** `user@host:folder$ ` of a machine, `host:folder# ` of a container. */
  readonly prompt?: 'machine' | 'container' | undefined;
}

export interface MadeHost extends Host {
  readonly fs: MemoryFileSystem;
}

export function makeHost(spec: HostSpec): MadeHost {
  const hostname = spec.hostname ?? spec.name;
  const user = spec.user ?? 'root';
  const home = user === 'root' ? '/root' : `/home/${user}`;
  const system = spec.system ?? UBUNTU_VM;
  const commands = new Map<string, Command>();
  for (const command of spec.commands) for (const name of [command.name, ...(command.aliases ?? [])]) if (!(spec.without ?? []).includes(name)) commands.set(name, command);
  const fs = new MemoryFileSystem({
    '/etc/hostname': `${hostname}\n`,
    '/etc/hosts': `127.0.0.1 localhost\n127.0.1.1 ${hostname}\n`,
    '/etc/passwd': `root:x:0:0:root:/root:/bin/bash\n${user === 'root' ? '' : `${user}:x:1000:1000:${user}:${home}:/bin/bash\n`}`,
    ...(spec.prompt === 'machine' ? { '/etc/os-release': system.osRelease } : {}),
    ...spec.files,
  }, () => spec.kernel.clock.wallMillis());
  fs.mkdirs(home);
  fs.mount('/proc/sys', sysctlFiles(spec.kernel));
  fs.mount('/sys/class/net', networkClassFiles(spec.kernel));
  fs.provide('/proc/uptime', () => `${(spec.kernel.clock.now / 1e9).toFixed(2)} ${(spec.kernel.clock.now / 1e9).toFixed(2)}\n`);
  fs.provide('/proc/version', () => `Linux version ${system.release} ${system.build}\n`);
  fs.provide('/proc/cpuinfo', () => cpuinfo(system));
  for (const [name, content] of PROC_NET) fs.provide(`/proc/net/${name}`, () => content(spec.kernel));
  if (spec.prompt === 'machine') {
    fs.mount('/run/netns', netnsFiles(spec.kernel));
    fs.bind('/var/run', fs, '/run', false);
  }
  const folder = (cwd: string): string => (cwd === home ? '~' : cwd.startsWith(`${home}/`) ? `~${cwd.slice(home.length)}` : cwd);
  return {
    name: spec.name, hostname, kernel: spec.kernel, fs, user, home, system,
    env: spec.env ?? new Map(), versions: spec.versions ?? {},
    command: (name) => commands.get(name),
    commandNames: () => [...commands.keys()].sort(),
    install: (name) => {
      const found = (spec.available ?? []).find((c) => c.name === name || c.aliases?.includes(name) === true);
      if (found !== undefined) commands.set(name, found);
      return commands.has(name);
    },
    prompt: (cwd) => `${spec.prompt === 'container' ? hostname : `${user}@${hostname}`}:${folder(cwd)}${user === 'root' ? '#' : '$'} `,
  };
}
