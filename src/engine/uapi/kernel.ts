import type { Result } from '../../base/result.ts';
import type { Prng } from '../../base/prng.ts';
import type { Process, Program } from '../sim/process.ts';
import type { Nanos } from '../sim/time.ts';
import type { KernelError } from './errno.ts';
import type { Conntrack, Netfilter } from './netfilter.ts';
import type { Ack, Rtnetlink } from './rtnetlink.ts';
import type { Sockets } from './sockets.ts';

export interface Clock {
  readonly now: Nanos;
  /** Milliseconds since 1970 of the simulated wall clock. */
  wallMillis(): number;
}

export interface Sysctl {
  /** `net.ipv4.ip_forward` or with slashes. undefined: no such key. */
  get(key: string): string | undefined;
  /** ENOENT unknown key, EINVAL bad value. */
  set(key: string, value: string): Ack;
  keys(): readonly string[];
}

/** The machine's plug. */
export interface Power {
  readonly on: boolean;
  /** At once and without a word to anybody: processes and everything but the disk are gone. */
  cut(): void;
  /** The next boot begins: whoever configures the machine hears of it. */
  restore(): void;
  /** reboot(2) by the machine's init: off soon after, and on again after the firmware's time when `again`. */
  shutdown(again: boolean): void;
  watch(listener: (on: boolean) => void): () => void;
}

/**
 * What a process holds: the kernel seen from one network namespace. The only door programs and controllers have.
 */
export interface Kernel {
  readonly machine: string;
  /** Network namespace: '' is the machine's own (init) one. */
  readonly netns: string;
  /** Unique in the world; the trace's `ns`. */
  readonly nsId: number;
  readonly clock: Clock;
  readonly netlink: Rtnetlink;
  readonly netfilter: Netfilter;
  readonly conntrack: Conntrack;
  readonly sockets: Sockets;
  readonly sysctl: Sysctl;
  readonly power: Power;
  /** A random stream of this machine, by consumer's name. */
  random(name: string): Prng;
  netnsList(): readonly string[];
  netnsAdd(name: string): Ack;
  netnsDelete(name: string): Ack;
  /** setns(2): the same machine from another namespace. */
  inNetns(name: string): Result<Kernel, KernelError>;
  /** Starts a process here; its sockets and the trace carry its name and pid. `tid`: a pid asked for, as clone3(2) set_tid; one that nobody has. */
  spawn(command: string, program: (kernel: Kernel, pid: number) => Program, tid?: number): { readonly pid: number; readonly process: Process };
  /** Writes a `control` step: a daemon's or controller's log line. */
  log(actor: string, text: string, object?: string): void;
}
