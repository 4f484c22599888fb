/** What a program runs in: a machine or a container as its processes see it. Plain interfaces; see shell/ and commands/. */
import type { Result } from '../base/result.ts';
import type { Program, WaitQueue } from '../engine/sim/process.ts';
import type { Errno } from '../engine/uapi/errno.ts';
import type { Kernel } from '../engine/uapi/kernel.ts';
import type { System } from './system.ts';

export interface FileStatus {
  readonly kind: 'file' | 'directory';
  /** Permission bits. */
  readonly mode: number;
  readonly owner: string;
  readonly mtimeMillis: number;
  /** Bytes; 4096 of a folder, 0 of a file that is computed. */
  readonly size: number;
  readonly links: number;
}

/** A small file tree. Paths are absolute and normalised. */
export interface FileSystem {
  read(path: string): Result<string, Errno>;
  write(path: string, text: string, mode?: 'truncate' | 'append'): Result<undefined, Errno>;
  remove(path: string): Result<undefined, Errno>;
  mkdir(path: string): Result<undefined, Errno>;
  /** Names in a folder, sorted. ENOTDIR for a file. */
  list(path: string): Result<readonly string[], Errno>;
  kind(path: string): 'file' | 'directory' | undefined;
  stat(path: string): Result<FileStatus, Errno>;
  chmod(path: string, mode: number): Result<undefined, Errno>;
  /** utime(2): now. */
  touch(path: string): Result<undefined, Errno>;
  /** A file whose content is computed at every read (/proc, /sys). */
  provide(path: string, content: () => string, write?: (text: string) => Result<undefined, Errno>): void;
}

export interface Output {
  /** False: the reader is gone (SIGPIPE). */
  write(text: string): boolean;
  close(): void;
  /** A terminal at which somebody can edit a text (the page). */
  readonly editor?: Editor | undefined;
}

/** Full-screen editing, for nano, vi and kubectl edit. Use {@link editText} of editor.ts. */
export interface Editor {
  open(path: string, text: string): Editing;
}

export interface Editing {
  /** undefined: still open, wait on `closed`. Without `text`: left without saving. */
  readonly answer: { readonly text: string | undefined } | undefined;
  readonly closed: WaitQueue;
  /** The command was interrupted: the editor closes. */
  abandon(): void;
}

export interface Input {
  /** A chunk; 'eof'; undefined: nothing yet, wait on `readable`. */
  read(): string | 'eof' | undefined;
  readonly readable: WaitQueue;
}

/** A machine or a container: where a shell runs. */
export interface Host {
  /** What the lab calls it: `vm1`, `vm-ext`, `test-pod`, `kube-system/coredns-…`. */
  readonly name: string;
  readonly hostname: string;
  readonly kernel: Kernel;
  readonly fs: FileSystem;
  /** 'root' in pods and on the hypervisor, 'ubuntu' (with sudo) on VMs. */
  readonly user: string;
  readonly home: string;
  readonly env: ReadonlyMap<string, string>;
  /** Of the machine; a container's is its node's. */
  readonly system: System;
  /** Versions of tools whose text differs between distributions: `iptables: v1.8.9`. Left out: the lab's usual one. */
  readonly versions?: Readonly<Record<string, string>>;
  /** Machines of the lab by name, this one too: where a login over ssh goes on. Absent in containers. */
  readonly peers?: () => ReadonlyMap<string, Host>;
  /** Commands that exist here. A name that is absent is "command not found". */
  command(name: string): Command | undefined;
  commandNames(): readonly string[];
  /** A package brings a command. False: there is no such command in this lab. */
  install(name: string): boolean;
  /** `ubuntu@vm2:~$ `, `test-pod:~# `, with the current folder. */
  prompt(cwd: string): string;
}

/** One running command. */
export interface Context {
  readonly host: Host;
  /** The kernel of its namespace: `ip netns exec` and nsenter give another one than host.kernel. */
  readonly kernel: Kernel;
  /** args[0] is the command's name. */
  readonly args: readonly string[];
  readonly env: Map<string, string>;
  cwd: string;
  /** 'root' under sudo. */
  readonly user: string;
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Output goes to a terminal (curl's progress meter, ls columns). */
  readonly tty: boolean;
  /** The editor of its terminal; undefined where nobody sits (the headless CLI). */
  readonly editor: Editor | undefined;
  readonly pid: number;
  /** Runs a command line (sudo, kubectl exec, sh -c, xargs, watch) with these streams, here or in another host. */
  run(line: string, options?: RunOptions): Program;
  /** Runs one command by its words, no shell parsing. */
  exec(args: readonly string[], options?: RunOptions): Program;
}

export interface RunOptions {
  readonly host?: Host;
  readonly kernel?: Kernel;
  readonly user?: string;
  readonly stdin?: Input;
  readonly stdout?: Output;
  readonly stderr?: Output;
  readonly env?: ReadonlyMap<string, string>;
  readonly cwd?: string;
  readonly tty?: boolean;
}

/** A shell command. One folder under commands/, one line in commands/all.ts. */
export interface Command {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** One line for the coverage page: what of the real tool is modelled. */
  readonly models: string;
  readonly notModelled?: string;
  /** Words that Tab may complete after the command (options, subcommands). */
  readonly complete?: (host: Host, words: readonly string[]) => readonly string[];
  run(context: Context): Program;
}
